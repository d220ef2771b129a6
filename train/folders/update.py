"""A folder of photos -> its collection: made, gone on with, or kept up with what changed in the folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from tqdm import tqdm

from retrieval.collections.artifacts import MANIFEST, ArtifactError, Model
from retrieval.files import PARTIAL, restore
from retrieval.retriever import SHIPPED
from train.data.ucmerced import DataError
from train.folders.known import Known, Published, read_published
from train.folders.labels import Labels
from train.folders.ledger import Ledger, Photo
from train.folders.publish import Collected, publish
from train.folders.reading import read_ahead
from train.folders.walk import Found, LeftOut, list_photos

#: Of the folder beside a collection where a run keeps what it has embedded, until the collection is whole.
UNFINISHED = ".unfinished"
#: Photos that are embedded and then kept on the disk: as many are lost at most when a run is killed.
BATCH = 32


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Attributes:
        images: The folder of photos, from the root.
        out: The collection's folder.
        weights: A safetensors file.
        model: Theirs.
        labels: What is said of the photos.
        title: What people call the collection; None for what it is called already, or the folder's name.
        data_licence: Licence and origin of the photos; None likewise.
        with_weights: What goes into the manifest of a collection that holds its weights, as fields of it;
            None for one that does not.
        replace: Whether a collection that was made of something else may be replaced.
        again: Whether to embed anew what the collection has already.
        device: See `retrieval.embedder.Embedder`.
    """

    images: Path
    out: Path
    weights: Path
    model: Model
    labels: Labels
    title: str | None = None
    data_licence: str | None = None
    with_weights: dict[str, Any] | None = None
    replace: bool = False
    again: bool = False
    device: str | None = None

    @property
    def unfinished(self) -> Path:
        """Where a run keeps what it has embedded."""
        return self.out.with_name(self.out.name + UNFINISHED)


@dataclass
class Outcome:
    """What was done.

    Attributes:
        count: Photos in the collection.
        embedded: Photos that the network saw.
        added: Photos that were not in the collection before.
        changed: Photos that were in it with another content.
        removed: Photos that were in it.
        left_out: What looks like a photo and is none; the table of labels may name such too.
        others: Files of other kinds.
        written: Whether the collection was written: not where all was as it is.
        photos_a_second: Of those that were read; 0 where there were none.
    """

    count: int = 0
    embedded: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    others: int = 0
    written: bool = True
    photos_a_second: float = 0


def update(order: Order) -> Outcome:
    """Make the collection of a folder, or bring it up to date. Cut off at any moment, it goes on next time.

    Raises:
        DataError: If the folder holds no photo, or may not be written, or another run is at it.
        ArtifactError: If the collection that is there is damaged, or the weights do not fit.
        OSError: If the disk takes nothing.
    """
    _check_places(order)
    with _alone(order.out):
        previous = _previous(order)
        mine = [order.out, order.unfinished, order.out.with_name(order.out.name + PARTIAL)]
        listing = list_photos(order.images, mine)
        outcome = Outcome(others=listing.others, left_out=list(listing.left_out))
        known = Known()
        is_ours = previous is not None and previous.manifest.model == order.model
        if previous and is_ours and not order.again:
            known.add(previous.photos, previous.vectors)
        with Ledger(order.unfinished, order.model) as ledger:
            known.add(ledger.photos, ledger.vectors)
            photos = _read(order, listing.found, known, ledger, outcome)
            if not photos:
                raise DataError(_empty(order.images, outcome.left_out))
            outcome.left_out += order.labels.without_photo(photo.file for photo in photos)
            outcome.left_out.sort(key=lambda left: left.file)
            vectors = np.stack([known.vectors[photo.content] for photo in photos])
            _count(outcome, photos, previous)
            collected = Collected(photos, vectors, outcome.left_out)
            outcome.written = publish(order, collected, previous if is_ours else None)
            ledger.remove()
    return outcome


