"""The example photos to click."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from PIL import Image

from retrieval.photos import pictures_folder, save_picture, thumbnail
from texts import readable, say

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "queries"

#: Side of what is shown of an example, in pixels: more than the page's first view needs is not sent.
SIDE = 160


class ExamplePhotos:
    """The components; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        self._paths = sorted(EXAMPLES.glob("*.webp"))
        self.buttons = gr.Dataset(
            label=say("examples.label"), elem_id="examples", type="index", samples_per_page=12,
            components=[gr.Image(visible=False)], samples=[[str(_small(path))] for path in self._paths],
            sample_labels=None,
        )  # fmt: skip

    def path(self, number: int) -> Path:
        """The file of an example."""
        return self._paths[number]

    def name(self, number: int) -> str:
        """What a screen reader calls an example."""
        return say("examples.one", label=readable(self._paths[number].stem))


def _small(path: Path) -> Path:
    """A thumbnail of an example, made once."""
    target = pictures_folder("examples") / f"{path.stem}-{path.stat().st_size}.webp"
    if not target.exists():
        with Image.open(path) as picture:
            save_picture(thumbnail(picture, SIDE), target, quality=75)
    return target
