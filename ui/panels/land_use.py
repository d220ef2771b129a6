"""The tab 'Whole map': examples, visitors' own screenshots and searched ones are mapped, and looked at."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.errors import UserError
from ui.components.history import PUSH, REPLACE
from ui.components.map_picker import clicked_view
from ui.events import AT_ONCE, WHOLE_MAP, bind, bind_clicks
from ui.i18n import gettext as _
from ui.panels.map_panel import MapPanel
from ui.panels.mapping import AbandonedError, MapMaker
from ui.render import sentences
from ui.render.escaping import plain
from ui.state import SearchState, Updates
from ui.uploads import UploadStore
from ui.whole_maps import GROUPS, ShownMap, WholeMaps, read_address

logger = logging.getLogger(__name__)


class LandUseTab(MapPanel):
    """The components and what they do; made where it is constructed, in a `gr.Tab`.

    Args:
        retriever: Embeds and looks up.
        uploads: Visitors' screenshots.
        maps: Where maps are kept.
        collection: Says in which collection is looked up.
        history: The trail of the page, in which each map that is shown is a step.
    """

    def __init__(
        self,
        retriever: Retriever,
        uploads: UploadStore,
        maps: WholeMaps,
        collection: gr.Radio,
        history: gr.HTML,
    ) -> None:
        super().__init__(retriever, uploads, maps, history)
        self.collection = collection
        self.maker = MapMaker(retriever, uploads, maps)

    def listen(self, state: gr.State, button: gr.Button, tabs: gr.Tabs, clicks: gr.JSON) -> list[Any]:
        """Map what is clicked, brought or searched, and follow what is clicked and chosen on it.

        Args:
            state: Of the search.
            button: Asks for the map of the screenshot that is searched.
            tabs: Of the page.
            clicks: Brings what was clicked.

        Returns:
            What `visit` updates.
        """
        shown = [self.collection, *self.controls, self.mapped]
        slow = WHOLE_MAP | {"show_progress_on": self.line}

        def map_searched(
            before: SearchState,
            name: str,
            layer: str,
            groups: int,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
        ) -> Updates:
            query = before.query
            brought = query.uploads[0] if len(query.uploads) == 1 and not query.stored else ""
            upload = self.uploads.get(brought)
            if upload is None or upload.screenshot is None:
                return self.forget()
            return self.map(ShownMap(brought, is_example=False), name, layer, groups, progress)

        opens = bind(button.click, lambda: gr.Tabs(selected="whole"), None, tabs, **AT_ONCE)
        bind(opens.then, map_searched, [state, *shown[:-1]], self.outputs, **slow)
        bind_clicks([(self.views, "open")], self.open, [*shown, clicks], self.outputs, **AT_ONCE)
        bind_clicks([(self.views, "unmapped")], self.map_shown, [*shown, clicks], self.outputs, **slow)
        bind(self.own.upload, self.map_own, [self.own, self.link, *shown], self.outputs, **slow)
        bind(self.link.change, self.map_again, [self.link, *shown], self.outputs, **slow)
        bind_clicks([(self.view, "pick")], self.mark, [*shown, clicks], self.outputs, **AT_ONCE)
        for control in (*self.controls, self.collection):
            bind(control.input, self.show, shown, self.outputs, **AT_ONCE)
        return [*self.outputs, self.collection]

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
        layer: str,
        groups: int,
        shown: ShownMap | None,
        _click: Any,  # noqa: ANN401 - from a browser
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Updates:
        """Map what is shown as a picture alone so far."""
        if shown is None:
            return self.forget()
        return self.map(shown, collection, layer, groups, progress, REPLACE)

    def map_own(
        self,
        paths: list[str],
        link: str | None,
        collection: str,
        layer: str,
        groups: int,
        before: ShownMap | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Updates:
        """Map a visitor's own screenshot. A link that was of the one before is not of this one."""
        if not paths:
            return self.nothing()
        old = (link or "").strip() == self.maker.link_of(before)
        given = "" if old else link or ""

        def mapped() -> Updates:
            shown = self.maker.bring(paths[0], given, collection)
            return self.map(shown, collection, layer, groups, progress)

        return self.attempt(mapped) | {self.link: given}

    def map_again(
        self,
        link: str | None,
        collection: str,
        layer: str,
        groups: int,
        shown: ShownMap | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Updates:
        """Map the visitor's screenshot anew, by what its link says of the scale."""

        def mapped() -> Updates:
            changed = self.maker.with_link(shown, link or "", collection) if shown else None
            if changed is None:
                return self.nothing()
            return self.map(changed, collection, layer, groups, progress, REPLACE)

        return self.attempt(mapped)

    def map(
        self,
        shown: ShownMap,
        collection: str,
        layer: str,
        groups: int,
        progress: gr.Progress,
        how: str = PUSH,
    ) -> Updates:
        """Embed all tiles of a screenshot, unless they are kept, and show them; `how` as of `bring`."""

        def mapped() -> Updates:
            progress(0, desc=_("Cutting tiles"))
            self.maker.of(
                shown,
                collection,
                lambda done, all_: progress(
                    (done, all_), desc=_("{done} of {all} tiles", done=done, all=all_)
                ),
            )
            return self.bring(shown, collection, layer, groups, how)

        return self.attempt(mapped)

    def attempt(self, mapping: Callable[[], Updates]) -> Updates:
        """What a mapping shows, or what went wrong, in a sentence."""
        try:
            return mapping()
        except AbandonedError:
            return self.nothing()
        except UserError as error:
            return {self.line: f"**{plain(_(error.message))}**"}
        except Exception:
            logger.exception("Mapping a screenshot failed")
            return {self.line: f"**{sentences.our_fault()}**"}

    # Addresses

    def visit(self, fields: Mapping[str, str]) -> Updates:
        """Show what an address says; what there is not is said in a sentence. Sets the controls, too.

        Args:
            fields: From `ui.views.view_fields`.
        """
        address = read_address(fields, self.retriever.collections)
        collection = address.collection or self.retriever.collection().name
        controls = {
            self.layer: address.layer,
            self.groups: gr.update(value=address.groups, visible=address.layer == GROUPS),
        }
        if address.collection:
            controls[self.collection] = address.collection
        if address.shown is None:
            return self.forget() | controls
        return self.bring(address.shown, collection, address.layer, address.groups, REPLACE) | controls
