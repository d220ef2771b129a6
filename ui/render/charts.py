"""A result -> charts as SVG and HTML strings: distances in growing order, retrieved classes, pairs of photos.

Pure functions; colours are in `ui/static`, so that they follow the page's theme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.pair_distances import PairDistances
from retrieval.plain_text import one_line
from retrieval.results import Neighbour, SearchResult
from ui.i18n import class_name, number
from ui.i18n import gettext as _
from ui.render import export
from ui.render.escaping import escape
from ui.render.tables import readable_html, table


@dataclass(frozen=True)
class _Axes:
    """Where values lie in a drawing: x in [0, `max_x`], y in [0, `max_y`], in units of the chart."""

    max_x: float
    max_y: float
    width: int = 360
    height: int = 220
    left: int = 38
    right: int = 10
    top: int = 16
    bottom: int = 40

    @property
    def floor(self) -> int:
        return self.height - self.bottom

    @property
    def end(self) -> int:
        return self.width - self.right

    def x(self, value: float) -> float:
        return round(self.left + (self.end - self.left) * value / self.max_x, 1)

    def y(self, value: float) -> float:
        return round(self.floor - (self.floor - self.top) * value / self.max_y, 1)

    def label_x(self, value: float, label: str) -> str:
        return _text(self.x(value), self.floor + 15, label)

    def name_x(self, name: str) -> str:
        return _text((self.left + self.end) / 2, self.height - 3, name)

    def figure(self, kind: str, title: str, marks: Sequence[str], caption: str = "") -> str:
        caption = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        return (
            f'<figure class="{kind}"><svg viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{escape(title)}">{"".join(marks)}</svg>{caption}</figure>'
        )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "middle") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"></line>'


def distances(result: SearchResult, plotted: Sequence[Neighbour]) -> str:
    """The distances of a result's neighbours in growing order (the paper's Fig. 10), as SVG.

    Args:
        result: What the page shows.
        plotted: Its neighbours, and further ones.
    """
    neighbours, shown = plotted, len(result.neighbours)
    if not neighbours:
        return ""
    calibration = result.collection.calibration
    threshold = calibration.threshold if calibration else 0.0
    nearest, farthest = neighbours[0].distance, neighbours[-1].distance
    axes = _Axes(len(neighbours), 1.1 * max(farthest, threshold, 0.1))
    step = next(size for size in (0.02, 0.05, 0.1, 0.2, 0.5) if axes.max_y / size <= 6)
    marks = []
    if shown < len(neighbours):
        x = axes.x(shown)
        marks.append(
            f'<rect class="beyond" x="{x}" y="{axes.top}" width="{axes.end - x}" '
            f'height="{axes.floor - axes.top}"></rect>'
        )
    for value in np.arange(0, axes.max_y, step).tolist():
        marks.append(_line("grid", axes.left, axes.y(value), axes.end, axes.y(value)))
        marks.append(_text(axes.left - 6, axes.y(value) + 4, number(value, ".2f"), anchor="end"))
    has_classes = result.collection.has_classes
    first = Counter(neighbour.label for neighbour in neighbours[: shown or None]).most_common(1)[0][0]
    marks += [_neighbour(axes, rank, neighbour, first) for rank, neighbour in enumerate(neighbours, 1)]
    if threshold:
        y = axes.y(threshold)
        marks.append(_line("limit", axes.left, y, axes.end, y))
        marks.append(
            _text(
                axes.end,
                y - 5,
                _("too far: beyond {threshold:.2f}", threshold=threshold),
                "limit",
                "end",
            )
        )
    marks += [axes.label_x(rank - 0.5, f"{rank}") for rank in sorted({1, shown, len(neighbours)} - {0})]
    marks.append(axes.name_x(_("rank")))
    title = _(
        "The {count} nearest, in growing order: {nearest:.3f} to {farthest:.3f}.",
        count=len(neighbours),
        nearest=nearest,
        farthest=farthest,
    )
    legend = (
        _(
            "Dots are {label}, crosses other classes; what is shaded is not shown above.",
            label=class_name(first),
        )
        if has_classes
        else _("What is shaded is not shown above.")
    )
    beyond = (
        _("Where even the first is beyond the dashed line, nothing in the collection is alike.")
        if threshold
        else ""
    )
    return axes.figure("distances", title, marks, f"{title} {legend} {beyond}".strip())


def _neighbour(axes: _Axes, rank: int, neighbour: Neighbour, first: str) -> str:
    """A dot for a neighbour of the class that most are of; of another a cross, which differs in shape too."""
    x, y = axes.x(rank - 0.5), axes.y(neighbour.distance)
    parts = (
        str(rank),
        number(neighbour.distance, ".3f"),
        class_name(neighbour.label),
        one_line(neighbour.id),
    )
    title_text = " · ".join(filter(None, parts))
    title = f"<title>{escape(title_text)}</title>"
    if neighbour.label == first:
        return f'<circle class="own" cx="{x}" cy="{y}" r="3.2">{title}</circle>'
    return f'<path class="other" d="M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7">{title}</path>'


def histogram(result: SearchResult) -> str:
    """How many of the neighbours are of each class (the paper's Fig. 9), most first, as a table with bars.

    Empty where they have no classes.
    """
    if not result.votes:
        return ""
    k = len(result.neighbours)
    rows = [
        [readable_html(label), f'<b style="width:{100 * count / k:.1f}%"></b>', f"{count}"]
        for label, count in result.votes
    ]
    heads = [escape(_("class")), "", escape(_("photos"))]
    return table("bars", escape(_("What the {count} neighbours are", count=k)), heads, rows)


def table_html(result: SearchResult) -> str:
    """The table of `ui.render.export` as HTML, its numbers and classes as the language writes them."""
    heads = [escape(_(text)) for text in export.TABLE_HEADER.values()]
    rows = []
    for neighbour, (rank, _distance, _label, *rest) in zip(
        result.neighbours, export.table(result), strict=True
    ):
        cells = [rank, number(neighbour.distance, ".4f"), class_name(neighbour.label), *rest]
        rows.append([escape(cell) for cell in cells])
    name = escape(_("Neighbours, nearest first"))
    return (  # wider than a phone: keys scroll what has the focus
        f'<div class="sideways" tabindex="0" role="region" aria-label="{name}">'
        f"{table('neighbours', name, heads, rows)}</div>"
    )


def pair_distances(pairs: PairDistances, distance: float) -> str:
    """Where a distance lies among those of pairs of one class, and of pairs of two, as SVG; empty without."""
    sides = {"within": pairs.within, "between": pairs.between}
    sides = {name: side for name, side in sides.items() if side}
    if not sides:
        return ""
    names = {"within": _("same class"), "between": _("different classes")}
    if "within" not in sides:  # nobody said which are of one class
        names["between"] = _("any two photos")
    axes = _Axes(1.05 * max(distance, *(side[-1] for side in sides.values())), 1, height=130)
    marks = []
    for name, side in sides.items():
        places = np.linspace(0, axes.max_x, 71)
        curve = zip(places, _density(side, places), strict=True)
        points = " ".join(f"{axes.x(place)},{axes.y(value)}" for place, value in curve)
        base = f"{axes.left},{axes.floor} {points} {axes.end},{axes.floor}"
        marks.append(f'<polygon class="{name}" points="{base}"></polygon>')
        half = 3.8 * len(names[name])  # about half of its width: all of it stays in the drawing
        middle = min(max(axes.x(side[50]), half), axes.width - half)
        marks.append(_text(middle, axes.floor - 8, names[name], name))
    x = axes.x(distance)
    marks.append(_line("here", x, 2, x, axes.floor))
    anchor = "end" if x > axes.width / 2 else "start"
    marks.append(_text(x + (-5 if anchor == "end" else 5), 13, number(distance, ".3f"), "here", anchor))
    marks += [axes.label_x(value, number(value, ".1f")) for value in np.arange(0, axes.max_x, 0.2).tolist()]
    marks.append(axes.name_x(_("distance")))
    return axes.figure(
        "pairs",
        _("Where this distance lies among those of pairs of one class and of pairs of two classes"),
        marks,
    )


def _density(
    quantiles: Sequence[float], places: NDArray[np.float64], width: float = 0.02
) -> NDArray[np.float64]:
    """How dense distances lie at these places, 1 at most: each hundredth of them is a Gaussian."""
    middles = (np.array(quantiles[1:]) + quantiles[:-1]) / 2
    density = np.exp(-((places[:, None] - middles) ** 2) / (2 * width**2)).sum(axis=1)
    return np.asarray(density / density.max())
