"""Photos that are missing, fetched while the page is served; how far that is can be asked at any time."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from retrieval.collections.collection import Collection
from retrieval.collections.photos import DownloadError, HubArchive, download

#: Seconds between two lines about the progress where they are kept, as in a log; on a terminal one moves.
LOG_EVERY = 30.0


class PhotoFetch:
    """The download of what is missing of some collections, which says where their photos are.

    It may be ended with the process at any moment: what has come is kept, and the next one goes on there.

    Args:
        collections: Those without an archive, and those whose photos are all here, are left alone.
    """

    def __init__(self, collections: Iterable[Collection]) -> None:
        self._wanted: list[tuple[Collection, HubArchive]] = [
            (collection, collection.source.archive)
            for collection in collections
            if collection.missing_photos and collection.source.archive
        ]
        self._bytes = sum(archive.bytes for _, archive in self._wanted)
        self._fetched = 0
        self._running = bool(self._wanted)

    @property
    def share(self) -> float | None:
        """How much of it is here, from 0 to 1; None when no more will come."""
        return min(self._fetched / max(self._bytes, 1), 1.0) if self._running else None

    def start(self) -> None:
        """Fetch in a thread that does not keep the process from ending; once."""
        if self._running:
            megabytes = self._bytes / 1e6
            names = ", ".join(collection.title for collection, _ in self._wanted)
            print(
                f"The photos of {names} ({megabytes:.0f} MB) are fetched while the page is served; "
                "--no-download leaves them.",
                file=sys.stderr,
            )
            threading.Thread(target=self.run, name="fetch-photos", daemon=True).start()

    def run(self) -> None:
        """Fetch one collection after the other; a failure is told in the terminal, and stops nothing."""
        before = 0
        # Of each attempt that fails the library would warn; what came of all is told below.
        logging.getLogger("huggingface_hub.file_download").setLevel(logging.ERROR)
        try:
            for collection, archive in self._wanted:
                try:
                    download(collection.name, archive, self._bar(before), again=True)
                    collection.find_photos()
                    before += archive.bytes
                except DownloadError as error:
                    print(error, file=sys.stderr)
                    self._bytes -= archive.bytes
                self._fetched = before
        finally:
            self._running = False

    def _bar(self, before: int) -> type[tqdm[Any]]:
        """A bar for the terminal that says here how far it is, too."""
        fetch = self

        class Bar(tqdm):  # type: ignore[misc]
            def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - tqdm's
                if not sys.stderr.isatty():
                    options["mininterval"] = LOG_EVERY
                super().__init__(*arguments, **options)
                fetch._fetched = before + int(self.n)

            def update(self, n: float | None = 1) -> bool | None:
                moved: bool | None = super().update(n)
                fetch._fetched = before + int(self.n)
                return moved

        return Bar
