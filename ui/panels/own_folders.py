"""The tab 'Your folders', with `--manage`: folders of this computer become collections.

The tab and its events are made only there. Each event is for the operator alone: see `ui.manage.caller`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gradio as gr

from retrieval.errors import UserError
from ui.arguments import refusal
from ui.components.collection_choice import choices
from ui.components.folder_list import clicked_folder, folder_list, folders_now, seen_version
from ui.events import AT_ONCE, bind, bind_clicks
from ui.i18n import gettext as _
from ui.manage.caller import CallerError, check_caller
from ui.manage.folders import FOLDERS, NONE, OwnFolders
from ui.render.escaping import plain
from ui.render.own_folders import folders_value


class OwnFoldersTab:
    """The components and what they do; made where it is constructed, in a `gr.Tab`.

    Args:
        folders: Of the operator.
    """

    def __init__(self, folders: OwnFolders) -> None:
        self.folders = folders
        with gr.Row():
            with gr.Column(scale=2, min_width=300, elem_id="add-folder"):
                gr.Markdown(
                    _(
                        "## Add a folder\n"
                        "All photos in a folder of this computer, and in the folders in it, become a "
                        "collection to search in. They stay where they are: nothing is copied or changed, "
                        "and nothing leaves this computer."
                    )
                )
                self.path = gr.Textbox(
                    label=_("Folder"), placeholder=_("/home/ana/photos, or ~/photos"), max_lines=1,
                    elem_id="folder-path",
                )  # fmt: skip
                self.title = gr.Textbox(
                    label=_("What to call it (the folder's name, if empty)"), max_lines=1,
                    elem_id="folder-title", max_length=80,
                )  # fmt: skip
                self.labels = gr.Radio(
                    [
                        (_("Nothing: photos that are alike are put into groups"), NONE),
                        (_("The names of the folders in it say what the photos show"), FOLDERS),
                    ],
                    value=NONE, label=_("What is known of the photos"), elem_id="folder-labels",
                )  # fmt: skip
                self.add_button = gr.Button(_("Add this folder"), variant="primary", elem_id="folder-add")
                self.trouble = gr.Markdown(visible=False, elem_id="folder-trouble")
            with gr.Column(scale=3, min_width=300):
                self.list = folder_list()

    def listen(self, page: gr.Blocks, chosen: Sequence[gr.Radio], clicks: gr.JSON) -> Any:  # noqa: ANN401
        """Do what is clicked, and keep the choices of collections in line.

        Args:
            page: Whose opening shows the state.
            chosen: The choices of collections on the page.
            clicks: Brings what was clicked.

        Returns:
            What comes after a folder was removed, of which the search may be.
        """
        self.chosen = list(chosen)
        shown = [self.list, self.trouble, *self.chosen]
        bind(page.load, self.opened, None, shown, **AT_ONCE)
        added = partial(gr.on, [self.add_button.click, self.path.submit, self.title.submit])
        fields = [self.path, self.title, self.labels]
        bind(added, self.add, fields, [*shown, self.path, self.title], **AT_ONCE)
        bind_clicks([(self.list, "look")], self.look, [clicks], shown, **AT_ONCE)
        for event, handler in (("update", self.update), ("stop", self.stop)):
            bind_clicks([(self.list, event)], handler, [clicks], shown, **AT_ONCE)
        return bind_clicks(
            [(self.list, "remove")], self.remove, [*self.chosen, clicks], shown, **AT_ONCE
        ).then

    # What the operator does. Gradio gives each handler the request by the type of its argument.

    def opened(self, request: gr.Request) -> dict[Any, Any]:
        """The page was opened, maybe by somebody who may not see this: he sees an empty list."""
        try:
            _check(request)
        except gr.Error:
            return {self.list: {}}
        return self._now() | self._offered()

    def look(self, click: Any, request: gr.Request) -> dict[Any, Any]:  # noqa: ANN401 - of a browser
        """Show the present state; collections that came or went are offered, or no longer."""
        _check(request)
        is_new = seen_version(click) != self.folders.version
        return self._now() | (self._offered() if is_new else {})

    def add(self, path: Any, title: Any, labels: Any, request: gr.Request) -> dict[Any, Any]:  # noqa: ANN401
        """Make a collection of a folder."""
        _check(request)
        updates = self._tried(lambda: self.folders.add(path, title, labels))
        if updates[self.trouble]["visible"]:
            return updates
        return updates | {self.path: "", self.title: ""}

    def update(self, click: Any, request: gr.Request) -> dict[Any, Any]:  # noqa: ANN401
        """Bring a collection up to date, or go on with it."""
        _check(request)
        return self._tried(lambda: self.folders.update(clicked_folder(click)))

    def stop(self, _click: Any, request: gr.Request) -> dict[Any, Any]:  # noqa: ANN401
        """End the work; what was read is kept."""
        _check(request)
        return self._tried(self.folders.stop)

    def remove(
        self,
        searched: str,
        browsed: str,
        mapped: str,
        click: Any,  # noqa: ANN401
        request: gr.Request,
    ) -> dict[Any, Any]:
        """Forget a folder. What was chosen on the page stays so, unless it was this one."""
        _check(request)
        updates = self._tried(lambda: self.folders.remove(clicked_folder(click)))
        there = self.folders.retriever.collections
        kept = [name if name in there else next(iter(there)) for name in (searched, browsed, mapped)]
        return updates | {
            field: gr.update(choices=choices(self.folders.retriever), value=name)
            for field, name in zip(self.chosen, kept, strict=True)
        }

    # What is shown

    def _tried(self, work: Callable[[], None]) -> dict[Any, Any]:
        try:
            work()
        except UserError as error:
            sentence = f"**{plain(_(error.message))}**"
            return self._now() | {self.trouble: gr.update(value=sentence, visible=True)}
        return self._now() | {self.trouble: gr.update(value="", visible=False)}

    def _now(self) -> dict[Any, Any]:
        return {self.list: folders_now(folders_value(self.folders))}

    def _offered(self) -> dict[Any, Any]:
        offered = choices(self.folders.retriever)
        return {field: gr.update(choices=offered) for field in self.chosen}


def _check(request: gr.Request) -> None:
    """Refuse all but the operator. Raises gr.Error."""
    try:
        check_caller(request.request.scope if request and request.request else {})
    except CallerError as error:
        raise refusal(_(error.message)) from error
