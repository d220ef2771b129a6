"""What is said of the example that is searched when the page opens."""

from __future__ import annotations

from ui.i18n import gettext as _
from ui.render.escaping import plain


def start_card(title: str, picture: str) -> str:
    """The example as Markdown, with its picture: the query's field stays free for the visitor's own photo.

    Args:
        title: Of the example.
        picture: The address of a small picture of it.
    """
    line = _(
        "**{title}** is searched to begin with. Drop your own photo above, or choose another.",
        title=plain(title),
    )
    return f"![]({picture}) <span>{line}</span>"
