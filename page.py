"""The Gradio page over a `Retriever`: its components, and what happens on each event.

What a search does is in `retrieval`, and how a result reads is in `retrieval.views`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from tqdm import tqdm

from api import DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS, OUR_FAULT, SEARCH_QUEUE, add_search_endpoint
from panels.map_examples import MapExample, MapExamples
from panels.query_image import QueryImage
from panels.screenshot import ADVICE, ScreenshotPanel, as_said
from panels.shot_view import picked
from panels.whole_map import WholeTab
from retrieval import ImageError, Retriever, SearchResult, views
from retrieval.collection import Collection
from retrieval.images import decode
from retrieval.photos import BROWSER_SUFFIXES, DownloadError, download, pictures_folder
from retrieval.picture import Picture, open_picture
from retrieval.reading import Reading, Said, move, read, resize
from retrieval.scale import ScaleError
from retrieval.scorecard import scorecard

logger = logging.getLogger(__name__)
PROJECT = Path(__file__).resolve().parent
EXAMPLES = PROJECT / "examples" / "queries"

INTRODUCTION = """
# Aerial Image Retrieval
Drop an aerial photo, or a screenshot of a satellite map, and see the photos of a collection that look most
like it, nearest first. Your photo is only used for the search and deleted within two hours.
"""
#: The answer may be below the fold of a phone, or above it when an example far down was clicked.
SHOW_ANSWER = """() => {
  const trouble = document.querySelector("#trouble");
  const found = document.querySelector("#shot .shot:not([hidden])") ?? document.querySelector("#summary");
  const answer = trouble && trouble.offsetParent ? trouble : found;
  const hidden = window.innerWidth < 700 || answer.getBoundingClientRect().top < 0;
  if (hidden) answer.scrollIntoView({ behavior: "smooth", block: "start" });
}"""
#: The number field may hold nothing, or too much, while somebody types: that is no error. k comes first.
WITH_VALID_K = f"""(k, ...others) => {{
  const typed = Math.round(parseFloat(k));
  const valid = Number.isNaN(typed) ? {DEFAULT_NEIGHBOURS} : Math.min(Math.max(typed, 1), {MAX_NEIGHBOURS});
  return [valid, ...others];
}}"""
WAITING = (
    "Drop a photo anywhere, paste one with Ctrl+V, or choose an example: the search starts by itself.\n\n"
    f"**A screenshot of a map?** {ADVICE}"
)


@dataclass(frozen=True)
class Found:
    """What a visitor sees at the moment.

    Attributes:
        result: The result.
        query: The query as its field shows it: a path, or a PIL image.
        shot: Of a screenshot, where it is and what is searched of it; None for a photo.
    """

    result: SearchResult
    query: Any
    shot: Shot | None = None


@dataclass(frozen=True)
class Shot:
    """A screenshot on the page.

    Attributes:
        path: Of the upload.
        file_scale: See `retrieval.picture.open_picture`.
        reading: What is searched of it.
    """

    path: str
    file_scale: float | None
    reading: Reading


def build_page(retriever: Retriever) -> gr.Blocks:
    """The page, ready to launch.

    The collection that is open at first is the first whose photos are all at hand.
    """
    for each in retriever.collections.values():
        publish_pictures(each)

    def opened() -> str:
        at_hand = [each.name for each in retriever.collections.values() if not each.missing_photos]
        return at_hand[0] if at_hand else retriever.collection().name

    with gr.Blocks(
        title="Aerial Image Retrieval", analytics_enabled=False, delete_cache=(3600, 3600)
    ) as page:
        found = gr.State()
        gr.Markdown(INTRODUCTION)
        with gr.Tabs(elem_id="tabs") as tabs, gr.Tab("Search", id="search"), gr.Row():
            with gr.Column(scale=1, min_width=320):
                panel = ScreenshotPanel()
                query = QueryImage(
                    label="Query", elem_id="query", sources=["upload"], height=300,
                    buttons=["fullscreen"], alt_text="The photo that was searched for",
                    placeholder="# Drop a photo here\nor click to choose one",
                )  # fmt: skip
                with gr.Group(elem_id="anywhere"):  # hidden; web/paste.js gives it what is dropped or pasted
                    anywhere = gr.UploadButton()
                trouble = gr.Markdown(visible=False, elem_id="trouble", container=True)
                examples = gr.Dataset(
                    label="Examples (drawn by this project)", components=[query], elem_id="examples",
                    samples=[[str(path)] for path in sorted(EXAMPLES.glob("*.webp"))], samples_per_page=12,
                )  # fmt: skip
                maps = MapExamples()
                collection = gr.Radio(
                    [(views.choice(each), each.name) for each in retriever.collections.values()],
                    value=opened(), label="Search in", elem_id="collection",
                )  # fmt: skip
                k = gr.Slider(1, MAX_NEIGHBOURS, DEFAULT_NEIGHBOURS, step=1, label="Neighbours", elem_id="k")
            with gr.Column(scale=2, min_width=320):
                with gr.Group(visible=False) as missing:
                    missing_line = gr.Markdown(elem_id="missing")
                    fetch = gr.Button("Download the photos", variant="primary", size="md", elem_id="fetch")
                summary = gr.Markdown(WAITING, elem_id="summary")
                neighbours = gr.Gallery(
                    show_label=False, elem_id="neighbours", elem_classes="neighbours", height="auto",
                    object_fit="cover", buttons=["fullscreen"],
                )  # fmt: skip
                votes = gr.Label(
                    label="The neighbours vote for", num_top_classes=5, elem_id="votes", visible=False
                )
                with gr.Accordion("Table and downloads", open=False, visible=False) as details:
                    links = gr.HTML()
                    table = gr.Dataframe(
                        headers=list(views.TABLE_HEADER), interactive=False, show_label=False, elem_id="table"
                    )

        with tabs, gr.Tab("Whole map", id="whole"):
            whole = WholeTab(retriever)
        with tabs, gr.Tab("How good is it?"):
            gr.HTML(scorecard(retriever.collection().manifest))

        shown = [query, found, trouble, summary, neighbours, votes, details, links, table]
        shown += [*panel.outputs, *whole.outputs]

        def answer(result: SearchResult, picture: Any, shot: Shot | None = None) -> dict[Any, Any]:  # noqa: ANN401
            return {
                trouble: gr.update(visible=False),
                summary: views.summary(result),
                neighbours: views.gallery(result),
                votes: gr.update(value=views.votes(result), visible=True),
                details: gr.update(visible=True),
                links: views.download_links(result),
                table: views.table(result),
                found: Found(result, picture, shot),
            }

        def search_file(
            k: int,
            name: str,
            before: Found | None,
            path: str | None,
            said: Said = Said(),  # noqa: B008 - it is frozen
            file_scale: float | None = None,
        ) -> dict[Any, Any]:
            """Search with a new file: a photo as a whole, of a screenshot a square of 78 m."""
            if path is None:
                return {trouble: gr.update(visible=False)}
            try:
                started = time.perf_counter()
                screenshot = open_picture(path, file_scale)
                if screenshot is None:
                    picture = _for_browser(path)
                    updates = answer(retriever.search(path, k, name), picture)
                    updates |= panel.hide() | {query: gr.update(value=picture, visible=True)}
                else:
                    opened = time.perf_counter()
                    reading = read(retriever, screenshot, said, name)
                    seconds = {"decode": opened - started, "embed": time.perf_counter() - opened}
                    shot = Shot(path, file_scale, reading)
                    updates = search_shot(k, name, shot, seconds, new=True)
                    updates[query] = gr.update(value=None, visible=False)
                return updates | whole.forget()
            except (ImageError, ScaleError) as error:
                told = str(error)
            except Exception:
                logger.exception("A search failed")
                told = OUR_FAULT
            if before:  # what was there stays
                told += " You still see the search before it."
            return {trouble: gr.update(value=f"**{told}**", visible=True), query: _restored(before)}

        def search_example(k: int, name: str, before: Found | None, sample: list[str]) -> dict[Any, Any]:
            return search_file(k, name, before, sample[0])

        def search_map_example(
            k: int, name: str, before: Found | None, listed: list[MapExample], number: int
        ) -> dict[Any, Any]:
            example = listed[number]
            updates = search_file(k, name, before, str(example.path), example.said, example.file_scale)
            if example.attribution and panel.line in updates:
                updates[panel.line] += f"\n\n{example.attribution}"
            return updates

        def search_shot(
            k: int, name: str, shot: Shot, seconds: dict[str, float], *, new: bool = False
        ) -> dict[Any, Any]:
            """Look up what was read of a screenshot, and show both."""
            result = retriever.search_vector(shot.reading.vector, k, name)
            result = replace(result, seconds=seconds | result.seconds)
            updates = answer(result, shot.path, shot)
            return updates | panel.show(_opened(shot), shot.reading, result, new=new)

        def change_shot(
            k: int, name: str, before: Found | None, change: Callable[[Shot], Reading]
        ) -> dict[Any, Any]:
            """Search another square of the screenshot that is shown."""
            if before is None or before.shot is None:
                return {trouble: gr.skip()}
            try:
                started = time.perf_counter()
                reading = change(before.shot)
                seconds = {"embed": time.perf_counter() - started}
                return search_shot(k, name, replace(before.shot, reading=reading), seconds)
            except ScaleError as error:
                return panel.complain(str(error))
            except ImageError:  # the upload is deleted by now
                told = "This screenshot is no longer on the server, which keeps none: drop it again."
            except Exception:
                logger.exception("A search failed")
                told = OUR_FAULT
            return {trouble: gr.update(value=f"**{told}**", visible=True)}

        def move_square(k: int, name: str, before: Found | None, event: gr.EventData) -> dict[Any, Any]:
            x, y = picked(event)
            return change_shot(
                k, name, before, lambda shot: move(retriever, _opened(shot), shot.reading, x, y, name)
            )

        def resize_square(k: int, name: str, before: Found | None, percent: float) -> dict[Any, Any]:
            def resized(shot: Shot) -> Reading:
                screenshot = _opened(shot)
                side = percent / 100 * min(screenshot.image.size)
                return resize(retriever, screenshot, shot.reading, side)

            return change_shot(k, name, before, resized)

        def rescale(k: int, name: str, before: Found | None, *fields: Any) -> dict[Any, Any]:  # noqa: ANN401
            said = as_said(*fields)
            if before is None or before.shot is None or said == before.shot.reading.said:
                return {trouble: gr.skip()}
            square = before.shot.reading.square
            return change_shot(
                k, name, before, lambda shot: read(retriever, _opened(shot), said, name, (square.x, square.y))
            )

        def search_again(k: int, name: str, before: Found | None) -> dict[Any, Any]:
            """Bring what is shown in line with the controls, which may have moved during a search."""
            if before is None:
                return {trouble: gr.skip()}
            seen = before.result
            count = min(k, retriever.collection(name).manifest.count)
            if (len(seen.neighbours), seen.collection.name) == (count, name):
                return {trouble: gr.skip()}
            try:
                result = retriever.search_vector(seen.vector, k, name)
                return answer(replace(result, note=seen.note), before.query, before.shot)
            except Exception:
                logger.exception("A search failed")
                return {trouble: gr.update(value=f"**{OUR_FAULT}**", visible=True)}

        def forget() -> dict[Any, Any]:
            hidden = gr.update(visible=False)
            return {
                found: None,
                summary: WAITING,
                neighbours: None,
                trouble: hidden,
                votes: hidden,
                details: hidden,
                query: gr.update(value=None, visible=True),
                **panel.hide(),
                **whole.forget(),
            }

        def reopened(name: str) -> Any:  # noqa: ANN401 - a name, or nothing new
            """Photos may have come since the page was built."""
            return gr.skip() if opened() == name else opened()

        def photos_missing(name: str) -> list[Any]:
            chosen = retriever.collection(name)
            line = views.photos_line(chosen)
            return [gr.update(visible=bool(line)), line, gr.update(visible=chosen.source.archive is not None)]

        def fetch_photos(
            name: str,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
        ) -> list[Any]:
            chosen = retriever.collection(name)
            told = ""
            if chosen.source.archive and chosen.missing_photos:
                progress(0, desc="asking for the photos")
                try:
                    download(chosen.name, chosen.source.archive, _bar_on_page(progress), again=True)
                except DownloadError as error:
                    told = f"\n\n**{error}**"
                chosen.find_photos()
                publish_pictures(chosen)
            group, line, button = photos_missing(name)
            return [group, line + told, button]

        def map_whole(
            name: str,
            layer: str,
            before: Found | None,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
        ) -> dict[Any, Any]:
            if before is None or before.shot is None:
                return whole.forget()
            try:
                return whole.map(_opened(before.shot), before.shot.reading, name, layer, progress)
            except Exception:
                logger.exception("Mapping a screenshot failed")
                return {whole.told: f"**{OUR_FAULT}**"}

        def pick_tile(name: str, layer: str, mapped: Any, event: gr.EventData) -> dict[Any, Any]:  # noqa: ANN401
            return whole.pick(mapped, name, layer, picked(event))

        def show_whole(name: str, layer: str, mapped: Any) -> dict[Any, Any]:  # noqa: ANN401
            return whole.show(mapped, name, layer)

        def show_photos(before: Found | None) -> Any:  # noqa: ANN401 - an update for the gallery
            return views.gallery(before.result) if before else gr.skip()

        page_only: dict[str, Any] = {"api_visibility": "private", "show_progress_on": neighbours}
        quick = page_only | SEARCH_QUEUE | {"trigger_mode": "always_last", "js": WITH_VALID_K}
        controls = [k, collection, found]
        searches = [
            query.upload(search_file, [*controls, query], shown, **quick),
            anywhere.upload(search_file, [*controls, anywhere], shown, **quick),
            examples.click(search_example, [*controls, examples], shown, **quick),
            maps.buttons.click(search_map_example, [*controls, maps.listed, maps.buttons], shown, **quick),
            panel.another.upload(search_file, [*controls, panel.another], shown, **quick),
        ]
        for search in searches:
            search.then(search_again, controls, shown, **quick).then(None, js=SHOW_ANSWER)
        for control in (k, collection):
            control.change(search_again, controls, shown, **quick)
        panel.view.pick(move_square, controls, shown, **quick)
        panel.size.release(resize_square, [*controls, panel.size], shown, **quick)
        gr.on(
            [panel.link.change, panel.ratio.change]
            + [event for field in (panel.zoom, panel.latitude, panel.bar_metres, panel.bar_pixels)
               for event in (field.submit, field.blur)],
            rescale, [*controls, *panel.said], shown, **quick,
        )  # fmt: skip
        query.clear(forget, None, shown, **page_only)
        panel.remove.click(forget, None, shown, **page_only)

        on_whole: dict[str, Any] = page_only | SEARCH_QUEUE | {"show_progress_on": whole.told}
        seen = [collection, whole.layer, whole.mapped]
        panel.whole.click(lambda: gr.Tabs(selected="whole"), None, tabs, **page_only | {"queue": False}).then(
            map_whole, [collection, whole.layer, found], whole.outputs, **on_whole
        )
        whole.view.pick(pick_tile, seen, whole.outputs, **on_whole, trigger_mode="always_last")
        whole.layer.input(show_whole, seen, whole.outputs, **on_whole)
        collection.change(show_whole, seen, whole.outputs, **on_whole)

        page.load(maps.refresh, None, [maps.listed, maps.buttons], **page_only)
        maps.fetch.click(
            maps.download, maps.place, maps.told, **page_only | {"show_progress_on": maps.told}
        ).then(maps.refresh, None, [maps.listed, maps.buttons], **page_only)
        to_missing = [missing, missing_line, fetch]
        anywhere.upload(lambda: gr.Tabs(selected="search"), None, tabs, **page_only | {"queue": False})
        collection.change(photos_missing, collection, to_missing, **page_only)
        page.load(reopened, collection, collection, **page_only)
        page.load(photos_missing, collection, to_missing, **page_only)
        fetch.click(
            fetch_photos,
            collection,
            to_missing,
            **page_only | {"show_progress_on": missing_line},  # the results stay to be looked at
        ).then(show_photos, found, neighbours, **page_only)

        add_search_endpoint(retriever, opened())
    return page


def publish_pictures(collection: Collection) -> None:
    """Let the browser read a collection's photos and previews where they are, without copies."""
    folders = [pictures_folder(collection.name)]
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


def _opened(shot: Shot) -> Picture:
    """The picture of a screenshot, decoded again if others came between. Raises ImageError if it is gone."""
    picture = open_picture(shot.path, shot.file_scale)
    assert picture is not None  # it was a screenshot when it was read
    return picture


def _restored(before: Found | None) -> Any:  # noqa: ANN401 - a value for the query's field
    """The picture of the search before; nothing if it is in its own view, or deleted in the meantime."""
    if before is None or before.shot or (isinstance(before.query, str) and not Path(before.query).exists()):
        return None
    return before.query


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
