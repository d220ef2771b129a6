"""The tab 'Whole map': examples, visitors' own screenshots and searched ones are mapped, and looked at."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.errors import Message, UserError
from ui.components.history import PUSH, REPLACE
from ui.components.map_picker import clicked_view
from ui.events import AT_ONCE, SCROLL, WHOLE_MAP, bind, bind_clicks
from ui.i18n import gettext as _
from ui.panels.map_panel import MapPanel
from ui.panels.mapping import AbandonedError, Made, MapMaker, map_asked_for
from ui.render import sentences
from ui.render.escaping import plain
from ui.state import SearchState, Updates
from ui.uploads import UploadStore
from ui.whole_maps import GROUPS, MapAddress, ShownMap, WholeMaps, map_of_upload, read_address

logger = logging.getLogger(__name__)

#: Scripts that run in the browser. How a map comes along is told above the map before, which may have been
#: scrolled away.
SHOW_TOLD = f"""
  const told = document.querySelector("#whole-told");
  const isAbove = told?.getBoundingClientRect().top < 0;
  if (isAbove) told.scrollIntoView({{ behavior: {SCROLL}, block: "center" }});
"""

#: The button under a searched screenshot opens this tab at once, by the history's script: an answer that
#: opened it could take a visitor away from what he chose meanwhile.
OPEN_TAB = """(...values) => { window.trail.select("whole"); return values; }"""

#: What a place looks like is told beside the map, but below it on a phone.
SHOW_PLACE = f"""
  const place = document.querySelector("#tile");
  const isBelow = innerWidth < 700 && place?.getBoundingClientRect().top > innerHeight - 60;
  if (isBelow) place.scrollIntoView({{ behavior: {SCROLL}, block: "center" }});
