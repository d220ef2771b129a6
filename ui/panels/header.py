"""The page's title, what it is for, and the way to its other languages."""

from __future__ import annotations

import html
import json

import gradio as gr

from ui.i18n import DEFAULT, LANGUAGES, language
from ui.i18n import gettext as _
from ui.i18n.compose import in_each_language

#: Gradio writes lang="en" into every page, and knows nothing of a search that another language should keep.
SCRIPT = """
document.documentElement.lang = CODE;
element.querySelectorAll("a[hreflang]").forEach((each) => each.addEventListener("click", (event) => {
  event.preventDefault();
  location.href = each.href.split("?")[0] + location.search;
}));
"""


def header() -> gr.HTML:
    """Made where it is called, in a `gr.Blocks`."""
    constants = f"const CODE = {json.dumps(in_each_language(language), ensure_ascii=False)};"
    return gr.HTML(in_each_language(_header), elem_id="header", js_on_load=constants + SCRIPT)


def _header() -> str:
    others = "".join(
        f'<a href="./{"" if code == DEFAULT else code}" hreflang="{code}" lang="{code}">{name}</a>'
        for code, name in LANGUAGES.items()
        if code != language()
    )
    title = html.escape(_("Aerial Image Retrieval"))
    introduction = html.escape(
        _(
            "Drop an aerial photo, or a screenshot of a satellite map, and see the photos of a "
            "collection that look most like it, nearest first. Your photo is only used for the "
            "search and deleted within two hours."
        )
    )
    return f"<header><div><h1>{title}</h1><nav>{others}</nav></div><p>{introduction}</p></header>"
