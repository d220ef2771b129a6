"""Screenshots to click: the drawn ones, and the photos of Bucharest that are here; and how more come here."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from examples.bucharest.answers import MapError
from examples.bucharest.places import find_examples, photos_of, read_places
from examples.catalog import read_screenshots
from retrieval.errors import Message
from retrieval.maps.locate import ScaleHints
from ui.events import AT_ONCE, DOWNLOAD, bind
from ui.i18n import gettext as _
from ui.i18n.compose import in_each_language
from ui.render.escaping import plain

NO_HINTS = ScaleHints()


@dataclass(frozen=True)
class MapExample:
    """Something to click.

    Attributes:
        path: The picture.
        title: What the button says.
        hints: What is known of its scale from a link.
        file_scale: Metres per pixel, where a file beside it says so.
        attribution: Whom to name; may be empty.
    """

    path: Path
    title: str | Message
    hints: ScaleHints = NO_HINTS
    file_scale: float | None = None
    attribution: str = ""


def map_examples() -> list[MapExample]:
    """The drawn screenshots, then each photo in the folder of Bucharest, downloaded or dropped there."""
    drawn = [
        MapExample(drawn.path, drawn.title, ScaleHints(drawn.link, ratio=drawn.pixel_ratio))
        for drawn in read_screenshots()
    ]
    photos = [
        MapExample(
            photo.path, photo.caption, file_scale=photo.metres_per_pixel, attribution=photo.attribution
        )
        for photo in find_examples()
    ]
    return drawn + photos


class MapExamples:
    """The components; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        listed = map_examples()
        titles = [_(example.title) for example in listed]
        self.listed = gr.State(listed)
        self.buttons = gr.Dataset(
            label=_("Screenshots of a map: drawn stand-ins, and photos of Bucharest"), elem_id="map-examples",
            components=[gr.Textbox(visible=False)], samples=[[title] for title in titles],
            sample_labels=titles, type="index", samples_per_page=40,
        )  # fmt: skip
        with gr.Accordion(_("Bucharest: places to try"), open=False, elem_id="bucharest"):
            gr.Markdown(
                _(
                    "Open a place on a web map, take a screenshot, and drop it here with the map's link. "
                    "Or download it from Romania's national orthophoto, when that service answers."
                )
            )
            gr.HTML(in_each_language(_table), elem_id="places")
            self.place = gr.Dropdown(
                [(place.name, place.slug) for place in read_places()],
                label=_("Place"),
                elem_id="place",
            )
            self.fetch = gr.Button(_("Download its orthophoto"), size="md", elem_id="fetch-place")
            self.line = gr.Markdown(elem_id="place-told")

    def listen(self, page: gr.Blocks) -> None:
        """Offer the photos that came since the page was built, by its button or by hand."""
        listed = [self.listed, self.buttons]
        bind(page.load, self.refresh, None, listed, **AT_ONCE)
        fetching = bind(
            self.fetch.click, self.download, self.place, self.line,
            **DOWNLOAD, show_progress_on=self.line,
        )  # fmt: skip
        bind(fetching.then, self.refresh, None, listed, **AT_ONCE)

    def refresh(self) -> tuple[list[MapExample], Any]:
        """Values for `listed` and `buttons`: photos may have come since the page was built."""
        listed = map_examples()
        titles = [_(example.title) for example in listed]
        return listed, gr.Dataset(samples=[[title] for title in titles], sample_labels=titles)

    def download(self, slug: str | None, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        """Fetch a place's orthophoto. Returns what to tell."""
        if slug is None:
            return _("Choose a place first.")
        from examples.bucharest.orthophoto import SOURCE, download  # here: its library takes time to import

        place = next(place for place in read_places() if place.slug == slug)
        if photos_of(place):
            return _("{name} is here already: its button is above.", name=place.name)
        progress(0.1, desc=_("asking for {name}", name=place.name))
        try:
            download(place)
        except MapError as error:
            return f"**{plain(_(error.message))}**"
        return _("{name} is here: its button is above. {source}, CC BY 4.0.", name=place.name, source=SOURCE)


def _table() -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="{html.escape(place.link)}" target="_blank" rel="noopener">'
        f"{html.escape(place.name)}</a></th><td>{html.escape(_(place.sight))}</td></tr>"
        for place in read_places()
    )
    opens, look_for = _("open the map at"), _("look for")
    head = f"<thead><tr><th>{opens}</th><th>{look_for}</th></tr></thead>"
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'
