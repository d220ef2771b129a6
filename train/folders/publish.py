"""What was collected of a folder -> its artifact folder, which appears whole or not at all."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import (
    CATALOGUE,
    CLASSES,
    GROUPS,
    INDEX,
    MAP,
    METRIC,
    PLACES,
    QUANTIZATION,
    SCALE,
    WEIGHTS,
    Manifest,
    write_manifest,
)
from retrieval.collections.catalogue import Entry, write_catalogue
from retrieval.collections.embedding_map import write_coordinates
from retrieval.collections.new_folder import new_folder
from retrieval.collections.photos import PhotoSource
from retrieval.collections.places import write_places
from retrieval.index import VectorIndex
from retrieval.index_file import header, mapped_vectors
from retrieval.plain_text import one_line
from train.artifacts.build import made
from train.artifacts.calibrate import measure_calibration
from train.artifacts.fast import has_fast, write_fast
from train.artifacts.model_card import write_card
from train.artifacts.projection import project
from train.data.ucmerced import DataError
from train.folders.groups import group_labels
from train.folders.known import REPORT, Published, write_record
from train.folders.ledger import Photo
from train.folders.walk import LeftOut

if TYPE_CHECKING:
    from train.folders.update import Order

NOT_STATED = "Not stated."


@dataclass(frozen=True)
class Collected:
    """What a collection is made of.

    Attributes:
        photos: In the order of the index.
        vectors: Content -> vector; emptied once they are in the file of the index.
        left_out: For the report.
        metres: Of ground, that tiles of rasters are wide.
    """

    photos: Sequence[Photo]
    vectors: dict[str, NDArray[np.float32]]
    left_out: Sequence[LeftOut]
    metres: float


def publish(order: Order, collected: Collected, previous: Published | None) -> bool:
    """Write the artifact folder.

    Args:
        order: What is asked for.
        collected: What it is made of.
        previous: The collection that is there, of the same weights. What the photos alone decide is taken
            from it, where they are the same.

    Returns:
        Whether it was written: not where nothing is otherwise than it was.

    Raises:
        DataError: If something cannot be in a manifest or a catalogue.
        OSError: If the disk takes nothing.
    """
    photos = collected.photos
    contents = [photo.content for photo in photos]
    same = (
        previous is not None and not order.again and [photo.content for photo in previous.photos] == contents
    )
    labels = _labels(order, photos, previous if same else None)
    entries = _entries(photos, labels) if labels else []
    manifest = _manifest(order, len(photos), previous)
    if same and previous:
        manifest = replace(manifest, calibration=previous.manifest.calibration)
        is_as_it_was = (
            replace(previous.manifest, files={}, index=None) == manifest
            and has_fast(previous.manifest, order.index)
            and previous.entries == entries
            and previous.photos == photos
            and previous.metres == collected.metres
            and _read(order.out / REPORT) == _report(collected.left_out)
        )
        if is_as_it_was:
            return False
    with new_folder(order.out, replace=True) as folder:
        _write_index(folder / INDEX, order.model.dimension, collected)
        index, vectors = VectorIndex.load(folder / INDEX), mapped_vectors(folder / INDEX)
        if not same and (calibration := measure_calibration(index)):
            manifest = replace(manifest, calibration=calibration.to_dict())
        write_catalogue(folder / CATALOGUE, entries or _entries(photos, group_labels(vectors)))
        if any(photo.window or photo.footprint for photo in photos):
            write_places(folder / PLACES, [photo.place for photo in photos])
        write_record(folder, photos, collected.metres)
        (folder / REPORT).write_text(_report(collected.left_out), encoding="utf-8", newline="")
        if same and (order.out / MAP).is_file():
            shutil.copyfile(order.out / MAP, folder / MAP)
        else:
            write_coordinates(folder / MAP, project(vectors))
        if order.with_weights is not None:
            shutil.copyfile(order.weights, folder / WEIGHTS)
            for name in (QUANTIZATION, SCALE):
                if previous and name in previous.manifest.files:
                    shutil.copyfile(order.out / name, folder / name)
        write_manifest(folder, write_fast(folder, manifest, index, order.index))
        write_card(folder)
    return True


def _labels(order: Order, photos: Sequence[Photo], same: Published | None) -> list[str] | None:
    """The labels that are known already; None where groups have to be found."""
    if order.labels.are_given:
        return [order.labels.of(photo.file) for photo in photos]
    if same and same.manifest.labels == GROUPS:
        return [entry.label for entry in same.entries]
    return None


def _entries(photos: Sequence[Photo], labels: Sequence[str]) -> list[Entry]:
    return [
        made(Entry, f"a catalogue, {photo.id}", photo.id, label, photo.file, photo.pixels, photo.blurhash)
        for photo, label in zip(photos, labels, strict=True)
    ]


def _write_index(path: Path, dimension: int, collected: Collected) -> None:
    """Write the exact index, a vector at a time: all of them may be as much as the memory holds."""
    try:
        with path.open("wb") as file:
            file.write(header(len(collected.photos), dimension))
            for photo in collected.photos:
                file.write(collected.vectors[photo.content].astype("<f4", copy=False).tobytes())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    collected.vectors.clear()


def _manifest(order: Order, count: int, previous: Published | None) -> Manifest:
    """What the manifest says, but for files and calibration."""
    before = previous.manifest if previous else None
    name = re.sub(r"[^a-z0-9]+", "-", order.out.name.lower()).strip("-")[:64].strip("-") or "photos"
    try:
        source = PhotoSource.of_folder(order.images)
    except ValueError as error:
        raise DataError(f"{order.images!r} cannot be in a manifest ({error}): rename that folder.") from error
    licences = {"data": order.data_licence or (before.licences.get("data") if before else "") or NOT_STATED}
    given: dict[str, Any] = dict(order.with_weights or {})
    licences |= {"weights": given.pop("licence")} if "licence" in given else {}
    if before and not given.get("results"):
        given["results"] = before.results
    return made(
        Manifest,
        f"the manifest of {order.out}",
        name=name,
        title=order.title or (before.title if before else one_line(order.images.name)),
        model=order.model,
        metric=METRIC,
        count=count,
        files={},
        photos={key: value for key, value in asdict(source).items() if value is not None},
        licences=licences,
        labels=CLASSES if order.labels.are_given else GROUPS,
        **given,
    )


def _report(left_out: Sequence[LeftOut]) -> str:
    """The report as CSV: a row for each file, under a header."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("file", "reason"))
    rows.writerows((left.file, left.reason) for left in left_out)
    return text.getvalue()


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
