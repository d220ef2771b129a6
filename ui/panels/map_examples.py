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
from retrieval.maps.locate import Said
from ui.events import AT_ONCE, PAGE_ONLY
from ui.i18n import LANGUAGES, english, language, say, spoken

NOTHING_SAID = Said()

_KEYS = {text: key for key, text in english.TEXTS.items()}


@dataclass(frozen=True)
class MapExample:
    """Something to click.

    Attributes:
        path: The picture.
        title: What the button says.
        said: What is known of its scale from a link.
        file_scale: Metres per pixel, where a file beside it says so.
        attribution: Whom to name; may be empty.
    """

    path: Path
    title: str
    said: Said = NOTHING_SAID
    file_scale: float | None = None
    attribution: str = ""


def translated(message: Message | str) -> str:
    """A message in the language that is spoken; a text that is in no catalogue stays as it is."""
    if isinstance(message, str):
        return message
    values = {
        name: translated(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    texts = LANGUAGES[language()][1]
    return str(Message(texts.get(_KEYS.get(message.template, ""), message.template), **values))


def map_examples() -> list[MapExample]:
    """The drawn screenshots, then each photo in the folder of Bucharest, downloaded or dropped there."""
    drawn = [
        MapExample(each.path, translated(each.title), Said(each.link, ratio=each.pixel_ratio))
        for each in read_screenshots()
    ]
    photos = [
        MapExample(
            each.path,
            translated(each.caption),
            file_scale=each.metres_per_pixel,
            attribution=each.attribution,
        )
        for each in find_examples()
    ]
    return drawn + photos


class MapExamples:
    """The components; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        listed = map_examples()
        titles = [each.title for each in listed]
        self.listed = gr.State(listed)
        self.buttons = gr.Dataset(
            label=say("place.examples"), elem_id="map-examples",
            components=[gr.Textbox(visible=False)], samples=[[title] for title in titles],
            sample_labels=titles, type="index", samples_per_page=40,
        )  # fmt: skip
        with gr.Accordion(say("place.title"), open=False, elem_id="bucharest"):
            gr.Markdown(say("place.how"))
            gr.HTML(_table(), elem_id="places")
            self.place = gr.Dropdown(
                [(place.name, place.slug) for place in read_places()],
                label=say("place.choose"),
                elem_id="place",
            )
            self.fetch = gr.Button(say("place.fetch"), size="md", elem_id="fetch-place")
            self.told = gr.Markdown(elem_id="place-told")

    def listen(self, page: gr.Blocks) -> None:
        """Offer the photos that came since the page was built, by its button or by hand."""
        listed = [self.listed, self.buttons]
        page.load(spoken(self.refresh), None, listed, **AT_ONCE)
        fetching = self.fetch.click(
            spoken(self.download), self.place, self.told, **PAGE_ONLY, show_progress_on=self.told
        )
        fetching.then(spoken(self.refresh), None, listed, **AT_ONCE)

    def refresh(self) -> tuple[list[MapExample], Any]:
        """Values for `listed` and `buttons`: photos may have come since the page was built."""
        listed = map_examples()
        titles = [each.title for each in listed]
        return listed, gr.Dataset(samples=[[title] for title in titles], sample_labels=titles)

    def download(self, slug: str | None, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        """Fetch a place's orthophoto. Returns what to tell."""
        if slug is None:
            return say("place.none_chosen")
        from examples.bucharest.orthophoto import SOURCE, download  # here: its library takes time to import

        place = next(place for place in read_places() if place.slug == slug)
        if photos_of(place):
            return say("place.here_already", name=place.name)
        progress(0.1, desc=say("place.asking", name=place.name))
        try:
            download(place)
        except MapError as error:
            return f"**{translated(error.message)}**"
        return say("place.here", name=place.name, source=SOURCE)


def _table() -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="{html.escape(place.link)}" target="_blank" rel="noopener">'
        f"{html.escape(place.name)}</a></th><td>{html.escape(translated(place.sight))}</td></tr>"
        for place in read_places()
    )
    head = f"<thead><tr><th>{say('place.open')}</th><th>{say('place.look_for')}</th></tr></thead>"
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'
