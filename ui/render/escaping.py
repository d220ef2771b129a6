"""Text that is shown as text, in Markdown and in HTML: the one place where either is made of it.

Names, titles, ids, classes and licences are those of an artifact folder, which may be a stranger's; a link, a
file's name and an error are a visitor's. As Markdown or HTML they could fetch a picture from another server,
and so tell it who looks; lead elsewhere; run a script; or pass for the page's own words. A component's script
sets `textContent` and properties, which need no escaping. Not for placeholders, see `ui.i18n.compose`.
"""

from __future__ import annotations

import html
import re

from retrieval.plain_text import one_line

#: Characters of a sentence; the engine's are shorter.
MAX_SENTENCE = 4000


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is, on one line.

    All ASCII punctuation that means something to Markdown, to its autolinks or to LaTeX is escaped, of which
    CommonMark allows any.
    """
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~$&:@.^=-])", r"\\\1", one_line(text, MAX_SENTENCE))


def escape(text: object) -> str:
    """Text as HTML, in an element or in quotes; the signs of Gradio's templates are escaped with it."""
    shown = one_line(str(text), MAX_SENTENCE)
    return html.escape(shown).replace("{", "&#123;").replace("$", "&#36;")
