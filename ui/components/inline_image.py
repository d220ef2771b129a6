"""The value of an image field, as Gradio sends it: a picture inside the answer, on no disk."""

from __future__ import annotations

from typing import Any

from gradio.data_classes import ImageData
from PIL import Image

from ui.render.data_url import data_url


def inline_image(value: Any) -> ImageData | None:  # noqa: ANN401 - whatever an image field is given
    """A PIL picture as Gradio's data of an image, with a data URL; None of anything else."""
    if not isinstance(value, Image.Image):
        return None
    return ImageData(url=data_url(value, "WEBP", quality=90, method=1), orig_name="query.webp")
