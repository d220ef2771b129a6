"""How the page's events are run: what needs the network waits in a lane, the rest is answered at once."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from functools import partial
from types import MethodType
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.events import EventListener

from ui.i18n import use_language
from ui.i18n.routing import language_of
from ui.limits.queueing import LANES

#: None of them is an endpoint for programs; those are in `ui/api.py`.
PAGE_ONLY: dict[str, Any] = {"api_visibility": "private"}

#: Searches with new images, of the page and of the endpoints, wait in one lane; see `ui.limits.queueing`.
SEARCH_QUEUE = LANES["search"].option("search")

#: What the endpoints look up in the collections waits for no search.
LOOK_UP_QUEUE = LANES["look-up"].option("look-up")

#: Of what is moved while an event is at work, only the last counts.
LAST: dict[str, Any] = {"trigger_mode": "always_last"}

#: What a collection holds already is looked up in the time that a place in the queue would take.
AT_ONCE = PAGE_ONLY | LAST | {"queue": False, "show_progress": "hidden"}

#: What needs the network; where its progress is shown is said with it.
SLOW = PAGE_ONLY | SEARCH_QUEUE | LAST

#: Likewise what is rarer and takes longer, each kind in a lane of its own.
EXPLAIN = SLOW | LANES["explain"].option("explain")
WHOLE_MAP = SLOW | LANES["map"].option("map")
LOOK_UP = SLOW | LOOK_UP_QUEUE


#: For scripts: how to scroll, which nobody is to see who asks for less motion.
SCROLL = """(matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth")"""


def bind(
    event: Any,  # noqa: ANN401 - an event of a Gradio component, which has no type
    handler: Callable[..., Any],
    inputs: Any,  # noqa: ANN401 - components, as Gradio takes them
    outputs: Any,  # noqa: ANN401
    **options: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Have an event answered by a handler, in the language of the page that the visitor is on.

    All events of the page are bound here. `options` are those of Gradio's events, such as `AT_ONCE`.
    """

    @functools.wraps(handler)
    def in_language(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        with use_language(language_of(LocalContext.request.get(None))):
            return handler(*arguments, **named)

    return event(in_language, inputs, outputs, **options)


def bind_clicks(
    events: Sequence[tuple[gr.HTML, str]],
    handler: Callable[..., Any],
    inputs: Sequence[Any],
    outputs: Any,  # noqa: ANN401
    *,
    before: str = "",
    **options: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Have clicks on parts of the page answered by one handler, one at a time: of quick ones the last counts.

    As events of their own they would be answered side by side, and the answer that comes last would stay,
    whichever click it is of.

    Args:
        events: The parts, and the names of their events.
        handler: Gets the click as its last input, see `last_click`.
        inputs: The last is `clicks`.
        outputs: As Gradio takes them.
        before: A script for `last_click`.
        options: As of `bind`.
    """
    # The events of a `gr.HTML` are known by name only, and `gr.on` takes methods (in 6.31).
    triggers = [MethodType(EventListener(event).listener, component) for component, event in events]
    js = last_click(events, before)
    return bind(partial(gr.on, triggers), handler, inputs, outputs, **options, js=js)


def clicks() -> gr.JSON:
    """What brings the data of clicks to the handlers of `last_click`; one is enough for a page."""
    return gr.JSON(visible=False)


def last_click(events: Sequence[tuple[gr.HTML, str]], before: str = "") -> str:
    """A script that runs in the browser before events are sent: their last input becomes the last click.

    Args:
        events: The components, and the names of their events.
        before: A script to run first, in which `click` is the last: it has what was told, its 'part' (the
            component's `elem_id`) and its 'event'.
    """
    keys = json.dumps([f"{component.elem_id} {event}" for component, event in events])
    return f"""(...values) => {{
  const click = window.clicks?.findLast((each) => {keys}.includes(each.key)) ?? null;
  {before}
  return [...values.slice(0, -1), click];
}}"""
