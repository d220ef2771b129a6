"""The row of examples: photos, and views of maps, as pictures to click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from examples.map_views import MapView, map_views
from ui.components.html_component import html_component
from ui.example_uploads import ExampleUploads, PhotoExample
from ui.i18n import gettext as _
from ui.urls import example_url

#: Of a picture on the page, in CSS pixels.
PHOTO_SIZE, MAP_SIZE = (56, 56), (72, 56)

#: Milliseconds between two looks at how much of the photos is here, while they are on their way.
LOOK_EVERY = 3000


def example_strip() -> gr.HTML:
    """The row; its value is what `strip_of` gives.

    Its event `follow` tells of an example, see `ui.components.photo_grid.clicked_photo`; `came` tells that
    the photos that were on their way are here, or will not come.
    """
    fetching = _("Drawn scenes, until the photos are here: {percent} %", percent="PERCENT")
    return html_component(
        "example_strip", {"fetching": fetching, "interval": LOOK_EVERY}, elem_id="example-strip"
    )


def strip_of(examples: ExampleUploads) -> dict[str, Any]:
    """What it shows now."""

    def items(listed: Sequence[PhotoExample | MapView]) -> list[dict[str, str]]:
        return [
            {
                "id": each.name,
                "title": _(each.title),
                "small": example_url(each.name, examples.version(each.name)),
            }
            for each in listed
        ]

    maps = list(map_views().values())
    of_maps = _("Example map views (drawn)")
    if not all(each.drawn for each in maps):
        of_maps = _("Example map views (drawn) and orthophotos")
    photos = {"name": "examples", "caption": _photos_caption(examples), "size": PHOTO_SIZE}
    views = {"name": "map-examples", "caption": of_maps, "size": MAP_SIZE}
    return {
        "share": examples.share_fetched,
        "groups": [photos | {"items": items(examples.photos())}, views | {"items": items(maps)}],
    }


def _photos_caption(examples: ExampleUploads) -> str:
    if not examples.are_drawn:
        return _("Photos to try, a new dozen each day")
    if examples.wait_for_photos:
        return _("Drawn scenes stand in for photos until the photos are here")
    return _("Drawn scenes, as the photos are not here")
