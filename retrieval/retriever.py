"""The one object that the page, the API and other programs talk to: an image in, its neighbours out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection as Container
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections import hub
from retrieval.collections.artifacts import WEIGHTS, ArtifactError
from retrieval.collections.collection import Collection
from retrieval.feedback import query_vector
from retrieval.filters import Found, nearest_of_classes
from retrieval.filters import find as find_neighbours
from retrieval.images import Source, decode
from retrieval.maps.crops import GIVEN, Cuts, Scale, Square, checked, cut, starting_square
from retrieval.maps.overlays import find
from retrieval.query import Question, QuestionError, Refinement, Stored
from ui.i18n import say

if TYPE_CHECKING:
    from retrieval.embedder import Embedder

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SHIPPED = ASSETS / "ucmerced"
SHIPPED_SCENES = ASSETS / "scenes"

#: Classes from which a visitor goes on, of those that are not among the neighbours.
OTHER_KINDS = 12

#: Neighbours whose mean distance tells a good scale from a bad one.
GUESS_NEIGHBOURS = 5


@dataclass(frozen=True)
class Neighbour:
    """One photo of the collection, as an answer.

    Attributes:
        id: Its name in the collection.
        label: Its class.
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
class Seen:
    """An image that was embedded.

    Attributes:
        image: RGB, upright; its middle square is what the network saw.
        vector: (2048,) float32, unit length.
        note: A sentence about how it was read, or an empty string.
        seconds: Time spent in 'decode' and 'embed'.
    """

    image: Image.Image
    vector: NDArray[np.float32] = field(repr=False)
    note: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class SearchResult:
    """The answer to a query.

    Attributes:
        collection: The collection that was searched.
        neighbours: Nearest first; may be empty where few may be an answer.
        vector: The query's: (2048,) float32, unit length.
        note: A sentence about how the image was read, or an empty string.
        seconds: Time spent in 'decode', 'embed' and 'search'.
        nearest: Distance to the nearest of the whole collection, whether it may be an answer or not; None of
            a query that is made of the collection's own photos, which resembles it anyway.
        duplicates: How many near-duplicates were left out.
    """

    collection: Collection
    neighbours: list[Neighbour]
    vector: NDArray[np.float32] = field(repr=False)
    note: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    nearest: float | None = None
    duplicates: int = 0

    @property
    def novelty(self) -> float | None:
        """The share of held-out photos that lie nearer to the collection, in [0, 1].

        See `calibration`. None where the collection is not calibrated, or there is no `nearest`.
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
        """How many neighbours each class has, most first; of equals the nearer first."""
        return Counter(neighbour.label for neighbour in self.neighbours).most_common()

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON can hold it, with the names of the attributes; `photo` is the file's name."""
        return {
            "collection": self.collection.name,
            "neighbours": [
                {
                    "id": neighbour.id,
                    "label": neighbour.label,
                    "distance": round(neighbour.distance, 6),
                    "photo": self.collection.entries[neighbour.row].file,
                }
                for neighbour in self.neighbours
            ],
            "votes": [{"label": label, "count": count} for label, count in self.votes],
            "novelty": None if self.novelty is None else round(self.novelty, 4),
            "is_novel": self.is_novel,
            "note": self.note,
            "seconds": {stage: round(duration, 4) for stage, duration in self.seconds.items()},
        }


