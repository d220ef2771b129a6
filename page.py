"""The Gradio page over a `Retriever`: its panels put together, once in each language."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from tqdm import tqdm

from api import SEARCH_QUEUE, add_endpoints
from panels import photo_grid
from panels.browse import BrowseTab
from panels.examples import ExamplePhotos
from panels.header import header
from panels.map_examples import MapExample, MapExamples
from panels.query_image import QueryImage
from panels.refine import WITH_VALID_K, RefinePanel
from panels.screenshot import ScreenshotPanel
from panels.search import Found, Parts, Search, Updates
from panels.shot_view import picked
from panels.trail import trail_bar
from panels.understand import UnderstandPanel
from panels.whole_map import WholeTab
from panels.why import WhyDialog
from retrieval import Retriever, views
from retrieval.brought import BroughtPhotos
from retrieval.collection import Collection
from retrieval.photos import DownloadError, download, pictures_folder
from retrieval.scorecard import scorecard
from texts import LANGUAGES, say, speaking, spoken

logger = logging.getLogger(__name__)

#: The answer may be below the fold of a phone, or above it when something far down was clicked.
SHOW_ANSWER = """() => {
  const trouble = document.querySelector("#trouble");
  const found = document.querySelector("#shot .shot:not([hidden])") ?? document.querySelector("#trail");
  const answer = trouble && trouble.offsetParent ? trouble : found;
  const hidden = window.innerWidth < 700 || answer.getBoundingClientRect().top < 0;
  if (hidden) answer.scrollIntoView({ behavior: "smooth", block: "start" });
}"""


def build_page(retriever: Retriever, brought: BroughtPhotos) -> gr.Blocks:
    """The page, ready to launch: in English, and beside it in each further language at its code.

    The collection that is open at first is the first whose photos are all at hand.
    """
    for each in retriever.collections.values():
        publish_pictures(each)
    first, *others = LANGUAGES
    page = gr.Blocks(title="Aerial Image Retrieval", analytics_enabled=False, delete_cache=(3600, 3600))
    with speaking(first), page:
        compose(page, retriever, brought)
        add_endpoints(retriever, opened_first(retriever))
    for code in others:
        with speaking(code), page.route(LANGUAGES[code][0], code, show_in_navbar=False):
            compose(page, retriever, brought)
    return page


def opened_first(retriever: Retriever) -> str:
    """The name of the collection that is open at first; photos may come while the page is served."""
    at_hand = [each.name for each in retriever.collections.values() if not each.missing_photos]
    return at_hand[0] if at_hand else retriever.collection().name


def compose(page: gr.Blocks, retriever: Retriever, brought: BroughtPhotos) -> None:
    """Make all components where this is called, and say what happens on each event."""
    found = gr.State()
    header()
    with gr.Tabs(elem_id="tabs") as tabs, gr.Tab(say("tab.search"), id="search"), gr.Row():
        with gr.Column(scale=1, min_width=320):
            panel = ScreenshotPanel()
            query = QueryImage(
                label=say("query.label"), elem_id="query", sources=["upload"], height=300,
                buttons=["fullscreen"], alt_text=say("query.alt"), placeholder=say("query.placeholder"),
            )  # fmt: skip
            query_line = gr.Markdown(elem_id="query-line")
            with gr.Group(elem_id="anywhere"):  # hidden; web/page.js gives it what is dropped or pasted
                anywhere = gr.UploadButton(file_count="multiple")
            trouble = gr.Markdown(visible=False, elem_id="trouble", container=True)
            examples = ExamplePhotos()
            maps = MapExamples()
        with gr.Column(scale=2, min_width=320):
            trail = trail_bar()
            refine = RefinePanel(retriever, opened_first(retriever))
            with gr.Group(visible=False) as missing:
                missing_line = gr.Markdown(elem_id="missing")
                fetch = gr.Button(say("photos.download"), variant="primary", size="md", elem_id="fetch")
            summary = gr.Markdown(say("search.waiting"), elem_id="summary")
            grid = photo_grid.photo_grid(elem_id="neighbours")
            with gr.Column(visible=False) as answered:
                understand = UnderstandPanel()
    with tabs, gr.Tab(say("tab.browse"), id="browse"):
        browse = BrowseTab(retriever)
    with tabs, gr.Tab(say("tab.whole"), id="whole"):
        whole = WholeTab(retriever)
    with tabs, gr.Tab(say("tab.scorecard"), id="scorecard"):
        gr.HTML(scorecard(retriever.collection().manifest))
    why = WhyDialog(retriever, brought)

    parts = Parts(found, query, query_line, panel, trouble, trail, refine, summary, grid, answered)
    search = Search(retriever, brought, parts, lambda: opened_first(retriever))

    # Searches. What needs the network waits in a line with the searches of other visitors and programs; what
    # a collection holds already is answered at once.
    page_only: dict[str, Any] = {"api_visibility": "private", "show_progress_on": grid}
    slow = page_only | SEARCH_QUEUE | {"trigger_mode": "always_last"}
    quick = page_only | {"queue": False, "show_progress": "hidden", "trigger_mode": "always_last"}
    adjusted = [*refine.controls, found]

    def shows(event: Any, *, scroll: bool = True) -> None:  # noqa: ANN401 - Gradio's dependency
        """After a search the plots, and the answer scrolled into sight."""
        if scroll:
            event.then(None, js=SHOW_ANSWER)
        event.then(spoken(understand.show), found, understand.outputs, **quick)

    for source, searched in (
        (query.upload, [query]),
        (anywhere.upload, [anywhere]),
        (panel.another.upload, [panel.another]),
    ):
        brings = source(spoken(search.bring), [found, *searched], search.outputs, **slow)
        brings.then(whole.forget, None, whole.outputs, **quick)
        # The controls may have been moved while the network was at it.
        shows(brings.then(spoken(search.adjust), adjusted, search.outputs, **quick, js=WITH_VALID_K))
    anywhere.upload(lambda: gr.Tabs(selected="search"), None, tabs, **quick)

    def search_example(before: Found | None, number: int) -> Updates:
        return search.search_files(before, [str(examples.path(number))])

    def search_map_example(before: Found | None, listed: list[MapExample], number: int) -> Updates:
        example = listed[number]
        updates = search.search_files(before, [str(example.path)], example.said, example.file_scale)
        if example.attribution and panel.line in updates:
            updates[panel.line] += f"\n\n{example.attribution}"
        return updates

    for clicked in (
        examples.buttons.click(
            spoken(search_example), [found, examples.buttons], search.outputs, **slow
        ),
        maps.buttons.click(
            spoken(search_map_example), [found, maps.listed, maps.buttons], search.outputs, **slow
        ),
    ):
        clicked.then(whole.forget, None, whole.outputs, **quick)
        shows(clicked.then(spoken(search.adjust), adjusted, search.outputs, **quick, js=WITH_VALID_K))

    for control in refine.controls:
        shows(
            control.input(spoken(search.adjust), adjusted, search.outputs, **quick, js=WITH_VALID_K),
            scroll=False,
        )
    shows(grid.follow(spoken(search.follow), found, search.outputs, **quick))
    shows(grid.again(spoken(search.mark), found, search.outputs, **quick))
    shows(trail.travel(spoken(search.travel), found, search.outputs, **quick))
    shows(trail.random(spoken(search.surprise), found, search.outputs, **quick))
    shows(understand.atlas.follow(spoken(search.follow), found, search.outputs, **quick))
    shows(page.load(spoken(search.start), None, search.outputs, **quick), scroll=False)
    for removed in (query.clear, panel.remove.click):
        removed(spoken(search.forget), found, search.outputs, **quick)

    # From elsewhere on the page to a search.
    for source in (browse.grid, browse.atlas, why.dialog):
        follows = source.follow(lambda: gr.Tabs(selected="search"), None, tabs, **quick)
        del follows
        shows(source.follow(spoken(search.follow), found, search.outputs, **quick))

    # Why is it alike?
    for source in (grid.why, why.dialog.look):
        source(spoken(why.open), found, why.dialog, **quick).then(
            spoken(why.heat), [found, why.dialog], why.dialog, **page_only | SEARCH_QUEUE | {"show_progress": "hidden"}
        )

    # Screenshots.
    shows(panel.view.pick(spoken(search.move_square), found, search.outputs, **slow), scroll=False)
    shows(panel.size.release(spoken(search.resize_square), [found, panel.size], search.outputs, **slow), scroll=False)
    rescaled = gr.on(
        [panel.link.change, panel.ratio.change]
        + [event for field in (panel.zoom, panel.latitude, panel.bar_metres, panel.bar_pixels)
           for event in (field.submit, field.blur)],
        spoken(search.rescale), [found, *panel.said], search.outputs, **slow,
    )  # fmt: skip
    shows(rescaled, scroll=False)
    _whole_map_events(retriever, search, panel, whole, refine, found, tabs, page_only)

    # Browse.
    browse.listen(refine.collection, tabs, quick)

    # Photos and places that are not here yet.
    page.load(spoken(maps.refresh), None, [maps.listed, maps.buttons], **quick)
    maps.fetch.click(
        spoken(maps.download), maps.place, maps.told, **page_only | {"show_progress_on": maps.told}
    ).then(spoken(maps.refresh), None, [maps.listed, maps.buttons], **quick)
