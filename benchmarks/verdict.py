"""How often the verdicts are right: `make bench-verdict ARGS="--folder PHOTOS"`. docs/figures.md quotes it.

Photos are searched in the shipped collection, and the class that the verdict names is compared with theirs:
those of the validation part, by which the limits of `retrieval.verdict` were chosen; of the test part, which
are only reported; and of a folder of another data set. Pictures that show something else have no right
class: what counts of them is how few get a strong or a fair match.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.novelty import unrelated_pictures
from retrieval import Retriever
from retrieval import verdict as rules
from retrieval.proportions import wilson_interval
from train.data.dataset import LabeledImages, read_part

#: Limits of a strong match to choose from, and limits of agreement.
NEAR = (0.75, 0.80, 0.85, 0.90, 0.95)
AGREEING = (0.5, 0.75, 1.0)

#: Limits of a fair match to choose from.
FAIRLY_NEAR = (0.95, 0.97, 0.98, 0.99)

#: Neighbours that a visitor gets, and the fewest that he may ask for.
NEIGHBOURS = (12, 1)


def main() -> None:
    """Print how many photos get each verdict, how many of these are right, and other limits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdict", description=__doc__)
    parser.add_argument("--folder", type=Path, help="a folder of class folders, of another data set")
    options = parser.parse_args()
    retriever = Retriever.load(further=(), device="cpu")
    parts = {part: read_part(part, in_memory=True) for part in ("validation", "test")}
    if options.folder:
        parts["another data set"] = read_part("all", folder=options.folder)
    vectors = {name: embedded(retriever, name, photos) for name, photos in parts.items()}
    labels: dict[str, Sequence[str]] = {name: photos.labels for name, photos in parts.items()}
    unrelated = unrelated_pictures()
    pictures = [image for _, _, image in unrelated]
    vectors["other things"] = retriever.embed(pictures)
    labels["other things"] = [""] * len(unrelated)
    for k in NEIGHBOURS:
        print_verdicts(retriever, vectors, labels, k)
    print_limits(retriever, vectors, labels)


def embedded(retriever: Retriever, name: str, photos: LabeledImages) -> NDArray[np.float32]:
    """The vectors that photos are searched with: (n, 2048) float32."""
    shown = tqdm(range(len(photos.labels)), f"embed {name}", unit="photo", leave=False)
    return np.concatenate([retriever.embed([photos.images[row]]) for row in shown])


def judged(
    retriever: Retriever, vectors: NDArray[np.float32], labels: Sequence[str], k: int
) -> list[tuple[str | None, bool]]:
    """The level of each photo's verdict, and whether the class that it names is the photo's."""
    found = [retriever.search_vector(vector, k).verdict for vector in vectors]
    return [(each.level, each.label == label) for each, label in zip(found, labels, strict=True)]


def print_verdicts(
    retriever: Retriever, vectors: dict[str, NDArray[np.float32]], labels: dict[str, Sequence[str]], k: int
) -> None:
    """A row for each level, and for each set of photos how many get it and how many of these are right."""
    print(f"\n| of {k} neighbours | " + " | ".join(vectors) + " |\n|---|" + "---|" * len(vectors))
    levels = {name: judged(retriever, vectors[name], labels[name], k) for name in vectors}
    for level in rules.LEVELS:
        cells = []
        for name, found in levels.items():
            right = [is_right for each, is_right in found if each == level]
            cells.append(_cell(right, of_a_class=name != "other things"))
        print(f"| {level} | " + " | ".join(cells) + " |")


def print_limits(
    retriever: Retriever, vectors: dict[str, NDArray[np.float32]], labels: dict[str, Sequence[str]]
) -> None:
    """What would be strong, and fair, by other limits; not of the test photos, which choose nothing."""
    names = [name for name in vectors if name != "test"]

    def row(level: str) -> str:
        cells = []
        for name in names:
            found = judged(retriever, vectors[name], labels[name], rules.VOTERS)
            right = [is_right for each, is_right in found if each == level]
            cells.append(_cell(right, of_a_class=name != "other things"))
        return " | ".join(cells)

    chosen = rules.NEAR, rules.AGREEING
    print("\n| strong: nearer than, agreeing | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for near in NEAR:
        for agreeing in AGREEING:
            rules.NEAR, rules.AGREEING = near, agreeing
            mark = " (shipped)" if (near, agreeing) == chosen else ""
            print(f"| {near:.0%}, {agreeing:.0%}{mark} | {row(rules.STRONG)} |")
    rules.NEAR, rules.AGREEING = chosen
    fairly = rules.FAIRLY_NEAR
    print("\n| fair: nearer than | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for rules.FAIRLY_NEAR in FAIRLY_NEAR:
        mark = " (shipped)" if fairly == rules.FAIRLY_NEAR else ""
        print(f"| {rules.FAIRLY_NEAR:.0%}{mark} | {row(rules.FAIR)} |")
    rules.FAIRLY_NEAR = fairly


def _cell(right: Sequence[bool], *, of_a_class: bool) -> str:
    if not of_a_class:
        return str(len(right))
    if not right:
        return "none"
    low, high = wilson_interval(sum(right), len(right))
    return f"{sum(right)} of {len(right)}, {np.mean(right):.1%} [{low:.1%}, {high:.1%}]"


if __name__ == "__main__":
    main()
