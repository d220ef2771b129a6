"""Photos and weights -> the artifact folder of a collection."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import numpy as np
from PIL import Image
from pydantic import ValidationError
from tqdm import tqdm

from retrieval.collections import previews
from retrieval.collections.artifacts import (
    CATALOGUE,
    INDEX,
    MAP,
    METRIC,
    WEIGHTS,
    Manifest,
    Model,
    file_sha256,
    write_manifest,
)
from retrieval.collections.catalogue import Entry, write_catalogue
from retrieval.collections.embedding_map import write_coordinates
from retrieval.collections.fields import problem
from retrieval.collections.new_folder import new_folder
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.embedder import Embedder
from retrieval.images import DecodedImage, ImageError, decode, pixel_sha256
from retrieval.index import VectorIndex
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import searched_part
from retrieval.weights import DIMENSION, checked_structure
from train.artifacts.calibrate import measure_calibration
from train.artifacts.model_card import write_card
from train.artifacts.projection import project
from train.data.ucmerced import DataError
from train.provenance import preprocessing

T = TypeVar("T")
#: Photos that are in memory at a time.
BATCH = 32


def build(
    target: Path,
    *,
    name: str,
    title: str,
    photos: PhotoFolder,
    files: Sequence[str],
    source: PhotoSource,
    weights: Path,
    licences: dict[str, str],
    training: dict[str, Any] | None = None,
    results: dict[str, Any] | None = None,
    with_weights: bool = True,
    held_out: Sequence[Image.Image] = (),
    with_card: bool = False,
    replace_target: bool = False,
    device: str | None = None,
) -> None:
    """Embed photos and write the artifact folder of a collection.

    Args:
        target: The folder to write.
        name: The collection's name in the API.
        title: The collection's name for people.
        photos: The folder of the photos.
        files: The photos to index, in the order of the index: 'class/name.suffix'.
        source: Where the page will look for the photos; bundled ones are copied into the artifact folder.
        weights: A safetensors file, see `retrieval.embedder.Embedder`.
        licences: Licence and origin of 'data' and 'weights'.
        training: The settings and results of the weights' training.
        results: The manifest's field, see `retrieval.collections.evaluation.Evaluation.from_dict`.
        with_weights: Whether to put the weights into the folder.
        held_out: Photos that are not in the index, see `train.artifacts.calibrate.measure_calibration`.
        with_card: Whether to write the model card into the folder.
        replace_target: Whether an existing folder may be replaced.
        device: See `retrieval.embedder.Embedder`.

    Raises:
        DataError: If an image is missing or cannot be read, or a name cannot be in a catalogue.
        retrieval.ArtifactError: If the target exists, or the weights do not fit.
    """
    model = model_of(weights)
    _check_names(files)
    with new_folder(target, replace=replace_target) as folder:
        embedder = Embedder(weights, model.preprocessing, device)
        entries, embeddings = [], []
        with tqdm(total=len(files), desc=f"embed {name}", unit="image") as bar:
            for start in range(0, len(files), BATCH):
                batch = files[start : start + BATCH]
                images = [_read_image(photos, file) for file in batch]
                entries += [_entry(file, image.image) for file, image in zip(batch, images, strict=True)]
                embeddings.append(embedder.embed([*map(_searched, batch, images)]))
                bar.update(len(batch))
        VectorIndex.build(np.concatenate(embeddings)).save(folder / INDEX, half=True)
        index = VectorIndex.load(folder / INDEX, gpu=False)  # its rounded vectors: those that are searched
        write_catalogue(folder / CATALOGUE, entries)
        write_coordinates(folder / MAP, project(index.vectors()))
        if with_weights:
            shutil.copyfile(weights, folder / WEIGHTS)
        if source.bundled:
            _copy_photos(photos, files, folder / source.bundled)
        calibration = measure_calibration(index, embedder, held_out)
        manifest = made(
            Manifest,
            f"the manifest of {target}",
            name=name,
            title=title,
            model=model,
            metric=METRIC,
            count=len(files),
            files={},
            photos={key: value for key, value in asdict(source).items() if value is not None},
            training=training or {},
            results=results or {},
            calibration=calibration.to_dict() if calibration else {},
            licences=licences,
        )
        write_manifest(folder, manifest)
        if with_card:
            write_card(folder)


def model_of(weights: Path) -> Model:
    """What a manifest says of weights. Raises ArtifactError if they cannot be read."""
    architecture, pooling = checked_structure(weights)
    return Model(architecture, pooling, DIMENSION, preprocessing(weights), file_sha256(weights))


def made(kind: type[T], what: str, *values: object, **fields: object) -> T:
    """Make what checks its own fields. Raises DataError, which names the field, where one does not fit."""
    try:
        return kind(*values, **fields)
    except ValidationError as error:
        raise DataError(f"This cannot be in {what} ({problem(error)}): name it otherwise.") from error


def _check_names(files: Sequence[str]) -> None:
    """Raises DataError where two photos would have one id."""
    seen: dict[str, str] = {}
    for file in files:
        other = seen.setdefault(PurePosixPath(file).stem, file)
        if other != file:
            raise DataError(
                f"{other} and {file} have one name: rename one, or make the collection with --images, by "
                "which photos may be called alike."
            )


def _copy_photos(photos: PhotoFolder, files: Sequence[str], folder: Path) -> None:
    """Copy the photos that are indexed, and nothing else that lies beside them."""
    for file in files:
        if path := photos.find(file):
            target = folder / path.relative_to(photos.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _read_image(photos: PhotoFolder, file: str) -> DecodedImage:
    """Decode a photo. Raises DataError, which names it, if it is missing or cannot be read."""
    path = photos.find(file)
    if path is None:
        raise DataError(f"{photos.root} lacks the image {file}: get the data again.")
    try:
        return decode(path)
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error


def _searched(file: str, image: DecodedImage) -> Image.Image:
    """What the page searches of a photo. Raises DataError, which names it, if it is too coarse."""
    try:
        return searched_part(image)[0]
    except ScaleError as error:
        raise DataError(f"{file}: {error}") from error


def _entry(file: str, image: Image.Image) -> Entry:
    path = PurePosixPath(file)
    fields = path.stem, path.parent.name, file, pixel_sha256(image), previews.encode(image)
    return made(Entry, f"a catalogue, {file}", *fields)
