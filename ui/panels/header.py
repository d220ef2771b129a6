"""The page's title, what it is for, and the way to its other languages."""

from __future__ import annotations

import html
import json

import gradio as gr

from ui.i18n import DEFAULT, LANGUAGES, language, say

#: Gradio writes lang="en" into every page, and knows nothing of a search that another language should keep.
SCRIPT = """
document.documentElement.lang = CODE;
document.title = TITLE;
element.querySelectorAll("a[hreflang]").forEach((each) => each.addEventListener("click", (event) => {
  event.preventDefault();
  location.href = each.href.split("?")[0] + location.search;
}));
"""


def header() -> gr.HTML:
    """Made where it is called, in a `gr.Blocks`."""
    others = "".join(
        f'<a href="./{"" if code == DEFAULT else code}" hreflang="{code}" lang="{code}">{name}</a>'
        for code, (name, _) in LANGUAGES.items()
        if code != language()
    )
    title, text = html.escape(say("page.title")), html.escape(say("page.introduction"))
    constants = f"const [CODE, TITLE] = {json.dumps([language(), say('page.title')])};"
    return gr.HTML(
        f"<header><div><h1>{title}</h1><nav>{others}</nav></div><p>{text}</p></header>",
        elem_id="header", js_on_load=constants + SCRIPT,
    )  # fmt: skip
