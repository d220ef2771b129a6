"""Artifact folders on the Hugging Face Hub: `hf://OWNER/NAME@REVISION` -> a folder on this machine.

What was fetched stays in the Hub's own cache ($HF_HOME), in a folder for each commit. It is read from there
without a network too, and with HF_HUB_OFFLINE=1.
"""

from __future__ import annotations

import glob
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.collections.artifacts import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    ArtifactError,
    file_sha256,
    parse_manifest,
    read_manifest,
)
from retrieval.collections.photos import PhotoSource
from retrieval.tensor_file import MAX_BYTES as MAX_WEIGHTS_BYTES

logger = logging.getLogger(__name__)

#: Of the text files, for each photo.
MAX_ROW_BYTES = 4000
#: Of a photo on average: one of 600 pixels, kept losslessly.
MAX_PHOTO = 1_000_000

FORM = "hf://OWNER/NAME or hf://OWNER/NAME@REVISION"


@dataclass(frozen=True)
class Address:
    """Where on the Hub an artifact folder is.

    Attributes:
        repository: 'owner/name' of the model repository.
        revision: A commit, a branch or a tag.
    """

    repository: str
    revision: str = "main"

    def __str__(self) -> str:
        return f"hf://{self.repository}@{self.revision}"

    @property
    def is_pinned(self) -> bool:
        """Whether it names a commit, which never changes."""
        return re.fullmatch(r"[0-9a-f]{40}", self.revision) is not None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read 'hf://OWNER/NAME@REVISION'; `Path` may have taken one of its slashes.

        Raises:
            ArtifactError: If it is no such address.
        """
        found = re.fullmatch(r"hf:/{1,2}([^/@\s]+/[^/@\s]+)(?:@([^@\s]+))?", text)
        if not found:
            raise ArtifactError(f"'{text}' is no address on the Hub: write {FORM}.")
        return cls(found[1], found[2] or cls.revision)


def is_address(folder: str | Path) -> bool:
    """Whether an artifact folder is one of the Hub's, and not of this machine's."""
    return str(folder).startswith("hf:")


def stored_files(folder: Path) -> Path | None:
    """Where the Hub's cache has what the links in one of its folders lead to; None of any other folder.

    That is the repository's own: REPOSITORY/snapshots/COMMIT/FILE -> REPOSITORY/blobs/CHECKSUM.
    """
    return folder.parents[1] / "blobs" if folder.parent.name == "snapshots" else None


def local_folder(folder: str | Path) -> Path:
    """An artifact folder on this machine: a folder as it is, one of the Hub fetched, checked and cached.

    Raises:
        ArtifactError: If it cannot be fetched, or is not what its manifest says even when fetched again.
    """
    if not is_address(folder):
        return Path(folder)
    address = Address.parse(str(folder))
    found = _fetch(address)
    pinned = Address(address.repository, found.name)
    if not address.is_pinned:
        logger.warning("%s is commit %s today: name %s to stay with it.", address, found.name, pinned)
    try:
        read_manifest(found)
    except ArtifactError as damage:
        _mend(pinned, damage)
    return found


def _mend(pinned: Address, damage: ArtifactError) -> None:
    """Fetch once more what is not as the manifest says: usually a file that was damaged on this disk."""
    logger.warning("%s It is fetched again.", damage)
    try:
        found = _fetch(pinned, again=True)
    except ArtifactError as error:
        raise ArtifactError(f"{damage} It could not be fetched again: {error}") from error
    try:
        read_manifest(found)
    except ArtifactError as error:
        raise ArtifactError(
            f"{pinned} does not hold together on the Hub either: name another revision, or tell its owner. "
            f"{error}"
        ) from error


def _fetch(address: Address, *, again: bool = False) -> Path:
    """The folder in the cache with the manifest, the files that it names, and its bundled photos.

    Args:
        address: What to fetch.
        again: Fetch anew the manifest, and the files that are not as it says.

    Raises:
        ArtifactError: If that is not possible, and the cache has not all of it.
    """
    from huggingface_hub import hf_hub_download, snapshot_download  # here: they cost start-up time

    name = address.repository
    try:
        manifest = Path(
            hf_hub_download(
                name,
                MANIFEST,
                revision=address.revision,
                force_download=again,
                tqdm_class=_bar(MAX_MANIFEST_BYTES),
            )
        )
        folder = manifest.parent
        files, bundled, most = _named(manifest)
        wanted = [
            glob.escape(file)
            for file, sha256 in files.items()
            if not (folder / file).is_file() or (again and file_sha256(folder / file) != sha256)
        ]
        photos = [f"{glob.escape(bundled)}/*"] if bundled else []
        for patterns, force in ((wanted, again), (photos, False)):
            if patterns:
                snapshot_download(
                    name,
                    revision=folder.name,
                    allow_patterns=patterns,
                    force_download=force,
                    tqdm_class=_bar(most),
                )
    except Exception as error:  # the library, its transport and the disk each raise their own
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(_sentence(error, address)) from error
    return folder


def _named(manifest: Path) -> tuple[dict[str, str], str, int]:
    """The files that a manifest names, its folder of photos, and the most bytes that these can have.

    Nothing where it is damaged: `read_manifest` will say how.

    Raises:
        ArtifactError: If the field 'photos' does not fit.
    """
    try:
        found = parse_manifest(manifest)
    except ArtifactError:
        return {}, "", 0
    try:
        bundled = PhotoSource.from_dict(found.photos).bundled or ""
    except ValueError as error:
        raise ArtifactError(f"{manifest}: the field 'photos' does not fit ({error}).") from error
    numbers = found.count * (found.model.dimension + 1)
    most = MAX_WEIGHTS_BYTES + 4 * numbers + found.count * (MAX_ROW_BYTES + (MAX_PHOTO if bundled else 0))
    return found.files, bundled, most


def _bar(most: int) -> type[Any]:
    """A bar for the library's downloads that ends them when more comes than there can be.

    What the Hub says of a file's size may be wrong, and what it sends may have no end.
    """
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]  # the class, not its module

    class Bounded(tqdm):
        counted = 0.0

        def update(self, n: float | None = 1) -> bool | None:
            self.counted += n or 0
            if self.counted > most:
                raise OSError(f"more came than the {most:,} bytes that there can be")
            moved: bool | None = super().update(n)
            return moved

    return Bounded


def _sentence(error: Exception, address: Address) -> str:
    from huggingface_hub import constants, errors

    root = root_cause(error)
    name, hub = address.repository, constants.ENDPOINT
    match root:
        case errors.HFValidationError():
            return f"'{name}' is no name of a repository ({reason(root)}): write {FORM}."
        case errors.OfflineModeIsEnabled():
            return (
                f"{address} is not whole in the cache {constants.HF_HUB_CACHE}, and HF_HUB_OFFLINE is set: "
                "unset it once, so that it can be downloaded."
            )
        case errors.GatedRepoError():
            return f"{name} is open to those whom its owner lets in: ask at {hub}/{name}, and set HF_TOKEN."
        case errors.RepositoryNotFoundError():
            return (
                f"There is no model {name} at {hub}, or it is private: check the name, and for a private one "
                "set HF_TOKEN to a token that may read it."
            )
        case errors.RevisionNotFoundError():
            return f"{name} has no revision '{address.revision}': name a branch, a tag, or a whole commit."
        case errors.RemoteEntryNotFoundError():
            return f"{address} holds no artifact folder ({MANIFEST} is missing): name another one."
        case errors.HfHubHTTPError() if root.response.status_code == 401:
            return f"{hub} does not know your token: set HF_TOKEN to a valid one, or unset it."
        case errors.HfHubHTTPError() if root.response.status_code == 403:
            return f"Your token may not read {name}: set HF_TOKEN to one that may."
    return f"{address} could not be fetched from {hub} ({reason(root)}): try again later."


def root_cause(error: BaseException) -> BaseException:
    """What the library's error comes from; an answer of the Hub says more than what that comes from."""
    from huggingface_hub.errors import HfHubHTTPError

    while error.__cause__ and not isinstance(error, HfHubHTTPError):
        error = error.__cause__
    return error


def reason(error: BaseException) -> str:
    """An error as part of a sentence: what the Hub says of it, or its first line; without a full stop."""
    told = getattr(error, "server_message", None) or str(error)
    lines = told.strip().splitlines() or [type(error).__name__]
    return re.sub(r"^\[Errno -?\d+\] ", "", lines[0].strip()).rstrip(".:")
