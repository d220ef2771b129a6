"""A result -> charts as SVG and HTML strings: distances in growing order, retrieved classes, pairs of photos.

Pure functions; colours are in `web/page.css`, so that they follow the page's theme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from retrieval import views
from retrieval.charts import escape, readable_html, table
from retrieval.novelty import Calibration
from retrieval.pairs import PairDistances
from retrieval.retriever import SearchResult
from texts import readable, say

#: Retrievals of the paper's Fig. 10.
RETRIEVALS = 50

WIDTH, HEIGHT = 460, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 14, 34


def distances(result: SearchResult, shown: int) -> str:
    """The distances of a result's neighbours in growing order (the paper's Fig. 10), as SVG.

    Args:
        result: With more neighbours than the page shows, about `RETRIEVALS`.
        shown: How many of them the page shows.
    """
    neighbours = result.neighbours
    if not neighbours:
        return ""
    calibration = result.collection.calibration
    threshold = calibration.threshold if calibration else None
    most = 1.1 * max(neighbours[-1].distance, threshold or 0, 0.1)
    first = result.votes[0][0]

    def across(rank: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (rank - 1) / max(len(neighbours) - 1, 1)

    def down(distance: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - distance / most)

    marks = [_axis(most, down)]
    if shown < len(neighbours):
        x = (across(shown) + across(shown + 1)) / 2
        marks.append(f'<rect class="beyond" x="{x:.1f}" y="{TOP}" width="{WIDTH - RIGHT - x + 6:.1f}" '
                     f'height="{HEIGHT - TOP - BOTTOM}"></rect>')  # fmt: skip
    line = " ".join(
        f"{across(rank):.1f},{down(each.distance):.1f}" for rank, each in enumerate(neighbours, 1)
    )
    marks.append(f'<polyline class="line" points="{line}"></polyline>')
    for rank, each in enumerate(neighbours, 1):
        x, y = across(rank), down(each.distance)
        title = (
            f"<title>{rank} · {each.distance:.3f} · {readable_html(each.label)} · {escape(each.id)}</title>"
        )
        if each.label == first:
            marks.append(f'<circle class="own" cx="{x:.1f}" cy="{y:.1f}" r="3.2">{title}</circle>')
        else:  # by its shape too, not by its colour alone
            cross = f"M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7"
            marks.append(f'<path class="other" d="{cross}">{title}</path>')
    if threshold is not None:
        y = down(threshold)
        marks.append(
            f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"></line>'
        )
        marks.append(f'<text class="limit" x="{WIDTH - RIGHT}" y="{y - 5:.1f}" text-anchor="end">'
                     f"{escape(say('chart.threshold', threshold=threshold))}</text>")  # fmt: skip
    for rank in sorted({1, shown, len(neighbours)}):
        marks.append(f'<text x="{across(rank):.1f}" y="{HEIGHT - 18}" text-anchor="middle">{rank}</text>')
    marks.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 3}" text-anchor="middle">'
                 f"{escape(say('chart.rank'))}</text>")  # fmt: skip
    said = say(
        "chart.distances",
        count=len(neighbours),
        nearest=neighbours[0].distance,
        farthest=neighbours[-1].distance,
    )
    legend = escape(say("chart.legend", label=readable(first)))
    return _figure("distances", said, marks, f"{escape(said)} {legend}")


def _axis(most: float, down: Callable[[float], float]) -> str:
    """Lines at round distances, with their numbers."""
    step = next(each for each in (0.02, 0.05, 0.1, 0.2, 0.5) if most / each <= 6)
    marks = ""
    for number in range(int(most / step) + 1):
        y = down(number * step)
        marks += (
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"></line>'
            f'<text x="{LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{number * step:.2f}</text>'
        )
    return marks


def histogram(result: SearchResult) -> str:
    """How many of the neighbours are of each class (the paper's Fig. 9), most first, as a table with bars."""
    k = len(result.neighbours)
    rows = [
        [readable_html(label), f'<b style="width:{100 * count / k:.1f}%"></b>', f"{count}"]
        for label, count in result.votes
    ]
    heads = [escape(say("chart.class")), "", escape(say("chart.count"))]
    return table("bars", escape(say("chart.histogram", count=k)), heads, rows)


def table_html(result: SearchResult) -> str:
    """The table of `retrieval.views` as HTML."""
    heads = [escape(say(f"table.{name}")) for name in views.TABLE_HEADER]
    rows = [[escape(cell) for cell in row] for row in views.table(result)]
    return table("neighbours", escape(say("grid.neighbours")), heads, rows)


def pair_distances(pairs: PairDistances, distance: float, calibration: Calibration | None) -> str:
    """Where a distance lies among those of pairs of one class and of two, as SVG: two curves of shares."""
    sides = [(name, side) for name, side in (("within", pairs.within), ("between", pairs.between)) if side]
    if not sides:
        return ""
    most = 1.05 * max(distance, *(side[-1] for _, side in sides))

    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / most

    height = 150
    marks = []
    for name, side in sides:
        densities = _density(side, most)
        top = max(densities)
        points = " ".join(
            f"{across(most * place / (len(densities) - 1)):.1f},{TOP + (height - TOP - BOTTOM) * (1 - each / top):.1f}"
            for place, each in enumerate(densities)
        )
        floor = height - BOTTOM
        marks.append(
            f'<polygon class="{name}" points="{LEFT},{floor} {points} {WIDTH - RIGHT},{floor}"></polygon>'
        )
        middle = side[50]
        marks.append(f'<text class="{name}" x="{across(middle):.1f}" y="{height - BOTTOM - 8}" text-anchor="middle">'
                     f"{escape(say(f'chart.{name}'))}</text>")  # fmt: skip
    x = across(distance)
    marks.append(f'<line class="here" x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{height - BOTTOM}"></line>')
    marks.append(f'<text class="here" x="{x + 5:.1f}" y="12">{distance:.3f}</text>')
    for number in range(int(most / 0.2) + 1):
        marks.append(f'<text x="{across(number * 0.2):.1f}" y="{height - BOTTOM + 14}" text-anchor="middle">'
                     f"{number * 0.2:.1f}</text>")  # fmt: skip
    marks.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{height - 3}" text-anchor="middle">'
                 f"{escape(say('chart.distance'))}</text>")  # fmt: skip
    return _figure("pairs", say("chart.pairs"), marks, "", height)


def _density(quantiles: Sequence[float], most: float, places: int = 71, width: float = 0.02) -> list[float]:
    """How dense distances lie at even steps from 0 to `most`: each hundredth of them a Gaussian."""
    middles = (np.array(quantiles[1:]) + quantiles[:-1]) / 2
    apart = np.linspace(0, most, places)[:, None] - middles
    return [float(each) for each in np.exp(-(apart**2) / (2 * width**2)).sum(axis=1)]


def _figure(kind: str, said: str, marks: Sequence[str], caption: str, height: int = HEIGHT) -> str:
    caption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure class="{kind}"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(said)}">'
        f"{''.join(marks)}</svg>{caption}</figure>"
    )
