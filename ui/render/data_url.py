"""A picture that travels inside an answer, and is written to no disk."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image


def data_url(image: Image.Image, kind: str, **options: Any) -> str:  # noqa: ANN401 - of Pillow's save
    """A picture as a `data:` URL.

    Args:
        image: Of a mode that the format has.
        kind: The format: 'PNG', 'JPEG' or 'WEBP'.
        options: Of Pillow's `Image.save`.
    """
    file = io.BytesIO()
    image.save(file, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
