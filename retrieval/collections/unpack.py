"""Unpack the photos of a ZIP archive, which may be a stranger's, within bounds."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from retrieval.errors import UserError
from retrieval.images import MAX_BYTES

MAX_MEMBERS = 100_000
#: Photos hardly get smaller by packing: what gets more than so many times larger is no archive of them.
MAX_RATIO = 20
#: Of the list of members, which is read at once: some 80,000 members.
_MAX_LIST_BYTES = 8 * 1000**2
#: Not bzip2 and LZMA: how much memory those take, the archive says.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1  # a flag of a member


class _ShortReads(io.FileIO):
    """A file of which no great part is read at once: the list of members has the size that the file says."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size and size > _MAX_LIST_BYTES:
            raise UserError("its list of files is too long")
        return super().read(size) or b""


def unpack(archive: Path, inside: str, folder: Path, suffixes: Sequence[str]) -> None:
    """Extract the photos below one folder of an archive, and nothing that would land elsewhere.

    Args:
        archive: The ZIP file.
        inside: The folder in it that holds the class folders.
        folder: The folder to write class folders into.
        suffixes: Of photos, in small letters.

    Raises:
        UserError: If it has no photos there, or they are encrypted, too many or too large.
        Exception: As `zipfile` and the disk raise them.
    """
    with _ShortReads(archive, "r") as file, zipfile.ZipFile(file) as contents:
        members = list(_photos(contents, inside, suffixes))
        if not members:
            raise UserError("it has no photos in {folder}", folder=inside)
        _check(members, archive.stat().st_size)
        for member, target in members:
            path = folder / target
            path.parent.mkdir(exist_ok=True)
            with contents.open(member) as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy)


def _photos(
    contents: zipfile.ZipFile, inside: str, suffixes: Sequence[str]
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The members that are photos, and where each belongs: 'class/file'."""
    for member in contents.infolist():
        path = PurePosixPath(member.filename)
        if (
            not member.is_dir()
            and path.suffix.lower() in suffixes
            and path.parent.parent == PurePosixPath(inside)
            and path.parent.name != ".."
        ):
            yield member, PurePosixPath(path.parent.name, path.name)


def _check(members: Sequence[tuple[zipfile.ZipInfo, PurePosixPath]], size: int) -> None:
    """Check what the members will be, before any is unpacked; `zipfile` writes no more than they say."""
    if len(members) > MAX_MEMBERS:
        raise UserError("it has more than {most:,} photos", most=MAX_MEMBERS)
    if any(member.flag_bits & _ENCRYPTED for member, _ in members):
        raise UserError("it is encrypted")
    if any(member.compress_type not in _METHODS for member, _ in members):
        raise UserError("it is packed by another method than 'stored' and 'deflated'")
    if any(member.file_size > MAX_BYTES for member, _ in members):
        raise UserError("it has a photo of more than {most} MB", most=MAX_BYTES // 10**6)
    if sum(member.file_size for member, _ in members) > MAX_RATIO * size:
        raise UserError("its photos are more than {most} times as large unpacked", most=MAX_RATIO)
