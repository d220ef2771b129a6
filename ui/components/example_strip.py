"""The row of examples: photos, and views of maps, as pictures to click."""

from __future__ import annotations

from typing import Any

import gradio as gr

from examples.map_views import map_examples
from ui.components.html_component import html_component
from ui.example_uploads import ExampleUploads
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
        "example_strip", {"fetching": fetching, "every": LOOK_EVERY}, elem_id="example-strip"
    )


def strip_of(examples: ExampleUploads) -> dict[str, Any]:
    """What it shows now."""
    maps = map_examples()
    photos = [
        {"id": each.name, "title": _(each.title), "small": example_url(each.name, each.version)}
        for each in examples.photos()
    ]
    views = [
        {
            "id": each.name,
            "title": _(each.title),
            "small": example_url(each.name, examples.version(each.name)),
        }
        for each in maps
    ]
    drawn = all(each.drawn for each in maps)
    maps_caption = _("Example map views (drawn)")
    if not all(each.drawn for each in maps):
        maps_caption = _("Example map views (drawn) and orthophotos")
    return {
        "share": examples.share_fetched,
        "groups": [
            {"name": "examples", "caption": _photos_caption(examples), "items": photos, "size": PHOTO_SIZE},
            {"name": "map-examples", "caption": maps_caption, "items": views, "size": MAP_SIZE},
        ],
    }


def _photos_caption(examples: ExampleUploads) -> str:
    if not examples.are_drawn:
        return _("Photos to try, a new dozen each day")
    if examples.wait_for_photos:
        return _("Drawn scenes stand in for photos until the photos are here")
    return _("Drawn scenes to try")
