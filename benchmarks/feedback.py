"""What marking answers is worth: `python -m benchmarks.feedback --folder PHOTOS`.

Photos of a folder of class folders are searched in the shipped collection. Of the first twelve answers, up to
three relevant and three irrelevant ones are marked, as a patient visitor would. The marked photos are left
out of both rankings, as finding them again would count, and the precision of the next twelve is compared
with that without marks. Several weights are tried, to choose those of `retrieval.feedback`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from retrieval import Retriever, feedback
from retrieval.collections.collection import Collection
from train.data.dataset import read_part

ANSWERS = 12
MARKED = 3  # at most, of relevant and of irrelevant answers
RELEVANT_WEIGHTS = (0.0, 0.5, 1.0, 2.0)
IRRELEVANT_WEIGHTS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625)


def main() -> None:
    """Print a table: the mean precision for each pair of weights."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feedback", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="a folder of class folders")
    options = parser.parse_args()
    retriever = Retriever.load(device="cpu")
    collection = retriever.collection()
    photos = read_part("all", folder=options.folder)
    labels = photos.labels
    shown = tqdm(range(len(labels)), "embed", unit="photo")
    vectors = np.concatenate([retriever.embed([photos.images[row]]) for row in shown])
    print(f"{len(labels)} photos of {len(set(labels))} classes; precision of {ANSWERS} after marking at most")
    print(f"{MARKED} right and {MARKED} wrong. Rows: weight of right; columns: weight of wrong.")
    print(f"{'':>7}" + "".join(f"{weight:>8.2f}" for weight in IRRELEVANT_WEIGHTS))
    for relevant in RELEVANT_WEIGHTS:
        precisions = [
            mean_precision(collection, vectors, labels, relevant, irrelevant)
            for irrelevant in IRRELEVANT_WEIGHTS
        ]
        print(f"{relevant:>7.2f}" + "".join(f"{precision:>8.4f}" for precision in precisions))
    print(f"Shipped: right {feedback.RIGHT}, wrong {feedback.WRONG}.")


def mean_precision(
    collection: Collection,
    queries: NDArray[np.float32],
    labels: Sequence[str],
    relevant_weight: float,
    irrelevant_weight: float,
) -> float:
    """The mean precision of the next `ANSWERS` after marking, in [0, 1]."""
    classes = np.array([entry.label for entry in collection.entries])
    gallery = collection.vectors
    precisions = []
    for query, label in zip(queries, labels, strict=True):
        order = np.argsort(-(gallery @ query), kind="stable")
        first = order[:ANSWERS]
        is_relevant = classes[first] == label
        relevant, irrelevant = first[is_relevant][:MARKED], first[~is_relevant][:MARKED]
        weights = (1.0, relevant_weight, irrelevant_weight)
        vector = feedback.query_vector([query], [*gallery[relevant]], [*gallery[irrelevant]], weights=weights)
        again = np.argsort(-(gallery @ vector), kind="stable")
        rest = again[~np.isin(again, np.concatenate([relevant, irrelevant]))][:ANSWERS]
        precisions.append(float((classes[rest] == label).mean()))
    return float(np.mean(precisions))


if __name__ == "__main__":
    main()
