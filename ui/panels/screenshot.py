"""The part of the page that is shown for a screenshot: the square, and all that says its scale."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval.maps.locate import Reading, Said
from retrieval.maps.screenshot import Picture
from retrieval.retriever import SearchResult
from ui.components.query_image import UploadPhotosButton
from ui.components.screenshot_view import shot_view
from ui.i18n import say
from ui.render import screenshots as views


class ScreenshotPanel:
    """The components, hidden until there is a screenshot; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        with gr.Column(visible=False, elem_id="screenshot") as self.group:
            self.view = shot_view(say("shot.label"), elem_id="shot")
            self.line = gr.Markdown(elem_id="scale-line")
            self.link = gr.Textbox(
                label=say("shot.link"), elem_id="link", max_lines=1,
                placeholder="https://www.google.com/maps/@44.43,26.10,19z",
            )  # fmt: skip
            self.size = gr.Slider(2, 100, 20, step=0.1, label=say("shot.size"), elem_id="size", buttons=[])
            with gr.Accordion(say("shot.no_link"), open=False, elem_id="by-hand"):
                with gr.Row():
                    self.zoom = gr.Number(label=say("shot.zoom"), elem_id="zoom", min_width=100)
                    self.latitude = gr.Number(label=say("shot.latitude"), elem_id="latitude", min_width=100)
                self.ratio = gr.Dropdown(_ratios(), value=0.0, label=say("shot.pixel_ratio"), elem_id="ratio")
                with gr.Row():
                    self.bar_metres = gr.Number(
                        label=say("shot.bar_metres"), elem_id="bar-metres", min_width=100
                    )
                    self.bar_pixels = gr.Number(
                        label=say("shot.bar_pixels"), elem_id="bar-pixels", min_width=100
                    )
            self.whole = gr.Button(say("shot.whole"), variant="primary", size="md", elem_id="whole")
            with gr.Row():
                self.another = UploadPhotosButton(say("shot.another"), size="sm", elem_id="another")
                self.remove = gr.Button(say("shot.remove"), size="sm", elem_id="remove")
            gr.Markdown(say("shot.advice"), elem_id="advice")
        self.said = [self.link, self.zoom, self.latitude, self.ratio, self.bar_metres, self.bar_pixels]
        self.outputs = [self.group, self.view, self.line, self.size, *self.said]

    def show(
        self,
        picture: Picture,
        reading: Reading,
        result: SearchResult,
        attribution: str = "",
        *,
        new: bool = False,
    ) -> dict[Any, Any]:
        """Updates that show what was searched; of a new screenshot also the picture and what was said."""
        warnings = [*views.remarks(picture, reading), views.unlike_at_any_scale(reading, result)]
        told = [views.scale_line(picture, reading), *(f"⚠ {each}" for each in warnings if each), attribution]
        updates: dict[Any, Any] = {
            self.group: gr.update(visible=True),
            self.view: gr.update(value=views.view_value(picture, reading.square, reading.scale)),
            self.line: _paragraphs(*told),
            self.size: round(100 * reading.square.side / min(picture.image.size), 1),
        }
        if new:
            said = reading.said
            values = (
                said.link,
                said.zoom,
                said.latitude,
                said.ratio or 0.0,
                said.bar_metres,
                said.bar_pixels,
            )
            updates |= dict(zip(self.said, values, strict=True))
            updates[self.view]["picture"] = views.shown(picture.image)
        return updates

    def complain(self, sentence: str, attribution: str = "") -> dict[Any, Any]:
        """Updates that tell what is wrong with what was said of the scale; what was found stays."""
        return {self.line: _paragraphs(f"**{sentence}**", attribution)}

    def hide(self) -> dict[Any, Any]:
        """Updates that put the panel away."""
        return {self.group: gr.update(visible=False), self.view: gr.update(value={}, picture="")}


def _paragraphs(*told: str) -> str:
    return "\n\n".join(filter(None, told))


def _ratios() -> list[tuple[str, float]]:
    """Pixels of a screen per pixel of the map, each with what is said of it; 0 is not said."""
    return [
        (say("shot.ratio.unsaid"), 0.0), (say("shot.ratio.monitor"), 1.0), ("1.25", 1.25), ("1.5", 1.5),
        (say("shot.ratio.laptop"), 2.0), (say("shot.ratio.phone"), 3.0),
    ]  # fmt: skip


def as_said(
    link: str | None, zoom: float | None, latitude: float | None, ratio: float | None,
    bar_metres: float | None, bar_pixels: float | None,
) -> Said:  # fmt: skip
    """What the fields hold, in the order of `ScreenshotPanel.said`; an empty number field is None."""
    return Said(link or "", zoom, latitude, ratio or None, bar_metres, bar_pixels)
