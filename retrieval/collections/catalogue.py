"""The catalogue of a collection: what each row of the index is."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Strict, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections import previews
from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.fields import (
    CLOSED,
    MAX_ROWS,
    Line,
    PathInside,
    Sha256,
    problem,
    shortened,
)
from retrieval.files import read_bounded

#: A row of UC Merced has 170 bytes, and one of a folder twice its path and 130.
MAX_BYTES = 400 * MAX_ROWS


def _blurhash(text: str) -> str:
    if not previews.is_valid(text):
        raise ValueError("it is no BlurHash of at most 5 x 5")
    return text


@dataclass(frozen=True, config=CLOSED, slots=True)  # a million of them take half of the memory so
class Entry:
    """One row of the catalogue, and of the index.

    Attributes:
        id: Unique in the collection, e.g. 'airplane00'; in one of a folder as it is, the photo's path there.
        label: The class, or the group, see `Manifest.labels`.
        file: The photo's path in the data set, e.g. 'airplane/airplane00.tif'.
        sha256: Of the photo's pixels, see `retrieval.images.pixel_sha256`.
        blurhash: The preview.
    """

    id: PathInside
    label: Line
    file: PathInside
    sha256: Sha256
    blurhash: Annotated[str, Strict(), AfterValidator(_blurhash)]


FIELDS = ("id", "label", "file", "sha256", "blurhash")


def write_catalogue(path: Path, entries: list[Entry]) -> None:
    """Write entries as CSV, a row each, under a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        rows.writerows([getattr(entry, name) for name in FIELDS] for entry in entries)


def read_catalogue(path: Path) -> list[Entry]:
    """Read what `write_catalogue` wrote. Raises ArtifactError naming the line that does not fit."""
    try:
        data = io.BytesIO(read_bounded(path, MAX_BYTES))
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read ({error.strerror}): build the folder again.") from error
    entries: dict[str, Entry] = {}
    rows = csv.reader(io.TextIOWrapper(data, encoding="utf-8", newline=""), strict=True)
    try:
        if tuple(next(rows, ())) != FIELDS:
            raise ArtifactError(
                f"{path} has to begin with the header {','.join(FIELDS)}: build the folder again."
            )
        for row in rows:
            if len(row) != len(FIELDS):
                raise ValueError(f"it needs {len(FIELDS)} fields")
            name, label, file, pixels, blurhash = row
            # What is the same text is kept once.
            entry = Entry(name, sys.intern(label), name if file == name else file, pixels, blurhash)
            if entry.id in entries:
                raise ValueError(f"the id {shortened(entry.id)} is there already")
            if len(entries) == MAX_ROWS:
                raise ValueError(f"there are more than {MAX_ROWS:,} rows")
            entries[entry.id] = entry
    except ArtifactError:
        raise
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{path} cannot be read (it is no UTF-8): build the folder again.") from error
    except (ValueError, csv.Error) as error:
        reason = problem(error) if isinstance(error, ValidationError) else shortened(error, 200)
        raise ArtifactError(
            f"{path}, line {rows.line_num} does not fit ({reason}): build the folder again."
        ) from error
    return list(entries.values())
