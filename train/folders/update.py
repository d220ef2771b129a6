"""A folder of photos -> its collection: made, gone on with, or kept up with what changed in the folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from retrieval.collections.artifacts import MANIFEST, ArtifactError, Model
from retrieval.files import PARTIAL, restore
from retrieval.maps.scale import TILE_METRES
from retrieval.retriever import SHIPPED
from train.artifacts.fast import IndexChoice
from train.data.ucmerced import DataError
from train.folders.embedding import Embedding
from train.folders.known import Known, Published, read_published
from train.folders.labels import Labels
from train.folders.ledger import Ledger, Photo
from train.folders.publish import Collected, publish
from train.folders.reading import read_ahead
from train.folders.shares import Share, ledgers
from train.folders.tiles import CHANGED, Passed, TiledRaster, may_be_raster, read_tiles, tiled
from train.folders.walk import Found, LeftOut, list_photos, written

#: Of the folder beside a collection where a run keeps what it has embedded, until the collection is whole.
UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Attributes:
        images: The folder of photos, from the root.
        only: The one file in it that is meant; None for all.
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
        tile: Metres of ground that a tile of a raster is wide; None for as many as before, or 78.
        device: See `retrieval.embedder.Embedder`.
        index: What kind of index it gets.
        precision: See `retrieval.runtime.bulk_runtime`.
        share: Which of several processes this one is.
        bar: What tells of the progress.
    """

    images: Path
    out: Path
    weights: Path
    model: Model
    labels: Labels
    only: str | None = None
    title: str | None = None
    data_licence: str | None = None
    with_weights: dict[str, Any] | None = None
    replace: bool = False
    again: bool = False
    tile: float | None = None
    device: str | None = None
    index: IndexChoice = field(default_factory=IndexChoice)
    precision: str | None = None
    share: Share = field(default_factory=Share)
    bar: type[tqdm] = tqdm

    @property
    def unfinished(self) -> Path:
        """Where a run keeps what it has embedded."""
        return self.out.with_name(self.out.name + UNFINISHED)


@dataclass
class Outcome:
    """What was done.

    Attributes:
        count: Photos in the collection; each tile of a raster is one.
        tiles: Of those, how many are tiles.
        empty_tiles: Tiles of what was read that show nothing, so are none.
        embedded: Photos that the network saw.
        added: Photos that were not in the collection before.
        changed: Photos that were in it with another content.
        removed: Photos that were in it.
        left_out: What looks like a photo and is none; the table of labels may name such too.
        others: Files of other kinds.
        written: Whether the collection was written: not where all was as it is.
        photos_a_second: Of those that were read; 0 where there were none.
        precision: What the network computed in, as 'bfloat16'; '' where it saw no photo.
    """

    count: int = 0
    tiles: int = 0
    empty_tiles: int = 0
    embedded: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    others: int = 0
    written: bool = True
    photos_a_second: float = 0
    precision: str = ""


def update(order: Order) -> Outcome:
    """Make the collection of a folder, or bring it up to date. Cut off at any moment, it goes on next time.

    Raises:
        DataError: If the folder holds no photo, or may not be written, or another run is at it.
        ArtifactError: If the collection that is there is damaged, or the weights do not fit.
        OSError: If the disk takes nothing.
    """
    _check_places(order)
    with _alone(order.out, order.share):
        previous = _previous(order)
        mine = [order.out, order.unfinished, order.out.with_name(order.out.name + PARTIAL)]
        listing = list_photos(order.images, mine, order.only)
        outcome = Outcome(others=listing.others, left_out=list(listing.left_out))
        known = Known()
        is_ours = previous is not None and previous.manifest.model == order.model
        if previous and is_ours and not order.again:
            known.add_published(previous)
        metres = order.tile or (previous.metres if previous else 0.0) or TILE_METRES
        _add_kept(known, order)
        with Ledger(order.share.ledger(order.unfinished), order.model) as ledger:
            photos = _read(order, order.share.part(listing.found), known, ledger, outcome, metres)
            if order.share.helps:
                outcome.count, outcome.written = len(photos), False
                return outcome
            if order.share.count > 1:
                order.share.wait_for_others(order.out)
                _add_kept(known, order)
                outcome.left_out = list(listing.left_out)
                outcome.empty_tiles = 0
                photos = _read(order, listing.found, known, ledger, outcome, metres)
            if not photos:
                raise DataError(_empty(order, outcome.left_out))
            outcome.left_out += order.labels.without_photo({photo.file for photo in photos})
            outcome.left_out.sort(key=lambda left: left.file)
            _count(outcome, photos, previous)
            collected = Collected(photos, known.vectors, outcome.left_out, metres)
            outcome.written = publish(order, collected, previous if is_ours else None)
            ledger.remove()
    return outcome


