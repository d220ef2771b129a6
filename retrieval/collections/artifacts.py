"""The artifact folder: `manifest.json`, the files that it names, and the checks between them.

A folder holds one collection: its index, its catalogue, mostly a map of it, and, in the shipped one, the
weights that made the vectors. A further collection leaves the weights out and names those that it was made
with by checksum.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = 1
MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
INDEX = "index.faiss"
CATALOGUE = "catalogue.csv"
#: An artifact folder may be without this one.
MAP = "map.csv"
#: Likewise; it lets CPUs compute in int8, see `retrieval.quantization`.
QUANTIZATION = "int8.json"
METRIC = "euclidean"
#: Blocks of each of the four stages. The small one is for tests and quick tries.
ARCHITECTURES = {"resnet50": (3, 4, 6, 3), "resnet14": (1, 1, 1, 1)}
POOLINGS = ("average", "gem")


class ArtifactError(ValueError):
    """An artifact folder cannot be used. The message says which file, what is wrong, and what to do."""


@dataclass(frozen=True)
class Model:
    """What made the vectors.

    Attributes:
        architecture: One of `ARCHITECTURES`.
        pooling: One of `POOLINGS`.
        dimension: Features of a vector.
        preprocessing: The fields of `retrieval.preprocessing.Preprocessing`.
        sha256: Of the weights file, whether it is in this folder or in another.
    """

    architecture: str
    pooling: str
    dimension: int
    preprocessing: dict[str, Any]
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in an artifact folder; `manifest.json` holds exactly these fields and `schema`.

    Attributes:
        name: Short, of lower-case letters, digits and '-'; what the API calls the collection.
        title: What people call it.
        model: What made the vectors.
        metric: 'euclidean': distances of unit vectors, in [0, 2].
        count: Rows of the index and of the catalogue.
        files: File name -> SHA-256.
        photos: Where the photos are, see `retrieval.collections.photos.PhotoSource`.
        training: Configuration of the run that made the weights.
        results: Its measures.
        calibration: What turns distances into judgements.
        licences: Licence and origin of 'data' and 'weights'.
    """

    name: str
    title: str
    model: Model
    metric: str
    count: int
    files: dict[str, str]
    photos: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)

    @property
    def has_weights(self) -> bool:
        """Whether the weights are in this folder."""
        return WEIGHTS in self.files

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read and check a manifest, and that the files it names are there, whole and unchanged.

    Raises:
        ArtifactError: If anything is missing, damaged, or of another schema.
    """
    path = folder / MANIFEST
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactError(
            f"There is no artifact folder at {folder} ({MANIFEST} is missing): "
            "name another folder, or make one with 'python -m train index'."
        ) from None
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{path} cannot be read as JSON ({error}): restore it, or build the folder again."
        ) from error
    manifest = _parse(fields, path)
    for name, expected in manifest.files.items():
        _check_file(folder / name, expected)
    return manifest


def _parse(fields: Any, path: Path) -> Manifest:  # noqa: ANN401 - whatever JSON held
    if not isinstance(fields, dict) or "schema" not in fields:
        raise ArtifactError(f"{path} is not the manifest of an artifact folder: it has no field 'schema'.")
    if fields["schema"] != SCHEMA:
        raise ArtifactError(
            f"{path} has schema {fields['schema']!r}, and this program reads schema {SCHEMA}: "
            "build the folder again, or use the release that made it."
        )
    rest = {key: value for key, value in fields.items() if key != "schema"}
    try:
        manifest = Manifest(**{**rest, "model": Model(**rest["model"])})
        names_are_plain = all(Path(name).name == name for name, _ in manifest.files.items())
    except (AttributeError, TypeError, KeyError) as error:
        raise ArtifactError(
            f"{path} lacks a field, or has one too many ({error}): build the folder again."
        ) from error
    model = manifest.model
    known = model.architecture in ARCHITECTURES and model.pooling in POOLINGS
    if not known or manifest.metric != METRIC:
        raise ArtifactError(
            f"{path} asks for {model.architecture} with {model.pooling} pooling and {manifest.metric} "
            f"distance, and this program has {' and '.join(ARCHITECTURES)}, {' and '.join(POOLINGS)} pooling "
            f"and {METRIC} distance: update the program."
        )
    if not isinstance(manifest.name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", manifest.name):
        raise ArtifactError(
            f"{path} has the name {manifest.name!r}: a name is made of lower-case letters, digits and '-'."
        )
    missing = {INDEX, CATALOGUE} - set(manifest.files)
    if missing or not names_are_plain:
        raise ArtifactError(
            f"{path} has to name {INDEX} and {CATALOGUE} among its files, all in its own folder."
        )
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
        raise ArtifactError(f"{path} cannot be read ({error.strerror}).") from error
    if found != expected:
        raise ArtifactError(
            f"{path} is damaged: its SHA-256 is {found[:12]}…, and the manifest says {str(expected)[:12]}…. "
            "Restore it, or build the folder again."
        )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def new_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A folder to write into, which takes its real name only when the block ends without an error.

    Args:
        target: The final name.
        replace: Whether an existing folder may be replaced, which happens in the last moment.

    Yields:
        The folder under its temporary name, `target` + '.partial'.

    Raises:
        ArtifactError: If the target exists and may not be replaced.
    """
    if target.exists() and not replace:
        raise ArtifactError(
            f"{target} exists already: name another folder, or allow it to be replaced with --replace."
        )
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if target.exists():
        old = target.with_name(target.name + ".old.partial")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        partial.rename(target)
        shutil.rmtree(old)
    else:
        partial.rename(target)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` with the checksums of the files that are in the folder now."""
    names = (WEIGHTS, QUANTIZATION, INDEX, CATALOGUE, MAP)
    files = {name: file_sha256(folder / name) for name in names if (folder / name).exists()}
    complete = Manifest(**{**vars(manifest), "files": files})
    (folder / MANIFEST).write_text(complete.to_json(), encoding="utf-8")
