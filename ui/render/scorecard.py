"""The manifest's results -> the figures under 'Accuracy and limits': HTML and SVG, as plain strings.

Pure functions without Gradio. Colours and sizes are in `ui/static`. Every text that comes from a
manifest is escaped, because a manifest may come from elsewhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.collections.artifacts import Manifest
from retrieval.collections.evaluation import Evaluation, Metrics, ProtocolResult
from retrieval.errors import Message
from retrieval.plain_text import one_line
from ui.i18n import gettext as _
from ui.render.escaping import escape
from ui.render.tables import class_bars, confused_pairs, heat_map, readable_html, shown, table

logger = logging.getLogger(__name__)

#: Protocols as a table's columns, and what is searched in what; the one on validation images is left out,
#: because it chose the weights.
PROTOCOLS = {
    "test-train": (Message("Test photos"), Message("{queries:,} in {gallery:,} training photos")),
    "test-test": (Message("Among themselves"), Message("each of {queries:,} in the others")),
    "shift-train": (Message("Another data set"), Message("{queries:,} in {gallery:,} training photos")),
}
MEASURES = {
    "P@1": Message("how often the first neighbour is of the query's class"),
    "P@10": Message("the share of the ten nearest that is of the query's class"),
    "mAP": Message("mean average precision: 1 when all photos of the class come before all others"),
    "ANMRR": Message("how far down the photos of the class come: 0 is best, 1 is worst"),
}

#: The figures that matter most, and what each says.
HEADLINES = {
    ("test-train", "P@1"): Message(
        "of {count:,} photos that the model never saw find a photo of their own kind first"
    ),
    ("test-train", "P@10"): Message("of the ten photos that such a photo finds first are of its own kind"),
    ("shift-train", "P@1"): Message(
        "of {count:,} photos of another data set find their own kind first: other cities, seasons and scales"
    ),
}


#: What a training says for those who repeat it, and a visitor has no use for: commands, checksums, and paths.
WORKSHOP = re.compile(r"^(.* )?(command|sha256)\b|[/\\]")


def scorecard(manifest: Manifest) -> str:
    """All figures as HTML; one sentence where the manifest holds no results, or none that can be read."""
    title = escape(one_line(manifest.title))
    try:
        evaluation = Evaluation.from_dict(manifest.results)
        if not evaluation.protocols:
            return _card(
                _paragraph(
                    _("How well {collection} is searched has not been measured yet.", collection=title)
                )
            )
        return _card(_figures(manifest, evaluation))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        logger.exception("The manifest's results cannot be shown")
        return _card(
            _paragraph(_("The figures of {collection} cannot be read at the moment.", collection=title))
        )


def origin(manifest: Manifest) -> str:
    """What the figures are of, as HTML: how the network was trained, and who may use it."""
    return (
        "<div>"
        + _section(_("How it was trained"), training_list(manifest.training))
        + _section(_("Licence"), *map(_paragraph, map(escape, manifest.licences.values())))
        + "</div>"
    )


def _card(body: str) -> str:
    return f'<div id="scorecard">{body}</div>'


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>"


def _small(text: str) -> str:
    return f" <small>{text}</small>"


def _figures(manifest: Manifest, evaluation: Evaluation) -> str:
    protocols, initial = evaluation.protocols, evaluation.initial
    test, shift = protocols.get("test-train"), protocols.get("shift-train")
    untrained = manifest.training.get("trained") is False
    test_photos, shift_photos = _("Test photos"), _("Photos of another data set")
    return "".join(
        [
            _paragraph(_("These are the initial weights: they have not been trained on aerial photos yet."))
            if untrained
            else "",
            headline(protocols, initial),
            measures_table(protocols, initial),
            _section(
                _("Class by class"),
                _paragraph(_("Mean average precision of each class, the weakest first.")),
                _beside(
                    class_bars(test, test_photos) if test else "",
                    class_bars(shift, shift_photos) if shift else "",
                ),
            ),
            _section(
                _("What is mistaken for what"),
                _beside(
                    heat_map(test.confusion) if test and test.confusion else "",
                    (confused_pairs(test.confusion, test_photos) if test and test.confusion else "")
                    + (confused_pairs(shift.confusion, shift_photos) if shift and shift.confusion else ""),
                ),
            ),
            _section(_("What it cannot do"), _limits(protocols)),
        ]
    )


def headline(protocols: Mapping[str, ProtocolResult], initial: Mapping[str, Metrics]) -> str:
    """The figures that matter most, each as a sentence with its interval and what it was before training."""
    cards = []
    for (protocol, name), headline_sentence in HEADLINES.items():
        if protocol not in protocols:
            continue
        result = protocols[protocol]
        value, before = result.overall[name], _before(initial, protocol, name)
        tick = before_line = ""
        if before is not None:
            tick = f'<i style="left:{100 * before:.1f}%"></i>'
            untrained = _("before training {value}", value=shown(name, before))
            before_line = f'<span><i aria-hidden="true">┃ </i>{untrained}</span>'
        interval = _interval(result, name)
        bounds = _("95 % interval {interval} %", interval=interval) if interval else ""
        small = " · ".join(filter(None, (bounds, before_line)))
        sentence = _(headline_sentence.template, count=result.queries)
        cards.append(
            f'<div class="headline"><strong>{shown(name, value)}</strong> '
            f"<p>{sentence}</p>"
            f'<div class="meter" aria-hidden="true"><b style="width:{100 * value:.1f}%"></b>{tick}</div>'
            f"<p><small>{small}</small></p></div>"
        )
    return f'<div class="headlines">{"".join(cards)}</div>'


def measures_table(protocols: Mapping[str, ProtocolResult], initial: Mapping[str, Metrics]) -> str:
    """The measures (rows) of each protocol (columns), with intervals and what they were before training."""
    columns = [name for name in PROTOCOLS if name in protocols]
    heads = [
        _(title) + _small(_(searched.template, queries=result.queries, gallery=result.gallery))
        for name in columns
        for result, (title, searched) in [(protocols[name], PROTOCOLS[name])]
    ]
    rows = []
    for name in MEASURES:
        cells = [name]
        for protocol in columns:
            lines = [
                _interval(protocols[protocol], name),
                _before_text(name, _before(initial, protocol, name)),
            ]
            small = "".join(_small(line) for line in lines if line)
            cells.append(f"<b>{shown(name, protocols[protocol].overall[name])}</b>{small}")
        rows.append(cells)
    added = [
        _("its 95 % interval") if any(protocols[protocol].intervals for protocol in columns) else "",
        _("what it was before training") if initial else "",
    ]
    what = _(" and ").join(filter(None, added))
    caption = _("Each figure with {what}", what=what) if what else _("Each figure")
    meanings = "".join(
        f"<div><dt>{name}</dt><dd>{_(meaning)}</dd></div>" for name, meaning in MEASURES.items()
    )
    return _section(
        _("The measures"),
        table("measures", caption, [_("measure"), *heads], rows),
        f'<dl class="meanings">{meanings}</dl>',
    )


def training_list(training: Mapping[str, Any]) -> str:
    """The training's configuration as a list of names and values, without paths and commands.

    A sentence where nothing is said.
    """
    items = "".join(
        f"<div{' class=wide' if len(value) > 40 else ''}>"
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in _flat(training)
        if not WORKSHOP.search(f"{name} {value}")
    )
    return f"<dl>{items}</dl>" if items else _paragraph(_("Nothing is known of it."))


def _flat(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Settings in their order, nested ones after the name in its place; what is empty is left out."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows += [(f"{name} {inner}", text) for inner, text in _flat(value)]
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            rows.append((str(name), _("{count} runs", count=len(value))))
            rows += _flat({f"run {number}:": each for number, each in enumerate(value, start=1)})
        elif isinstance(value, bool):
            rows.append((str(name), (_("yes") if value else _("no"))))
        elif value not in (None, "", []):
            many = isinstance(value, Sequence) and not isinstance(value, str)
            rows.append((str(name), ", ".join(map(str, value)) if many else str(value)))
    return rows


def _limits(protocols: Mapping[str, ProtocolResult]) -> str:
    points = []
    if test := protocols.get("test-train"):
        each = round(test.queries / len(test.per_class))
        points.append(
            _(
                "The test photos are of the same data set as those it learned from. With {count} of "
                "each class, one photo more or less moves the P@1 of a class by {points:.0f} points.",
                count=each,
                points=100 / each,
            )
        )
    if shift := protocols.get("shift-train"):
        weakest = shift.weakest_classes("P@1")[:2]
        classes = _(" and ").join(map(readable_html, weakest))
        points.append(
            _(
                "Photos from elsewhere are found less well: {share} find their own class first. "
                "Weakest there: {classes}.",
                share=shown("P@1", shift.overall["P@1"]),
                classes=classes,
            )
        )
    points += [
        _(
            "It knows no other kinds of place than the collection's, and always answers with the "
            "nearest: look at the distance, and at the photo, before you believe a class."
        ),
        _("It says what looks alike. It does not say where a photo was taken, nor when."),
    ]
    return f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{title}</h2>{''.join(parts)}</section>"


def _beside(*parts: str) -> str:
    return f'<div class="beside">{"".join(f"<div>{part}</div>" for part in parts if part)}</div>'


def _before(initial: Mapping[str, Metrics], protocol: str, name: str) -> float | None:
    return initial.get(protocol, {}).get(name)


def _before_text(name: str, before: float | None) -> str:
    return "" if before is None else _("before {value}", value=shown(name, before))


def _interval(result: ProtocolResult, name: str) -> str:
    """The 95 % interval without its unit; nothing where the manifest has none."""
    interval = result.intervals.get(name)
    if not interval:
        return ""
    return "\u2013".join(shown(name, end).removesuffix(" %") for end in interval)
