"""`python -m train milvus`: put the vectors of a collection into a Milvus database, or what changed of them.

Run again, it goes on where it was stopped, and writes only what is not there yet.
"""

from __future__ import annotations

import argparse
import time

from train.commands.options import add_artifacts

HELP = "put the vectors of a collection into a Milvus database"
KINDS = ("FLAT", "HNSW", "IVF_FLAT", "IVF_SQ8", "IVF_PQ", "DISKANN")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_artifacts(parser)
    parser.add_argument(
        "--store",
        required=True,
        metavar="milvus:URI",
        help="milvus:FILE.db, or milvus:http://HOST:19530 with the token in $MILVUS_TOKEN",
    )
    parser.add_argument(
        "--index",
        choices=KINDS,
        help="how Milvus looks vectors up (FLAT, which is exact, of up to 100,000; HNSW of more)",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="remove what is there of other weights, or with another index",
    )


def run(options: argparse.Namespace) -> None:
    """Import, and say what was done."""
    from retrieval.collections.collection import Collection
    from retrieval.milvus_database import Address
    from train.artifacts.milvus import import_collection

    address = Address.parse(options.store)
    collection = Collection(options.artifacts, gpu=False)
    started = time.perf_counter()
    done = import_collection(collection, address, options.index, replace_target=options.replace)
    seconds = time.perf_counter() - started
    print(
        f"{address} holds {done.count:,} photos of '{collection.name}' ({done.kind}), read back and "
        f"compared: {done.written:,} were written and {done.removed:,} removed, in {seconds:.1f} s."
    )
    option = "--artifacts" if collection.manifest.has_weights else "--collection"
    print(f"To search it: python app.py {option} {options.artifacts} --store {address}")
