"""Publish an artifact folder, or the page, to the Hugging Face Hub.

Only files that are listed here are uploaded: never a photo, except the generated scenes that a collection
bundles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.collections.artifacts import FAST, MANIFEST, ArtifactError
from retrieval.collections.collection import Collection
from retrieval.collections.hub import Address, reason, root_cause
from retrieval.collections.photos import PROJECT, SUFFIXES, PhotoFolder
from train.artifacts.model_card import NOTICE, README, card

if TYPE_CHECKING:
    from huggingface_hub import HfApi

#: Path in the repository -> a local file, or its content.
Files = dict[str, Path | bytes]

#: The environment variable of a Space that names the artifacts, see `app.py`.
ARTIFACTS_VARIABLE = "AERIAL_ARTIFACTS"

#: How the licence of a collection has to begin for its bundled photos to be uploaded.
OWN_PHOTOS_LICENCE = "Drawn by this project's own code"


class PublishError(ArtifactError):
    """Something cannot be published. The message names it, the reason, and what to do."""


def artifact_files(folder: Path, repository: str) -> Files:
    """The files of an artifact folder, with its card and the notices.

    Raises:
        ArtifactError: If the folder is damaged, or holds images that may not be uploaded.
    """
    collection = Collection(folder, gpu=False)
    files: Files = {name: folder / name for name in (MANIFEST, *collection.manifest.files)}
    manifest = collection.manifest
    if manifest.photos.get(
        "folder"
    ):  # which says where things lie on this machine, and means nothing elsewhere
        manifest = replace(manifest, photos={})
        files[MANIFEST] = manifest.to_json().encode()
    if files.pop(FAST, None):  # which only this machine reads, and which is made again from the exact index
        checksums = {name: checksum for name, checksum in manifest.files.items() if name != FAST}
        manifest = replace(manifest, index=None, files=checksums)
        files[MANIFEST] = manifest.to_json().encode()
    own = collection.manifest.licences.get("data", "").startswith(OWN_PHOTOS_LICENCE)
    if own and collection.source.bundled:
        bundled = PhotoFolder(folder / collection.source.bundled)
        photos = [path for entry in collection.entries if (path := bundled.find(entry.file))]
        files |= {path.relative_to(folder).as_posix(): path for path in photos}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.relative_to(folder).as_posix() not in files:
            raise PublishError(
                f"{path} is a picture, and only scenes that this project drew, each in its catalogue, are "
                "published: move it out of the artifact folder."
            )
    files[README] = card(manifest, repository).encode()
    files[NOTICE] = PROJECT / NOTICE
    return files


class Publisher:
    """Creates repositories and uploads files, with the token of $HF_TOKEN or of `hf auth login`.

    Args:
        private: Whether repositories that it creates are private.

    Raises:
        PublishError: If there is no token.
    """

    def __init__(self, *, private: bool = False) -> None:
        from huggingface_hub import HfApi, get_token

        if not get_token():
            raise PublishError(
                "There is no token for the Hub: set HF_TOKEN to one that may write "
                "(make it at https://huggingface.co/settings/tokens)."
            )
        self.api: HfApi = HfApi()
        self.private = private or None  # None: as the owner's settings say

    def create(self, repository: str, kind: str = "model", branch: str | None = None) -> None:
        """Create a repository, and a branch of it, unless they exist."""
        with _publish_errors(repository):
            sdk = "gradio" if kind == "space" else None
            self.api.create_repo(
                repository, repo_type=kind, private=self.private, space_sdk=sdk, exist_ok=True
            )
            if branch:
                self.api.create_branch(repository, branch=branch, repo_type=kind, exist_ok=True)

    def check_public(self, repository: str) -> None:
        """Raise PublishError if a repository is private: a Space has no token to read it with."""
        with _publish_errors(repository):
            private = self.api.repo_info(repository).private
        if private:
            raise PublishError(
                f"{repository} is private, and the Space could not read it: make it public, or publish the "
                "Space without --repo."
            )

    def upload(
        self, repository: str, files: Files, kind: str = "model", branch: str | None = None
    ) -> Address:
        """Upload files as one commit. Returns the repository and its commit."""
        from huggingface_hub import CommitOperationAdd

        with _publish_errors(repository):
            commit = self.api.create_commit(
                repository,
                [CommitOperationAdd(path, source) for path, source in sorted(files.items())],
                commit_message="Publish",
                repo_type=kind,
                revision=branch,
            )
        return Address(repository, commit.oid)

    def upload_space(self, space: str, files: Files, artifacts: Address | None) -> None:
        """Upload the page, which loads `artifacts`, or those in its own `assets/` where that is None."""
        with _publish_errors(space):
            if artifacts:
                self.api.add_space_variable(space, ARTIFACTS_VARIABLE, str(artifacts))
            elif ARTIFACTS_VARIABLE in self.api.get_space_variables(space):  # of an earlier publication
                self.api.delete_space_variable(space, ARTIFACTS_VARIABLE)
        self.upload(space, files, "space")


@contextmanager
def _publish_errors(repository: str) -> Iterator[None]:
    """Turn any error of the library into a PublishError with one sentence."""
    try:
        yield
    except Exception as error:
        from huggingface_hub import constants

        root = root_cause(error)
        hub = constants.ENDPOINT
        match getattr(getattr(root, "response", None), "status_code", None):
            case 401:
                text = f"{hub} does not know your token: set HF_TOKEN to a valid one that may write."
            case 402:
                text = f"{hub} asks for a paid plan before it takes {repository} ({reason(root)})."
            case 403:
                text = f"Your token may not write to {repository}: set HF_TOKEN to one that may."
            case _:
                text = (
                    f"{repository} could not be published at {hub} ({reason(root)}): "
                    "try again, what was uploaded is not uploaded twice."
                )
        raise PublishError(text) from error
