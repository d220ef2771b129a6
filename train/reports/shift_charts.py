"""The record of `make bench-shift` -> two charts as SVG: P@1 by strength, and risk against coverage."""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from retrieval.proportions import wilson_interval
from retrieval.verdict import FAIR, STRONG
from train.reports.colours import IRRELEVANT, MUTED, RELEVANT, TEXT
from train.reports.figures import STYLE, WIDTH
from train.reports.shift import AIM, RECORD, Figures

COLUMNS = 4
#: Of the lines of the second chart.
COLOURS = (RELEVANT, TEXT, IRRELEVANT)


def write_charts(figures: Figures, folder: Path) -> list[Path]:
    """Draw both into a folder that exists. Returns the files."""
    written = []
    with mpl.rc_context(STYLE):
        for name, figure in ((RECORD, strengths(figures)), ("risk", risk(figures))):
            written.append(folder / f"{name}.svg")
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
            written[-1].write_text(re.sub(r"(\.\d\d)\d+", r"\1", text.getvalue()), encoding="utf-8")
    return written


def strengths(figures: Figures) -> Figure:
    """P@1 of the copies, a panel for each kind."""
    plain = next(row for row in figures["copies"] if row["kind"] == "none")
    other = figures["sets"].get("another data set")
    count = len(figures["kinds"]) + 1
    figure = Figure((WIDTH, 0.8 + 1.5 * -(-count // COLUMNS)), layout="constrained")
    figure.suptitle(f"P@1 of {figures['photos']} photos as if they came from elsewhere")
    grid = figure.subplots(-(-count // COLUMNS), COLUMNS, sharey=True, squeeze=False)
    panels: list[Axes] = list(grid.ravel())
    worst = min(row["right"] / row["queries"] for row in figures["copies"])
    for axes in panels:
        axes.axhline(plain["right"] / plain["queries"], color=MUTED, linewidth=1)
        if other:
            axes.axhline(other["right"] / other["queries"], color=IRRELEVANT, linewidth=1, linestyle=":")
        axes.set_ylim(max(0, min(worst, 0.6) - 0.1), 1.01)
    for axes, (kind, (name, unit)) in zip(panels, figures["kinds"].items(), strict=False):
        rows = [row for row in figures["copies"] if row["kind"] == kind]
        shares = [row["right"] / row["queries"] for row in rows]
        intervals = [wilson_interval(row["right"], row["queries"]) for row in rows]
        errors = [
            [share - low for share, (low, _) in zip(shares, intervals, strict=True)],
            [high - share for share, (_, high) in zip(shares, intervals, strict=True)],
        ]
        axes.errorbar(range(len(rows)), shares, errors, color=RELEVANT, marker=".", linewidth=1, capsize=2)
        axes.set_xticks(range(len(rows)), [f"{row['strength']:g}" for row in rows])
        axes.set_xlim(-0.4, len(rows) - 0.6)
        axes.set_title(name, loc="left")
        axes.set_xlabel(unit.replace("{:g}", "…"), fontsize=7)
    _key(panels[len(figures["kinds"])], has_other=other is not None)
    for axes in panels[count:]:
        axes.set_visible(False)
    return figure


def _key(axes: Axes, *, has_other: bool) -> None:
    axes.clear()
    axes.set_axis_off()
    axes.plot([], [], color=RELEVANT, marker=".", linewidth=1, label="copies, with 95 %")
    axes.plot([], [], color=MUTED, linewidth=1, label="as they are")
    if has_other:
        axes.plot([], [], color=IRRELEVANT, linewidth=1, linestyle=":", label="another data set")
    axes.legend(loc="center", frameon=False, fontsize=8)


def risk(figures: Figures) -> Figure:
    """The share right of those that are answered, against the share that is answered."""
    figure = Figure((WIDTH, 3.6), layout="constrained")
    figure.suptitle("The fewer are answered, the more of them are right")
    axes = figure.subplots()
    axes.axhline(AIM, color=MUTED, linewidth=1, linestyle=":")
    lowest = 1.0
    for (name, each), colour in zip(figures["sets"].items(), COLOURS, strict=False):
        coverage, right = zip(*each["risk"], strict=True)
        axes.plot(coverage, right, color=colour, linewidth=1.2, label=f"{name} ({each['queries']:,})")
        lowest = min(lowest, *right)
        for levels, marker in (((STRONG,), "o"), ((STRONG, FAIR), "s")):
            count, found = (sum(each["verdicts"][level][at] for level in levels) for at in (0, 1))
            if count:
                axes.plot(count / each["queries"], found / count, marker, color=colour, markersize=4.5)
    axes.plot([], [], "o", color=MUTED, markersize=4.5, label="all that is called strong")
    axes.plot([], [], "s", color=MUTED, markersize=4.5, label="strong or fair")
    axes.set(xlim=(0, 1.01), ylim=(lowest - 0.02, 1.005))
    axes.set_xlabel("share of the photos that is answered, least doubtful first")
    axes.set_ylabel("of these, right")
    axes.legend(loc="lower left", frameon=False)
    return figure