def _add_kept(known: Known, order: Order) -> None:
    """Add what this run or an earlier one has embedded, in whatever process."""
    for ledger in ledgers(order.unfinished, order.model):
        known.add(ledger.photos, ledger.vectors)


def _read(
    order: Order,
    found: Sequence[Found],
    known: Known,
    ledger: Ledger,
    outcome: Outcome,
    metres: float,
) -> list[Photo]:
    """What is known of each photo by now, in their order; what is new is embedded, and kept as it comes."""
    done: dict[str, Photo] = {}
    new, rasters = _what_is_new(order, found, known, done, metres)
    preprocessing = order.model.preprocessing
    embed = Embedding(order.weights, preprocessing, order.device, known, ledger, order.precision, order.share)
    total = len(new) + sum(len(raster.tiles) for raster in rasters)
    if total:
        with embed, order.bar(total=total, desc=f"index {order.out.name}", unit="photo") as bar:
            reading = read_ahead(order.images, new, preprocessing, known.vectors, order.share.cores)
            tiles = read_tiles(order.images, rasters, preprocessing, known.vectors)
            for read in chain(reading, tiles):
                if isinstance(read, LeftOut):
                    outcome.left_out.append(read)
                    if read.reason == CHANGED:  # its first tiles are of what it was
                        done = {id_: photo for id_, photo in done.items() if written(photo.file) != read.file}
                    bar.update()
                elif isinstance(read, Passed):
                    outcome.empty_tiles += 1
                    bar.update()
                elif read.square is None or read.photo.content in known.contents:
                    bar.update()
                    done[read.photo.id] = embed.known(read.photo)
                else:
                    done[read.photo.id] = read.photo
                    bar.update(embed.add(read.photo, read.square))
            bar.update(embed.rest())
            outcome.photos_a_second = total / max(bar.format_dict["elapsed"], 1e-3)
    outcome.embedded += embed.count
    outcome.precision = outcome.precision or embed.dtype
    return sorted(done.values(), key=lambda photo: (photo.file, photo.part))


def _what_is_new(
    order: Order, found: Sequence[Found], known: Known, done: dict[str, Photo], metres: float
) -> tuple[list[Found], list[TiledRaster]]:
    """What has to be read: photos, and rasters for tiles. What is known of others goes into `done`."""
    new, rasters = list[Found](), list[TiledRaster]()
    for file in found:
        photos = known.of(file, metres)
        if may_be_raster(file.file) and not (photos and known.metres == metres):
            raster = tiled(order.images, file, metres)  # it may have been a photo as a whole before
            if raster is not None:
                rasters.append(raster)
                continue
        done |= {photo.id: photo for photo in photos}
        new += [] if photos else [file]
    return new, rasters


def _count(outcome: Outcome, photos: Sequence[Photo], previous: Published | None) -> None:
    before = {photo.id: photo for photo in previous.photos} if previous else {}
    outcome.count = len(photos)
    outcome.tiles = sum(bool(photo.part) for photo in photos)
    outcome.added = sum(photo.id not in before for photo in photos)
    outcome.changed = sum(photo.id in before and before[photo.id].pixels != photo.pixels for photo in photos)
    outcome.removed = len(before.keys() - {photo.id for photo in photos})


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
def _alone(out: Path, share: Share) -> Iterator[None]:
    """Be the only run that writes to a folder, or has this share. Raises DataError where another does."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(share.lock(out), timeout=0):
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
        if order.only and any(photo.file != order.only for photo in previous.photos):
            raise DataError(f"{out} holds other photos than {order.only} too: {allow}")
        if previous.manifest.model != order.model:
            raise DataError(f"{out} was made with other weights: {allow}")
    return previous


def _empty(order: Order, left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        if order.only:
            return f"{order.only} is no photo that is read here: name a photo, a raster or a folder."
        return f"{order.images} holds no photo: name a folder of photos."
    first = left_out[0]
    if order.only:
        return f"{order.images / order.only} cannot be used: {first.reason}"
    return (
        f"{order.images} holds no photo that can be read; {len(left_out)} were left out, such as "
        f"{first.file}: {first.reason}"
    )
