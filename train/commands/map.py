"""`python -m train map`: make the map of a collection, and put it into its artifact folder."""

from __future__ import annotations

import argparse

from retrieval.collections.artifacts import INDEX, MAP, read_manifest, write_manifest
from train.commands.options import add_artifacts

HELP = "make the map of a collection, where near is similar"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_artifacts(parser)


def run(options: argparse.Namespace) -> None:
    """Write the file of the map, and its checksum into the manifest."""
    from retrieval.collections.embedding_map import write_coordinates
    from retrieval.collections.new_folder import changed_folder
    from retrieval.index import VectorIndex
    from train.artifacts.projection import project

    manifest = read_manifest(options.artifacts)
    index = VectorIndex.load(options.artifacts / INDEX, gpu=False)
    coordinates = project(index.vectors())
    with changed_folder(options.artifacts) as folder:
        write_coordinates(folder / MAP, coordinates)
        write_manifest(folder, manifest)
    print(f"{options.artifacts / MAP}: the places of {len(index)} photos")
