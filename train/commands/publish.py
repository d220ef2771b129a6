"""`python -m train publish`: upload an artifact folder, or the page as a Space, to the Hugging Face Hub."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from train.commands.options import add_artifacts

if TYPE_CHECKING:
    from train.artifacts.publish import Files

HELP = "upload an artifact folder, or the page, to the Hugging Face Hub"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--repo", metavar="OWNER/NAME", help="the model repository for the artifact folder")
    parser.add_argument(
        "--space",
        metavar="OWNER/NAME",
        help="the Space for the page; it loads the artifacts of --repo, or else holds the shipped ones",
    )
    add_artifacts(parser)
    parser.add_argument("--revision", metavar="BRANCH", help="the branch of --repo, made if need be (main)")
    parser.add_argument("--private", action="store_true", help="repositories that are created are private")
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, and list what would be uploaded"
    )


def run(options: argparse.Namespace) -> None:
    """Check everything, upload, and print the addresses."""
    from huggingface_hub import constants

    from retrieval.collections.artifacts import WEIGHTS
    from retrieval.collections.hub import Address
    from train.artifacts.publish import Publisher, PublishError, artifact_files
    from train.artifacts.space import space_files

    if not (options.repo or options.space):
        raise PublishError(
            "Nothing is to be published: name a repository with --repo, a Space with --space, or both."
        )
    for name in filter(None, (options.repo, options.space)):
        Address.parse(f"hf://{name}@main")
    if options.repo and options.space and options.private:
        raise PublishError("A Space cannot read a private --repo: leave out --private, or one of the two.")

    # All checks come before the first upload. The real commit is known only after it: this one is a stand-in.
    model = artifact_files(options.artifacts, options.repo) if options.repo else {}
    if model and options.space and WEIGHTS not in model:
        raise PublishError(
            f"{options.artifacts} holds no {WEIGHTS}, and the Space needs them: name another folder."
        )
    artifacts = Address(options.repo, "0" * 40) if options.repo else None
    page = space_files(artifacts, model) if options.space else {}
    if options.dry_run:
        for name, files in ((options.repo, model), (f"the Space {options.space}", page)):
            if files:
                _print_files(name, files)
        return

    publisher = Publisher(private=options.private)
    if model:
        publisher.create(options.repo, branch=options.revision)
    if page:
        publisher.create(options.space, "space")
        if model:
            publisher.check_public(options.repo)
    if model:
        artifacts = publisher.upload(options.repo, model, branch=options.revision)
        print(f"Published {artifacts}: python app.py --artifacts {artifacts}")
    if page:
        publisher.upload_space(options.space, space_files(artifacts, model), artifacts)
        print(f"Published {constants.ENDPOINT}/spaces/{options.space}: building it takes some minutes.")


def _print_files(name: str, files: Files) -> None:
    sizes = {
        path: len(source) if isinstance(source, bytes) else source.stat().st_size
        for path, source in files.items()
    }
    print(f"{name} would get {len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB:")
    for path, size in sorted(sizes.items()):
        print(f"{size:>12,}  {path}")
