"""The image field of the page and of the API.

In a file of its own because Gradio writes a stub beside the source of every component (ignored by git).
"""

from __future__ import annotations

from typing import Any

import gradio as gr


class QueryImage(gr.Image):
    """An image field that hands over the file as it came, for `retrieval.images` to decode.

    Gradio's own decoding saturates 16-bit values, turns transparency black, and fails without a reason.
    """

    is_template = True  # the front end draws it as the Image that it extends

    def preprocess(self, payload: Any) -> str | None:  # noqa: ANN401 - Gradio's ImageData
        """The path of the upload (Gradio has checked that it is one); None where there is none."""
        return payload.path if payload else None

    def postprocess(self, value: Any) -> Any:  # noqa: ANN401 - Gradio's ImageData
        """A picture travels inside the answer: Gradio would write it to a disk, for hours from then on."""
        from panels.inline_picture import inline_picture  # here: the stub has the class, and no imports

        return inline_picture(value) or super().postprocess(value)
