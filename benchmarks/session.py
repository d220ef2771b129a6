"""What a visit of the page costs the server before anything is searched: `make bench-session`.

Gradio keeps a copy of the configuration of every component for each visit, and for each call of the API. To
measure an older commit, copy this file into its `benchmarks/` and name the module with its `build_page`:
`python -m benchmarks.session --module page`.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from importlib import import_module

from gradio.state_holder import SessionState

from retrieval import Retriever
from ui.uploads import UploadStore

SESSIONS = 20


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.session", description=__doc__)
    parser.add_argument("--module", default="ui.page", help="with build_page (%(default)s)")
    options = parser.parse_args()
    page = import_module(options.module).build_page(Retriever.load(device="cpu"), UploadStore())
    SessionState(page)  # what is made once
    tracemalloc.start()
    sessions = [SessionState(page) for _ in range(SESSIONS)]
    size = tracemalloc.get_traced_memory()[0] / len(sessions)
    tracemalloc.stop()
    durations = []
    for _ in range(SESSIONS):
        started = time.perf_counter()
        SessionState(page)
        durations.append(time.perf_counter() - started)
    print("| components | events | a session, KB | to make one, ms (median of 20) |\n|---|---|---|---|")
    milliseconds = 1000 * statistics.median(durations)
    print(f"| {len(page.blocks)} | {len(page.fns)} | {size / 1000:.0f} | {milliseconds:.1f} |")


if __name__ == "__main__":
    main()
