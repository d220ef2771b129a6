"""Places of Bucharest to look at on a web map."""

from __future__ import annotations

import html

import gradio as gr

from examples.bucharest.places import read_places
from ui.i18n import gettext as _
from ui.i18n.compose import in_each_language


def places_to_try() -> None:
    """The list, folded away; made where it is called, in a `gr.Blocks`."""
    title = _("Bucharest: {count} places to try", count=len(read_places()))
    with gr.Accordion(title, open=False, elem_id="bucharest", elem_classes="sheet"):
        gr.HTML(in_each_language(_table), elem_id="places")


def _table() -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="{html.escape(place.link)}" target="_blank" rel="noopener">'
        f"{html.escape(place.name)}</a></th><td>{html.escape(_(place.sight))}</td></tr>"
        for place in read_places()
    )
    told = html.escape(
        _("Open a place on a web map, take a screenshot, and drop it here with the map's link.")
    )
    opens, look_for = html.escape(_("Open the map at")), html.escape(_("Look for"))
    head = f'<thead><tr><th scope="col">{opens}</th><th scope="col">{look_for}</th></tr></thead>'
    return f"<p>{told}</p><table>{head}<tbody>{rows}</tbody></table>"
