"""The manifest's results -> what a visitor reads under 'How good is it?': HTML and SVG, as plain strings.

Pure functions without Gradio. Colours and sizes are in `ui/static/page.css`. Every text that comes from a
manifest is escaped, because a manifest may come from elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.collections.artifacts import Manifest
from retrieval.evaluation import Evaluation, Metrics, ProtocolResult
from ui.i18n import say
from ui.render.tables import class_bars, confused_pairs, escape, heat_map, readable_html, shown, table

logger = logging.getLogger(__name__)

#: Protocols as a table's columns; the one on validation images is left out, because it chose the weights.
PROTOCOLS = ("test-train", "test-test", "shift-train")
MEASURES = ("P@1", "P@10", "mAP", "ANMRR")

#: The figures that matter most: each a sentence in the texts.
HEADLINES = (("test-train", "P@1"), ("test-train", "P@10"), ("shift-train", "P@1"))


def scorecard(manifest: Manifest) -> str:
    """The whole tab as HTML; one sentence where the manifest holds no results, or none that can be read."""
    title = escape(manifest.title)
    try:
        evaluation = Evaluation.from_dict(manifest.results)
        if not evaluation.protocols:
            return _card(_paragraph(say("scorecard.unmeasured", collection=title)))
        return _card(_body(manifest, evaluation))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        logger.exception("The manifest's results cannot be shown")
        return _card(_paragraph(say("scorecard.unreadable", collection=title)))


def _card(body: str) -> str:
    return f'<div id="scorecard">{body}</div>'


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>"


def _small(text: str) -> str:
    return f" <small>{text}</small>"


def _body(manifest: Manifest, evaluation: Evaluation) -> str:
    protocols, initial = evaluation.protocols, evaluation.initial
    test, shift = protocols.get("test-train"), protocols.get("shift-train")
    untrained = manifest.training.get("trained") is False
    test_photos, shift_photos = say("scorecard.protocol.test-train"), say("scorecard.shift_photos")
    return "".join(
        [
            _paragraph(say("scorecard.untrained")) if untrained else "",
            headline(protocols, initial),
            measures_table(protocols, initial),
            _section(
                say("scorecard.by_class"),
                _paragraph(say("scorecard.weakest_first")),
                _beside(
                    class_bars(test, test_photos) if test else "",
                    class_bars(shift, shift_photos) if shift else "",
                ),
            ),
            _section(
                say("scorecard.mistaken"),
                _beside(
                    heat_map(test.confusion) if test and test.confusion else "",
                    (confused_pairs(test.confusion, test_photos) if test and test.confusion else "")
                    + (confused_pairs(shift.confusion, shift_photos) if shift and shift.confusion else ""),
                ),
            ),
            _section(say("scorecard.limits"), _limits(protocols)),
            _section(say("scorecard.trained"), training_list(manifest.training)),
            _section(say("scorecard.licence"), *map(_paragraph, map(escape, manifest.licences.values()))),
        ]
    )


def headline(protocols: Mapping[str, ProtocolResult], initial: Mapping[str, Metrics]) -> str:
    """The figures that matter most, each as a sentence with its interval and what it was before training."""
    cards = []
    for protocol, name in HEADLINES:
        if protocol not in protocols:
            continue
        result = protocols[protocol]
        value, before = result.overall[name], _before(initial, protocol, name)
        tick = told = ""
        if before is not None:
            tick = f'<i style="left:{100 * before:.1f}%"></i>'
            untrained = say("scorecard.before_training", value=shown(name, before))
            told = f'<span><i aria-hidden="true">┃ </i>{untrained}</span>'
        interval = _interval(result, name)
        bounds = say("scorecard.interval", interval=interval) if interval else ""
        small = " · ".join(filter(None, (bounds, told)))
        sentence = say(f"scorecard.headline.{protocol}.{name}", count=result.queries)
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
        say(f"scorecard.protocol.{name}")
        + _small(say(f"scorecard.searched.{name}", queries=result.queries, gallery=result.gallery))
        for name in columns
        for result in [protocols[name]]
    ]
    rows = []
    for name in MEASURES:
        cells = [name]
        for each in columns:
            lines = [_interval(protocols[each], name), _before_text(name, _before(initial, each, name))]
            small = "".join(_small(line) for line in lines if line)
            cells.append(f"<b>{shown(name, protocols[each].overall[name])}</b>{small}")
        rows.append(cells)
    said = [
        say("scorecard.its_interval") if any(protocols[each].intervals for each in columns) else "",
        say("scorecard.its_before") if initial else "",
    ]
    what = say("scorecard.and").join(filter(None, said))
    caption = say("scorecard.each_with", what=what) if what else say("scorecard.each")
    meanings = "".join(
        f"<div><dt>{name}</dt><dd>{say(f'scorecard.measure.{name}')}</dd></div>" for name in MEASURES
    )
    return _section(
        say("scorecard.measures"),
        table("measures", caption, [say("scorecard.one_measure"), *heads], rows),
        f'<dl class="meanings">{meanings}</dl>',
    )


def training_list(training: Mapping[str, Any]) -> str:
    """The training's configuration as a list of names and values; a sentence where nothing is said."""
    items = "".join(
        f"<div{' class=wide' if len(value) > 40 else ''}>"
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in _flat(training)
    )
    return f"<dl>{items}</dl>" if items else _paragraph(say("scorecard.not_said"))


def _flat(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Settings in their order, a nested mapping's after its name in its place; what is empty is left out."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows += [(f"{name} {inner}", text) for inner, text in _flat(value)]
        elif isinstance(value, bool):
            rows.append((str(name), say("scorecard.yes" if value else "scorecard.no")))
        elif value not in (None, "", []):
            many = isinstance(value, Sequence) and not isinstance(value, str)
            rows.append((str(name), ", ".join(map(str, value)) if many else str(value)))
    return rows


def _limits(protocols: Mapping[str, ProtocolResult]) -> str:
    points = []
    if test := protocols.get("test-train"):
        each = round(test.queries / len(test.per_class))
        points.append(say("scorecard.limits.test", count=each, points=100 / each))
    if shift := protocols.get("shift-train"):
        weakest = shift.weakest_classes("P@1")[:2]
        classes = say("scorecard.and").join(map(readable_html, weakest))
        points.append(
            say("scorecard.limits.shift", share=shown("P@1", shift.overall["P@1"]), classes=classes)
        )
    points += [say("scorecard.limits.classes"), say("scorecard.limits.place")]
    return f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{title}</h2>{''.join(parts)}</section>"


def _beside(*parts: str) -> str:
    return f'<div class="beside">{"".join(f"<div>{part}</div>" for part in parts if part)}</div>'


def _before(initial: Mapping[str, Metrics], protocol: str, name: str) -> float | None:
    return initial.get(protocol, {}).get(name)


def _before_text(name: str, before: float | None) -> str:
    return "" if before is None else say("scorecard.before", value=shown(name, before))


def _interval(result: ProtocolResult, name: str) -> str:
    """The 95 % interval without its unit; nothing where the manifest has none."""
    interval = result.intervals.get(name)
    if not interval:
        return ""
    return "\u2013".join(shown(name, each).removesuffix(" %") for each in interval)
