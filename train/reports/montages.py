"""What is retrieved for images -> montages with the photos themselves, as WebP.

They are the paper's figures 2, 6 to 8 and 11. They hold photos of others, so they are for the run's folder
and never for the repository. Right is a green frame and a tick, wrong an orange frame and a cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from retrieval.collections.collection import Collection
from retrieval.images import decode
from retrieval.labels import class_name
from train.reports.figures import INK, RIGHT, WRONG
from train.reports.retrievals import Retrieved

TILE, GAP, LINE, HEADING = 128, 10, 17, 34
FRAME = 4
QUALITY = 82


@dataclass(frozen=True)
class Tile:
    """A picture with what is written under it.

    Attributes:
        image: Any RGB image; its middle square is shown.
        lines: At most two.
        right: Whether it is of the query's class; None where nothing is to be marked.
    """

    image: Image.Image
    lines: Sequence[str]
    right: bool | None = None


def sheet(title: str, rows: Sequence[Sequence[Tile]], set_apart: bool = True) -> Image.Image:
    """Tiles in rows under a title.

    Args:
        title: What is seen.
        rows: Of tiles.
        set_apart: Whether the first of each row is a query, with a space after it.
    """
    space = 2 * GAP if set_apart else 0
    width = GAP + max(map(len, rows)) * (TILE + GAP) + space
    height = HEADING + len(rows) * (TILE + 2 * LINE + GAP) + GAP
    canvas = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(canvas)
    pen.text((GAP, HEADING / 2), title, fill=INK, font=_fitting(title, 16, width - 2 * GAP), anchor="lm")
    for y, row in enumerate(rows):
        for x, tile in enumerate(row):
            corner = (GAP + x * (TILE + GAP) + (space if x else 0), HEADING + y * (TILE + 2 * LINE + GAP))
            _draw(canvas, pen, tile, corner)
    return canvas


def _draw(canvas: Image.Image, pen: ImageDraw.ImageDraw, tile: Tile, corner: tuple[int, int]) -> None:
    x, y = corner
    canvas.paste(ImageOps.fit(tile.image, (TILE, TILE), Image.Resampling.LANCZOS), corner)
    for number, line in enumerate(tile.lines):
        font = _fitting(line, 13, TILE)
        pen.text((x, y + TILE + (number + 0.6) * LINE), line, fill=INK, font=font, anchor="lm")
    if tile.right is None:
        return
    colour = RIGHT if tile.right else WRONG
    pen.rectangle((x, y, x + TILE - 1, y + TILE - 1), outline=colour, width=FRAME)
    left, top = x + TILE - 26, y + 4
    pen.ellipse((left, top, left + 21, top + 21), fill=colour, outline="white", width=1)
    tick, cross = ((5, 11), (9, 15), (16, 6)), ((6, 6), (15, 15))
    for stroke in [tick] if tile.right else [cross, tuple((21 - dx, dy) for dx, dy in cross)]:
        pen.line([(left + dx, top + dy) for dx, dy in stroke], fill="white", width=3)


def _fitting(text: str, size: int, width: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The default font, as large as asked for, or smaller so that a text is no wider than it may be."""
    needed = ImageFont.load_default(size).getlength(text)
    return ImageFont.load_default(size * min(1, width / max(needed, 1)))


