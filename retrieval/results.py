"""What a search answers with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.verdict import Verdict, verdict


@dataclass(frozen=True)
class Neighbour:
    """One photo of the collection, as an answer.

    Attributes:
        id: Its name in the collection.
        label: Its class; '' where the collection has none.
        distance: Euclidean distance of the unit vectors, in [0, 2]; 0 is identical.
        photo: The file with the photo; None where it is not on this machine.
        row: Its row in the index and the catalogue.
    """

    id: str
    label: str
    distance: float
    photo: Path | None
    row: int


@dataclass(frozen=True)
class EmbeddedImage:
    """An image and its vector.

    Attributes:
        image: RGB, upright; its middle square is what was searched.
        vector: (2048,) float32, unit length.
        notes: Sentences about how it was read.
        seconds: Time spent in 'decode' and 'embed'.
        height: How many times as high the network looked at it from, see `retrieval.scale_guess.from_higher`.
    """

    image: Image.Image
    vector: NDArray[np.float32] = field(repr=False)
    notes: tuple[Message, ...]
    seconds: dict[str, float]
    height: float = 1.0

    @property
    def note(self) -> str:
        """The notes in English, or an empty string."""
        return " ".join(map(str, self.notes))


@dataclass(frozen=True)
class Surroundings:
    """What else lies near a query: all that the page shows of a search besides its neighbours.

    Attributes:
        plotted: The neighbours, and after them further ones that may be an answer, nearest first.
        other_classes: The nearest photo of each class that no neighbour is of, the nearest class first.
        position: Where the query belongs on the collection's map, (x, y) in [0, 1]; None without a map.
    """

    plotted: list[Neighbour]
    other_classes: list[Neighbour]
    position: tuple[float, float] | None


@dataclass(frozen=True)
class SearchResult:
    """The answer to a query.

    Attributes:
        collection: The collection that was searched.
        neighbours: Nearest first; may be empty where few photos may be an answer.
        vector: The query's: (2048,) float32, unit length.
        notes: Sentences about how the image was read.
        seconds: Time spent in 'decode', 'embed' and 'search'.
        nearest: Distance to the nearest of the whole collection, whether it may be an answer or not; None for
            a query that is made of the collection's own photos, which resembles it anyway.
        duplicates: How many near-duplicates were left out.
        surroundings: What else lies near, where it was asked for.
        overall: The nearest of the whole collection but what is looked for, whatever filters allow.
        classes: Those that filters allow; all where there are none.
        marked: Whether marks moved the query.
    """

    collection: Collection
    neighbours: list[Neighbour]
    vector: NDArray[np.float32] = field(repr=False)
    notes: tuple[Message, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    nearest: float | None = None
    duplicates: int = 0
    surroundings: Surroundings | None = field(default=None, repr=False)
    overall: Neighbour | None = None
    classes: tuple[str, ...] = ()
    marked: bool = False

    @property
    def verdict(self) -> Verdict:
        """How well the answer fits."""
        further = self.surroundings.plotted if self.surroundings else ()
        return verdict(
            self.collection,
            self.neighbours,
            self.overall,
            self.classes,
            further=further,
            marked=self.marked,
        )

    @property
    def note(self) -> str:
        """The notes in English, or an empty string."""
        return " ".join(map(str, self.notes))

    @property
    def novelty(self) -> float | None:
        """The share of held-out photos that lie nearer to the collection, in [0, 1].

        See `retrieval.collections.calibration`. None without a calibration, or without `nearest`.
        """
        calibration = self.collection.calibration
        return calibration.novelty(self.nearest) if calibration and self.nearest is not None else None

    @property
    def is_novel(self) -> bool:
        """Whether the query resembles nothing in the collection."""
        calibration = self.collection.calibration
        return calibration is not None and self.nearest is not None and calibration.is_novel(self.nearest)

    @property
    def votes(self) -> list[tuple[str, int]]:
        """How many neighbours each class has, most first; classes with as many by their nearest neighbour.

        Nothing where the collection has no classes.
        """
        if not self.collection.has_classes:
            return []
        return Counter(neighbour.label for neighbour in self.neighbours).most_common()

    def _place(self, neighbour: Neighbour) -> dict[str, float]:
        """Where the middle of a photo lies, in degrees (WGS 84), where that is known."""
        places = self.collection.places
        centre = places[neighbour.row].centre if places else None
        return dict(zip(("longitude", "latitude"), (round(each, 7) for each in centre or ()), strict=False))

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON can hold it, with the names of the attributes; `photo` is the file's name."""
        found = self.verdict
        return {
            "collection": self.collection.name,
            "neighbours": [
                {
                    "id": neighbour.id,
                    "label": neighbour.label,
                    "distance": round(neighbour.distance, 6),
                    "photo": self.collection.entries[neighbour.row].file,
                    **self._place(neighbour),
                }
                for neighbour in self.neighbours
            ],
            "votes": [{"label": label, "count": count} for label, count in self.votes],
            "verdict": {
                "level": found.level,
                "label": found.label,
                "agree": found.agree,
                "of": found.of,
            },
            "novelty": None if self.novelty is None else round(self.novelty, 4),
            "is_novel": self.is_novel,
            "note": self.note,
            "seconds": {stage: round(duration, 4) for stage, duration in self.seconds.items()},
        }
