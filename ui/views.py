"""The tabs that have an address, such as `?view=browse&in=scenes&class=harbor`, and what it holds.

A link without a view is one to a search (`retrieval.query`). In the browser `ui/components/history.js` keeps
the address and the tab in line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from retrieval.errors import Message
from retrieval.plain_text import encodable
from retrieval.query import MAX_ADDRESS, MAX_FIELDS


@dataclass(frozen=True)
class View:
    """A tab with an address.

    Attributes:
        name: In the address.
        tab: The tab's id on the page.
        title: What it is called.
        words: What a link to it shows.
    """

    name: str
    tab: str
    title: Message
    words: Message


#: In the order of the tabs; the tab of the search stands before them, and has the searches' addresses.
VIEWS = (
    View(
        "browse", "browse", Message("Browse"),
        Message("All photos of a collection: as a map on which near is similar, and by class"),
    ),
    View(
        "map", "whole", Message("Whole map"),
        Message("A whole screenshot of a map, each part in the colour of the class that it looks like"),
    ),
    View(
        "accuracy", "accuracy", Message("Accuracy and limits"),
        Message("How often the photos found are right, and why they are wrong where they are"),
    ),
)  # fmt: skip

#: Likewise, where folders are managed on the page. It is for this computer alone, so no link to it is sent.
FOLDERS_VIEW = View(
    "folders", "folders", Message("Your folders"),
    Message("Folders of this computer that are collections to search in"),
)  # fmt: skip

SEARCH_TAB = "search"

#: What an address of a view is made of.
VIEW_FIELDS = ("view", "in", "class", "example", "upload", "layer", "groups", "tile")

#: The most characters of a value that is looked at; no name of ours has as many. Names of collections,
#: classes and uploads may be anybody's, all else is a word of ours.
MAX_VALUE = 200
_FREE = ("in", "class", "upload")
_WORD = re.compile(r"[a-z0-9_.-]{1,80}")


def view_address(name: str, chosen: Mapping[str, str | int]) -> str:
    """The query string of a link to a view, with what is chosen in it; what is empty is left out."""
    fields = {"view": name} | {field: chosen[field] for field in VIEW_FIELDS if chosen.get(field)}
    return urlencode(fields, safe="/")


def view_fields(address: str) -> Mapping[str, str]:
    """What an address says of a view, each field once; empty where it names none that there is.

    Args:
        address: Of anybody, with or without a question mark before it.
    """
    if len(address) > MAX_ADDRESS:
        return {}
    try:
        given = parse_qs(encodable(address).removeprefix("?"), max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    fields = {name: given[name][0] for name in VIEW_FIELDS if name in given}
    if fields.get("view") not in {view.name for view in VIEWS}:
        return {}
    return {
        name: value
        for name, value in fields.items()
        if len(value) <= MAX_VALUE and (name in _FREE or _WORD.fullmatch(value))
    }
