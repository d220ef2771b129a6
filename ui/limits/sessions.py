"""What Gradio keeps for each visit, made small.

For each session, and each call of the API is one, Gradio (6.31) computes the configuration of every
component anew and keeps it, with every value that is shown later: 250 kB and 20 ms, and more with each
click. It is there for links that restore a page (`gr.DeepLinkButton`), which this page does without: its
own addresses do that. So a session's copy of the page's configuration computes nothing and remembers no
values; what a session needs is there: its states, and the changed components whose values come back with
events.

Of too many sessions Gradio forgets the oldest, whoever's they are: somebody who opens hundreds makes all
others lose what they see. Here the address with the most sessions loses its oldest.
"""

from __future__ import annotations

from collections import ChainMap, Counter
from typing import Any

import gradio as gr
from gradio import routes
from gradio.blocks import BlocksConfig
from gradio.state_holder import SessionState, StateHolder
from starlette.exceptions import HTTPException

from ui.i18n import gettext as _
from ui.limits.visitors import asking

#: Characters of a session's name, which the caller chooses; the longest of Gradio's clients has 36.
MAX_SESSION = 64


class SharedConfig(BlocksConfig):
    """The configuration of a page, whose copies for sessions share what it has."""

    def __init__(self, made: BlocksConfig) -> None:
        self.__dict__.update(made.__dict__)
        self.inputs = {part._id for event in self.fns.values() for part in event.inputs}

    def __copy__(self) -> SessionConfig:
        return SessionConfig(self)


class SessionConfig(BlocksConfig):
    """The configuration of a session: that of the page, and the components that were changed for it."""

    def __init__(self, page: SharedConfig) -> None:
        self.__dict__.update(page.__dict__)
        self.blocks = SessionBlocks(page.blocks, page.inputs)

    @staticmethod
    def config_for_block(*_: Any, **__: Any) -> dict[str, Any]:  # noqa: ANN401 - as Gradio calls it
        """Nothing: an empty configuration is one that Gradio writes no values into."""
        return _EMPTY


class SessionBlocks(ChainMap[int, Any]):
    """The components of a session.

    A changed one is kept if it is an input of an event: its choices, say, are what its value is checked by.
    Of those that are only shown, which the browser keeps, the last alone: Gradio reads it once more right
    away.

    A changed one takes the number of the one before. Gradio gives it a new one, and keeps it under that too
    whenever its value comes back: a page that is open for long would grow with each event.
    """

    def __init__(self, page: dict[int, Any], inputs: set[int]) -> None:
        super().__init__({}, {}, page)
        self._shown_only = page.keys() - inputs

    def __setitem__(self, key: int, component: Any) -> None:  # noqa: ANN401 - a component
        component._id = key
        if key in self._shown_only:
            self.maps[1] = {key: component}
        else:
            super().__setitem__(key, component)


_EMPTY: dict[str, Any] = {}


class FairStates(StateHolder):
    """The sessions of a page."""

    def __init__(self) -> None:
        super().__init__()
        self._visitors: dict[str, str] = {}

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            if len(session_id) > MAX_SESSION:
                raise HTTPException(400, session_too_long())
            self._visitors[session_id] = asking.get()
            self._make_room()
        return super().__getitem__(session_id)

    def forget(self, session_id: str) -> None:
        """Drop a session."""
        for kept in (self.session_data, self.time_last_used, self._visitors):
            kept.pop(session_id, None)

    def _make_room(self) -> None:
        """Drop the oldest session of the visitor with the most, where one more would be too many."""
        while len(self.session_data) >= self.capacity:
            greedy = Counter(self._visitors.get(session, "") for session in self.session_data).most_common(1)
            self.forget(
                next(
                    session
                    for session in self.session_data
                    if self._visitors.get(session, "") == greedy[0][0]
                )
            )


def session_too_long() -> str:
    """What is said of a name that nobody needs, and that is kept as long as the session is."""
    return _("The name of this session is too long: at most {most} characters.", most=MAX_SESSION)


#: Gradio's application makes its own holder.
routes.StateHolder = FairStates


def share_configuration(page: gr.Blocks) -> None:
    """Have the sessions of a page share its configuration. Call it when the page is composed."""
    page.default_config = SharedConfig(page.default_config)
