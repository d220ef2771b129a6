"""Images a second in training and in embedding, and how much of the time the network computes.

`make bench-train`: on the CPU, and on a GPU where there is one. The images are the generated scenes, of 256
pixels as UC Merced's are; what they show makes no difference to the time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import torch

from retrieval.collections.artifacts import WEIGHTS
from retrieval.embedder import Embedder
from retrieval.preprocessing import Preprocessing
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from train.data.dataset import LabeledImages, read_part
from train.fit.recipe import Recipe
from train.fit.trainer import Trainer
from train.fit.triplets import sample_batches

BATCH = 32

SCENES = SHIPPED_SCENES / "photos"


class Stopwatch:
    """Adds up the time between `start` and `stop`, with a GPU's queue emptied at both."""

    def __init__(self, device: str) -> None:
        self.seconds, self._started, self._device = 0.0, 0.0, device

    def start(self) -> None:
        """Go on."""
        self._started = self._now()

    def stop(self) -> None:
        """Hold."""
        self.seconds += self._now() - self._started

    def _now(self) -> float:
        if self._device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


def training(photos: LabeledImages, recipe: Recipe, device: str, steps: int) -> tuple[float, float]:
    """Train for some steps. Returns images a second, and the share of the time spent in the network."""
    trainer = Trainer(recipe, photos, photos, device)
    trainer.network.train()
    plan = [batch for epoch in range(1000) for batch in sample_batches(photos.labels, recipe, epoch)][
        : steps + 1
    ]
    items = trainer.load_batches(plan, 0)
    trainer.step(*_on(device, next(items)))  # the first one prepares what the others reuse
    whole, network = Stopwatch(device), Stopwatch(device)
    whole.start()
    for pixels, labels in items:
        network.start()
        trainer.step(*_on(device, (pixels, labels)))
        network.stop()
    whole.stop()
    return sum(map(len, plan[1:])) / whole.seconds, network.seconds / whole.seconds


def embedding(photos: LabeledImages, device: str, count: int) -> tuple[float, float]:
    """Embed images. Returns images a second, and the share of the time spent in the network."""
    embedder = Embedder(SHIPPED / WEIGHTS, Preprocessing(), device)
    embedder.warm_up()
    images = [photos.images[row % len(photos.images)] for row in range(count)]
    embedder.embed(images[:BATCH])
    whole, decoding = Stopwatch(device), Stopwatch(device)
    whole.start()
    embedder.embed(images)
    whole.stop()
    decoding.start()
    for image in images:
        embedder.preprocessing.pixels(image)
    decoding.stop()
    return count / whole.seconds, 1 - decoding.seconds / whole.seconds


def _on(device: str, batch: tuple[torch.Tensor, torch.Tensor]) -> Iterator[torch.Tensor]:
    return (each.to(device) for each in batch)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--steps", type=int, default=12, help="of training that are timed (%(default)s)")
    parser.add_argument("--size", type=int, default=224, help="of the images in training (%(default)s)")
    options = parser.parse_args()
    photos = read_part("train", folder=SCENES, in_memory=True)
    rows = []
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        for precision in ("float32", "bf16"):
            recipe = Recipe(init=str(SHIPPED / WEIGHTS), size=options.size, precision=precision, head=1.0)
            figures = training(photos, recipe, device, options.steps)
            rows.append((device, f"training, {options.size} pixels, {precision}", *figures))
        rows.append((device, "embedding, 256 pixels", *embedding(photos, device, 6 * BATCH)))
    print(f"{torch.get_num_threads()} threads; a batch is of {BATCH}\n")
    print("| device | work | images a second | share of the time in the network |\n|---|---|---|---|")
    for device, work, speed, share in rows:
        print(f"| {device} | {work} | {speed:.1f} | {share:.0%} |")


if __name__ == "__main__":
    main()
