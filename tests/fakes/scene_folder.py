"""A small data set for the tests of training: generated scenes in a folder for each class."""

from pathlib import Path

from examples.scenes import draw

CLASSES = ("beach", "forest", "parkinglot", "runway")
IMAGES = 8  # of a class: 6 to train on, 1 for validation, 1 for the test


def write_scenes(folder: Path, classes=CLASSES, images: int = IMAGES, size: int = 48) -> Path:
    for label in classes:
        (folder / label).mkdir(parents=True)
        for seed in range(images):
            draw(label, seed).resize((size, size)).save(folder / label / f"{label}{seed:02d}.png")
    return folder
