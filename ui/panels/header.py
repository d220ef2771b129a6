"""The page's title over a strip of drawn land, what it is for, and the way to its other languages."""

from __future__ import annotations

import html
import json

import gradio as gr

from ui.i18n import DEFAULT, LANGUAGES, language
from ui.i18n import gettext as _
from ui.i18n.compose import in_each_language
from ui.urls import BANNER_URL

#: Gradio writes lang="en" into every page, and knows nothing of a search that another language should keep.
SCRIPT = """
document.documentElement.lang = CODE;
element.querySelectorAll("a[hreflang]").forEach((each) => each.addEventListener("click", (event) => {
  event.preventDefault();
  location.href = each.href.split("?")[0] + location.search;
}));
"""


def skip_link() -> gr.HTML:
    """The first thing that keys reach, see `page.js`; it brings along the words that touch screens get."""
    return gr.HTML(in_each_language(_skip_link), elem_id="skip")


def _skip_link() -> str:
    words, tap = html.escape(_("Skip to the results")), html.escape(_("Tap to choose a photo or take one"))
    return f'<a href="#neighbours" data-tap="{tap}">{words}</a>'


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
        _("Drop an aerial photo, or a screenshot of a satellite map: see at once what looks most like it.")
    )
    return (
        f'<header><img src="{BANNER_URL}" alt="" width="1920" height="160" fetchpriority="high">'
        f"<div><h1>{title}</h1><p>{introduction}</p></div><nav>{others}</nav></header>"
    )