class Montages:
    """Draws the montages.

    Args:
        retrieved: What was found for the queries.
        images: The queries' images; opened when indexed.
        collection: What was searched.
        seed: Of the choice of random images.
    """

    def __init__(
        self, retrieved: Retrieved, images: Sequence[Image.Image], collection: Collection, seed: int = 0
    ) -> None:
        self.retrieved = retrieved
        self.images = images
        self.collection = collection
        self._seed = seed

    def write(
        self, folder: Path, views: Sequence[tuple[str, Image.Image, NDArray[np.float32]]] = ()
    ) -> list[Path]:
        """Write all montages into a folder.

        Args:
            folder: It exists.
            views: Name, image and vector of each example view.

        Returns:
            The files; there is none of example views, or of misretrievals, where there are none of these.
        """
        sheets = {"samples": self.samples(), "retrieved": self.retrieved_images()}
        if views:
            sheets["examples"] = self.example_views(views)
        if wrong := self.misretrieved():
            sheets["misretrieved"] = wrong
        for name, drawn in sheets.items():
            drawn.save(folder / f"{name}.webp", quality=QUALITY, method=4)
        return [folder / f"{name}.webp" for name in sheets]

    def samples(self, each: int = 8) -> Image.Image:
        """Random images of each class of the collection (Fig. 2)."""
        chance = np.random.default_rng(self._seed)
        rows = []
        for label in sorted(set(self.retrieved.gallery_labels.tolist())):
            members = np.flatnonzero(self.retrieved.gallery_labels == label)
            chosen = sorted(chance.permutation(members)[:each].tolist())
            rows.append([Tile(self._photo(row), [class_name(label), self._id(row)]) for row in chosen])
        return sheet(f"{self.collection.title}: random images of each class", rows, set_apart=False)

    def retrieved_images(self, count: int = 12, neighbours: int = 8) -> Image.Image:
        """What is found for random queries, of as many classes as there are rows (Fig. 6 and 7)."""
        chance = np.random.default_rng(self._seed)
        labels = chance.permutation(sorted(set(self.retrieved.labels.tolist())))[:count]
        queries = [int(chance.choice(np.flatnonzero(self.retrieved.labels == label))) for label in labels]
        return sheet(
            "Random test images (left), and the images retrieved for them with their distances",
            [self._row(query, neighbours) for query in queries],
        )

    def example_views(
        self, views: Sequence[tuple[str, Image.Image, NDArray[np.float32]]], neighbours: int = 8
    ) -> Image.Image:
        """What is found for the example views (Fig. 8); a view named after a class says what is right."""
        known = set(self.retrieved.gallery_labels.tolist())
        rows = []
        for name, image, vector in views:
            found = self.collection.index.search(vector[None], neighbours)
            label = name if name in known else None
            query = Tile(image, ["example", class_name(name)])
            rows.append([query, *self._neighbours(label, *(each[0] for each in found))])
        return sheet("The example views (left), and the images retrieved for them with their distances", rows)

    def misretrieved(self, most: int = 20, neighbours: int = 8) -> Image.Image | None:
        """The queries whose first neighbour is of another class, the nearest mistakes first (Fig. 11)."""
        mistaken = np.flatnonzero(~self.retrieved.right[:, 0])
        if not len(mistaken):
            return None
        worst = mistaken[np.argsort(self.retrieved.distances[mistaken, 0], kind="stable")][:most]
        left_out = f"; here the {most} nearest mistakes" if len(mistaken) > most else ""
        return sheet(
            f"{len(mistaken)} of {len(self.images)} test images first find one of another class{left_out}",
            [self._row(int(query), neighbours) for query in worst],
        )

    def _row(self, query: int, neighbours: int) -> list[Tile]:
        label = str(self.retrieved.labels[query])
        found = self._neighbours(
            label, self.retrieved.distances[query][:neighbours], self.retrieved.rows[query][:neighbours]
        )
        return [Tile(self.images[query], ["query", class_name(label)]), *found]

    def _neighbours(
        self, label: str | None, distances: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> list[Tile]:
        tiles = []
        for distance, row in zip(distances.tolist(), rows.tolist(), strict=True):
            own = str(self.retrieved.gallery_labels[row])
            right = None if label is None else own == label
            tiles.append(Tile(self._photo(row), [f"{distance:.3f}", class_name(own)], right))
        return tiles

    def _photo(self, row: int) -> Image.Image:
        """The photo of a row, or its preview."""
        return decode(self.collection.photo(row) or self.collection.picture(row)).image

    def _id(self, row: int) -> str:
        return self.collection.entries[row].id
