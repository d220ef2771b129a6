"""The Gradio page over a `Retriever`: its panels put together, once in each language."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import gradio as gr
from tqdm import tqdm

from api import SEARCH_QUEUE, add_endpoints, forget_images_of_tools
from examples.clickable import example_path
from panels import photo_grid
from panels.browse import BrowseTab
from panels.examples import example_photos
from panels.header import header
from panels.map_examples import MapExample, MapExamples
from panels.query_image import QueryImage
from panels.refine import WITH_VALID_K, RefinePanel
from panels.screenshot import ScreenshotPanel
from panels.search import Found, Parts, Search, Updates, opened
from panels.shot_view import picked
from panels.trail import trail_bar
from panels.understand import UnderstandPanel
from panels.whole_map import WholeTab
from panels.why import WhyDialog
from retrieval import ImageError, Retriever, views
from retrieval.brought import BroughtPhotos
from retrieval.photos import DownloadError, download
from retrieval.question import Stored
from retrieval.reasons import reasons
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
    first, *others = LANGUAGES
    page = gr.Blocks(title="Aerial Image Retrieval", analytics_enabled=False, delete_cache=(3600, 3600))
    with speaking(first), page:
        compose(page, retriever, brought)
        add_endpoints(retriever, opened_first(retriever))
    for code in others:
        with speaking(code), page.route(LANGUAGES[code][0], code, show_in_navbar=False):
            compose(page, retriever, brought)
    forget_images_of_tools(page)
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
            with gr.Column(elem_classes="examples"):
                examples = example_photos()
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
                understand = UnderstandPanel(retriever, brought)
    with tabs, gr.Tab(say("tab.browse"), id="browse") as browse_tab:
        browse = BrowseTab(retriever, opened_first(retriever))
    with tabs, gr.Tab(say("tab.whole"), id="whole"):
        whole = WholeTab(retriever)
    with tabs, gr.Tab(say("tab.scorecard"), id="scorecard"):
        gr.HTML(scorecard(retriever.collection().manifest))
    with tabs, gr.Tab(say("tab.wrong"), id="wrong"):
        gr.HTML(reasons(retriever.collection()), elem_id="reasons")
    why = WhyDialog(retriever, brought)

    parts = Parts(found, query, query_line, panel, trouble, trail, refine, summary, grid, answered)
    search = Search(retriever, brought, parts, lambda: opened_first(retriever))

    # Searches. What needs the network waits in a line with the searches of other visitors and programs; what
    # a collection holds already is answered at once.
    page_only: dict[str, Any] = {"api_visibility": "private", "show_progress_on": grid}
    slow = page_only | SEARCH_QUEUE | {"trigger_mode": "always_last"}
    quick = page_only | {"queue": False, "show_progress": "hidden", "trigger_mode": "always_last"}
    # Of several events while one is at work, 'always_last' repeats the first one's data, in Gradio 6.31. So
    # what a component tells is taken each time; a state keeps the last of it where the network has to work.
    told = quick | {"trigger_mode": "multiple"}
    example, place = gr.State(), gr.State()
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

    def search_example(before: Found | None, example: Stored) -> Updates:
        return search.search_files(before, [str(example_path(example.id))])

    def search_map_example(before: Found | None, listed: list[MapExample], number: int) -> Updates:
        example = listed[number]
        updates = search.search_files(before, [str(example.path)], example.said, example.file_scale)
        if example.attribution and panel.line in updates:
            updates[panel.line] += f"\n\n{example.attribution}"
        return updates

    for clicked in (
        examples.follow(photo_grid.told_photo, None, example, **told).then(
            spoken(search_example), [found, example], search.outputs, **slow
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
    shows(grid.follow(spoken(search.follow), found, search.outputs, **told))
    shows(grid.again(spoken(search.mark), found, search.outputs, **told))
    shows(trail.travel(spoken(search.travel), found, search.outputs, **told))
    shows(trail.random(spoken(search.surprise), found, search.outputs, **told))
    shows(understand.atlas.follow(spoken(search.follow), found, search.outputs, **told))
    shows(page.load(spoken(search.start), None, search.outputs, **quick), scroll=False)
    for removed in (query.clear, panel.remove.click):
        removed(spoken(search.forget), found, search.outputs, **quick)

    # From elsewhere on the page to a search.
    for source in (browse.grid, browse.atlas, whole.neighbours, why.dialog):
        source.follow(lambda: gr.Tabs(selected="search"), None, tabs, **quick)
        shows(source.follow(spoken(search.follow_elsewhere), found, search.outputs, **told))

    # Why is it alike?
    behind = page_only | SEARCH_QUEUE | {"show_progress": "hidden", "trigger_mode": "always_last"}
    for asks in (grid.why, why.dialog.look):
        asks(spoken(why.open), found, why.dialog, **told).then(
            spoken(why.heat), [found, why.dialog], why.dialog, **behind
        )

    # Screenshots.
    for changes in (
        panel.view.pick(picked, None, place, **told).then(
            spoken(search.move_square), [found, place], search.outputs, **slow
        ),
        panel.size.release(spoken(search.resize_square), [found, panel.size], search.outputs, **slow),
        gr.on(
            [panel.link.change, panel.ratio.change]
            + [event for field in (panel.zoom, panel.latitude, panel.bar_metres, panel.bar_pixels)
               for event in (field.submit, field.blur)],
            spoken(search.rescale), [found, *panel.said], search.outputs, **slow,
        ),
    ):  # fmt: skip
        shows(changes, scroll=False)

    # The whole map.
    def map_whole(
        before: Found | None,
        name: str,
        layer: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Updates:
        shot = search.shot(before)
        if shot is None:
            return whole.forget()
        try:
            return whole.map(opened(shot), shot.reading, name, layer, progress)
        except ImageError:  # the upload is deleted by now
            return whole.forget()
        except Exception:
            logger.exception("Mapping a screenshot failed")
            return {whole.told: f"**{say('search.our_fault')}**"}

    def pick_tile(name: str, layer: str, mapped: Any, place: tuple[float, float]) -> Updates:  # noqa: ANN401
        return whole.pick(mapped, name, layer, place)

    def show_whole(name: str, layer: str, mapped: Any) -> Updates:  # noqa: ANN401
        return whole.show(mapped, name, layer)

    on_whole: dict[str, Any] = page_only | SEARCH_QUEUE | {"show_progress_on": whole.told}
    seen = [refine.collection, whole.layer, whole.mapped]
    panel.whole.click(lambda: gr.Tabs(selected="whole"), None, tabs, **quick).then(
        spoken(map_whole), [found, refine.collection, whole.layer], whole.outputs, **on_whole
    )
    whole.view.pick(picked, None, place, **told).then(
        spoken(pick_tile), [*seen, place], whole.outputs, **on_whole, trigger_mode="always_last"
    )
    for control in (whole.layer, refine.collection):
        control.input(spoken(show_whole), seen, whole.outputs, **on_whole)

    browse.listen(browse_tab, quick)

    # Photos and places that are not here yet.
    def photos_missing(name: str) -> list[Any]:
        chosen = retriever.collection(name)
        line = views.photos_line(chosen)
        return [gr.update(visible=bool(line)), line, gr.update(visible=chosen.source.archive is not None)]

    def fetch_photos(name: str, progress: gr.Progress = gr.Progress()) -> list[Any]:  # noqa: B008
        chosen = retriever.collection(name)
        told = ""
        if chosen.source.archive and chosen.missing_photos:
            progress(0, desc=say("photos.asking"))
            try:
                download(chosen.name, chosen.source.archive, bar_on_page(progress), again=True)
            except DownloadError as error:
                told = f"\n\n**{error}**"
            chosen.find_photos()
        group, line, button = photos_missing(name)
        return [group, line + told, button]

    to_missing = [missing, missing_line, fetch]
    refine.collection.change(spoken(photos_missing), refine.collection, to_missing, **quick)
    page.load(spoken(photos_missing), refine.collection, to_missing, **quick)
    fetch.click(
        spoken(fetch_photos), refine.collection, to_missing,
        **page_only | {"show_progress_on": missing_line},  # the results stay to be looked at
    ).then(spoken(search.show_again), found, search.outputs, **quick)  # fmt: skip

    page.load(spoken(maps.refresh), None, [maps.listed, maps.buttons], **quick)
    maps.fetch.click(
        spoken(maps.download), maps.place, maps.told, **page_only | {"show_progress_on": maps.told}
    ).then(spoken(maps.refresh), None, [maps.listed, maps.buttons], **quick)


def bar_on_page(progress: Callable[..., Any]) -> type[tqdm[Any]]:
    """A tqdm that moves the page's progress bar."""

    class PageBar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            moved: bool | None = super().update(n)
            if self.total:
                told = say("photos.megabytes", done=self.n / 1e6, total=self.total / 1e6)
                progress(self.n / self.total, desc=told)
            return moved

    return PageBar


def theme() -> gr.themes.Base:
    """Colours and fonts. System fonts only: the page asks no other server for anything."""
    sans, mono = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    base = gr.themes.Default(
        primary_hue="teal", secondary_hue="teal", neutral_hue="slate", font=sans, font_mono=mono
    )
    # Gradio's quiet text is too pale to be read easily (WCAG 2 asks for a contrast of 4.5).
    return base.set(
        body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_600", input_placeholder_color_dark="*neutral_300",
        link_text_color="*primary_700", link_text_color_hover="*primary_800",
        link_text_color_visited="*primary_700",
    )  # fmt: skip
