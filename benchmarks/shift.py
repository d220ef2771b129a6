"""How well weights find photos that look as if they came from elsewhere: `make bench-shift`.

Each test photo is changed in eleven ways, at several strengths (`benchmarks.shifted_copies`), and searched in
the training photos as the page does (`retrieval.scale_guess`): P@1 and mAP, and how often each verdict is
right; and P@1 and mAP of the plain vectors. With `--folder`, photos of another data set beside them. Queries
and gallery go through the same runtime, that of bulk embedding, in the same precision. Nothing may be chosen
by the test photos: to choose, take `--part validation`.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks import records
from benchmarks.novelty import unrelated_pictures
from benchmarks.shift_answers import Answers, Gallery, Vectors, novelty
from benchmarks.shifted_copies import COPIES, KINDS, ShiftedCopies
from retrieval import verdict as rules
from retrieval.collections.artifacts import SCALE, WEIGHTS, file_sha256
from retrieval.retriever import NOT_TOO_FAR, SHIPPED
from retrieval.runtime import bulk_runtime
from retrieval.scale_guess import Usual, query_vectors
from retrieval.scale_probe import read_probe
from retrieval.torch_runtime import TorchRuntime
from retrieval.weights import DIMENSION
from train.commands.options import add_device, add_root
from train.data.dataset import LabeledImages, read_part
from train.provenance import division, preprocessing
from train.reports.shift import RECORD, terminal_text
from train.reports.shift_charts import write_charts

#: With `--quick`, one photo in so many is asked for; they are of all classes.
QUICK = 3


class Embedding:
    """Any images -> vectors, as fast as the machine does it.

    Args:
        weights: A safetensors file.
        precision: See `retrieval.runtime.bulk_runtime`, also for the device.
        device: Likewise.
        keep: A folder where vectors are kept, and taken from in the next run.

    Attributes:
        probe: What tells how much ground an image shows; None where there is none beside these weights.
    """

    def __init__(self, weights: Path, precision: str | None, device: str | None, keep: Path | None) -> None:
        cores = records.machine()["cores"]
        self._preprocessing = preprocessing(weights)
        self.runtime = bulk_runtime(weights, self._preprocessing, device, precision, cores)
        beside = weights.parent / SCALE
        self.probe = read_probe(beside, file_sha256(weights), DIMENSION) if beside.is_file() else None
        self._keep = keep and keep / f"{file_sha256(weights)[:16]}-{self.runtime.dtype}"

    def __call__(self, name: str, count: int, image: Callable[[int], Image.Image]) -> Vectors:
        """The vectors of so many images: (count, 2048) float32, unit length."""
        kept = self._keep and self._keep / f"{name}, {count}.npy"
        if kept and kept.is_file():
            known: Vectors = np.load(kept)
            return known
        vectors = self.anew(name, count, image)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, vectors)
        return vectors

    def anew(self, name: str, count: int, image: Callable[[int], Image.Image]) -> Vectors:
        """Likewise, whatever is kept."""

        def embed(start: int) -> Vectors:
            rows = range(start, min(start + self.runtime.batch, count))
            return self.runtime.vectors(np.stack([self._preprocessing.pixels(image(row)) for row in rows]))

        starts = range(0, count, self.runtime.batch)
        with ThreadPoolExecutor(self.runtime.lanes) as threads:
            bar = tqdm(threads.map(embed, starts), name, len(starts), leave=False, unit="batch")
            return np.concatenate(list(bar))


@dataclass(frozen=True)
class Queries:
    """The vectors of images.

    Attributes:
        plain: Of the images as they are: (n, 2048) float32, unit length.
        searched: Those that the page searches with, see `retrieval.scale_guess.query_vectors`.
    """

    plain: Vectors
    searched: Vectors

    @classmethod
    def of(cls, embed: Embedding, gallery: Gallery, name: str, images: Sequence[Image.Image]) -> Queries:
        """Embed images; the plain vectors are kept by this name."""
        plain = embed(name, len(images), images.__getitem__)

        def embedded(seen: Sequence[Image.Image]) -> Vectors:
            return (
                plain
                if seen is images
                else embed.anew(f"{name}, from higher up", len(seen), seen.__getitem__)
            )

        limits = gallery.calibration
        usual = Usual(gallery.nearest, limits.within(rules.NEAR), limits.within(NOT_TOO_FAR))
        return cls(plain, query_vectors(embedded, embed.probe, usual, images)[0])


class Made(Sequence[Image.Image]):
    """Images that are made each time they are asked for."""

    def __init__(self, makers: Sequence[Callable[[], Image.Image]]) -> None:
        self._makers = makers

    def __len__(self) -> int:
        return len(self._makers)

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401 - int -> image; slices are never used
        return self._makers[number]()


def measure(
    embed: Embedding,
    parts: dict[str, LabeledImages],
    asked: str,
    elsewhere: LabeledImages | None = None,
    step: int = 1,
) -> dict[str, Any]:
    """All figures of the record.

    Args:
        embed: Of the weights.
        parts: 'train', which is searched, and 'validation', which says what is usual; and the one that is
            asked for.
        asked: 'test', or 'validation' to choose by it.
        elsewhere: Photos of another data set.
        step: One photo in so many is asked for.
    """
    training, photos = parts["train"], parts[asked]
    vectors, held_out = (
        embed(_named(name, parts[name]), len(parts[name].labels), parts[name].images.__getitem__)
        for name in ("train", "validation")
    )
    gallery = Gallery(vectors, training.labels, held_out)

    def queries(name: str, images: Sequence[Image.Image]) -> Queries:
        return Queries.of(embed, gallery, name, images)

    rows = range(0, len(photos.labels), step)
    labels = photos.labels[::step]
    copies = ShiftedCopies(photos)
    as_they_are = queries(asked, [photos.images[row] for row in rows])
    asked_of = {("none", 0.0): as_they_are}
    for kind, strength in COPIES:
        changed = [partial(copies, row, kind, strength) for row in rows]
        asked_of[kind, strength] = queries(f"{asked}, {kind} {strength:g}", Made(changed))
    answers = {copy: Answers.of(gallery, each.searched, labels) for copy, each in asked_of.items()}
    plain = {copy: Answers.of(gallery, each.plain, labels) for copy, each in asked_of.items()}
    sets = {
        asked: answers["none", 0.0],
        "shifted copies": Answers.together([each for (kind, _), each in answers.items() if kind != "none"]),
    }
    if elsewhere:
        few = LabeledImages(elsewhere.files[::step], elsewhere.labels[::step], elsewhere.images[::step])
        other = queries(_named("folder", few), few.images)
        sets["another data set"] = Answers.of(gallery, other.searched, few.labels)
        plain["another data set", 0.0] = Answers.of(gallery, other.plain, few.labels)
    strangers = unrelated_pictures()
    strange = queries("other things", [picture for _, _, picture in strangers])
    return {
        "part": asked,
        "photos": len(rows),
        "gallery": len(training.labels),
        "copies": [
            {"kind": kind, "strength": strength, **each.figures(), "plain": plain[kind, strength].retrieved()}
            for (kind, strength), each in answers.items()
        ],
        "kinds": {name: [kind.title, kind.unit] for name, kind in KINDS.items()},
        "sets": {
            name: {**each.figures(), "strong": each.strong(gallery.calibration), "risk": each.risk()}
            | ({"plain": plain[name, 0.0].retrieved()} if (name, 0.0) in plain else {})
            for name, each in sets.items()
        },
        "novelty": novelty(
            gallery, as_they_are.searched, strange.searched, [kind for kind, _, _ in strangers]
        ),
    }


def _named(name: str, photos: LabeledImages) -> str:
    mark = hashlib.sha256("\n".join(photos.files).encode()).hexdigest()[:8]
    return f"{name} {mark}"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shift", description=__doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED / WEIGHTS, help="(the shipped ones)")
    add_root(parser)
    parser.add_argument("--folder", type=Path, help="a folder of class folders, of another data set")
    parser.add_argument("--part", choices=["validation", "test"], default="test", help="(%(default)s)")
    parser.add_argument("--quick", action="store_true", help="a third of the photos, to compare weights")
    parser.add_argument(
        "--precision", choices=["float32", "bfloat16"], help="(the fastest that this machine computes in)"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the vectors there, and take those that are there"
    )
    parser.add_argument(
        "--records",
        type=Path,
        metavar="DIR",
        help="where record and figures are written (docs/performance, of a whole run of the shipped weights "
        "with --folder; of any other nowhere)",
    )
    add_device(parser)
    return parser.parse_args(arguments)


def main() -> None:
    """Measure, print the tables, and write the record and the figures."""
    options = parse()
    needed = dict.fromkeys(("train", "validation", options.part))
    divided = division(options.weights)  # weights are tested on what they were not trained on
    parts = {
        part: read_part(part, options.root, division=divided, in_memory=part == options.part)
        for part in needed
    }
    elsewhere = read_part("all", folder=options.folder) if options.folder else None
    embed = Embedding(options.weights, options.precision, options.device, options.keep)
    figures = measure(embed, parts, options.part, elsewhere, QUICK if options.quick else 1)
    runtime = "torch" if isinstance(embed.runtime, TorchRuntime) else "OpenVINO"
    figures = {
        "weights": file_sha256(options.weights),
        "runtime": f"{runtime}, {embed.runtime.dtype}",
        **figures,
    }
    print(terminal_text(figures))
    is_whole = options.part == "test" and not options.quick and elsewhere
    if is_whole and options.weights.resolve() == (SHIPPED / WEIGHTS).resolve():
        options.records = options.records or records.RECORDS
    if options.records:
        path = records.write(RECORD, figures, options.records)
        print(f"Wrote {path} and {', '.join(each.name for each in write_charts(figures, options.records))}")


if __name__ == "__main__":
    main()
