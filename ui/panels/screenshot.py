"""The part of the page that is shown for a screenshot: the square, and all that says its scale."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval import SearchResult
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.maps.screenshot import Screenshot
from ui.components.query_image import UploadPhotosButton
from ui.components.scale_question import scale_question
from ui.components.screenshot_view import screenshot_view
from ui.i18n import gettext as _
from ui.render import screenshots as views
from ui.render.escaping import plain

#: Of a square, in per cent of the shorter side: 78 m of a raster that shows 30 km.
LEAST_SIZE = 0.2


class ScreenshotPanel:
    """The components, hidden until there is a screenshot; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        with gr.Column(visible=False, elem_id="screenshot") as self.group:
            self.view = screenshot_view(_("The screenshot. Arrow keys move the square."), elem_id="shot")
            self.question = scale_question(elem_id="scale-question")
            self.line = gr.Markdown(elem_id="scale-line")
            self.link = gr.Textbox(
                label=_("The map's link, for the exact scale"), elem_id="link", max_lines=1,
                placeholder="https://www.google.com/maps/@44.43,26.10,19z",
            )  # fmt: skip
            self.size = gr.Slider(
                LEAST_SIZE,
                100,
                20,
                step=0.1,
                label=_("Square, % of the shorter side"),
                elem_id="size",
                buttons=[],
            )
            with gr.Accordion(
                _("No link? The zoom, or the scale bar"), open=False, elem_id="by-hand", elem_classes="sheet"
            ):
                with gr.Row():
                    self.zoom = gr.Number(label=_("Zoom"), elem_id="zoom", min_width=100)
                    self.latitude = gr.Number(label=_("Latitude"), elem_id="latitude", min_width=100)
                self.ratio = gr.Dropdown(
                    _ratios(),
                    value=0.0,
                    label=_("Pixels of the screen per pixel of the map"),
                    elem_id="ratio",
                )
                with gr.Row():
                    self.bar_metres = gr.Number(label=_("Scale bar, m"), elem_id="bar-metres", min_width=100)
                    self.bar_pixels = gr.Number(label=_("and in pixels"), elem_id="bar-pixels", min_width=100)
                gr.Markdown(
                    _(
                        "Open a satellite map, zoom in until you can make out single cars (zoom 18 to 20), "
                        "and take the screenshot with the map's panels closed; copy its address too, which "
                        "says the scale. A screenshot is used for your searches and their links alone, and "
                        "deleted within two hours."
                    ),
                    elem_id="advice",
                )
            self.whole = gr.Button(
                _("Map the whole screenshot"), variant="primary", size="md", elem_id="whole"
            )
            with gr.Row():
                self.another = UploadPhotosButton(_("Another picture"), size="sm", elem_id="another")
                self.remove = gr.Button(_("Remove"), size="sm", elem_id="remove")
        self.scale_fields = [
            self.link,
            self.zoom,
            self.latitude,
            self.ratio,
            self.bar_metres,
            self.bar_pixels,
        ]
        self.outputs = [self.group, self.view, self.question, self.line, self.size, *self.scale_fields]

    def show(
        self,
        screenshot: Screenshot,
        located: LocatedSquare,
        result: SearchResult,
        square: str,
        attribution: str = "",
        *,
        new: bool = False,
    ) -> dict[Any, Any]:
        """Updates that show what was searched; of a new screenshot also the picture and its hints.

        Args:
            screenshot: The whole picture.
            located: What was searched of it.
            result: What was found.
            square: Where a picture of the square is fetched from.
            attribution: Whom to name.
            new: Whether another screenshot was there before.
        """
        line = [
            views.scale_line(screenshot, located),
            views.where_line(screenshot, located),
            *(f"⚠ {warning}" for warning in views.remarks(screenshot, located)),
            attribution,
        ]
        updates: dict[Any, Any] = {
            self.group: gr.update(visible=True),
            self.view: gr.update(
                value=views.view_value(screenshot.image.size, located.square, located.scale)
            ),
            self.question: views.question(located, result, square),
            self.line: _paragraphs(*line),
            self.size: max(round(100 * located.square.side / min(screenshot.image.size), 1), LEAST_SIZE),
        }
        if new:
            hints = located.hints
            values = (
                hints.link,
                hints.zoom,
                hints.latitude,
                hints.ratio or 0.0,
                hints.bar_metres,
                hints.bar_pixels,
            )
            updates |= dict(zip(self.scale_fields, values, strict=True))
            updates[self.view]["picture"] = views.shown(screenshot.image)
        return updates

    def complain(self, sentence: str, attribution: str = "") -> dict[Any, Any]:
        """Updates that tell what is wrong with what was said of the scale; what was found stays."""
        return {self.line: _paragraphs(f"**{plain(sentence)}**", attribution)}

    def hide(self) -> dict[Any, Any]:
        """Updates that put the panel away."""
        return {self.group: gr.update(visible=False), self.view: gr.update(value={}, picture="")}


def _paragraphs(*sentences: str) -> str:
    return "\n\n".join(filter(None, sentences))


def _ratios() -> list[tuple[str, float]]:
    """Pixels of a screen per pixel of the map, each with what people know it by; 0: not said."""
    return [
        (_("judged by the picture's size"), 0.0), (_("1 (most monitors)"), 1.0), ("1.25", 1.25), ("1.5", 1.5),
        (_("2 (sharp laptops)"), 2.0), (_("3 (phones)"), 3.0),
    ]  # fmt: skip


def scale_hints(
    link: str | None, zoom: float | None, latitude: float | None, ratio: float | None,
    bar_metres: float | None, bar_pixels: float | None,
) -> ScaleHints:  # fmt: skip
    """What the fields hold, in the order of `ScreenshotPanel.scale_fields`; an empty number field is None."""
    return ScaleHints(link or "", zoom, latitude, ratio or None, bar_metres, bar_pixels)