class Retriever:
    """Finds the most similar photos of a collection.

    Args:
        embedder: Makes vectors.
        collections: At least one; the first is the default. All hold vectors of the embedder's weights.
    """

    def __init__(self, embedder: Embedder, collections: Sequence[Collection]) -> None:
        self.embedder = embedder
        self.collections = {collection.name: collection for collection in collections}

    @classmethod
    def load(
        cls,
        artifacts: str | Path = SHIPPED,
        *,
        further: Sequence[str | Path] | None = None,
        photos: str | Path | None = None,
        device: str | None = None,
    ) -> Retriever:
        """Load artifact folders, with every check that they hold together, and warm the network.

        Args:
            artifacts: A folder with weights; the shipped one by default. `hf://OWNER/NAME@REVISION` is one on
                the Hugging Face Hub, see `retrieval.collections.hub`; this holds for `further` too.
            further: Folders of collections whose vectors those weights made; by default the shipped scenes,
                if they were.
            photos: The folder of the first collection's photos, where they are not in their usual places.
            device: 'cuda' or 'cpu'; a GPU where there is one by default.

        Raises:
            ArtifactError: Says which file, what is wrong and what to do.
            retrieval.embedder.DeviceError: If CUDA is asked for and there is none.
        """
        from retrieval.embedder import Preprocessing, load_embedder  # here: torch takes seconds to import

        gpu = device != "cpu"
        first = Collection(hub.local_folder(artifacts), Path(photos) if photos else None, gpu=gpu)
        model = first.manifest.model
        if not first.manifest.has_weights:
            raise ArtifactError(f"{artifacts} holds no weights ({WEIGHTS}): name a folder that does first.")
        collections = [first]
        for folder in (SHIPPED_SCENES,) if further is None else further:
            collection = Collection(hub.local_folder(folder), gpu=gpu)
            if collection.manifest.model != model:
                if further is None:
                    continue
                raise ArtifactError(
                    f"The vectors in {folder} were made by other weights or settings than those of "
                    f"{artifacts}: build it again with these weights."
                )
            if collection.name in {known.name for known in collections}:
                raise ArtifactError(
                    f"Two collections are called '{collection.name}': rename one in its manifest."
                )
            collections.append(collection)
        try:
            preprocessing = Preprocessing.from_dict(model.preprocessing)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(
                f"{artifacts}: the manifest's preprocessing does not fit ({error!r})."
            ) from error
        return cls(load_embedder((first.folder / WEIGHTS).resolve(), preprocessing, device), collections)

    def search(
        self,
        image: Source,
        k: int = 12,
        collection: str | None = None,
        *,
        metres_per_pixel: float | None = None,
    ) -> SearchResult:
        """The photos of a collection that are most similar to an image.

        Args:
            image: A path, the bytes of a file, or a PIL image.
            k: How many; at least 1, and more than there are gives all.
            collection: Its name; the first by default.
            metres_per_pixel: Of the ground, for a screenshot of a map: then 78 m of it are searched, where it
                is clear of buttons and labels and near the middle. By default the middle square is searched.

        Raises:
            ImageError: If the image cannot be used.
            retrieval.maps.scale.ScaleError: If the scale is not one of a map.
            ValueError: If k is below 1 or there is no such collection.
        """
        seen = self.see(image, metres_per_pixel=metres_per_pixel)
        result = self.search_vector(seen.vector, k, collection)
        return replace(result, note=seen.note, seconds=seen.seconds | result.seconds)

    def see(self, image: Source, *, metres_per_pixel: float | None = None) -> Seen:
        """Read and embed an image; arguments and errors are those of `search`."""
        started = time.perf_counter()
        decoded = decode(image)
        crop_note = _crop_note(decoded.image.size)
        if metres_per_pixel is not None:
            furniture = find(decoded.image)
            scale = Scale(checked(metres_per_pixel), GIVEN)
            square = starting_square(furniture, scale.side)
            decoded = replace(decoded, image=cut(decoded.image, square))
            crop_note = _square_note(square)
        opened = time.perf_counter()
        vector = self.embedder.embed([decoded.image])[0]
        seconds = {"decode": opened - started, "embed": time.perf_counter() - opened}
        return Seen(decoded.image, vector, " ".join(filter(None, (decoded.note, crop_note))), seconds)

    def search_vector(
        self,
        vector: NDArray[np.float32],
        k: int = 12,
        collection: str | None = None,
        *,
        refinement: Refinement = Refinement(),  # noqa: B008 - it is frozen
        leave_out: Container[int] = (),
        in_collection: bool = False,
    ) -> SearchResult:
        """The photos whose vectors are nearest to one that is known already: (2048,) float32, unit length.

        Args:
            vector: Of the query.
            k: As for `search`.
            collection: As for `search`.
            refinement: What may be an answer.
            leave_out: Rows that are none.
            in_collection: Whether the query is made of photos that are in a collection.

        Raises:
            ValueError: As for `search`.
        """
        chosen = self.collection(collection)
        started = time.perf_counter()
        found = find_neighbours(chosen, vector, k, refinement, leave_out)
        neighbours = _neighbours(chosen, found)
        nearest = None
        if not in_collection:
            refined = refinement != Refinement() or bool(leave_out)
            nearest = (
                float(chosen.index.search(vector[None], 1)[0][0, 0]) if refined else neighbours[0].distance
            )
        seconds = {"search": time.perf_counter() - started}
        return SearchResult(
            chosen, neighbours, vector, seconds=seconds, nearest=nearest, duplicates=found.duplicates
        )

    def ask(
        self, question: Question, brought: Mapping[str, NDArray[np.float32]] | None = None
    ) -> SearchResult:
        """Answer a question; a photo that is looked for, or marked wrong, is never an answer to it.

        Args:
            question: What is looked for.
            brought: The vectors of the photos of visitors that it names: (2048,) float32, unit length.

        Raises:
            QuestionError: If it looks for nothing, or names what there is not.
        """
        brought = brought or {}
        chosen = self.searched(question)
        if question.is_empty:
            raise QuestionError(say("question.empty"))
        if any(name not in brought for name in question.brought):
            raise QuestionError(say("question.gone"))
        vector = query_vector(
            [*map(self.stored_vector, question.stored), *(brought[name] for name in question.brought)],
            [*map(self.stored_vector, question.right)],
            [*map(self.stored_vector, question.wrong)],
        )
        return self.search_vector(
            vector,
            question.k,
            chosen.name,
            refinement=question.refinement,
            leave_out=_no_answers(question, chosen),
            in_collection=bool(question.stored or question.right or question.wrong),
        )

    def searched(self, question: Question) -> Collection:
        """The collection of a question. Raises QuestionError if there is none, or it lacks a class."""
        chosen = self.known(question.collection)
        if unknown := set(question.refinement.classes) - set(chosen.labels):
            raise QuestionError(
                say("question.no_class", label=", ".join(sorted(unknown)), collection=chosen.title)
            )
        return chosen

    def other_kinds(self, result: SearchResult, question: Question, most: int = OTHER_KINDS) -> SearchResult:
        """The nearest photo of each class that is not among a result's neighbours, the nearest class first.

        The neighbours that a trained network finds are nearly all of one class; from here one goes on.

        Args:
            result: The answer.
            question: What it answers; what is no answer to it is none of these either.
            most: How many classes.
        """
        classes = {each.label for each in result.neighbours}
        leave_out = _no_answers(question, result.collection)
        found = nearest_of_classes(result.collection, result.vector, classes, most, leave_out)
        return replace(result, neighbours=_neighbours(result.collection, found), duplicates=0)

    def stored_vector(self, photo: Stored) -> NDArray[np.float32]:
        """The vector of a photo of a collection: (2048,) float32, unit length. Raises QuestionError."""
        collection = self.known(photo.collection)
        return collection.index.vector(self.row(photo))

    def row(self, photo: Stored) -> int:
        """The row of a photo in its collection. Raises QuestionError where there is no such photo."""
        collection = self.known(photo.collection)
        try:
            return collection.row(photo.id)
        except KeyError:
            raise QuestionError(say("question.no_photo", id=photo.id, collection=collection.title)) from None

    def known(self, name: str | None) -> Collection:
        """As `collection`, for names that come from links. Raises QuestionError."""
        try:
            return self.collection(name)
        except ValueError as error:
            raise QuestionError(str(error)) from error

    def guess(
        self, image: Image.Image, squares: Sequence[Square], collection: str | None = None
    ) -> tuple[Square, NDArray[np.float32]]:
        """Of squares of several sizes, the one that looks most like photos of the collection.

        All that the network learned is at the photos' scale: at another one the nearest of them are farther.

        Args:
            image: A screenshot whose scale nobody says, RGB.
            squares: Where to look; at least one.
            collection: As for `search`.

        Returns:
            The square whose `GUESS_NEIGHBOURS` nearest neighbours are nearest on the mean, and its vector.
        """
        vectors = self.embedder.embed(Cuts(image, squares))
        distances, _ = self.collection(collection).index.search(vectors, GUESS_NEIGHBOURS)
        best = int(np.argmin(distances.mean(axis=1)))
        return squares[best], vectors[best]

    def embed(self, images: Sequence[Source]) -> NDArray[np.float32]:
        """Embed images: paths, bytes or PIL images -> (n, 2048) float32, unit length.

        Raises:
            ImageError: If one cannot be used.
        """
        return self.embedder.embed([decode(image).image for image in images])

    def collection(self, name: str | None = None) -> Collection:
        """A collection by its name; the first by default. Raises ValueError where there is none."""
        if name is None:
            return next(iter(self.collections.values()))
        if name not in self.collections:
            raise ValueError(say("question.no_collection", name=name, names=", ".join(self.collections)))
        return self.collections[name]


def _no_answers(question: Question, collection: Collection) -> set[int]:
    """The rows of the photos that are looked for, or marked wrong."""
    photos = (*question.stored, *question.wrong)
    return {collection.row(photo.id) for photo in photos if photo.collection == collection.name}


def _neighbours(collection: Collection, found: Found) -> list[Neighbour]:
    return [
        Neighbour(entry.id, entry.label, float(distance), collection.photo(row), row)
        for distance, row in zip(found.distances, found.rows.tolist(), strict=True)
        for entry in (collection.entries[row],)
    ]


def _crop_note(size: tuple[int, int]) -> str:
    """What to say of an image that is far from square, of which the network sees the middle."""
    width, height = size
    if min(size) > 0.8 * max(size):
        return ""
    return say("note.middle", width=width, height=height)


def _square_note(square: Square) -> str:
    left, top, right, bottom = (round(edge) for edge in square.box)
    return say("note.square", left=left, top=top, right=right, bottom=bottom)
