"""The manifest's results -> what a visitor reads under 'How good is it?': HTML and SVG, as plain strings.

Pure functions without Gradio. Colours and sizes are in `web/page.css`. Every text that comes from a
manifest is escaped, because a manifest may come from elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.artifacts import Manifest
from retrieval.charts import class_bars, confused_pairs, escape, heat_map, readable_html, shown, table

logger = logging.getLogger(__name__)

#: Protocols as a table's columns; the one on validation images is left out, because it chose the weights.
PROTOCOLS = {
    "test-train": ("Test photos", "{queries:,} in {gallery:,} training photos"),
    "test-test": ("Among themselves", "each of {queries:,} in the others"),
    "shift-train": ("Another data set", "{queries:,} in {gallery:,} training photos"),
}
MEASURES = {
    "P@1": "how often the first neighbour is of the query's class",
    "P@10": "the share of the ten nearest that is of the query's class",
    "mAP": "mean average precision: 1 when all photos of the class come before all others",
    "ANMRR": "how far down the photos of the class come: 0 is best, 1 is worst",
}


def scorecard(manifest: Manifest) -> str:
    """The whole tab as HTML; one sentence where the manifest holds no results, or none that can be read."""
    title = escape(manifest.title)
    try:
        if not manifest.results.get("protocols"):
            return _card(f"<p>How well {title} is searched has not been measured yet.</p>")
        return _card(_body(manifest))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        logger.exception("The manifest's results cannot be shown")
        return _card(f"<p>The results in the manifest of {title} cannot be read: measure them again.</p>")


def _card(body: str) -> str:
    return f'<div id="scorecard">{body}</div>'


def _body(manifest: Manifest) -> str:
    protocols = manifest.results["protocols"]
    initial = manifest.results.get("initial") or {}
    test, shift = protocols.get("test-train"), protocols.get("shift-train")
    untrained = manifest.training.get("trained") is False
    warning = "<p>These are the initial weights: they have not been trained on aerial photos yet.</p>"
    return "".join(
        [
            warning if untrained else "",
            headline(protocols, initial),
            measures_table(protocols, initial),
            _section(
                "Class by class",
                "<p>Mean average precision of each class, the weakest first.</p>",
                _beside(
                    class_bars(test, "Test photos") if test else "",
                    class_bars(shift, "Photos of another data set") if shift else "",
                ),
            ),
            _section(
                "What is mistaken for what",
                _beside(
                    heat_map(test["confusion"]) if test else "",
                    (confused_pairs(test["confusion"], "Test photos") if test else "")
                    + (confused_pairs(shift["confusion"], "Photos of another data set") if shift else ""),
                ),
            ),
            _section("What it cannot do", _limits(protocols)),
            _section("How it was trained", training_list(manifest.training)),
            _section("Licence", *(f"<p>{escape(text)}</p>" for text in manifest.licences.values())),
        ]
    )


def headline(protocols: Mapping[str, Any], initial: Mapping[str, Any]) -> str:
    """The figures that matter most, each as a sentence with its interval and what it was before training."""
    sentences = (
        ("test-train", "P@1", "of {n} photos that the model never saw find a photo of their own kind first"),
        ("test-train", "P@10", "of the ten photos that such a photo finds first are of its own kind"),
        (
            "shift-train",
            "P@1",
            "of {n} photos of another data set find their own kind first: other cities, seasons and scales",
        ),
    )
    cards = []
    for protocol, name, sentence in sentences:
        if protocol not in protocols:
            continue
        measures = protocols[protocol]
        value, before = measures["overall"][name], _before(initial, protocol, name)
        tick = told = ""
        if before is not None:
            tick = f'<i style="left:{100 * before:.1f}%"></i>'
            told = f'<span><i aria-hidden="true">┃ </i>before training {shown(name, before)}</span>'
        interval = _interval(measures, name)
        small = " · ".join(filter(None, (f"95 % interval {interval} %" if interval else "", told)))
        cards.append(
            f'<div class="headline"><strong>{shown(name, value)}</strong> '
            f"<p>{sentence.format(n=format(measures['queries'], ','))}</p>"
            f'<div class="meter" aria-hidden="true"><b style="width:{100 * value:.1f}%"></b>{tick}</div>'
            f"<p><small>{small}</small></p></div>"
        )
    return f'<div class="headlines">{"".join(cards)}</div>'


def measures_table(protocols: Mapping[str, Any], initial: Mapping[str, Any]) -> str:
    """The measures (rows) of each protocol (columns), with intervals and what they were before training."""
    columns = [name for name in PROTOCOLS if name in protocols]
    heads = [
        f"{title} <small>{searched.format(**protocols[name])}</small>"
        for name in columns
        for title, searched in (PROTOCOLS[name],)
    ]
    rows = []
    for name in MEASURES:
        cells = [name]
        for each in columns:
            lines = [_interval(protocols[each], name), _before_text(name, _before(initial, each, name))]
            small = "".join(f" <small>{line}</small>" for line in lines if line)
            cells.append(f"<b>{shown(name, protocols[each]['overall'][name])}</b>{small}")
        rows.append(cells)
    said = [
        "its 95 % interval" if any("intervals" in protocols[each] for each in columns) else "",
        "what it was before training" if initial else "",
    ]
    caption = f"Each figure with {' and '.join(filter(None, said))}" if any(said) else "Each figure"
    meanings = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in MEASURES.items())
    return _section(
        "The measures",
        table("measures", caption, ["measure", *heads], rows),
        f'<dl class="meanings">{meanings}</dl>',
    )


def training_list(training: Mapping[str, Any]) -> str:
    """The training's configuration as a list of names and values; a sentence where nothing is said."""
    items = "".join(
        f"<div{' class=wide' if len(value) > 40 else ''}>"
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in _flat(training)
    )
    return f"<dl>{items}</dl>" if items else "<p>The manifest does not say.</p>"


