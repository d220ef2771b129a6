"""The Gradio page over a `Retriever`: its panels put together, once, and served in each language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from retrieval import Retriever
from retrieval.query import Query
from ui.api import add_endpoints
from ui.components import photo_grid
from ui.components.answer_bar import answer_bar
from ui.components.history import history_bar, share_bar, visited_address
from ui.components.large_files import for_map, left_out, limits
from ui.components.query_image import QueryImage, UploadPhotosButton
from ui.events import AT_ONCE, SCROLL, SLOW, bind, bind_clicks, clicks, last_click
from ui.example_uploads import ExampleUploads
from ui.i18n import LANGUAGES, language, use_language
from ui.i18n import gettext as _
from ui.i18n.compose import composing, filled_in, in_each_language
from ui.limits import bound
from ui.manage.folders import OwnFolders
from ui.panels.browse import BrowseTab
from ui.panels.details import DetailsPanel
from ui.panels.explain import ExplainDialog
from ui.panels.filters import WITH_VALID_K, FiltersPanel
from ui.panels.header import header, skip_link
from ui.panels.land_use import LandUseTab
from ui.panels.map_examples import places_to_try
from ui.panels.own_folders import OwnFoldersTab
from ui.panels.pasted_link import PastedLink, kept_hints
from ui.panels.photo_examples import ExampleStrip
from ui.panels.queue_position import queue_position
from ui.panels.screenshot import ScreenshotPanel
from ui.refusals import BlocksWithSentences
from ui.remote_images import bound_remote_images
from ui.render import verdict
from ui.render.accuracy import accuracy
from ui.search import Search
from ui.search_screenshot import SearchScreenshot
from ui.search_uploads import SearchUploads
from ui.state import SearchState, Updates
from ui.uploads import UploadStore
from ui.views import FOLDERS_VIEW, view_fields
from ui.whole_maps import WholeMaps

STATIC = Path(__file__).resolve().parent / "static"

#: What Gradio's options cannot say, a file for each part of the page; of equal rules the later counts.
STYLES = (
    "base", "keys_and_touch", "header", "bar", "photo_grid", "verdict", "history", "embedding_map",
    "place_map", "area_token", "explain_dialog", "charts", "scorecard", "screenshot_view", "whole_map",
    "reading", "examples", "sheets", "phones",
)  # fmt: skip

#: Likewise, where folders are managed on the page.
MANAGING_STYLES = ("own_folders",)

#: Scripts for the page as a whole, each a function.
SCRIPTS = ("page", "sheets")

#: Visits, and calls of the API, whose state is kept; the oldest go first. `make bench-session` measures one.
SESSIONS = 500

#: The languages are paths of one application, and the title links them: Gradio's own bar of links would only
#: say 'Home'. (Its `gr.Navbar(visible=False)` leaves the bar there, in 6.31.)
NO_NAVIGATION = "<style>.nav-holder { display: none !important }</style>"

#: Scripts that run in the browser before an event is sent; the event's inputs go through them.
#: What is searched is shown in the first tab. (Gradio keeps a hidden copy of the tabs, without a role.)
SELECT_SEARCH = """document.querySelector("#tabs button[role=tab]").click();"""

#: The answer may be below the fold of a phone, or above it when something far down was clicked.
SHOW_ANSWER = f"""(...values) => {{
  const trouble = document.querySelector("#trouble");
  const found = document.querySelector("#shot .shot:not([hidden])") ?? document.querySelector("#trail");
  const answer = trouble && trouble.offsetParent ? trouble : found;
  const hidden = window.innerWidth < 700 || answer.getBoundingClientRect().top < 0;
  if (hidden) answer.scrollIntoView({{ behavior: {SCROLL}, block: "start" }});
  return values;
}}"""

#: Both, for an event whose first input is the number of neighbours.
SHOW_ANSWER_WITH_VALID_K = f"(...values) => ({WITH_VALID_K})(...({SHOW_ANSWER})(...values))"


class Page(BlocksWithSentences):
    """Gradio's blocks, with a configuration for each language."""

    @property
    def config(self) -> dict[str, Any]:
        """What the browser is told of the page, in the language of the request."""
        config: dict[str, Any] = self._configs[language()]
        return config

    @config.setter
    def config(self, value: dict[str, Any]) -> None:
        self._configs = {}
        for code in LANGUAGES:
            with use_language(code):
                self._configs[code] = filled_in(value)


