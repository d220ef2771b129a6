"""The image field of the page and of the API.

In a file of its own because Gradio writes a stub beside the source of every component (ignored by git).
"""

from __future__ import annotations

import base64
import io
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData
from PIL import Image


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
        if not isinstance(value, Image.Image):
            return super().postprocess(value)
        file = io.BytesIO()
        value.save(file, "WEBP", quality=90)
        data = base64.b64encode(file.getvalue()).decode()
        return ImageData(url=f"data:image/webp;base64,{data}", orig_name="query.webp")
