"""Why results look wrong, with what was measured of each reason: HTML, as plain strings.

Pure functions without Gradio, as `ui.render.scorecard`. The figures are those of the manifest, and of the
collection's own vectors; a reason that was not measured says so by having none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from retrieval.collections.collection import Collection
from retrieval.collections.evaluation import Evaluation, ProtocolResult
from retrieval.errors import Message
from ui.i18n import class_name
from ui.i18n import gettext as _
from ui.render.escaping import escape
from ui.render.tables import shown

logger = logging.getLogger(__name__)


#: What can go wrong: what it is called, why it happens, and what a visitor can do.
TEXTS = {
    "alike": (
        Message("Some classes look alike"),
        Message(
            "The border between two classes is drawn by people. From above, a freeway and a "
            "runway are both grey strips, and houses stand close together here and closer there."
        ),
        Message(
            "look at the distances rather than at the classes; mark what is right and what is "
            "wrong, and search again; or allow only some classes under 'Refine'."
        ),
    ),
    "other": (
        Message("Nothing in the collection is like it"),
        Message(
            "The network was trained on a few kinds of places. A desert, a glacier or a cat is "
            "none of them, and finds the least unlike all the same."
        ),
        Message("believe the page when it says so, and look at the distances in 'Understand the result'."),
    ),
    "elsewhere": (
        Message("It comes from elsewhere"),
        Message(
            "Roofs, fields, light and cameras differ from country to country and from season to "
            "season, and the collection is from cities of the United States."
        ),
        Message("search with several photos of the place at once: what is peculiar to one counts less."),
    ),
    "scale": (
        Message("It shows another scale"),
        Message(
            "A photo of the collection shows 78 m of ground. From far lower down, things are larger "
            "than the network has seen them; from very high up, houses become a texture."
        ),
        Message(
            "zoom your map to 18, 19 or 20, and give its link with the screenshot, so that the "
            "right piece of ground is searched."
        ),
    ),
    "several": (
        Message("It shows several things"),
        Message(
            "One photo is one point among all others. A harbour with a car park beside it lies "
            "somewhere between the two, or with the one that fills more of it."
        ),
        Message(
            "press 'Why?' at a neighbour to see which part of your photo it resembles; crop your "
            "photo, or move the square on a screenshot."
        ),
    ),
    "mixed": (
        Message("The classes themselves are uneven"),
        Message(
            "Each photo was given one class by hand, and some classes hold more kinds of places than others."
        ),
        Message("see the figures of every class, above."),
    ),
}


def failure_modes(collection: Collection) -> str:
    """All of it as HTML: a section for each reason, with its figures and what a visitor can do."""
    try:
        protocols = Evaluation.from_dict(collection.manifest.results).protocols
        sections = [
            _section("alike", _alike(collection, protocols)),
            _section("other", _other(collection)),
            _section("elsewhere", _elsewhere(protocols)),
            _section("scale"),
            _section("several"),
            _section("mixed", _mixed(protocols)),
        ]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        logger.exception("The manifest's results cannot be shown")
        sections = [_section(name) for name in TEXTS]
    introduction = escape(
        _(
            "The nearest photos are always shown, whether they are near or not. These are the "
            "reasons why they can look wrong, with what was measured of each."
        )
    )
    title = escape(_("When it is wrong, and why"))
    return (
        f'<div id="reasons" class="reading"><h2>{title}</h2><p>{introduction}</p>'
        f'<div class="beside">{"".join(sections)}</div></div>'
    )


def _section(name: str, measured: str = "") -> str:
    """A reason: what happens, what was measured, what to do."""
    title, why, advice = (escape(_(text)) for text in TEXTS[name])
    what_to_do = escape(_("What you can do:"))
    return f"<section><h3>{title}</h3><p>{why}</p>{measured}<p><b>{what_to_do}</b> {advice}</p></section>"


def _alike(collection: Collection, protocols: Mapping[str, ProtocolResult]) -> str:
    """How often another class comes first, and how many pairs of two classes are nearer than of one."""
    parts = []
    test = protocols.get("test-train")
    if test and test.confusion:
        wrong = sum(pair.count for pair in test.confused_pairs())
        parts.append(
            _paragraph(
                _(
                    "Of {queries} test photos, {wrong} find a photo of another class first.",
                    wrong=wrong,
                    queries=test.queries,
                )
            )
        )
    pairs = collection.pair_distances
    if pairs and pairs.within and pairs.between:
        median = pairs.within[50]
        share = 100 * (pairs.nearer_between(pairs.within[90]) or 0)
        parts.append(
            _paragraph(
                _(
                    "Half of the pairs of one class are within {median:.2f} of each other, nine in ten "
                    "within {far:.2f}; of the pairs of two classes {share:.2f} % are that near.",
                    median=median,
                    far=pairs.within[90],
                    share=share,
                )
            )
        )
    return "".join(parts)


def _other(collection: Collection) -> str:
    calibration = collection.calibration
    if calibration is None or not collection.has_classes:
        return ""
    return _paragraph(
        _(
            "There are {classes} classes. From a distance of {threshold:.2f} on, the page says "
            "that nothing is alike: of {count} photos that do belong to the collection, one in a "
            "hundred is as far.",
            threshold=calibration.threshold,
            count=calibration.count,
            classes=len(collection.labels),
        )
    )


def _elsewhere(protocols: Mapping[str, ProtocolResult]) -> str:
    test, shift = protocols.get("test-train"), protocols.get("shift-train")
    if not (test and shift):
        return ""
    weakest = shift.weakest_classes("P@1")[:2]
    return _paragraph(
        _(
            "Of the data set's own test photos {here} find their own class first, of {queries} "
            "photos of another data set {there}. Weakest there: {weakest}.",
            here=shown("P@1", test.overall["P@1"]),
            there=shown("P@1", shift.overall["P@1"]),
            queries=shift.queries,
            weakest=", ".join(
                f"{class_name(label)} {shown('P@1', shift.per_class[label]['P@1'])}" for label in weakest
            ),
        )
    )


def _mixed(protocols: Mapping[str, ProtocolResult]) -> str:
    test = protocols.get("test-train")
    if not test:
        return ""
    label = test.weakest_classes("mAP")[0]
    return _paragraph(
        _(
            "The weakest class in the test is {label}, with a mean average precision of {value}; "
            "1 would be faultless.",
            label=class_name(label),
            value=shown("mAP", test.per_class[label]["mAP"]),
        )
    )


def _paragraph(text: str) -> str:
    return f'<p class="measured">{escape(text)}</p>'