def _read(
    order: Order, found: Sequence[Found], known: Known, ledger: Ledger, outcome: Outcome
) -> list[Photo]:
    """What is known of each photo by now, in their order; what is new is embedded, and kept as it comes."""
    done = {photo.file: known.photos[photo.file] for photo in found if known.has(photo)}
    new = [photo for photo in found if photo.file not in done]
    embed = _Embedding(order, known, ledger)
    if new:
        with tqdm(total=len(new), desc=f"index {order.out.name}", unit="photo") as bar:
            reading = read_ahead(order.images, new, order.model.preprocessing, known.vectors)
            for read in reading:
                if isinstance(read, LeftOut):
                    outcome.left_out.append(read)
                    bar.update()
                elif read.photo.content in known.contents:
                    bar.update()
                    done[read.photo.file] = embed.known(read.photo)
                else:
                    done[read.photo.file] = read.photo
                    bar.update(embed.add(read.photo, read.square))
            bar.update(embed.rest())
            outcome.photos_a_second = len(new) / max(bar.format_dict["elapsed"], 1e-3)
    outcome.embedded = embed.count
    return [done[photo.file] for photo in found if photo.file in done]


class _Embedding:
    """Photos go to the network in batches, and with their vectors to the disk."""

    def __init__(self, order: Order, known: Known, ledger: Ledger) -> None:
        self._order, self._known, self._ledger = order, known, ledger
        self._embedder: Any = None
        self._photos: list[Photo] = []
        self._squares: list[Any] = []
        self.count = 0

    def known(self, photo: Photo) -> Photo:
        """A photo whose content is known under another name, or from another time."""
        same = self._known.contents[photo.content]
        return Photo(photo.file, photo.size, photo.modified, photo.content, same.pixels, same.blurhash)

    def add(self, photo: Photo, square: Any) -> int:  # noqa: ANN401 - a picture
        """Add a photo. Returns how many were embedded now."""
        self._photos.append(photo)
        self._squares.append(square)
        return self.rest() if len(self._photos) == BATCH else 0

    def rest(self) -> int:
        """Embed those that wait. Returns how many."""
        count = len(self._photos)
        if count:
            if self._embedder is None:
                from retrieval.embedder import Embedder  # here: torch takes seconds, and may not be needed

                preprocessing = self._order.model.preprocessing
                self._embedder = Embedder(self._order.weights, preprocessing, self._order.device)
            vectors: NDArray[np.float32] = self._embedder.embed(self._squares)
            self._ledger.add(self._photos, vectors)
            self._known.add(self._photos, vectors)
            self._photos, self._squares = [], []
            self.count += count
        return count


def _count(outcome: Outcome, photos: Sequence[Photo], previous: Published | None) -> None:
    before = {photo.file: photo for photo in previous.photos} if previous else {}
    outcome.count = len(photos)
    outcome.added = sum(photo.file not in before for photo in photos)
    outcome.changed = sum(
        photo.file in before and before[photo.file].pixels != photo.pixels for photo in photos
    )
    outcome.removed = len(before.keys() - {photo.file for photo in photos})


def _check_places(order: Order) -> None:
    """Raises DataError where the folder is not there, or the collection would be put in its place."""
    out = order.out.resolve()
    if not order.images.is_dir():
        raise DataError(f"There is no folder {order.images}: name the folder that holds the photos.")
    if out == SHIPPED.resolve():
        raise DataError(f"{SHIPPED} is UC Merced's: name another folder with --out.")
    if out == order.images or out in order.images.parents:
        raise DataError(f"{order.out} holds the photos themselves: name another folder with --out.")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Be the only run that writes to a folder. Raises DataError where another does."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out.with_name(f".{out.name}.lock"), timeout=0):
            yield
    except Timeout:
        raise DataError(f"Another run is writing {out}: wait until it has ended, or stop it.") from None


def _previous(order: Order) -> Published | None:
    """The collection that is there. Raises DataError where it may not be replaced."""
    out, allow = order.out, "name another folder with --out, or have it replaced with --replace."
    restore(out)
    if not (out / MANIFEST).is_file():
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise DataError(f"{out} exists already, and is no collection: name another folder with --out.")
        return None
    try:
        previous = read_published(out)
    except ArtifactError as error:
        if order.replace:
            return None
        raise ArtifactError(f"{error} --replace makes {out} anew from the photos.") from error
    made_of = previous.manifest.photos.get("folder")
    if not order.replace:
        if made_of is None:
            raise DataError(f"{out} was not made with --images: {allow}")
        if made_of != str(order.images):
            raise DataError(
                f"{out} was made of the folder {made_of}: {allow} What is in both is not embedded again."
            )
        if previous.manifest.model != order.model:
            raise DataError(f"{out} was made with other weights: {allow}")
    return previous


def _empty(folder: Path, left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return f"{folder} holds no photo: name a folder of photos."
    first = left_out[0]
    return (
        f"{folder} holds no photo that can be read; {len(left_out)} were left out, such as {first.file}: "
        f"{first.reason}"
    )