def _flat(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Settings in their order, a nested mapping's after its name in its place; what is empty is left out."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows += [(f"{name} {inner}", text) for inner, text in _flat(value)]
        elif isinstance(value, bool):
            rows.append((str(name), "yes" if value else "no"))
        elif value not in (None, "", []):
            many = isinstance(value, Sequence) and not isinstance(value, str)
            rows.append((str(name), ", ".join(map(str, value)) if many else str(value)))
    return rows


def _limits(protocols: Mapping[str, Any]) -> str:
    points = []
    if test := protocols.get("test-train"):
        each = round(test["queries"] / len(test["per_class"]))
        points.append(
            f"The test photos are of the same data set as those it learned from. With {each} of each class, "
            f"one photo more or less moves the P@1 of a class by {100 / each:.0f} points."
        )
    if shift := protocols.get("shift-train"):
        weakest = sorted(shift["per_class"], key=lambda label: shift["per_class"][label]["P@1"])[:2]
        points.append(
            f"Photos from elsewhere are found less well: {shown('P@1', shift['overall']['P@1'])} find their "
            f"own class first. Weakest there: {' and '.join(map(readable_html, weakest))}."
        )
    points.append(
        "It knows no other kinds of place than the collection's, and always answers with the nearest: look "
        "at the distance, and at the photo, before you believe a class."
    )
    points.append("It says what looks alike. It does not say where a photo was taken, nor when.")
    return f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{title}</h2>{''.join(parts)}</section>"


def _beside(*parts: str) -> str:
    return f'<div class="beside">{"".join(f"<div>{part}</div>" for part in parts if part)}</div>'


def _before(initial: Mapping[str, Any], protocol: str, name: str) -> float | None:
    value = initial.get(protocol, {}).get("overall", {}).get(name)
    return None if value is None else float(value)


def _before_text(name: str, before: float | None) -> str:
    return "" if before is None else f"before {shown(name, before)}"


def _interval(measures: Mapping[str, Any], name: str) -> str:
    """The 95 % interval without its unit; nothing where the manifest has none."""
    interval = measures.get("intervals", {}).get(name)
    if not interval:
        return ""
    return "\u2013".join(shown(name, each).removesuffix(" %") for each in interval)
