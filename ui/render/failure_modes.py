"""Why results look wrong, with what was measured of each reason: HTML, as plain strings.

Pure functions without Gradio, as `ui.render.scorecard`. The figures are those of the manifest, and of the
collection's own vectors; a reason that was not measured says so by having none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from retrieval.collections.collection import Collection
from retrieval.evaluation import Evaluation, ProtocolResult
from ui.i18n import readable, say
from ui.render.tables import confused_pairs, escape, shown

logger = logging.getLogger(__name__)


def reasons(collection: Collection) -> str:
    """The whole page as HTML: a section for each reason, with its figures and what a visitor can do."""
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
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        logger.exception("The manifest's results cannot be shown")
        sections = [_section(name) for name in ("alike", "other", "elsewhere", "scale", "several", "mixed")]
    return f'<div class="reading"><p>{escape(say("reasons.introduction"))}</p>{"".join(sections)}</div>'


def _section(name: str, measured: str = "") -> str:
    """A reason: what happens, what was measured, what to do."""
    return (
        f"<section><h2>{escape(say(f'reasons.{name}'))}</h2><p>{escape(say(f'reasons.{name}.why'))}</p>"
        f"{measured}<p><b>{escape(say('reasons.do'))}</b> {escape(say(f'reasons.{name}.do'))}</p></section>"
    )


def _alike(collection: Collection, protocols: Mapping[str, ProtocolResult]) -> str:
    """How often another class comes first, and how many pairs of two classes are nearer than of one."""
    parts = []
    if test := protocols.get("test-train"):
        wrong = sum(pair.count for pair in test.confused_pairs())
        parts.append(_paragraph(say("reasons.alike.test", wrong=wrong, queries=test.queries)))
    if test and test.confusion:
        parts.append(confused_pairs(test.confusion, say("reasons.alike.pairs")))
    pairs = collection.pair_distances
    if pairs and pairs.within and pairs.between:
        median = pairs.within[50]
        share = 100 * (pairs.nearer_between(pairs.within[90]) or 0)
        parts.append(
            _paragraph(say("reasons.alike.distances", median=median, far=pairs.within[90], share=share))
        )
    return "".join(parts)


def _other(collection: Collection) -> str:
    calibration = collection.calibration
    if calibration is None:
        return ""
    return _paragraph(
        say("reasons.other.measured", threshold=calibration.threshold, count=calibration.count,
            classes=len(collection.labels))
    )  # fmt: skip


def _elsewhere(protocols: Mapping[str, ProtocolResult]) -> str:
    test, shift = protocols.get("test-train"), protocols.get("shift-train")
    if not (test and shift):
        return ""
    weakest = shift.weakest_classes("P@1")[:2]
    return _paragraph(
        say(
            "reasons.elsewhere.measured",
            here=shown("P@1", test.overall["P@1"]),
            there=shown("P@1", shift.overall["P@1"]),
            queries=shift.queries,
            weakest=", ".join(
                f"{readable(label)} {shown('P@1', shift.per_class[label]['P@1'])}" for label in weakest
            ),
        )
    )


def _mixed(protocols: Mapping[str, ProtocolResult]) -> str:
    test = protocols.get("test-train")
    if not test:
        return ""
    label = test.weakest_classes("mAP")[0]
    return _paragraph(
        say(
            "reasons.mixed.measured",
            label=readable(label),
            value=shown("mAP", test.per_class[label]["mAP"]),
        )
    )


def _paragraph(text: str) -> str:
    return f'<p class="measured">{escape(text)}</p>'
