"""An artifact folder with a network of its own, small and random, so that photos are embedded in no time."""

from pathlib import Path

import torch

from retrieval.collections.artifacts import WEIGHTS
from retrieval.network import new_network, save_weights
from tests.fakes.mixed_folder import write_photos
from train.__main__ import main

ABOUT = {
    "architecture": "resnet14",
    "pooling": "average",
    "licence": "own",
    "training": {"test_size": 32},
}


def write_weights(folder: Path) -> Path:
    """The weights alone, the same each time."""
    torch.manual_seed(0)
    save_weights(new_network("resnet14").eval(), folder / WEIGHTS, ABOUT)
    return folder / WEIGHTS


def write_small_network(place: Path) -> Path:
    """The folder, in another that is there; a collection of six drawn scenes called 'first'."""
    weights = write_weights(place)
    images, out = write_photos(place / "few"), place / "first"
    given = ["--images", images, "--out", out, "--weights", weights, "--device", "cpu", "--title", "First"]
    assert main(["index", *map(str, given)]) == 0
    return out