def script() -> str:
    """All of `SCRIPTS`, as the one function that Gradio runs when the page is there; they know the limits."""
    scripts = [(STATIC / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    known = f"const limits = {json.dumps(limits())};\n"
    return "() => {\n" + known + "\n".join(f"({each.strip()})();" for each in scripts) + "\n}"


def build_page(
    retriever: Retriever,
    uploads: UploadStore,
    examples: ExampleUploads | None = None,
    maps: WholeMaps | None = None,
    folders: OwnFolders | None = None,
) -> Page:
    """The page, ready to launch; without examples it makes those that the retriever has.

    Folders are managed on it if there are any.
    """
    uploads.examples = examples = examples or ExampleUploads(retriever)
    page = Page(
        title="Aerial Image Retrieval", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    )
    with page:
        with composing():
            compose(page, retriever, uploads, examples, maps or WholeMaps(), folders)
        add_endpoints(page, retriever, opened_first(retriever))
    bound_remote_images(page)
    bound(page)
    return page


def opened_first(retriever: Retriever) -> str:
    """The collection that is open at first: the first whose photos are all here, which may change."""
    complete = [
        collection.name for collection in retriever.collections.values() if not collection.missing_photos
    ]
    return complete[0] if complete else retriever.collection().name


def compose(
    page: gr.Blocks,
    retriever: Retriever,
    uploads: UploadStore,
    examples: ExampleUploads,
    whole_maps: WholeMaps,
    folders: OwnFolders | None = None,
) -> None:
    """Make all components where this is called, and say what happens on each event."""
    opened = opened_first(retriever)
    state = gr.State(SearchState(Query(opened)))
    skip_link()
    header()
    with gr.Tabs(elem_id="tabs") as tabs, gr.Tab(_("Search"), id="search"):
        strip = ExampleStrip(examples)
        columns = gr.Row()
    with columns:
        with gr.Column(scale=1, min_width=280, elem_id="asked"):
            screenshot = ScreenshotPanel()
            query_image = QueryImage(
                label=_("Query"), elem_id="query", sources=["upload"], height=260, buttons=["fullscreen"],
                show_label=False, alt_text=_("The photo that was searched for"),
                placeholder=_(
                    "# Drop a photo here, or click to choose one\n"
                    "It is used for the search alone, and deleted within two hours."
                ),
            )  # fmt: skip
            query_line = gr.Markdown(elem_id="query-line")
            each_photo = gr.HTML(elem_id="photo-list", apply_default_css=False)
            with gr.Group(elem_id="anywhere"):  # hidden; page.js gives it what is dropped or pasted
                anywhere = UploadPhotosButton(file_count="multiple")
            trouble = gr.Markdown(visible=False, elem_id="trouble", container=True)
            pasted = PastedLink()
            places_to_try()
        with gr.Column(scale=3, min_width=320, elem_id="found"):
            with gr.Row(elem_id="bar"):
                history = history_bar(managing=folders is not None)
                filters = FiltersPanel(retriever, opened)
            summary = gr.HTML(in_each_language(verdict.waiting), elem_id="summary", apply_default_css=False)
            grid = photo_grid.photo_grid(elem_id="neighbours", tools=True)
            gr.Markdown(
                _(
                    "Keys: arrows move between the photos, Enter searches with one, W asks why, + and - mark "
                    "it, / goes to the class filter, Esc closes."
                ),
                elem_id="keys",
            )
            with gr.Column(visible=False) as answered:
                details = DetailsPanel()
            answer_bar()
    with tabs, gr.Tab(_("Browse"), id="browse"):
        share_bar()
        browse = BrowseTab(retriever, opened)
    with tabs, gr.Tab(_("Whole map"), id="whole"):
        share_bar()
        land_use = LandUseTab(retriever, uploads, whole_maps, opened, history)
    with tabs, gr.Tab(_("Accuracy and limits"), id="accuracy"):
        share_bar()
        gr.HTML(in_each_language(lambda: accuracy(retriever.collection())), elem_id="accuracy")
    if folders:
        with tabs, gr.Tab(_(FOLDERS_VIEW.title), id=FOLDERS_VIEW.tab):
            own = OwnFoldersTab(folders)
    explain = ExplainDialog(retriever, uploads)
    queue_position()  # it shows nothing, and would leave a gap at the top
    clicked = clicks()

    apart = (details.other_classes, browse.grid, browse.map, land_use.neighbours)
    search = Search(
        retriever=retriever, uploads=uploads, examples=examples, state=state, query_image=query_image,
        first_collection=lambda: opened_first(retriever), query_line=query_line, screenshot=screenshot,
        trouble=trouble, history=history, filters=filters, summary=summary, photo_list=each_photo, grid=grid,
        answered=answered, details=details, apart=[each.elem_id for each in apart],
        managing=folders is not None,
    )  # fmt: skip
    everything = [*search.outputs, *details.outputs]
    controls = [*filters.controls, state]
    slow = SLOW | {"show_progress_on": grid}

    def then_details(event: Any, *, scroll: bool = True) -> None:  # noqa: ANN401 - Gradio's dependency
        """After an answer what it is made of, and the answer scrolled into sight."""
        js = SHOW_ANSWER if scroll else None
        bind(event.then, details.show, state, details.outputs, **AT_ONCE, js=js)

    def then_settle(event: Any) -> None:  # noqa: ANN401 - Gradio's dependency
        """Likewise after new photos, with what the controls say by then: they may have moved meanwhile."""
        bind(event.then, search.settle, controls, everything, **AT_ONCE, js=SHOW_ANSWER_WITH_VALID_K)

    # Files, and examples of such. A map that was drawn is of another screenshot then.
    files = SearchUploads(search)
    changed = list(dict.fromkeys([*search.outputs, *land_use.outputs]))  # both have the history

    def forgetting_map(handler: Callable[..., Updates]) -> Callable[..., Updates]:
        """The handler, which also puts away the map of the screenshot before."""
        return wraps(handler)(lambda *inputs: handler(*inputs) | land_use.forget())

    @forgetting_map
    def upload(before: SearchState, paths: Any, note: Any, large: Any) -> Updates:  # noqa: ANN401 - of a browser
        """Files, of which a screenshot has the scale of a link that came before it."""
        hints = kept_hints(note)
        updates = files.upload(before, paths, hints, pasted.used(True), left_out(large))
        shown = updates.get(search.state)
        found = search.upload(shown.query) if hints and shown else None
        return pasted.used(bool(found and found.screenshot)) | updates

    brought = [*changed, pasted.note]
    unsent = [(pasted.note, "left_out")]
    for field in (query_image, anywhere, screenshot.another):
        given = [state, field, pasted.note, clicked]
        then_settle(bind(field.upload, upload, given, brought, **slow, js=last_click(unsent)))

    def leave_out(before: SearchState, large: Any) -> Updates:  # noqa: ANN401 - of a browser
        """Say of files why they were not sent; those that came with them are searched all the same."""
        if not for_map(large):
            return files.upload(before, None, unsent=left_out(large))
        return land_use.refuse(trouble for _name, trouble in left_out(large))

    bind_clicks(unsent, leave_out, [state, clicked], [search.trouble, land_use.line], **AT_ONCE)
    example = forgetting_map(files.example)
    then_settle(bind_clicks([(strip.strip, "follow")], example, [state, clicked], changed, **AT_ONCE))
    for removed in (query_image.clear, screenshot.remove.click):
        bind(removed, search.forget, state, search.outputs, **AT_ONCE)

    # Walking through the collection.
    walks = [(details.places.map, "area"), (filters.area, "area")]
    walks += [(grid, "again"), (history, "random"), (history, "travel")]
    walks += [(each, "follow") for each in (grid, explain.dialog, details.map, details.places.map, *apart)]
    select = f"if ({json.dumps(search.apart)}.includes(click?.part)) {SELECT_SEARCH}"
    walked = bind_clicks(walks, search.walk, [state, clicked], search.outputs, before=select, **AT_ONCE)
    after = last_click(walks, f"if (click?.event !== 'travel') ({SHOW_ANSWER})();")  # history.js scrolls then
    bind(walked.then, lambda state, _click: details.show(state), [state, clicked], details.outputs,
         **AT_ONCE, js=after)  # fmt: skip
    for control in filters.controls:
        bind(control.input, search.settle, controls, everything, **AT_ONCE, js=WITH_VALID_K)
    then_details(bind(page.load, search.start, None, search.outputs, **AT_ONCE), scroll=False)

    # The square on a screenshot.
    squares = SearchScreenshot(search)
    scale_given = [screenshot.ratio.input]  # chosen, not filled in by an example
    for field in (screenshot.zoom, screenshot.latitude, screenshot.bar_metres, screenshot.bar_pixels):
        scale_given += [field.submit, field.blur]
    size = screenshot.size
    for changes in (
        bind_clicks([(screenshot.view, "pick")], squares.move_square, [state, clicked], search.outputs,
                    **slow),
        bind_clicks([(screenshot.question, "answer")], squares.answer, [state, clicked], search.outputs,
                    **slow),
        bind(size.release, squares.resize_square, [state, size], search.outputs, **slow),
        bind(screenshot.link.change, squares.set_link, [state, *screenshot.scale_fields], search.outputs,
             **slow),
        bind(partial(gr.on, scale_given), squares.set_scale, [state, *screenshot.scale_fields],
             search.outputs, **slow),
    ):  # fmt: skip
        then_details(changes, scroll=False)

    # One that was come back to may have to be read again, and another search be there when it is.
    read = bind_clicks([(history, "unread")], squares.read, [state, clicked], None, **SLOW)
    bind(read.then, squares.show_read, state, search.outputs, **AT_ONCE)

    explain.listen(state, grid, clicked)
    pasted.listen(clicked)
    strip.listen(page)
    came = strip.came(clicked)
    then_details(bind(came, search.photos_came, state, search.outputs, **AT_ONCE), scroll=False)

    if folders:
        chosen = [filters.collection, browse.collection, land_use.collection]
        done = own.listen(page, chosen, clicked)
        then_details(bind(done, search.settle, controls, everything, **AT_ONCE), scroll=False)

    # Tabs whose addresses say what is chosen in them: opening one visits its address.
    mapped = land_use.listen(state, screenshot.whole, clicked)
    for name, view, shown in (("browse", browse, browse.listen(history)), ("map", land_use, mapped)):
        bind_clicks([(history, f"visit_{name}")], visiting(view), [clicked], shown, **AT_ONCE)


class Visited(Protocol):
    """A tab whose address says what is chosen in it."""

    def visit(self, fields: Mapping[str, str]) -> Any:  # noqa: ANN401 - updates, as Gradio takes them
        """What it shows at an address, by its fields: see `ui.views.view_fields`."""


def visiting(view: Visited) -> Callable[[Any], Any]:
    """A handler that shows what an address says of a view."""

    def visit(click: Any) -> Any:  # noqa: ANN401 - whatever a browser sends
        return view.visit(view_fields(visited_address(click)))

    return visit


def theme() -> gr.themes.Base:
    """Colours and fonts. System fonts only: the page asks no other server for anything."""
    sans, mono = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    base = gr.themes.Default(
        primary_hue="teal", secondary_hue="teal", neutral_hue="stone", font=sans, font_mono=mono
    )
    # Gradio's quiet text is too pale to be read easily (WCAG 2 asks for a contrast of 4.5).
    return base.set(
        body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_600", input_placeholder_color_dark="*neutral_300",
        link_text_color="*primary_700", link_text_color_hover="*primary_800",
        link_text_color_visited="*primary_700", checkbox_border_color_dark="*neutral_400",
        body_background_fill="#faf9f6", body_background_fill_dark="#111412",
        block_background_fill_dark="#191d1b", background_fill_primary_dark="#191d1b",
    )  # fmt: skip
