"""How the page's events are run: what needs the network waits in a line, the rest is answered at once."""

from __future__ import annotations

from typing import Any

#: None of them is an endpoint for programs; those are in `api.py`.
PAGE_ONLY: dict[str, Any] = {"api_visibility": "private"}

#: Searches of the page and of the endpoints wait in one line, two at a time: one decodes, one embeds.
SEARCH_QUEUE: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "search"}

#: Of what is moved while an event is at work, only the last counts.
LAST: dict[str, Any] = {"trigger_mode": "always_last"}

#: What a collection holds already is looked up in the time that a place in the line would take.
AT_ONCE = PAGE_ONLY | LAST | {"queue": False, "show_progress": "hidden"}

#: What a component tells is taken each time: of several events while one is at work, 'always_last' would
#: repeat the first one's data (in Gradio 6.31). Where the network works on it, a state keeps the last.
TOLD = AT_ONCE | {"trigger_mode": "multiple"}

#: What needs the network; where its progress is shown is said with it.
SLOW = PAGE_ONLY | SEARCH_QUEUE | LAST
