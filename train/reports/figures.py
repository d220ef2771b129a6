"""Retrievals of the test images -> charts without photos, as SVG.

They are the paper's figures 9 and 10, a confusion matrix, and a t-SNE map of the embeddings. The same
embeddings and seed give the same files, byte for byte.
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

from retrieval.collections.embedding_map import medoid
from retrieval.labels import class_name
from train.artifacts.projection import project
from train.reports.colours import IRRELEVANT, MUTED, RELEVANT, TEXT
from train.reports.retrievals import Retrievals

STYLE: dict[Any, Any] = {  # matplotlib has a type of its own for the names
    "svg.hashsalt": "figures", "svg.fonttype": "none", "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"], "font.size": 8, "axes.titlesize": 8, "figure.titlesize": 11,
    "axes.edgecolor": MUTED, "axes.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False,
    "text.color": TEXT, "axes.labelcolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "figure.facecolor": "white", "savefig.facecolor": "white",  # a card that can be read on a dark page too
}  # fmt: skip
WIDTH = 7.3  # inches: 700 pixels at the 96 dots of a browser


def write_charts(retrievals: Retrievals, folder: Path, seed: int = 0) -> list[Path]:
    """Draw all charts.

    Args:
        retrievals: Of the test images.
        folder: Where the SVG files are written; it exists.
        seed: Of the examples that are chosen, and of t-SNE.

    Returns:
        The files.
    """
    written = []
    with mpl.rc_context(STYLE):
        for name, figure in (
            ("histograms", class_histograms(retrievals)),
            ("distances", distance_curves(retrievals, seed)),
            ("confusion", confusion_matrix(retrievals)),
            ("map", embedding_scatter(retrievals, seed)),
        ):
            written.append(folder / f"{name}.svg")
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
            # Two decimals: a hundredth of a point is finer than any screen shows.
            written[-1].write_text(re.sub(r"(\.\d\d)\d+", r"\1", text.getvalue()), encoding="utf-8")
    return written


def class_histograms(retrievals: Retrievals) -> Figure:
    """How many retrieved images are of each class, a panel for each class of queries (Fig. 9)."""
    classes, k = retrievals.classes, retrievals.rows.shape[1]
    figure, panels = _panels(retrievals, f"Of {k} retrieved images, how many are of each class (mean)")
    for label, axes in panels.items():
        retrieved = retrievals.retrieved_labels[retrievals.labels == label]
        means = np.array([(retrieved == column).sum() / len(retrieved) for column in classes])
        own = np.array(classes) == label
        for shown, colour in ((own, RELEVANT), (~own, IRRELEVANT)):
            _bars(axes, np.where(shown, means, 0), colour)
        axes.set_title(f"{class_name(label)}: {means[classes.index(label)]:.1f}", color=RELEVANT, loc="left")
        axes.set(xlim=(-0.7, len(classes) - 0.3), ylim=(0, k), yticks=[0, k // 2, k])
        axes.set_xticks(range(len(classes)), list(map(class_name, classes)), rotation=90, fontsize=6)
        axes.tick_params(axis="x", length=2, pad=1)
        others = [index for index in np.argsort(-means) if classes[index] != label and means[index] >= 1]
        left = (
            classes.index(label) > len(classes) / 2
        )  # the names are on the side without the bar of the own class
        axes.text(
            0.02 if left else 1.02, 0.98, "\n".join(f"{class_name(classes[index])} {means[index]:.1f}"
                                                    for index in others[:3]),
            color=IRRELEVANT, ha="left" if left else "right", va="top", fontsize=6.8,
            transform=axes.transAxes,
        )  # fmt: skip
    figure.supxlabel(
        "class of the retrieved images; each panel: images of one class as queries, its own class in green\n"
        "with its number in the title, the others in orange, the three largest by name",
        fontsize=8,
    )
    figure.supylabel("number of retrieved images", fontsize=8)
    return figure


def distance_curves(retrievals: Retrievals, seed: int = 0) -> Figure:
    """Distance by rank of the retrieved images, a panel for each class of queries (Fig. 10)."""
    k = retrievals.rows.shape[1]
    tied, queries = int(retrievals.ties.any(axis=1).sum()), len(retrievals.labels)
    figure, panels = _panels(
        retrievals,
        f"The distances of {k} retrieved images: strictly growing for {queries - tied} of {queries} queries",
    )
    rng, ranks = np.random.default_rng(seed), np.arange(1, k + 1)
    for label, axes in panels.items():
        members = np.flatnonzero(retrievals.labels == label)
        values = retrievals.distances[members]
        low, high = np.percentile(values, (10, 90), axis=0)
        axes.fill_between(ranks, low, high, color=MUTED, alpha=0.35, linewidth=0)
        axes.plot(ranks, values.mean(axis=0), color=TEXT, linewidth=1)
        example = rng.choice(members)
        relevant, curve = retrievals.relevant[example], retrievals.distances[example]
        axes.plot(ranks[relevant], curve[relevant], ".", color=RELEVANT, markersize=2.5)
        axes.plot(ranks[~relevant], curve[~relevant], "x", color=IRRELEVANT, markersize=3.5, mew=0.9)
        irrelevant = 1 - retrievals.relevant[members].mean()
        axes.set_title(f"{class_name(label)}: {100 * irrelevant:.0f} % wrong", loc="left")
        top = 1.05 * float(retrievals.distances.max())
        axes.set(xlim=(0, k + 1), ylim=(0, top), xticks=[1, k // 2, k])
    figure.supxlabel(
        "rank of the retrieved image; line: mean of the class, band: 10 to 90 per cent of its images;\n"
        "one random image of it: dot = its neighbour is of its class, cross = of another",
        fontsize=8,
    )
    figure.supylabel("distance (0 is identical, 2 the most)", fontsize=8)
    return figure


def confusion_matrix(retrievals: Retrievals) -> Figure:
    """How often the first neighbour of a query (row) is of a class (column)."""
    confusion = retrievals.confusion
    labels, columns = confusion.labels, confusion.columns
    queries = len(retrievals.labels)
    confused = sum(pair.count for pair in confusion.pairs())
    figure = Figure((WIDTH, 1.2 + 0.27 * len(labels)), layout="constrained")
    figure.suptitle(
        f"The first neighbour of {queries} images: {queries - confused} of their own class, "
        f"{confused} of another"
    )
    axes = figure.subplots()
    for y, (label, counts) in enumerate(zip(labels, confusion.counts, strict=True)):
        for x, (column, count) in enumerate(zip(columns, counts, strict=True)):
            if count:
                strength = 0.25 + 0.75 * count / sum(counts)
                axes.add_patch(
                    mpl.patches.Rectangle(
                        (x - 0.47, y - 0.47), 0.94, 0.94, linewidth=0,
                        facecolor=RELEVANT if column == label else IRRELEVANT, alpha=strength,
                    )
                )  # fmt: skip
                pale = strength < 0.6
                axes.text(
                    x, y, str(count), ha="center", va="center_baseline", color=TEXT if pale else "white"
                )
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(labels) - 0.5, -0.5))
    axes.set_xticks(range(len(columns)), list(map(class_name, columns)), rotation=60, ha="right")
    axes.xaxis.set_tick_params(rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), list(map(class_name, labels)))
    axes.set(xlabel="class of the first neighbour", ylabel="class of the query")
    axes.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e2e8f0", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    return figure


def embedding_scatter(retrievals: Retrievals, seed: int = 0) -> Figure:
    """All embeddings in two dimensions (t-SNE): the collection's as dots, the queries' as rings."""
    embeddings = np.concatenate([retrievals.gallery_embeddings, retrievals.embeddings])
    labels = np.concatenate([retrievals.gallery_labels, retrievals.labels])
    coordinates = project(embeddings, seed)
    is_query = np.arange(len(labels)) >= len(retrievals.gallery_labels)
    spread = np.ptp(coordinates, axis=0)
    figure = Figure((WIDTH, 0.4 + WIDTH * float(spread[1] / spread[0])), layout="constrained")
    figure.suptitle(
        f"{(~is_query).sum():,} images of the collection (dots) and {is_query.sum():,} others (rings): "
        "near is similar"
    )
    axes = figure.subplots()
    axes.set_axis_off()
    axes.margins(0.11, 0.03)  # room for the names at the sides
    boxes: list[tuple[float, float, float]] = []
    for label, colour in zip(retrievals.classes, _palette(len(retrievals.classes)), strict=True):
        own = labels == label
        axes.plot(*coordinates[own & ~is_query].T, ".", color=colour, markersize=3.5, mew=0, alpha=0.75)
        axes.plot(
            *coordinates[own & is_query].T, "o", color=colour, markersize=4.5, mfc="none", mew=0.9, alpha=0.95
        )
        name = class_name(label)
        x, y = medoid(coordinates[own])
        offset = _free_offset(boxes, (x, y), len(name), 72 * WIDTH / float(spread[0]))
        axes.annotate(
            name, (x, y), (0, offset), textcoords="offset points", color=colour, ha="center", va="center",
            fontweight="bold", bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
        )  # fmt: skip
    return figure


def _free_offset(
    boxes: list[tuple[float, float, float]], anchor: tuple[float, float], letters: int, scale: float
) -> float:
    """The smallest vertical offset by which a name covers no other name.

    Args:
        boxes: x, y and width of the names so far, in points; the name's own is appended.
        anchor: The coordinates that are named.
        letters: The length of the name.
        scale: Points for each unit of the coordinates.

    Returns:
        From -60 to 60 points; 0 where none is free.
    """
    x, y, width = anchor[0] * scale, anchor[1] * scale, 5.4 * letters
    for offset in sorted(range(-60, 61, 6), key=abs):
        if all(abs(x - a) > (width + w) / 2 or abs(y + offset - b) > 10 for a, b, w in boxes):
            break
    else:
        offset = 0
    boxes.append((x, y + offset, width))
    return offset


def _bars(axes: Axes, heights: NDArray[np.float64], colour: str) -> None:
    """Draw hundreds of bars as one path of the SVG; `Axes.bar` would write one for each."""
    edges = np.append(np.add.outer(np.arange(len(heights)), (-0.42, 0.42)), len(heights) - 0.4)
    axes.stairs(np.column_stack([heights, np.zeros_like(heights)]).ravel(), edges, fill=True, color=colour)


def _palette(count: int) -> list[Any]:
    """Colours of different hues, neighbours far apart, all dark enough for text on white."""
    hues = (np.arange(count) * 8 % max(count, 1)) / max(count, 1)
    depth = np.resize([0.78, 0.55, 0.66], count)
    return [mpl.colors.hsv_to_rgb((hue, 0.9, value)) for hue, value in zip(hues, depth, strict=True)]


def _panels(retrievals: Retrievals, title: str, columns: int = 3) -> tuple[Figure, dict[str, Axes]]:
    """A figure with a small panel for each class of queries, and its panels by class."""
    labels = sorted(set(retrievals.labels.tolist()))
    rows = -(-len(labels) // columns)
    figure = Figure((WIDTH, 0.9 + 1.2 * rows), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for unused in grid[len(labels) :]:
        unused.set_visible(False)
    return figure, dict(zip(labels, grid, strict=False))
