"""A picture that travels inside an answer, and is written to no disk."""

from __future__ import annotations

import base64
import io
from typing import Any

from gradio.data_classes import ImageData
from PIL import Image


def inline_image(value: Any) -> ImageData | None:  # noqa: ANN401 - whatever an image field is given
    """A PIL picture as Gradio's data of an image, with a data URL; None of anything else."""
    if not isinstance(value, Image.Image):
        return None
    file = io.BytesIO()
    value.save(file, "WEBP", quality=90)
    data = base64.b64encode(file.getvalue()).decode()
    return ImageData(url=f"data:image/webp;base64,{data}", orig_name="query.webp")
