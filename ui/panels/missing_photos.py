"""What is said of a collection's photos that are not on this machine, and the button that downloads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from tqdm import tqdm

from retrieval import Retriever
from retrieval.collections.photos import DownloadError, download
from ui.events import AT_ONCE, DOWNLOAD, bind
from ui.i18n import gettext as _
from ui.render import sentences


class MissingPhotos:
    """The components; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Has the collections.
    """

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever
        with gr.Group(visible=False) as self.group:
            self.line = gr.Markdown(elem_id="missing")
            self.fetch = gr.Button(_("Download the photos"), variant="primary", size="md", elem_id="fetch")
        self.outputs = [self.group, self.line, self.fetch]

    def listen(self, page: gr.Blocks, name: gr.Radio) -> Any:  # noqa: ANN401 - Gradio's dependency
        """Follow the collection that is open; returns what comes after a download."""
        bind(name.change, self.show, name, self.outputs, **AT_ONCE)
        bind(page.load, self.show, name, self.outputs, **AT_ONCE)
        fetching = bind(
            self.fetch.click, self.download, name, self.outputs,
            **DOWNLOAD, show_progress_on=self.line,  # the results stay to be looked at
        )  # fmt: skip
        return fetching.then

    def show(self, name: str) -> list[Any]:
        """What is said of a collection; nothing where all its photos are here."""
        chosen = self.retriever.collection(name)
        line = sentences.photos_line(chosen)
        return [gr.update(visible=bool(line)), line, gr.update(visible=chosen.source.archive is not None)]

    def download(self, name: str, progress: gr.Progress = gr.Progress()) -> list[Any]:  # noqa: B008
        """Fetch the photos. What goes wrong is said under what was said before."""
        chosen = self.retriever.collection(name)
        trouble = ""
        if chosen.source.archive and chosen.missing_photos:
            progress(0, desc=_("asking for the photos"))
            try:
                download(chosen.name, chosen.source.archive, _bar_on_page(progress), again=True)
            except DownloadError as error:
                trouble = f"\n\n**{sentences.plain(_(error.message))}**"
            chosen.find_photos()
        group, line, button = self.show(name)
        return [group, line + trouble, button]


def _bar_on_page(progress: Callable[..., Any]) -> type[tqdm[Any]]:
    """A tqdm that moves the page's progress bar."""

    class PageBar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            moved: bool | None = super().update(n)
            if self.total:
                done = _("{done:.0f} of {total:.0f} MB", done=self.n / 1e6, total=self.total / 1e6)
                progress(self.n / self.total, desc=done)
            return moved

    return PageBar
