"""The fields through which files come in, on the page and in the API: each hands over checked paths.

In a file of its own because Gradio writes a stub beside the source of every component (ignored by git). The
stub has the classes and no imports, so what they need is imported inside their methods.
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
        """The path of the upload; None where there is none. Raises gr.Error for a path that is no upload."""
        from ui.components.uploaded_path import uploaded_path

        return uploaded_path(payload.path) if payload else None

    def postprocess(self, value: Any) -> Any:  # noqa: ANN401 - Gradio's ImageData
        """A picture travels inside the answer: Gradio would write it to a disk, for hours from then on."""
        from ui.components.inline_image import inline_image

        return inline_image(value) or super().postprocess(value)


class UploadPhotosButton(gr.UploadButton):
    """A button that hands over uploads as a list of paths."""

    is_template = True

    def preprocess(self, payload: Any) -> list[str]:  # noqa: ANN401 - Gradio's FileData or ListFiles
        """The paths of the uploads. Raises gr.Error for a path that is no upload."""
        from ui.components.uploaded_path import uploaded_path

        files = getattr(payload, "root", [payload] if payload else [])  # a list of files, or one
        return [uploaded_path(file.path) for file in files]
