"""What is retrieved for the test images -> charts without photos, as SVG.

They are the paper's figures 9 and 10, a confusion matrix, and a map of the embedding. The same vectors give
the same files: nothing in them depends on the day, or on chance without a seed.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.colors
import matplotlib.patches
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from retrieval.collections.embedding_map import heart
from retrieval.labels import class_name
from train.artifacts.projection import project
from train.reports.retrievals import Retrieved

RIGHT, WRONG, QUIET, INK = "#0f766e", "#c2410c", "#94a3b8", "#1e293b"
STYLE: dict[Any, Any] = {  # matplotlib has a type of its own for the names
    "svg.hashsalt": "figures", "svg.fonttype": "none", "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"], "font.size": 8, "axes.titlesize": 8, "figure.titlesize": 11,
    "axes.edgecolor": QUIET, "axes.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "figure.facecolor": "white", "savefig.facecolor": "white",  # a card that can be read on a dark page too
}  # fmt: skip
WIDTH = 7.3  # inches: 700 pixels at the 96 dots of a browser


def write_charts(retrieved: Retrieved, folder: Path, seed: int = 0) -> list[Path]:
    """Draw all charts into a folder. Returns the files."""
    written = []
    with mpl.rc_context(STYLE):
        for name, figure in (
            ("histograms", histograms(retrieved)),
            ("distances", distances(retrieved, seed)),
            ("confusion", confusion(retrieved)),
            ("map", embedding_map(retrieved, seed)),
        ):
            written.append(folder / f"{name}.svg")
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
            # A hundredth of a point is finer than any screen shows.
            written[-1].write_text(re.sub(r"(\.\d\d)\d+", r"\1", text.getvalue()), encoding="utf-8")
    return written


def histograms(retrieved: Retrieved) -> Figure:
    """How many of the images retrieved are of each class, a panel for each class of queries (Fig. 9)."""
    classes, k = retrieved.classes, retrieved.rows.shape[1]
    figure, panels = _panels(retrieved, f"Of {k} retrieved images, how many are of each class (mean)")
    for label, axes in panels.items():
        found = retrieved.found[retrieved.labels == label]
        means = np.array([(found == each).sum() / len(found) for each in classes])
        own = np.array(classes) == label
        for shown, colour in ((own, RIGHT), (~own, WRONG)):
            _bars(axes, np.where(shown, means, 0), colour)
        axes.set_title(f"{class_name(label)}: {means[classes.index(label)]:.1f}", color=RIGHT, loc="left")
        axes.set(xlim=(-0.7, len(classes) - 0.3), ylim=(0, k), xticks=[], yticks=[0, k // 2, k])
        others = [place for place in np.argsort(-means) if classes[place] != label and means[place] >= 1]
        left = classes.index(label) > len(classes) / 2  # the names stand where the own bar is not
        axes.text(
            0.02 if left else 1.02, 0.98, "\n".join(f"{class_name(classes[each])} {means[each]:.1f}"
                                                    for each in others[:3]),
            color=WRONG, ha="left" if left else "right", va="top", fontsize=6.8, transform=axes.transAxes,
        )  # fmt: skip
    figure.supxlabel(
        "each panel: images of one class as queries; bars: the classes in alphabetical order,\n"
        "its own in green with its number in the title, the others in orange, the three largest by name",
        fontsize=8,
    )
    return figure


def distances(retrieved: Retrieved, seed: int = 0) -> Figure:
    """The distances of what is retrieved in growing order, a panel for each class of queries (Fig. 10)."""
    k = retrieved.rows.shape[1]
    figure, panels = _panels(retrieved, f"The distances of {k} retrieved images, in growing order")
    chance, ranks = np.random.default_rng(seed), np.arange(1, k + 1)
    for label, axes in panels.items():
        members = np.flatnonzero(retrieved.labels == label)
        values = retrieved.distances[members]
        low, high = np.percentile(values, (10, 90), axis=0)
        axes.fill_between(ranks, low, high, color=QUIET, alpha=0.35, linewidth=0)
        axes.plot(ranks, values.mean(axis=0), color=INK, linewidth=1)
        example = chance.choice(members)
        right = retrieved.right[example]
        axes.plot(ranks[right], retrieved.distances[example][right], ".", color=RIGHT, markersize=2.5)
        axes.plot(
            ranks[~right], retrieved.distances[example][~right], "x", color=WRONG, markersize=3.5, mew=0.9
        )
        wrong = 1 - retrieved.right[members].mean()
        axes.set_title(f"{class_name(label)}: {100 * wrong:.0f} % wrong", loc="left")
        top = 1.05 * float(retrieved.distances.max())
        axes.set(xlim=(0, k + 1), ylim=(0, top), xticks=[1, k // 2, k])
    figure.supxlabel(
        "rank; line: mean of the class, band: 10 to 90 per cent of its images;\n"
        "one random image of it: dot = its neighbour is of its class, cross = of another",
        fontsize=8,
    )
    figure.supylabel("distance (0 is identical, 2 the most)", fontsize=8)
    return figure


def confusion(retrieved: Retrieved) -> Figure:
    """How often the first neighbour of a query (row) is of a class (column)."""
    classes = retrieved.classes
    shown = [label for label in classes if (retrieved.labels == label).any()]
    first = retrieved.found[:, 0]
    right = int((first == retrieved.labels).sum())
    figure = Figure((WIDTH, 1.2 + 0.27 * len(shown)), layout="constrained")
    figure.suptitle(
        f"The first neighbour of {len(first)} images: {right} of their own class, "
        f"{len(first) - right} of another"
    )
    axes = figure.subplots()
    for y, label in enumerate(shown):
        members = first[retrieved.labels == label]
        for x, column in enumerate(classes):
            if count := int((members == column).sum()):
                strength = 0.25 + 0.75 * count / len(members)
                axes.add_patch(
                    mpl.patches.Rectangle(
                        (x - 0.47, y - 0.47), 0.94, 0.94, linewidth=0,
                        facecolor=RIGHT if column == label else WRONG, alpha=strength,
                    )
                )  # fmt: skip
                pale = strength < 0.6
                axes.text(x, y, str(count), ha="center", va="center_baseline", color=INK if pale else "white")
    axes.set(xlim=(-0.5, len(classes) - 0.5), ylim=(len(shown) - 0.5, -0.5))
    axes.set_xticks(range(len(classes)), [class_name(each) for each in classes], rotation=60, ha="right")
    axes.xaxis.set_tick_params(rotation_mode="anchor")
    axes.set_yticks(range(len(shown)), [class_name(each) for each in shown])
    axes.set(xlabel="class of the first neighbour", ylabel="class of the query")
    axes.set_xticks(np.arange(len(classes) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(shown) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e2e8f0", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    return figure


def embedding_map(retrieved: Retrieved, seed: int = 0) -> Figure:
    """All vectors in two dimensions (t-SNE): the collection's as dots, the queries' as rings."""
    vectors = np.concatenate([retrieved.gallery_vectors, retrieved.vectors])
    labels = np.concatenate([retrieved.gallery_labels, retrieved.labels])
    places = project(vectors, seed)
    is_query = np.arange(len(labels)) >= len(retrieved.gallery_labels)
    spread = np.ptp(places, axis=0)
    figure = Figure((WIDTH, 0.4 + WIDTH * float(spread[1] / spread[0])), layout="constrained")
    figure.suptitle(
        f"{(~is_query).sum():,} images of the collection (dots) and {is_query.sum():,} others (rings): "
        "near is similar"
    )
    axes = figure.subplots()
    axes.set_axis_off()
    axes.margins(0.11, 0.03)  # room for the names at the sides
    taken: list[tuple[float, float, float]] = []
    for label, colour in zip(retrieved.classes, _palette(len(retrieved.classes)), strict=True):
        own = labels == label
        axes.plot(*places[own & ~is_query].T, ".", color=colour, markersize=3.5, mew=0, alpha=0.75)
        axes.plot(
            *places[own & is_query].T, "o", color=colour, markersize=4.5, mfc="none", mew=0.9, alpha=0.95
        )
        name = class_name(label)
        x, y = heart(places[own])
        lift = _free_lift(taken, (x, y), len(name), 72 * WIDTH / float(spread[0]))
        axes.annotate(
            name, (x, y), (0, lift), textcoords="offset points", color=colour, ha="center", va="center",
            fontweight="bold", bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
        )  # fmt: skip
    return figure


def _free_lift(
    taken: list[tuple[float, float, float]], place: tuple[float, float], letters: int, scale: float
) -> float:
    """How many points above its place (or below) a name covers no other; `taken` grows by what it takes."""
    x, y, width = place[0] * scale, place[1] * scale, 5.4 * letters
    for lift in sorted(range(-60, 61, 6), key=abs):
        if all(abs(x - a) > (width + w) / 2 or abs(y + lift - b) > 10 for a, b, w in taken):
            break
    else:
        lift = 0
    taken.append((x, y + lift, width))
    return lift


def _bars(axes: Axes, heights: NDArray[np.float64], colour: str) -> None:
    """Bars as one path: `Axes.bar` writes one for each, and there are hundreds."""
    edges = np.append(np.add.outer(np.arange(len(heights)), (-0.42, 0.42)), len(heights) - 0.4)
    axes.stairs(np.column_stack([heights, np.zeros_like(heights)]).ravel(), edges, fill=True, color=colour)


def _palette(count: int) -> list[Any]:
    """Hues around the circle in an order that sets neighbours apart, dark enough for text on white."""
    hues = (np.arange(count) * 8 % max(count, 1)) / max(count, 1)
    depth = np.resize([0.78, 0.55, 0.66], count)
    return [mpl.colors.hsv_to_rgb((hue, 0.9, value)) for hue, value in zip(hues, depth, strict=True)]


def _panels(retrieved: Retrieved, title: str, columns: int = 3) -> tuple[Figure, dict[str, Axes]]:
    """A figure with a small panel for each class of queries."""
    labels = sorted(set(retrieved.labels.tolist()))
    rows = -(-len(labels) // columns)
    figure = Figure((WIDTH, 0.9 + 1.2 * rows), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for unused in grid[len(labels) :]:
        unused.set_visible(False)
    return figure, dict(zip(labels, grid, strict=False))
