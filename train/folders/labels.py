"""What somebody says of photos: the folders that they lie in, or a table of their own."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter, ValidationError

from retrieval.collections.fields import Line, problem
from retrieval.files import read_bounded
from train.data.ucmerced import DataError
from train.folders.walk import LeftOut, written

NONE, FOLDERS = "none", "folders"
#: The label of a photo of which nothing is said, where something is said of others.
UNLABELLED = "unlabelled"
#: Of a table: more than a million rows have.
MAX_BYTES = 200 * 1000**2
FILE_COLUMNS, LABEL_COLUMNS = ("file", "path", "id", "filename", "name"), ("label", "class", "category")

_line = TypeAdapter[str](Line)


class Labels:
    """The labels of photos.

    Args:
        choice: 'none', 'folders', or the path of a CSV file.

    Raises:
        DataError: If the file cannot be read, or is no table of files and labels.
    """

    def __init__(self, choice: str) -> None:
        self.choice = choice
        self._table = {} if choice in (NONE, FOLDERS) else _table(Path(choice))

    @property
    def are_given(self) -> bool:
        """Whether there are any."""
        return self.choice != NONE

    def of(self, file: str) -> str:
        """The label of a photo by its path. Raises DataError where it cannot be one."""
        if self.choice == FOLDERS:
            label = PurePosixPath(file).parent.name
        else:
            label = self._table.get(_composed(file), "")
        if not label:
            return UNLABELLED
        return _checked(label, file)

    def without_photo(self, files: Iterable[str]) -> list[LeftOut]:
        """The rows of the table that name no photo."""
        missing = sorted(self._table.keys() - set(map(_composed, files)))
        return [LeftOut(written(file), f"{self.choice} names it, and it is not here.") for file in missing]


def _table(path: Path) -> dict[str, str]:
    """File -> label."""
    try:
        text = read_bounded(path, MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}): name a CSV file.") from error
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8: save it as CSV in UTF-8.") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # spreadsheets write what their language uses
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table: dict[str, str] = {}
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        place, column = _find(path, names, FILE_COLUMNS), _find(path, names, LABEL_COLUMNS)
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                raise ValueError(f"it has {len(row)} cells, and the header {len(names)}")
            file, label = _composed(_tidy(row[place])), row[column].strip()
            if table.setdefault(file, label) != label:
                raise ValueError(f"it gives {written(file)} another label than a row before")
    except (csv.Error, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}, line {rows.line_num} does not fit: {error}.") from error
    return table


def _find(path: Path, names: list[str], known: tuple[str, ...]) -> int:
    for name in known:
        if name in names:
            return names.index(name)
    raise DataError(f"{path} needs a header with a column '{known[0]}' and one '{LABEL_COLUMNS[0]}'.")


def _tidy(file: str) -> str:
    """A path as people write it: with the other slash, or './' before it."""
    return file.strip().replace("\\", "/").removeprefix("./")


def _composed(file: str) -> str:
    """The one form of letters with marks, of which disks of Macs keep another."""
    return unicodedata.normalize("NFC", file)


def _checked(label: str, file: str) -> str:
    try:
        return _line.validate_python(label)
    except ValidationError as error:
        raise DataError(f"The label of {written(file)} cannot be one ({problem(error)}).") from None
