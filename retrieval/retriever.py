"""The one object that the page, the API and other programs talk to: an image in, its neighbours out."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections.artifacts import QUANTIZATION, SCALE, WEIGHTS, ArtifactError
from retrieval.collections.collection import Collection, load_collections
from retrieval.collections.embedding_map import position
from retrieval.decode_limits import place_to_work
from retrieval.errors import Message, UserError
from retrieval.feedback import query_vector
from retrieval.filters import Hits, rank
from retrieval.images import DecodedImage, Source, decode
from retrieval.maps.screenshot import searched_part
from retrieval.query import GONE, Filters, PhotoRef, Query, QueryError
from retrieval.ranking import ranking
from retrieval.results import EmbeddedImage, Neighbour, SearchResult, Surroundings
from retrieval.scale_guess import Usual, query_vectors
from retrieval.untrusted import decode_untrusted
from retrieval.vector_store import StoreError
from retrieval.verdict import NEAR

if TYPE_CHECKING:
    from retrieval.embedder import Embedder

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SHIPPED = ASSETS / "ucmerced"
SHIPPED_SCENES = ASSETS / "scenes"

#: Classes to go on from, of those that no neighbour is of.
OTHER_CLASSES = 12

#: Neighbours that a plot of distances shows: as many as the paper's Fig. 10.
PLOTTED = 50

#: Of a photo that is searched as if from higher up.
FROM_HIGHER = Message(
    "Nothing is very near to this photo as it is, so it was searched as if seen from higher up, which fits "
    "better."
)
#: A photo is taken as it is where it finds nothing nearer, from higher up either, than all but this share of
#: held-out photos do. Chosen by the validation photos, their middle halves, and another data set.
NOT_TOO_FAR = 0.98

#: An image is far from square, and worth a word, where its shorter side is below this share of the longer.
NEARLY_SQUARE = 0.8


class Retriever:
    """Finds the most similar photos of a collection.

    Args:
        embedder: Makes vectors.
        collections: At least one; the first is the default. All hold vectors of the embedder's weights.
    """

    def __init__(self, embedder: Embedder, collections: Sequence[Collection]) -> None:
        self.embedder = embedder
        self.collections = {collection.name: collection for collection in collections}
        self._changing = threading.Lock()

    @classmethod
    def load(
        cls,
        artifacts: str | Path = SHIPPED,
        *,
        further: Sequence[str | Path] | None = None,
        photos: str | Path | None = None,
        device: str | None = None,
        store: str | None = None,
    ) -> Retriever:
        """Load artifact folders, with every check that they hold together, and warm the network.

        Args:
            artifacts: A folder with weights; the shipped one by default. `hf://OWNER/NAME@REVISION` is one on
                the Hugging Face Hub, see `retrieval.collections.hub`; this holds for `further` too.
            further: Folders of collections whose vectors those weights made; by default the shipped scenes,
                if they were.
            photos: The folder of the first collection's photos, where they are not in their usual places.
            device: 'cuda' or 'cpu'; a GPU where there is one by default.
            store: A database that holds the vectors of all folders that are named, in place of their indexes:
                'milvus:FILE.db' or 'milvus:http://HOST:19530', see `python -m train milvus`.

        Raises:
            ArtifactError: Says which file, what is wrong and what to do.
            retrieval.runtime.DeviceError: If CUDA is asked for and there is none.
        """
        from retrieval.embedder import load_embedder  # here: it takes a while to import

        collections = load_collections(
            artifacts, further, photos, SHIPPED_SCENES, gpu=device != "cpu", store=store
        )
        first = collections[0]
        weights = (first.folder / WEIGHTS).resolve()
        quantization, scale = (
            first.folder / name if name in first.manifest.files else None for name in (QUANTIZATION, SCALE)
        )
        preprocessing = first.manifest.model.preprocessing
        embedder = load_embedder(weights, preprocessing, device, quantization, scale)
        retriever = cls(embedder, collections)
        threading.Thread(target=retriever.warm, daemon=True).start()
        return retriever

    def warm(self) -> None:
        """Compute what a collection is asked for with its first answer."""
        for collection in self.collections.values():
            _ = collection.pair_distances

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
                is clear of buttons and labels and near the middle. By default it is what the file says
                of itself; without that, the middle square is searched, see `embed_image`.

        Raises:
            ImageError: If the image cannot be used.
            retrieval.maps.scale.ScaleError: If the scale is not one of a map.
            ValueError: If k is below 1 or there is no such collection.
        """
        embedded = self.embed_image(image, metres_per_pixel=metres_per_pixel)
        result = self.search_vector(embedded.vector, k, collection)
        return replace(result, notes=embedded.notes, seconds=embedded.seconds | result.seconds)

    def embed_image(
        self, image: Source | DecodedImage, *, metres_per_pixel: float | None = None
    ) -> EmbeddedImage:
        """Read and embed an image, which may be decoded already; else as `search`.

        An image that does not say its scale, and has no near neighbour, may be looked at from higher up, see
        `retrieval.scale_guess`.
        """
        started = time.perf_counter()
        decoded = image if isinstance(image, DecodedImage) else decode_untrusted(image)
        searched, crop_note, square = decoded.image, _crop_note(decoded.image.size), None
        given = metres_per_pixel
        if given is not None or decoded.metres_per_pixel is not None:
            with place_to_work():  # looking for what covers it takes memory, as decoding does
                searched, square = searched_part(decoded, given)
        if square is not None:
            detail = decoded.larger.size[0] / decoded.image.width if decoded.larger else 1.0
            left, top, right, bottom = (round(detail * edge) for edge in square.box)
            crop_note = Message(
                "Of the picture, the square from ({left}, {top}) to ({right}, {bottom}) was searched.",
                left=left, top=top, right=right, bottom=bottom,
            )  # fmt: skip
        opened = time.perf_counter()
        height = 1.0
        if given is None and decoded.metres_per_pixel is None:
            vectors, heights = self.embed_queries([searched])
            vector, height = vectors[0], float(heights[0])
        else:
            vector = self.embedder.embed([searched])[0]
        seconds = {"decode": opened - started, "embed": time.perf_counter() - opened}
        height_note = FROM_HIGHER if height > 1 else None
        notes = tuple(note for note in (decoded.note, crop_note, height_note) if note)
        return EmbeddedImage(searched, vector, notes, seconds, height)

    def embed_queries(self, images: Sequence[Image.Image]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """RGB images that do not say their scale -> what `retrieval.scale_guess.query_vectors` returns.

        Where a database does not answer, they are taken as they are.
        """
        first, *others = self.collections.values()
        limits = first.calibration
        usual = Usual(first.index.search, limits.within(NEAR), limits.within(NOT_TOO_FAR)) if limits else None
        searches = [other.index.search for other in others]
        try:
            return query_vectors(self.embedder.embed, self.embedder.scale_probe, usual, images, searches)
        except StoreError:
            return self.embedder.embed(images), np.ones(len(images))

    def search_vector(
        self, vector: NDArray[np.float32], k: int = 12, collection: str | None = None
    ) -> SearchResult:
        """The photos whose vectors are nearest to one that is known already: (2048,) float32, unit length.

        `k` and `collection` are as for `search`, and so is the ValueError.
        """
        chosen = self.collection(collection)
        started = time.perf_counter()
        neighbours = _neighbours(chosen, rank(chosen, vector, k))
        seconds = {"search": time.perf_counter() - started}
        return SearchResult(chosen, neighbours, vector, seconds=seconds, nearest=neighbours[0].distance)

    def answer(self, query: Query, uploads: Mapping[str, NDArray[np.float32]] | None = None) -> SearchResult:
        """Answer a query, with its surroundings. A small index is searched once, see `retrieval.ranking`.

        A photo that is looked for, or marked irrelevant, is no answer.

        Args:
            query: What is looked for.
            uploads: The vectors of the visitors' photos that it names: (2048,) float32, unit length.

        Raises:
            QueryError: If it looks for nothing, or names what there is not.
        """
        uploads = uploads or {}
        chosen = self.searched(query)
        if query.is_empty:
            raise QueryError("This link does not say which photo is looked for.")
        if any(name not in uploads for name in query.uploads):
            raise QueryError(GONE)
        vector = query_vector(
            [*map(self.stored_vector, query.stored), *(uploads[name] for name in query.uploads)],
            [*map(self.stored_vector, query.relevant)],
            [*map(self.stored_vector, query.irrelevant)],
        )
        started = time.perf_counter()
        ranked = ranking(chosen, vector)
        exclude = {
            chosen.row(photo.id)
            for photo in (*query.stored, *query.irrelevant)
            if photo.collection == chosen.name
        }
        hits = ranked.nearest(max(query.k, PLOTTED), query.filters, exclude)
        plotted = _neighbours(chosen, hits)
        neighbours = plotted[: query.k]
        shown = {chosen.entries[neighbour.row].label for neighbour in neighbours}
        others = ranked.of_other_classes(shown, OTHER_CLASSES, exclude)
        surroundings = Surroundings(
            plotted,
            _neighbours(chosen, others),
            None if chosen.coordinates is None else position(*ranked.first[:2], chosen.coordinates),
        )
        of_collection = bool(query.stored or query.relevant or query.irrelevant)
        overall = ranked.nearest(1, Filters(), exclude)
        return SearchResult(
            chosen,
            neighbours,
            vector,
            seconds={"search": time.perf_counter() - started},
            nearest=None if of_collection else float(ranked.first.distances[0]),
            duplicates=hits.duplicates_before(query.k),
            surroundings=surroundings,
            overall=next(iter(_neighbours(chosen, overall)), None),
            classes=query.filters.classes,
            marked=bool(query.relevant or query.irrelevant),
        )

    def searched(self, query: Query) -> Collection:
        """The collection of a query. Raises QueryError if there is none, or it lacks a class or places."""
        chosen = self._known(query.collection)
        if unknown := set(query.filters.classes) - set(chosen.classes):
            raise QueryError(
                "There is no class '{label}' in {collection}.",
                label=", ".join(sorted(unknown)), collection=Message(chosen.title),
            )  # fmt: skip
        if query.filters.area is not None and chosen.places is None:
            raise QueryError(
                "{collection} does not say where its photos lie, so no area of it can be searched.",
                collection=Message(chosen.title),
            )
        return chosen

    def _known(self, name: str | None) -> Collection:
        """As `collection`, for names that come from links."""
        try:
            return self.collection(name)
        except UnknownCollectionError as error:
            raise QueryError(error.message) from error

    def resolve(self, photo: PhotoRef) -> tuple[Collection, int]:
        """The collection of a photo, and its row there. Raises QueryError where there is no such photo."""
        collection = self._known(photo.collection)
        try:
            return collection, collection.row(photo.id)
        except KeyError:
            raise QueryError(
                "There is no photo '{id}' in {collection}.", id=photo.id, collection=Message(collection.title)
            ) from None

    def stored_vector(self, photo: PhotoRef) -> NDArray[np.float32]:
        """The vector of a photo of a collection: (2048,) float32, unit length. Raises QueryError."""
        collection, row = self.resolve(photo)
        return collection.vector(row)

    def embed(self, images: Sequence[Source]) -> NDArray[np.float32]:
        """Embed images as `search` does photos: paths, bytes or PIL images -> (n, 2048) float32, unit length.

        Those without a near neighbour may be looked at from higher up, see `embed_image`: for what is looked
        for. `embedder.embed` takes images as they are, as for an index. What files say of their scale does
        not count here.

        Raises:
            ImageError: If one cannot be used.
        """
        return self.embed_queries([decode(image).image for image in images])[0]

    def collection(self, name: str | None = None) -> Collection:
        """A collection by its name; the first by default. Raises UnknownCollectionError, a ValueError."""
        if name is None:
            return next(iter(self.collections.values()))
        if name not in self.collections:
            raise UnknownCollectionError(
                "There is no collection '{name}': choose one of {names}.",
                name=name, names=", ".join(self.collections),
            )  # fmt: skip
        return self.collections[name]

    # Who goes through the collections meanwhile goes on with those that there were.

    def add(self, collection: Collection) -> None:
        """Have a further collection searched from now on, in place of one of the same name.

        Raises:
            ArtifactError: If other weights made its vectors.
        """
        if collection.manifest.model != self.collection().manifest.model:
            raise ArtifactError(
                f"The vectors in {collection.folder} were made by other weights or settings than are in use."
            )
        with self._changing:
            self.collections = {**self.collections, collection.name: collection}

    def remove(self, name: str) -> None:
        """Have a collection searched no longer; one that there is not, or the last, is left alone."""
        with self._changing:
            others = {other: each for other, each in self.collections.items() if other != name}
            self.collections = others or self.collections


class UnknownCollectionError(UserError, ValueError):
    """There is no collection of a name."""


def _neighbours(collection: Collection, hits: Hits) -> list[Neighbour]:
    return [
        Neighbour(
            collection.entries[row].id,
            collection.label_of(row),
            float(distance),
            collection.photo(row),
            row,
        )
        for distance, row in zip(hits.distances, hits.rows.tolist(), strict=True)
    ]


def _crop_note(size: tuple[int, int]) -> Message | None:
    """What to say of an image that is far from square, of which the network sees the middle."""
    width, height = size
    if min(size) > NEARLY_SQUARE * max(size):
        return None
    return Message(
        "Of these {width} x {height} pixels, the square in the middle was searched.",
        width=width,
        height=height,
    )
