"""The Gradio page over a `Retriever`: its components, and what happens on each event.

What a search does is in `retrieval`, and how a result reads is in `retrieval.views`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from tqdm import tqdm

from query_image import QueryImage
from retrieval import ImageError, Retriever, SearchResult, views
from retrieval.collection import Collection
from retrieval.images import decode
from retrieval.photos import BROWSER_SUFFIXES, DownloadError, cache_folder, download

PROJECT = Path(__file__).resolve().parent
EXAMPLES = PROJECT / "examples" / "queries"
MAX_NEIGHBOURS = 100
DEFAULT_NEIGHBOURS = 12

INTRODUCTION = """
# Aerial Image Retrieval
Drop an aerial photo, or a screenshot of a satellite map, and see the photos of a collection that look most
like it, nearest first. Your photo is only used for the search and deleted within two hours.
"""
#: On a phone the answer is below the fold, and nobody would know that it has come.
SHOW_ANSWER = """() => {
  const trouble = document.querySelector("#trouble");
  const answer = trouble && trouble.offsetParent ? trouble : document.querySelector("#summary");
  if (window.innerWidth < 700) answer.scrollIntoView({ behavior: "smooth", block: "start" });
}"""
WAITING = "Drop a photo anywhere, paste one with Ctrl+V, or choose an example: the search starts by itself."


@dataclass(frozen=True)
class Found:
    """What a visitor sees at the moment: the result, and the picture of the query that led to it."""

    result: SearchResult
    query: str


def build_page(retriever: Retriever) -> gr.Blocks:
    """The page, ready to launch.

    The collection that is open at first is the first whose photos are all at hand.
    """
    for collection in retriever.collections.values():
        publish_pictures(collection)
    at_hand = [each.name for each in retriever.collections.values() if not each.missing_photos]
    opened = at_hand[0] if at_hand else retriever.collection().name

    with gr.Blocks(
        title="Aerial Image Retrieval", analytics_enabled=False, delete_cache=(3600, 3600)
    ) as page:
        found = gr.State()
        gr.Markdown(INTRODUCTION)
        with gr.Row():
            with gr.Column(scale=1, min_width=320):
                query = QueryImage(
                    label="Query", elem_id="query", sources=["upload", "clipboard"], height=300,
                    buttons=["fullscreen"], alt_text="The photo that was searched for",
                )  # fmt: skip
                with gr.Group(elem_id="anywhere"):  # hidden; web/paste.js gives it what is dropped or pasted
                    anywhere = gr.UploadButton()
                trouble = gr.Markdown(visible=False, elem_id="trouble", container=True)
                examples = gr.Dataset(
                    label="Examples (drawn by this project)", components=[query], elem_id="examples",
                    samples=[[str(path)] for path in sorted(EXAMPLES.glob("*.webp"))], samples_per_page=12,
                )  # fmt: skip
                collection = gr.Radio(
                    [(each.title, each.name) for each in retriever.collections.values()],
                    value=opened, label="Search in", elem_id="collection",
                )  # fmt: skip
                k = gr.Slider(1, MAX_NEIGHBOURS, DEFAULT_NEIGHBOURS, step=1, label="Neighbours", elem_id="k")
            with gr.Column(scale=2, min_width=320):
                with gr.Group(visible=False) as missing:
                    missing_line = gr.Markdown(elem_id="missing")
                    fetch = gr.Button("Download the photos", size="sm", elem_id="fetch")
                summary = gr.Markdown(WAITING, elem_id="summary")
                neighbours = gr.Gallery(
                    show_label=False, elem_id="neighbours", object_fit="cover", height="auto",
                    buttons=["fullscreen"],
                )  # fmt: skip
                votes = gr.Label(
                    label="The neighbours vote for", num_top_classes=5, elem_id="votes", visible=False
                )
                with gr.Accordion("Table and downloads", open=False, visible=False) as details:
                    links = gr.HTML()
                    table = gr.Dataframe(
                        headers=list(views.TABLE_HEADER), interactive=False, show_label=False, elem_id="table"
                    )

        shown = [query, found, trouble, summary, neighbours, votes, details, links, table]

        def answer(result: SearchResult, picture: str | Any) -> dict[Any, Any]:  # noqa: ANN401
            return {
                trouble: gr.update(visible=False),
                summary: views.summary(result),
                neighbours: views.gallery(result),
                votes: gr.update(value=views.votes(result), visible=True),
                details: gr.update(visible=True),
                links: views.download_links(result),
                table: views.table(result),
                found: Found(result, picture),
            }

        def search_file(path: str | None, before: Found | None, k: int, name: str) -> dict[Any, Any]:
            if path is None:
                return {trouble: gr.update(visible=False)}
            try:
                result = retriever.search(path, int(k), name)
            except ImageError as error:  # what was there before stays
                return {
                    trouble: gr.update(value=f"**{error}**", visible=True),
                    query: before.query if before else None,
                }
            return answer(result, path) | {query: _for_browser(path)}

        def search_again(before: Found | None, k: int, name: str) -> dict[Any, Any]:
            if before is None:
                return {}
            result = retriever.search_vector(before.result.vector, int(k), name)
            return answer(result, before.query)

        def search_example(sample: list[str], before: Found | None, k: int, name: str) -> dict[Any, Any]:
            return search_file(sample[0], before, k, name)

        def photos_missing(name: str) -> list[Any]:
            chosen = retriever.collection(name)
            line = views.photos_line(chosen)
            return [gr.update(visible=bool(line)), line, gr.update(visible=chosen.source.archive is not None)]

        def fetch_photos(
            name: str,
            before: Found | None,
            k: int,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
        ) -> dict[Any, Any]:
            chosen = retriever.collection(name)
            if chosen.source.archive is None:
                return {}
            try:
                download(chosen.name, chosen.source.archive, _bar_on_page(progress))
            except DownloadError as error:
                return {missing_line: f"**{error}**"}
            chosen.find_photos()
            publish_pictures(chosen)
            group, line, button = photos_missing(name)
            return {missing: group, missing_line: line, fetch: button} | search_again(before, k, name)

        page_only: dict[str, Any] = {"api_visibility": "private", "show_progress_on": neighbours}
        quick: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "search"} | page_only
        searches = [
            query.upload(search_file, [query, found, k, collection], shown, **quick),
            anywhere.upload(search_file, [anywhere, found, k, collection], shown, **quick),
            examples.click(search_example, [examples, found, k, collection], shown, **quick),
        ]
        for search in searches:
            search.then(None, js=SHOW_ANSWER)
        for control in (k, collection):
            control.change(search_again, [found, k, collection], shown, trigger_mode="always_last", **quick)
        to_missing = [missing, missing_line, fetch]
        collection.change(photos_missing, collection, to_missing, **page_only)
        page.load(photos_missing, collection, to_missing, **page_only)
        fetch.click(
            fetch_photos,
            [collection, found, k],
            [*to_missing, *shown],
            **page_only | {"show_progress_on": missing_line},  # the results stay to be looked at
        )

        add_search_endpoint(retriever, opened)
    return page


def add_search_endpoint(retriever: Retriever, opened: str) -> None:
    """The public endpoint `/search`, with parts of its own so that the page can change without it."""

    def search(image: str, k: int = DEFAULT_NEIGHBOURS, collection: str = opened) -> dict[str, Any]:
        """Find the photos of a collection that look most like an aerial image.

        Args:
            image: A JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF file of at most 25 MB and 50 megapixels.
            k: How many neighbours, 1 to 100.
            collection: The name of the collection to search.

        Returns:
            'neighbours', nearest first, each with 'id', 'label' (the class), 'distance' (Euclidean, of unit
            vectors, 0 to 2) and 'photo' (its file in the data set); 'votes' (how many neighbours each class
            has), 'collection', 'note' (how the image was read, mostly empty) and 'seconds' (by stage).
        """
        if image is None:
            raise gr.Error("There is no image: give one as the field 'image'.", print_exception=False)
        try:
            return retriever.search(image, int(k), collection).to_dict()
        except (ImageError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    with gr.Row(visible=False):
        image = QueryImage(label="image")
        k = gr.Number(DEFAULT_NEIGHBOURS, label="k", precision=0, minimum=1, maximum=MAX_NEIGHBOURS)
        name = gr.Dropdown(list(retriever.collections), value=opened, label="collection")
        result = gr.JSON(label="result")
        gr.Button().click(
            search, [image, k, name], result, api_name="search", concurrency_limit=2, concurrency_id="search"
        )


def publish_pictures(collection: Collection) -> None:
    """Let the browser read a collection's photos and previews where they are, without copies."""
    folders = [cache_folder() / "pictures" / collection.name]
    if collection.photos:
        folders.append(collection.photos.root)
    gr.set_static_paths([folder.resolve() for folder in folders])


def _for_browser(path: str) -> Any:  # noqa: ANN401 - an update for the query's field
    """A picture for the field where browsers cannot show the file itself, such as a TIFF."""
    if Path(path).suffix.lower() in BROWSER_SUFFIXES:
        return path
    picture = decode(path).image
    picture.thumbnail((1024, 1024))
    return picture


def _bar_on_page(progress: Callable[..., Any]) -> type[tqdm[Any]]:
    """A tqdm that moves the page's progress bar."""

    class PageBar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            moved: bool | None = super().update(n)
            if self.total:
                progress(self.n / self.total, desc=f"{self.n / 1e6:.0f} of {self.total / 1e6:.0f} MB")
            return moved

    return PageBar


def theme() -> gr.themes.Base:
    """Colours and fonts. System fonts only: the page asks no other server for anything."""
    sans, mono = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    return gr.themes.Default(
        primary_hue="teal", secondary_hue="teal", neutral_hue="slate", font=sans, font_mono=mono
    )
