"""Serve the page: `python app.py`, here or as a Hugging Face Space."""

from __future__ import annotations

import argparse
import atexit
import os
import re
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from retrieval import ArtifactError, Retriever
from retrieval.retriever import SHIPPED, SHIPPED_SCENES


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser(
        prog="app.py", description="Search collections of aerial photos by similarity, in the browser."
    )
    options.add_argument("--host", help="address to listen on (127.0.0.1; 0.0.0.0 for all)")
    options.add_argument("--port", type=port, help="port to listen on (the first free one from 7860)")
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
        "--store", metavar="milvus:URI",
        help="database with the vectors of all collections that are named, in place of their indexes: "
             "milvus:FILE.db, or milvus:http://HOST:19530 with the token in $MILVUS_TOKEN (docs/scaling.md)",
    )  # fmt: skip
    options.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="folder with the first collection's photos, if not found by itself",
    )
    photos = options.add_mutually_exclusive_group()
    photos.add_argument(
        "--download",
        action="store_true",
        default="SPACE_ID" in os.environ,  # a Space starts this file without options
        help="fetch photos that are missing before the page opens, not while it is served",
    )
    photos.add_argument(
        "--no-download", dest="fetch", action="store_false",
        help="fetch no photos that are missing; by default they come while the page is served",
    )  # fmt: skip
    options.add_argument(
        "--device", choices=["cpu", "cuda"], help="where the network runs (a GPU where there is one)"
    )
    options.add_argument("--share", action="store_true", help="open a public link for a week")
    options.add_argument(
        "--mcp", action="store_true", help="also serve the endpoints as tools for language models (MCP)"
    )
    options.add_argument(
        "--manage", action="store_true",
        help="let folders of this computer be added on the page: by you alone, where nobody else reaches it",
    )  # fmt: skip
    public = options.add_argument_group("serving to the public (docs/deploy.md)")
    public.add_argument(
        "--root-path", type=path_of_proxy, metavar="/PATH",
        help="path under which a proxy serves the page, such as /aerial ($GRADIO_ROOT_PATH)",
    )  # fmt: skip
    public.add_argument(
        "--allowed-host", action="append", default=[], metavar="NAME",
        help="name by which the page may be asked for, such as aerial.example.org or *.example.org; may be "
             "repeated (on this machine alone: its own names; elsewhere: any)",
    )  # fmt: skip
    public.add_argument(
        "--frame-ancestor", action="append", type=origin, metavar="ORIGIN",
        help="origin whose pages may show this one in a frame, such as https://example.org; may be repeated "
             "(the Hugging Face Hub; 'none' for nobody else's)",
    )  # fmt: skip
    public.add_argument(
        "--access-log", action="store_true",
        help="write a line for each request, without addresses, queries, and names of photos",
    )  # fmt: skip
    public.add_argument(
        "--metrics", action="store_true", help="answer /metrics for Prometheus; keep it from the public"
    )
    public.add_argument(
        "--drain-seconds", type=float, default=20.0, metavar="S",
        help="what running searches are given when the page is told to end (%(default)g)",
    )  # fmt: skip
    return options


def port(value: str) -> int:
    """A port. Raises argparse.ArgumentTypeError with a sentence for what is none."""
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise argparse.ArgumentTypeError(f"'{value}' is no port: give a number from 1 to 65535")
    return int(value)


def origin(value: str) -> str:
    """An origin, or 'none'. Raises argparse.ArgumentTypeError with a sentence for what is neither."""
    if not re.fullmatch(r"https?://[\w*.-]+(:\d+)?|none", value):
        raise argparse.ArgumentTypeError(f"'{value}' is no origin: give one such as https://example.org")
    return value


def path_of_proxy(value: str) -> str:
    """A path such as '/aerial'. Raises argparse.ArgumentTypeError with a sentence for what is none."""
    if not re.fullmatch(r"(/[\w.~-]+)+/?|/?", value):
        raise argparse.ArgumentTypeError(f"'{value}' is no path: give one such as /aerial")
    return value.rstrip("/")


def main(arguments: list[str] | None = None) -> int:
    """Load, and serve until told to end. Returns the exit status: 0, or 1 after a sentence."""
    options = parser().parse_args(arguments)
    from ui.hosting.managing import why_not_managed
    from ui.hosting.proxies import ProxyError, use_proxies
    from ui.hosting.space import trust_proxies

    trust_proxies(os.environ)
    try:
        use_proxies()
    except ProxyError as error:
        print(error, file=sys.stderr)
        return 1
    if options.manage and (reason := why_not_managed(vars(options), os.environ)):
        print(reason, file=sys.stderr)
        return 1
    # Here, because torch and Gradio take seconds to import, which --help need not wait for.
    from retrieval.collections.photo_fetch import PhotoFetch
    from retrieval.runtime import DeviceError
    from retrieval.vector_store import StoreError
    from ui.hosting.server import Hosting, serve
    from ui.limits.memory import bound_arenas

    bound_arenas()
    try:
        retriever = Retriever.load(
            options.artifacts,
            further=options.collection,
            photos=options.photos,
            device=options.device,
            store=options.store,
        )
    except (ArtifactError, DeviceError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.photos and not options.photos.is_dir():
        print(f"There is no folder {options.photos}: previews are shown in place of photos.", file=sys.stderr)
    fetch = PhotoFetch(retriever.collections.values() if options.fetch else ())
    if options.download:
        fetch.run()
    try:
        serve(
            retriever,
            fetch,
            Hosting(
                host=options.host,
                port=options.port,
                root_path=options.root_path,
                allowed_hosts=options.allowed_host,
                share=options.share,
                mcp=options.mcp,
                access_log=options.access_log,
                metrics=options.metrics,
                drain_seconds=options.drain_seconds,
                manage=options.manage,
                device=options.device,
                **frame_ancestors(["none"] if options.manage else options.frame_ancestor),
            ),
        )
    except OSError as error:  # the port is taken, or not allowed
        print(f"The page could not be served: {error}", file=sys.stderr)
        return 1
    return 0


def frame_ancestors(named: list[str] | None) -> dict[str, list[str]]:
    """What `Hosting` is told of frames: nothing, if nothing was said; 'none' stands for no origin."""
    return {} if named is None else {"frame_ancestors": [origin for origin in named if origin != "none"]}


def run() -> NoReturn:
    """Run the command as a process of its own.

    It ends without Python's own tidying: threads of the network may still be at work, and C++ calls
    `terminate` when their libraries are taken away under them.
    """
    try:
        # Until the page is served, nothing is lost. (Without this a container's first process ignores it.)
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        status = main()
    except KeyboardInterrupt:
        status = 0
    except SystemExit as end:  # argparse's
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        status = 1
    for number in (signal.SIGTERM, signal.SIGINT):  # nothing is left to be done that one would wait for
        signal.signal(number, lambda number, _: os._exit(128 + number))
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()  # temporary files, and processes that were started
    os._exit(status)


if __name__ == "__main__":
    run()
