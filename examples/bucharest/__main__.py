"""`python -m examples.bucharest`: download aerial photos of places around Bucharest, to search with.

With `--collection` those that are here become a collection: tiles of 78 m of ground with their places.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tqdm import tqdm

from examples.bucharest.answers import MapError
from examples.bucharest.collection import DEFAULT_OUT, make_collection
from examples.bucharest.orthophoto import Settings, download
from examples.bucharest.places import FOLDER, Place, choose, photos_of, read_places


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: As on the command line; without them, those of the command line.

    Returns:
        The exit status: 0 if all went well, 1 if a photo is missing, 130 if it was interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.collection:
            return make_collection(options.collection, options.folder)
        places = choose(options.place, read_places())
        if options.list:
            for place in places:
                print(f"{place.slug}: {place.name} ({place.label}: {place.sight})\n  {place.link}")
            return 0
        failures = _download(places, options)
    except (ValueError, MapError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:  # no room, or no right to write
        print(f"{error.filename}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept; the same command goes on.", file=sys.stderr)
        return 130
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"{len(places) - len(failures)} of {len(places)} photos are in {options.folder}")
    return 1 if failures else 0


def _download(places: list[Place], options: argparse.Namespace) -> list[MapError]:
    """Download what is missing. Returns the errors of single places; raises that of the whole service."""
    missing = [place for place in places if options.again or not photos_of(place, options.folder)]
    if not missing:
        return []
    settings = Settings()
    settings = Settings(
        options.endpoint or settings.endpoint, options.layer or settings.layer, options.timeout
    )
    server = settings.open()  # once, so that a service that is down is not asked for every place
    failures = []
    for place in tqdm(missing, desc="orthophotos", unit="photo"):
        time.sleep(options.wait)  # to be gentle with a public service
        try:
            download(place, options.folder, server=server)
        except MapError as error:  # of this place; others may still succeed
            failures.append(error)
    return failures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m examples.bucharest", description=__doc__)
    parser.add_argument("place", nargs="*", help="the slugs of places; without one, all of them")
    parser.add_argument("--list", action="store_true", help="print the places and their links, and stop")
    parser.add_argument("--again", action="store_true", help="download what is there too, in its place")
    parser.add_argument(
        "--collection", nargs="?", type=Path, const=DEFAULT_OUT, metavar="OUT",
        help="download nothing, but make a collection of the photos that are here (%(const)s), to be served "
        "with 'python app.py --collection OUT'; needs what 'make train' installs",
    )  # fmt: skip
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to (default: %(default)s)")
    parser.add_argument("--endpoint", help="address of a WMS (default: $BUCHAREST_WMS, else Romania's)")
    parser.add_argument("--layer", help="its layer (default: $BUCHAREST_WMS_LAYER, else its orthophotos)")
    parser.add_argument("--timeout", type=_timeout, default=30.0, help="for each answer, in s (30)")
    parser.add_argument("--wait", type=_seconds, default=1.0, help="before each request, in s (1)")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds from 0 to 3600")
    return seconds


def _timeout(text: str) -> float:
    seconds = _seconds(text)
    if not seconds:
        raise argparse.ArgumentTypeError("no answer comes within 0 s")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
