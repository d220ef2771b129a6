"""Photos and weights -> an artifact folder: embed, catalogue, write."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image
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
    new_folder,
    write_manifest,
)
from retrieval.collections.collection import Entry, write_catalogue
from retrieval.collections.embedding_map import write_places
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.embedder import BATCH, Embedder
from retrieval.images import ImageError, decode, pixel_sha256
from retrieval.index import VectorIndex
from retrieval.network import DIMENSION, read_about, structure
from train.artifacts.calibrate import calibration
from train.artifacts.projection import project
from train.data.ucmerced import DataError
from train.provenance import preprocessing


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
    replace_target: bool = False,
    device: str | None = None,
) -> None:
    """Embed photos and write the artifact folder of a collection.

    Args:
        target: The folder to write.
        name: What the API calls the collection.
        title: What people call it.
        photos: Where the photos are now.
        files: Which, and in which order: 'class/name.suffix'.
        source: Where the page will look for them; bundled ones are copied into the folder.
        weights: A safetensors file, see `retrieval.embedder.Embedder`.
        licences: Licence and origin of 'data' and 'weights'.
        training: How the weights were made.
        results: What was measured of them.
        with_weights: Whether to put the weights into the folder.
        held_out: Photos that are not among them, for `train.artifacts.calibrate.calibration`.
        replace_target: Whether an existing folder may be replaced.
        device: See `retrieval.embedder.Embedder`.

    Raises:
        DataError: If an image is missing or cannot be read.
        retrieval.ArtifactError: If the target exists, or the weights do not fit.
    """
    prepared = preprocessing(weights)
    architecture, pooling = structure(read_about(weights))
    with new_folder(target, replace=replace_target) as folder:
        embedder = Embedder(weights, prepared, device)
        entries, vectors = [], []
        with tqdm(total=len(files), desc=f"embed {name}", unit="image") as bar:
            for start in range(0, len(files), BATCH):
                batch = [_open(photos, file) for file in files[start : start + BATCH]]
                entries += [_entry(file, image) for file, image in batch]
                vectors.append(embedder.embed([image for _, image in batch]))
                bar.update(len(batch))
        index = VectorIndex.build(np.concatenate(vectors))
        index.save(folder / INDEX)
        write_catalogue(folder / CATALOGUE, entries)
        write_places(folder / MAP, project(index.vectors()))
        if with_weights:
            shutil.copyfile(weights, folder / WEIGHTS)
        if source.bundled:
            shutil.copytree(photos.root, folder / source.bundled)
        measured = calibration(index, embedder, held_out)
        manifest = Manifest(
            name=name,
            title=title,
            model=Model(architecture, pooling, DIMENSION, prepared.to_dict(), file_sha256(weights)),
            metric=METRIC,
            count=len(files),
            files={},
            photos=_without_nothing(asdict(source)),
            training=training or {},
            results=results or {},
            calibration=measured.to_dict() if measured else {},
            licences=licences,
        )
        write_manifest(folder, manifest)


def _open(photos: PhotoFolder, file: str) -> tuple[str, Image.Image]:
    path = photos.find(file)
    if path is None:
        raise DataError(f"{photos.root} lacks the image {file}: get the data again.")
    try:
        return file, decode(path).image
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error


def _entry(file: str, image: Image.Image) -> Entry:
    path = PurePosixPath(file)
    return Entry(path.stem, path.parent.name, file, pixel_sha256(image), previews.encode(image))


def _without_nothing(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
