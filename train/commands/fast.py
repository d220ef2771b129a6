"""`python -m train fast`: give a large collection a fast index beside its exact one, or another kind."""

from __future__ import annotations

import argparse
from pathlib import Path

from retrieval.collections.artifacts import INDEX, read_manifest, write_manifest
from train.artifacts.fast import IndexChoice, add_index_options, write_fast

HELP = "make the fast index of a large collection"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--artifacts", type=Path, required=True, metavar="DIR", help="the artifact folder")
    add_index_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the fast index, and into the manifest how much it finds; or remove it, where exact is chosen."""
    from retrieval.collections.new_folder import changed_folder
    from retrieval.index import VectorIndex

    manifest = read_manifest(options.artifacts)
    exact = VectorIndex.load(options.artifacts / INDEX, gpu=False)
    with changed_folder(options.artifacts) as folder:
        choice = IndexChoice(options.index_kind, options.index_memory)
        manifest = write_fast(folder, manifest, exact, choice)
        write_manifest(folder, manifest)
    facts = manifest.index
    if facts is None:
        print(f"{options.artifacts}: {len(exact):,} photos are searched exactly.")
    else:
        print(
            f"{options.artifacts}: {len(exact):,} photos are searched by {facts.kind}, which finds "
            f"{facts.recall:.1%} of the 10 nearest ({facts.queries} photos were tried)."
        )
