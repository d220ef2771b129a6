"""Serve the page: `python app.py`, here or as a Hugging Face Space."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from retrieval import ArtifactError, Retriever
from retrieval.collections.photos import DownloadError, download
from retrieval.retriever import SHIPPED, SHIPPED_SCENES


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser(
        prog="app.py", description="Search collections of aerial photos by similarity, in the browser."
    )
    options.add_argument("--host", help="address to listen on (127.0.0.1; 0.0.0.0 for all)")
    options.add_argument("--port", type=int, help="port to listen on (the first free one from 7860)")
    options.add_argument(
        "--artifacts", default=os.environ.get("AERIAL_ARTIFACTS") or str(SHIPPED), metavar="DIR",
        help="artifact folder with the weights and the first collection, here or on the Hugging Face Hub as "
             "hf://OWNER/NAME@REVISION ($AERIAL_ARTIFACTS, else the shipped one; now %(default)s)",
    )  # fmt: skip
    options.add_argument(
        "--collection", action="append", metavar="DIR",
        help=f"artifact folder of a further collection, named likewise; may be repeated ({SHIPPED_SCENES})",
    )  # fmt: skip
    options.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="folder with the first collection's photos, if not found by itself",
    )
    options.add_argument(
        "--download",
        action="store_true",
        default="SPACE_ID" in os.environ,  # a Space starts this file without options
        help="fetch photos that are missing before the page opens, as for a hosted page",
    )
    options.add_argument(
        "--device", choices=["cpu", "cuda"], help="where the network runs (a GPU where there is one)"
    )
    options.add_argument("--share", action="store_true", help="open a public link for a week")
    options.add_argument(
        "--mcp", action="store_true", help="also serve the endpoints as tools for language models (MCP)"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Load, and serve until interrupted. Returns the exit status: 0, or 1 after a sentence."""
    options = parser().parse_args(arguments)
    # Here, because torch and Gradio take seconds to import, which --help need not wait for.
    from retrieval.runtime import DeviceError
    from ui.limits.memory import bound_arenas
    from ui.page import serve

    bound_arenas()
    try:
        retriever = Retriever.load(
            options.artifacts,
            further=options.collection,
            photos=options.photos,
            device=options.device,
        )
    except (ArtifactError, DeviceError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.photos and not options.photos.is_dir():
        print(f"There is no folder {options.photos}: previews are shown in place of photos.", file=sys.stderr)
    if options.download:
        fetch_missing_photos(retriever)
    try:
        serve(
            retriever,
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            mcp_server=options.mcp,
        )
    except OSError as error:  # the port is taken, or not allowed
        print(f"The page could not be served: {error}", file=sys.stderr)
        return 1
    return 0


def fetch_missing_photos(retriever: Retriever) -> None:
    """Download the photos of each collection that says where; a failure is told and stops nothing."""
    for collection in retriever.collections.values():
        if collection.missing_photos and collection.source.archive:
            try:
                download(collection.name, collection.source.archive, again=True)
                collection.find_photos()
            except DownloadError as error:
                print(error, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
