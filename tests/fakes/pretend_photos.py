"""Generated scenes as a collection with a test split, as UC Merced has one."""

import csv
import json
import shutil
from pathlib import Path

from examples.scenes import CLASSES, draw
from retrieval.images import pixel_sha256
from retrieval.retriever import SHIPPED_SCENES

NAME = "pretend"

#: Runs `app.py`, with a list of test photos of that collection; its arguments follow.
PROGRAM = """
import sys
from pathlib import Path
from examples import catalog
catalog.TEST_PHOTOS, catalog.TEST_PHOTOS_OF = Path({listed!r}), {name!r}
sys.argv[0] = "app.py"
import app
app.run()
"""


def program(listed: Path) -> list[str]:
    """What Python runs, see `benchmarks.server.serve`."""
    return ["-c", PROGRAM.format(listed=str(listed), name=NAME)]


def write_pretend(folder: Path, photos: dict | None = None, classes=CLASSES, each: int = 2) -> Path:
    """An artifact folder with the scenes and their pictures, and beside those the test photos.

    Args:
        folder: Where to.
        photos: The manifest's field; the pictures are in the folder where nothing is said.
        classes: Of which there are test photos.
        each: How many of each class.

    Returns:
        The list of test photos.
    """
    shutil.copytree(SHIPPED_SCENES, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest |= {"name": NAME, "title": "Pretended photos"}
    if photos is not None:
        manifest["photos"] = photos
    (folder / "manifest.json").write_text(json.dumps(manifest))
    listed = folder.with_name(f"{folder.name}.csv")
    with listed.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["file", "sha256"])
        for label in classes:
            for number in range(90, 90 + each):
                image = draw(label, 7000 + number)
                path = folder / "photos" / label / f"{label}{number}.webp"
                image.save(path, "WEBP", lossless=True, method=0)
                lines.writerow([f"{label}/{label}{number}.tif", pixel_sha256(image)])
    return listed
