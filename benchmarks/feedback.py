"""What marking answers is worth: `python -m benchmarks.feedback --folder PHOTOS`.

Photos of a folder of class folders are searched in the shipped collection. Of the first twelve answers, a
few right and a few wrong ones are marked, as a patient visitor would; then the marked photos are taken out
(of both rankings, or finding them again would count), and the precision of the next twelve is compared with
that without marks. It is done for several weights, so that those of `retrieval.feedback` can be chosen.
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
MARKED = 3  # of each kind
RIGHTS = (0.0, 0.5, 1.0, 2.0)
WRONGS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625)


def main() -> None:
    """Print a table: the mean precision for each pair of weights."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feedback", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="a folder of class folders")
    options = parser.parse_args()
    retriever = Retriever.load(device="cpu")
    collection = retriever.collection()
    photos = read_part("all", folder=options.folder)
    labels = photos.labels
    with tqdm(total=len(labels), desc="embed", unit="photo") as bar:
        vectors = retriever.embedder.embed(photos.images, bar.update)
    print(f"{len(labels)} photos of {len(set(labels))} classes; precision of {ANSWERS} after marking at most")
    print(f"{MARKED} right and {MARKED} wrong. Rows: weight of right; columns: weight of wrong.")
    print(f"{'':>7}" + "".join(f"{wrong:>8.2f}" for wrong in WRONGS))
    for right in RIGHTS:
        found = [mean_precision(collection, vectors, labels, right, wrong) for wrong in WRONGS]
        print(f"{right:>7.2f}" + "".join(f"{each:>8.4f}" for each in found))
    print(f"Shipped: right {feedback.RIGHT}, wrong {feedback.WRONG}.")


def mean_precision(
    collection: Collection,
    queries: NDArray[np.float32],
    labels: Sequence[str],
    right_weight: float,
    wrong_weight: float,
) -> float:
    """The mean precision of the next `ANSWERS` after marking, in [0, 1]."""
    classes = np.array([entry.label for entry in collection.entries])
    gallery = collection.vectors
    precisions = []
    for query, label in zip(queries, labels, strict=True):
        order = np.argsort(-(gallery @ query), kind="stable")
        first = order[:ANSWERS]
        right, wrong = (first[(classes[first] == label) == kind][:MARKED] for kind in (True, False))
        vector = feedback.query_vector(
            [query], [*gallery[right]], [*gallery[wrong]], weights=(1.0, right_weight, wrong_weight)
        )
        again = np.argsort(-(gallery @ vector), kind="stable")
        rest = again[~np.isin(again, np.concatenate([right, wrong]))][:ANSWERS]
        precisions.append(float((classes[rest] == label).mean()))
    return float(np.mean(precisions))


if __name__ == "__main__":
    main()
