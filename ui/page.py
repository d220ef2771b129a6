"""The Gradio page over a `Retriever`: its panels put together, once in each language."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from retrieval import Retriever
from ui.api import add_endpoints, forget_images_of_tools
from ui.components import photo_grid
from ui.components.history import trail_bar
from ui.components.query_image import QueryImage, UploadPhotosButton
from ui.components.screenshot_view import picked
from ui.events import AT_ONCE, SLOW, TOLD
from ui.i18n import LANGUAGES, say, speaking, spoken
from ui.panels.browse import BrowseTab
from ui.panels.details import UnderstandPanel
from ui.panels.explain import WhyDialog
from ui.panels.filters import WITH_VALID_K, RefinePanel
from ui.panels.header import header
from ui.panels.land_use import WholeTab
from ui.panels.map_examples import MapExamples
from ui.panels.missing_photos import MissingPhotos
from ui.panels.photo_examples import example_photos
from ui.panels.screenshot import ScreenshotPanel
from ui.render.failure_modes import reasons
from ui.render.scorecard import scorecard
from ui.search import Search
from ui.state import Parts
from ui.uploads import BroughtPhotos

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
            with gr.Group(elem_id="anywhere"):  # hidden; ui/static/page.js gives it what is dropped or pasted
                anywhere = UploadPhotosButton(file_count="multiple")
            trouble = gr.Markdown(visible=False, elem_id="trouble", container=True)
            with gr.Column(elem_classes="examples"):
                examples = example_photos()
                maps = MapExamples()
        with gr.Column(scale=2, min_width=320):
            trail = trail_bar()
            refine = RefinePanel(retriever, opened_first(retriever))
            missing = MissingPhotos(retriever)
            summary = gr.Markdown(say("search.waiting"), elem_id="summary")
            grid = photo_grid.photo_grid(elem_id="neighbours", tools=True)
            gr.Markdown(say("search.keys"), elem_id="keys")
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
    slow = SLOW | {"show_progress_on": grid}
    example, place = gr.State(), gr.State()

    def shows(event: Any, *, scroll: bool = True) -> None:  # noqa: ANN401 - Gradio's dependency
        """After a search the plots, and the answer scrolled into sight."""
        if scroll:
            event.then(None, js=SHOW_ANSWER)
        event.then(spoken(understand.show), found, understand.outputs, **AT_ONCE)

    def brings(event: Any) -> None:  # noqa: ANN401 - Gradio's dependency
        """After new photos: the map that was drawn is of others, and the controls may have been moved."""
        event.then(whole.forget, None, whole.outputs, **AT_ONCE)
        adjusted = [*refine.controls, found]
        shows(event.then(spoken(search.adjust), adjusted, search.outputs, **AT_ONCE, js=WITH_VALID_K))

    # Photos that are brought, and examples of such.
    for upload, files in (
        (query.upload, query),
        (anywhere.upload, anywhere),
        (panel.another.upload, panel.another),
    ):
        brings(upload(spoken(search.bring), [found, files], search.outputs, **slow))
    anywhere.upload(lambda: gr.Tabs(selected="search"), None, tabs, **AT_ONCE)
    clicked = examples.follow(photo_grid.told_photo, None, example, **TOLD)
    brings(clicked.then(spoken(search.bring_example), [found, example], search.outputs, **slow))
    listed = [found, maps.listed, maps.buttons]
    brings(maps.buttons.click(spoken(search.bring_map_example), listed, search.outputs, **slow))
    for removed in (query.clear, panel.remove.click):
        removed(spoken(search.forget), found, search.outputs, **AT_ONCE)

    # Walking through the collection.
    for walks, where in (
        (grid.follow, search.follow),
        (grid.again, search.mark),
        (trail.random, search.surprise),
        (why.dialog.follow, search.follow),
        (understand.atlas.follow, search.follow),
    ):
        shows(walks(spoken(where), found, search.outputs, **TOLD))
    travels = trail.travel(spoken(search.travel), found, search.outputs, **TOLD)
    shows(travels, scroll=False)  # ui/components/history.js scrolls to where one was
    for elsewhere in (understand.others, browse.grid, browse.atlas, whole.neighbours):
        elsewhere.follow(lambda: gr.Tabs(selected="search"), None, tabs, **AT_ONCE)
        shows(elsewhere.follow(spoken(search.follow_elsewhere), found, search.outputs, **TOLD))
    for control in refine.controls:
        adjusts = control.input(
            spoken(search.adjust), [*refine.controls, found], search.outputs, **AT_ONCE, js=WITH_VALID_K
        )
        shows(adjusts, scroll=False)
    shows(page.load(spoken(search.start), None, search.outputs, **AT_ONCE), scroll=False)

    # The square on a screenshot.
    said = [panel.link.change, panel.ratio.change]
    for field in (panel.zoom, panel.latitude, panel.bar_metres, panel.bar_pixels):
        said += [field.submit, field.blur]
    for changes in (
        panel.view.pick(picked, None, place, **TOLD).then(
            spoken(search.move_square), [found, place], search.outputs, **slow
        ),
        panel.size.release(spoken(search.resize_square), [found, panel.size], search.outputs, **slow),
        gr.on(said, spoken(search.rescale), [found, *panel.said], search.outputs, **slow),
    ):
        shows(changes, scroll=False)

    whole.listen(search, tabs)
    why.listen(found, grid)
    browse.listen(browse_tab)
    missing.listen(page, search)
    maps.listen(page)


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
        link_text_color_visited="*primary_700", checkbox_border_color_dark="*neutral_400",
    )  # fmt: skip
