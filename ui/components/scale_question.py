"""The question whether a screenshot, whose scale nobody says, is near enough to make out single cars."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.components.html_component import html_component
from ui.i18n import gettext as _

#: What can be said -> whether single cars can be made out; None takes back what was said.
ANSWERS = {"yes": True, "no": False, "again": None}


def scale_question(**options: Any) -> gr.HTML:  # noqa: ANN401
    """The question; its value is what `ui.render.screenshots.question` gives, {} to show nothing.

    Its event `answer` tells what was said, see `given_answer`.

    Args:
        options: Of `gr.HTML`.
    """
    texts = {
        "question": _("Can you make out single cars here?"),
        "why": _("Nobody says how much ground this shows. If cars are in sight, it can be compared."),
        "leans": _("To us it looks too far away, or like no photo from above."),
        "confirmed": _("You can make out single cars."),
        "far": _("Then it is too far away."),
        "then": _("Zoom in to 18, 19 or 20 on the map, and take the screenshot again."),
        "yes": _("Yes"),
        "no": _("No"),
        "zoom": _("Choose the zoom"),
        "again": _("Change the answer"),
        "crop": _("The square that was searched, enlarged"),
    }
    return html_component("scale_question", texts, **options)


def given_answer(click: Any) -> str | None:  # noqa: ANN401 - whatever a browser sends
    """What an `answer` says, one of `ANSWERS`; None of anything else."""
    match click:
        case {"said": str(said)} if said in ANSWERS:
            return said
    return None