"""


class LandUseTab(MapPanel):
    """The components and what they do; made where it is constructed, in a `gr.Tab`.

    Args:
        retriever: Embeds and looks up.
        uploads: Visitors' screenshots.
        maps: Where maps are kept.
        opened: The name of the collection that is open at first.
        history: The trail of the page, in which each map that is shown is a step.
    """

    def __init__(
        self,
        retriever: Retriever,
        uploads: UploadStore,
        maps: WholeMaps,
        opened: str,
        history: gr.HTML,
    ) -> None:
        super().__init__(retriever, uploads, maps, opened, history)
        self.maker = MapMaker(retriever, uploads, maps)

    def listen(self, state: gr.State, button: gr.Button, clicks: gr.JSON) -> list[Any]:
        """Map what is clicked, brought or searched, and follow what is clicked and chosen on it.

        Args:
            state: Of the search.
            button: Asks for the map of the screenshot that is searched.
            clicks: Brings what was clicked.

        Returns:
            What `visit` updates.
        """
        shown = [self.collection, *self.controls, self.mapped]
        slow = WHOLE_MAP | {"show_progress_on": self.line}

        def map_searched(before: SearchState, layer: str, groups: int) -> Updates:
            query = before.query
            brought = query.uploads[0] if len(query.uploads) == 1 and not query.stored else ""
            upload = self.uploads.get(brought)
            if upload is None or upload.screenshot is None:
                return self.forget()
            name = self.retriever.searched(query).name
            return self.bring(map_of_upload(brought), name, layer, groups) | {self.collection: name}

        bind(button.click, map_searched, [state, *self.controls], self.outputs, **AT_ONCE, js=OPEN_TAB)
        bind_clicks([(self.views, "open")], self.open, [*shown, clicks], self.outputs, before=SHOW_TOLD,
                    **AT_ONCE)  # fmt: skip
        away = bind(self.own.upload, self.put_away, [self.link, self.mapped], self.outputs, **AT_ONCE,
                    js=f"(...values) => {{ {SHOW_TOLD} return values; }}")  # fmt: skip
        # What takes long only makes a map: another may be open when it is there.
        for making in (
            bind_clicks([(self.views, "unmapped")], self.map_shown, [self.collection, clicks], self.made,
                        **slow),
            bind(away.then, self.map_own, [self.own, self.link, self.collection, self.mapped], self.made,
                 **slow),
            bind(partial(gr.on, [self.link.submit, self.link.blur]), self.map_again,
                 [self.link, self.collection, self.mapped], self.made, **slow),
        ):  # fmt: skip
            bind(making.then, self.show_made, [*shown, self.made], self.outputs, **AT_ONCE)
        bind_clicks([(self.view, "pick")], self.mark, [*shown, clicks], self.outputs, before=SHOW_PLACE,
                    **AT_ONCE)  # fmt: skip
        for control in (*self.controls, self.collection):
            bind(control.input, self.show, shown, self.outputs, **AT_ONCE)
        return self.outputs

    # Mapping

    def open(
        self,
        collection: str,
        layer: str,
        groups: int,
        before: ShownMap | None,
        click: Any,  # noqa: ANN401 - from a browser
    ) -> Updates:
        """Show an example that was clicked: at once where it is kept; else the browser asks for it."""
        del before
        return self.bring(ShownMap(clicked_view(click), is_example=True), collection, layer, groups)

    def map_shown(
        self,
        collection: str,
        click: Any,  # noqa: ANN401 - from a browser
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Made | None:
        """Map what was shown as a picture alone when the browser asked for this."""
        wanted = map_asked_for(click)
        return self.attempt(wanted, lambda: wanted, collection, progress) if wanted else None

    def refuse(self, troubles: Iterable[Message]) -> Updates:
        """Say why a file was not taken; the map before it stays."""
        return {self.line: f"**{plain(' '.join(map(_, troubles)))}**"}

    def put_away(self, link: str | None, before: ShownMap | None) -> Updates:
        """Make room for a visitor's own screenshot. A link that was of the one before is not of this one."""
        old = (link or "").strip() == self.maker.link_of(before)
        return self.forget() | {
            self.mapped: ShownMap(secrets.token_urlsafe(12), is_example=False, coming=True),
            self.line: _("Your screenshot is read now, and then mapped."),
            self.link: "" if old else link or "",
            self.history: self._step(MapAddress(None), PUSH),
        }

    def map_own(
        self,
        paths: list[str],
        link: str | None,
        collection: str,
        asked: ShownMap | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Made | None:
        """Map a visitor's own screenshot."""
        if not paths or asked is None:
            return None
        return self.attempt(
            asked, lambda: self.maker.bring(paths[0], link or "", collection), collection, progress
        )

    def map_again(
        self,
        link: str | None,
        collection: str,
        shown: ShownMap | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Made | None:
        """Map the visitor's screenshot anew, by what its link says of the scale."""
        if shown is None:
            return None
        return self.attempt(
            shown, lambda: self.maker.with_link(shown, link or "", collection), collection, progress
        )

    def attempt(
        self,
        asked: ShownMap,
        brought: Callable[[], ShownMap | None],
        collection: str,
        progress: gr.Progress,
    ) -> Made | None:
        """Embed all tiles of a screenshot, unless they are kept; or say what went wrong, in a sentence.

        Args:
            asked: What is open as this begins.
            brought: Gives the map to make; None where there is none to make.
            collection: By whose photos an unknown scale is guessed.
            progress: Is told.
        """

        def on_tiles(done: int, all_: int) -> None:
            progress((done, all_), desc=_("{done} of {all} tiles", done=done, all=all_))

        try:
            shown = brought()
            if shown is None:
                return None
            progress(0, desc=_("Cutting tiles"))
            self.maker.of(shown, collection, on_tiles)
            return Made(asked, shown)
        except AbandonedError:
            return None
        except UserError as error:
            return Made(asked, None, f"**{plain(_(error.message))}**")
        except Exception:
            logger.exception("Mapping a screenshot failed")
            return Made(asked, None, f"**{sentences.our_fault()}**")

    def show_made(
        self, collection: str, layer: str, groups: int, opened: ShownMap | None, made: Made | None
    ) -> Updates:
        """Show a map that was made, if it is of what is open by now; else that stays as it is."""
        if made is None or not made.concerns(opened):
            return self.nothing()
        if made.shown is None:
            return {self.line: made.trouble}
        marked = opened if opened and opened.is_of(made.shown) else made.shown
        return self.bring(marked, collection, layer, groups, REPLACE)

    # Addresses

    def visit(self, fields: Mapping[str, str]) -> Updates:
        """Show what an address says; what there is not is said in a sentence. Sets the controls, too.

        The tab's bare address changes nothing: the button under a searched screenshot opens the tab, too, and
        what it asks for may be on its way.

        Args:
            fields: From `ui.views.view_fields`.
        """
        address = read_address(fields, self.retriever.collections)
        if address.shown is None:
            return self.nothing()
        controls = {
            self.layer: address.layer,
            self.groups: gr.update(value=address.groups, visible=address.layer == GROUPS),
        }
        collection = address.collection or self.opened
        controls[self.collection] = collection
        return self.bring(address.shown, collection, address.layer, address.groups, REPLACE) | controls
