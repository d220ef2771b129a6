"""Retrievals -> montages of the images themselves, as WebP: the paper's figures 4, 6 to 8 and 11.

Those of a data set hold photos of others, and must not be committed; those of generated scenes may be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections import previews
from retrieval.collections.collection import Collection
from retrieval.labels import class_name
from train.reports.retrievals import Retrievals
from train.reports.tile_sheet import Tile, tile_sheet
from train.reports.views import View

QUALITY = 82
#: Images in a row.
WIDE = 8


class Montages:
    """Draws the montages.

    Args:
        retrievals: Of the queries.
        images: Of the queries; may be read when indexed.
        collection: The gallery.
        what: The queries, as the titles call them.
        seed: Of the random choices.
    """

    def __init__(
        self,
        retrievals: Retrievals,
        images: Sequence[Image.Image],
        collection: Collection,
        *,
        what: str = "test images",
        seed: int = 0,
    ) -> None:
        self.retrievals = retrievals
        self.images = images
        self.collection = collection
        self._what = what
        self._seed = seed

    def write(self, folder: Path, bucharest: Image.Image, *, brief: bool = False) -> list[Path]:
        """Write all montages into a folder.

        Args:
            folder: Where the files are written; it exists.
            bucharest: What `bucharest_views` drew.
            brief: Fewer rows and smaller files, for documents.

        Returns:
            The files. Without misretrievals, their file is left out.
        """
        few = {"count": 7} if brief else {}
        sheets = {
            "samples": self.samples(4 if brief else 8),
            "retrieved": self.random_queries(**few),
            "bucharest": bucharest,
            "misretrieved": self.misretrieved(**few),
        }
        written = []
        for name, sheet in sheets.items():
            if sheet:
                written.append(folder / f"{name}.webp")
                sheet.save(written[-1], quality=70 if brief else QUALITY, method=6)
        return written

    def samples(self, per_class: int = 8) -> Image.Image:
        """Random images of each class of the collection (Fig. 4), `WIDE` in each row."""
        rng = np.random.default_rng(self._seed)
        tiles = []
        for label in sorted(set(self.retrievals.gallery_labels.tolist())):
            members = np.flatnonzero(self.retrievals.gallery_labels == label)
            chosen = sorted(rng.permutation(members)[:per_class].tolist())
            tiles += [Tile(self._photo(row), [class_name(label), self._id(row)]) for row in chosen]
        rows = [tiles[start : start + WIDE] for start in range(0, len(tiles), WIDE)]
        return tile_sheet(f"{self.collection.title}: random images of each class", rows, queries_first=False)

    def random_queries(self, count: int = 12, neighbours: int = WIDE) -> Image.Image:
        """The neighbours of random queries, each of another class (Fig. 6 and 7)."""
        rng = np.random.default_rng(self._seed)
        labels = rng.permutation(sorted(set(self.retrievals.labels.tolist())))[:count]
        queries = [int(rng.choice(np.flatnonzero(self.retrievals.labels == label))) for label in labels]
        return tile_sheet(
            f"Random {self._what} (left), and the images retrieved for them with their distances",
            [self._row(query, neighbours) for query in queries],
        )

    def bucharest_views(
        self, views: Sequence[View], embeddings: NDArray[np.float32], *, drawn: bool, neighbours: int = WIDE
    ) -> Image.Image:
        """The neighbours of views of Bucharest (Fig. 8), marked where somebody says what a view shows.

        Args:
            views: At least one.
            embeddings: (n, d) float32, of them.
            drawn: Whether they are stand-ins, which the title says then.
            neighbours: How many of each.
        """
        classes = set(self.retrievals.gallery_labels.tolist())
        rows = []
        for view, embedding in zip(views, embeddings, strict=True):
            distances, found = self.collection.index.search(embedding[None], neighbours)
            label = view.label if view.label in classes else None
            query = Tile(view.image, [_plain_letters(view.name), class_name(label) if label else ""])
            rows.append([query, *self._neighbours(label, distances[0], found[0])])
        kind = "Drawn views like places in Bucharest" if drawn else "Views of Bucharest"
        credited = sorted({_plain_letters(view.credit) for view in views if view.credit})
        credit = f". Imagery: {'; '.join(credited)}" if credited else ""
        return tile_sheet(
            f"{kind} (left), and the images retrieved for them with their distances{credit}", rows
        )

    def misretrieved(self, count: int = 20, neighbours: int = WIDE) -> Image.Image | None:
        """The queries whose first neighbour is of another class, nearest first (Fig. 11), or None."""
        mistaken = np.flatnonzero(~self.retrievals.relevant[:, 0])
        if not len(mistaken):
            return None
        worst = mistaken[np.argsort(self.retrievals.distances[mistaken, 0], kind="stable")][:count]
        left_out = f"; here the {count} nearest mistakes" if len(mistaken) > count else ""
        return tile_sheet(
            f"{len(mistaken)} of {len(self.images)} {self._what} first find one of another class{left_out}",
            [self._row(int(query), neighbours) for query in worst],
        )

    def _row(self, query: int, neighbours: int) -> list[Tile]:
        label = str(self.retrievals.labels[query])
        tiles = self._neighbours(
            label, self.retrievals.distances[query][:neighbours], self.retrievals.rows[query][:neighbours]
        )
        return [Tile(self.images[query], ["query", class_name(label)]), *tiles]

    def _neighbours(
        self, label: str | None, distances: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> list[Tile]:
        tiles = []
        for distance, row in zip(distances.tolist(), rows.tolist(), strict=True):
            found = str(self.retrievals.gallery_labels[row])
            relevant = None if label is None else found == label
            tiles.append(Tile(self._photo(row), [f"{distance:.3f}", class_name(found)], relevant))
        return tiles

    def _photo(self, row: int) -> Image.Image:
        return photo_or_preview(self.collection, row)

    def _id(self, row: int) -> str:
        return self.collection.entries[row].id


def photo_or_preview(collection: Collection, row: int) -> Image.Image:
    """The photo of a row of a collection, or its preview where the photo is not here."""
    return collection.photo_image(row) or previews.decode(collection.entries[row].blurhash)


def _plain_letters(text: str) -> str:
    """A text in letters that Pillow's own font has: without the marks of ș, ț, ă, â, î."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
