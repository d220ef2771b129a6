"""Draw the bundled collection and the example queries: `python -m examples.build` writes both."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from examples.catalog import PHOTOS
from examples.scenes import CLASSES, draw
from retrieval.collections.artifacts import WEIGHTS, ArtifactError
from retrieval.collections.new_folder import new_folder
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.errors import Message
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from train.artifacts.build import build

SCENES_PER_CLASS = 12

#: The example queries: classes that look very different, drawn with a seed that no collection uses.
QUERY_CLASSES = (
    "harbor", "airplane", "storagetanks", "tenniscourt", "baseballdiamond", "mobilehomepark",
    "beach", "freeway", "parkinglot", "golfcourse", "forest", "agricultural",
)  # fmt: skip
QUERY_SEED = 1000

LICENCE = "Drawn by this project's own code (examples/scenes); Apache-2.0, as the code."


def write_scene(path: Path, label: str, seed: int) -> None:
    """Draw one scene into a WebP file of some 20 KB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(label, seed).save(path, quality=85, method=6)


def main() -> int:
    """Write the collection and the queries. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m examples.build", description=__doc__)
    for option, default, what in (
        ("--weights", SHIPPED / WEIGHTS, "safetensors file of the network"),
        ("--out", SHIPPED_SCENES, "artifact folder to write"),
        ("--queries", PHOTOS, "folder of example queries to write"),
    ):
        parser.add_argument(option, type=Path, default=default, help=f"{what} (%(default)s)")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as place:
            seeds = range(SCENES_PER_CLASS)
            scenes = {f"{label}/{label}{seed:02d}.webp": (label, seed) for label in CLASSES for seed in seeds}
            for file, (label, seed) in tqdm(scenes.items(), desc="draw", unit="scene"):
                write_scene(Path(place) / file, label, seed)
            build(
                options.out,
                name="scenes",
                title=str(Message("Generated scenes")),
                photos=PhotoFolder(Path(place)),
                files=list(scenes),
                source=PhotoSource(bundled="photos"),
                weights=options.weights,
                licences={"data": LICENCE},
                with_weights=False,
                replace_target=True,
            )
        with new_folder(options.queries, replace=True) as folder:
            for label in QUERY_CLASSES:
                write_scene(folder / f"{label}.webp", label, QUERY_SEED)
    except ArtifactError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
