"""The visitor's place in the queue, in words and in the page's language: Gradio writes 'queue: 2/3 |'."""

from __future__ import annotations

import json

import gradio as gr

from ui.i18n import gettext as _

#: Gradio (6.31) has the words in its script. It writes them anew whenever the place changes.
SCRIPT = """
const reword = () => document.querySelectorAll(".meta-text, .meta-text-center").forEach((line) => {
  line.childNodes.forEach((text) => {
    const found = /^queue: (\\d+)\\/(\\d+)/.exec(text.data ?? "");
    if (found) text.data = WORDS.replace("PLACE", found[1]).replace("COUNT", found[2]) + " ";
  });
});
new MutationObserver(reword).observe(document.body, { childList: true, characterData: true, subtree: true });
"""


def queue_position() -> gr.HTML:
    """Made where it is called, in a `gr.Blocks`; it shows nothing of itself."""
    words = _("You are number {place} of {count} who wait.", place="PLACE", count="COUNT")
    return gr.HTML("", js_on_load=f"const WORDS = {json.dumps(words, ensure_ascii=False)};{SCRIPT}")
