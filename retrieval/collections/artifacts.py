"""The artifact folder: `manifest.json`, the files that it names, and the checks between them.

A folder holds one collection: its index, its catalogue, mostly a map of it, and, in the shipped one, the
weights that made the vectors, with what goes with them. A further collection leaves the weights out and
names those that it was made with by checksum.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import asdict, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import AfterValidator, BeforeValidator, Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.fields import (
    CLOSED,
    Count,
    Line,
    PlainData,
    Sha256,
    Text,
    problem,
    shortened,
)
from retrieval.collections.index_facts import IndexFacts
from retrieval.files import atomic_write, open_regular, read_bounded, restore
from retrieval.preprocessing import Preprocessing

SCHEMA = 1
MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
INDEX = "index.faiss"
CATALOGUE = "catalogue.csv"
#: An artifact folder may be without this one.
MAP = "map.csv"
#: Likewise; it lets CPUs compute in int8, see `retrieval.quantization`.
QUANTIZATION = "int8.json"
#: Likewise; it tells how much ground an image shows, see `retrieval.scale_probe`.
SCALE = "scale.safetensors"
#: Likewise; where each photo lies, see `retrieval.collections.places`.
PLACES = "places.csv"
#: Likewise; it finds most of what the index finds in less time, see `retrieval.fast_index`.
FAST = "fast.faiss"
FILES = (WEIGHTS, QUANTIZATION, SCALE, INDEX, CATALOGUE, MAP, PLACES, FAST)
METRIC = "euclidean"
CLASSES: Literal["classes"] = "classes"
GROUPS: Literal["groups"] = "groups"
#: Blocks of each of the four stages. The small one is for tests and quick tries.
ARCHITECTURES = {"resnet50": (3, 4, 6, 3), "resnet14": (1, 1, 1, 1)}
POOLINGS = ("average", "gem")
#: Features of a vector that each of these architectures makes.
FEATURES = 2048
MAX_DIMENSION = 16_384
#: What a manifest has to say of the preprocessing, though it has usual values.
PARTS = {each.name for each in fields(Preprocessing)}
#: That of UC Merced has 66 kB, most of it results.
MAX_MANIFEST_BYTES = 2_000_000


class ArtifactError(ValueError):
    """An artifact folder cannot be used. The message says which file, what is wrong, and what to do."""


def _complete(preprocessing: Any) -> Any:  # noqa: ANN401 - whatever JSON held
    if isinstance(preprocessing, dict) and (missing := PARTS - preprocessing.keys()):
        raise ValueError(f"the preprocessing has to have {' and '.join(sorted(missing))} too")
    return preprocessing


def _collection_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", name):
        raise ValueError("it has to be made of lower-case letters, digits and '-', 64 at most")
    return name


def _own_files(files: dict[str, str]) -> dict[str, str]:
    if not set(files) <= set(FILES):
        raise ValueError(f"it may name {', '.join(FILES)}, all in its own folder, and no other file")
    return files


@dataclass(frozen=True, config=CLOSED)
class Model:
    """What made the vectors.

    Attributes:
        architecture: One of `ARCHITECTURES`.
        pooling: One of `POOLINGS`.
        dimension: Features of a vector.
        preprocessing: What they saw of an image.
        sha256: Of the weights file, whether it is in this folder or in another.
    """

    architecture: Line
    pooling: Line
    dimension: Annotated[int, Strict(), Field(ge=1, le=MAX_DIMENSION)]
    preprocessing: Annotated[Preprocessing, BeforeValidator(_complete)]
    sha256: Sha256


@dataclass(frozen=True, config=CLOSED)
class Manifest:
    """What is in an artifact folder; `manifest.json` holds exactly these fields and `schema`.

    Each field is checked when a manifest is made, so what is written can be read.

    Attributes:
        name: Short, of lower-case letters, digits and '-'; what the API calls the collection.
        title: What people call it.
        model: What made the vectors.
        metric: 'euclidean': distances of unit vectors, in [0, 2].
        count: Rows of the index and of the catalogue.
        files: File name -> SHA-256.
        photos: Where the photos are, see `retrieval.collections.photos.PhotoSource`.
        training: Configuration of the run that made the weights.
        results: Its measures, see `retrieval.collections.evaluation`.
        calibration: What turns distances into judgements, see `retrieval.collections.calibration`.
        licences: Licence and origin of 'data' and 'weights'.
        labels: What the catalogue's labels are: 'classes', which somebody gave, or 'groups' of photos that
            are alike, which k-means found where nobody did.
        index: Of the fast index, where there is one beside the exact one.
    """

    name: Annotated[str, Strict(), AfterValidator(_collection_name)]
    title: Line
    model: Model
    metric: Line
    count: Count
    files: Annotated[dict[str, Sha256], AfterValidator(_own_files)]
    photos: PlainData = field(default_factory=dict)
    training: PlainData = field(default_factory=dict)
    results: PlainData = field(default_factory=dict)
    calibration: PlainData = field(default_factory=dict)
    licences: dict[Line, Text] = field(default_factory=dict)
    labels: Literal["classes", "groups"] = CLASSES
    index: IndexFacts | None = None

    @property
    def has_weights(self) -> bool:
        """Whether the weights are in this folder."""
        return WEIGHTS in self.files

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        written = {"schema": SCHEMA, **asdict(self)}
        if self.labels == CLASSES:  # as always, so that programs before this field read it
            del written["labels"]
        if self.index is None:
            del written["index"]
        return pydantic_core.to_json(written, indent=2).decode() + "\n"


def read_manifest(folder: Path, unneeded: Collection[str] = ()) -> Manifest:
    """Read and check a manifest, and that the files it names are there, whole and unchanged.

    Args:
        folder: The artifact folder.
        unneeded: Files that nobody is going to read: they may be missing.

    Raises:
        ArtifactError: If anything is missing, damaged, or of another schema.
    """
    restore(folder)
    manifest = parse_manifest(folder / MANIFEST)
    for name, expected in manifest.files.items():
        if name not in unneeded:
            _check_file(folder / name, expected)
    return manifest


def parse_manifest(path: Path) -> Manifest:
    """Read and check a manifest alone.

    Raises:
        ArtifactError: If it is missing, no JSON, of another schema, or if a field does not fit.
    """
    try:
        fields = pydantic_core.from_json(read_bounded(path, MAX_MANIFEST_BYTES), allow_inf_nan=False)
    except FileNotFoundError:
        raise ArtifactError(
            f"There is no artifact folder at {path.parent} ({MANIFEST} is missing): "
            "name another folder, or make one with 'python -m train index --images FOLDER --out COLLECTION'."
        ) from None
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{path} cannot be read as JSON ({shortened(error, 200)}): restore it, or build the folder again."
        ) from error
    if not isinstance(fields, dict) or "schema" not in fields:
        raise ArtifactError(f"{path} is not the manifest of an artifact folder: it has no field 'schema'.")
    if fields["schema"] != SCHEMA:
        raise ArtifactError(
            f"{path} has schema {shortened(fields['schema'])}, and this program reads schema {SCHEMA}: "
            "build the folder again, or use the release that made it."
        )
    rest = {key: value for key, value in fields.items() if key != "schema"}
    try:
        manifest = TypeAdapter(Manifest).validate_python(rest)
    except ValidationError as error:
        raise ArtifactError(
            f"{path} has a field that does not fit ({problem(error)}): build the folder again."
        ) from None
    model = manifest.model
    known = model.architecture in ARCHITECTURES and model.pooling in POOLINGS
    if not known or manifest.metric != METRIC:
        raise ArtifactError(
            f"{path} asks for {model.architecture} with {model.pooling} pooling and {manifest.metric} "
            f"distance, and this program has {' and '.join(ARCHITECTURES)}, {' and '.join(POOLINGS)} pooling "
            f"and {METRIC} distance: update the program."
        )
    if missing := {INDEX, CATALOGUE} - set(manifest.files):
        raise ArtifactError(f"{path} has to name {' and '.join(sorted(missing))} among its files.")
    if manifest.has_weights and manifest.files[WEIGHTS] != model.sha256:
        raise ArtifactError(
            f"{path} contradicts itself: {WEIGHTS} and model.sha256 have different checksums."
        )
    return manifest


def _check_file(path: Path, expected: str) -> None:
    try:
        found = file_sha256(path)
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing: restore it, or build the folder again.") from None
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read ({error.strerror or error}).") from error
    if found != expected:
        raise ArtifactError(
            f"{path} is damaged: its SHA-256 is {found[:12]}…, and the manifest says {expected[:12]}…. "
            "Restore it, or build the folder again."
        )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` with the checksums of the files that are in the folder now."""
    files = {name: file_sha256(folder / name) for name in FILES if (folder / name).exists()}
    complete = replace(manifest, files=files)
    with atomic_write(folder / MANIFEST) as partial:
        partial.write_text(complete.to_json(), encoding="utf-8")
