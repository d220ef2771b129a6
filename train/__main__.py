"""Make everything that the page loads: `python -m train <command>`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.photos import DownloadError
from train.data.ucmerced import DataError
from train.fit.recipe import RecipeError
from train.fit.run import RunError

#: Modules of `train.commands`, in the order in which they are usually run.
COMMANDS = (
    "data",
    "fit",
    "evaluate",
    "ablate",
    "index",
    "quantize",
    "scale",
    "calibrate",
    "map",
    "fast",
    "examples",
    "results",
    "series",
    "figures",
    "milvus",
    "publish",
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns the exit status: 0, or 1 after a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name in COMMANDS:
        module = import_module(f"train.commands.{name}")
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_options(command)
        command.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (DataError, RecipeError, RunError, ArtifactError, DownloadError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:  # no room, or no right to write
        place = f"{error.filename}: " if error.filename else ""
        print(f"{place}{error.strerror or error}. What was there before is as it was.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept; an unfinished folder is removed.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
