"""The operator's folders: each is made into a collection that is searched at once, and again after a restart.

They are kept in one place, each as an artifact folder NAME beside a record NAME.json of what it is made of. A
record without its collection is of one that was stopped: it goes on where it was.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retrieval import ArtifactError, Retriever
from retrieval.collections.artifacts import MANIFEST, WEIGHTS
from retrieval.collections.cache import collections_folder
from retrieval.collections.collection import Collection
from retrieval.files import atomic_write
from ui.manage.job import DONE, FAILED, Ended, Job, Progress
from ui.manage.typed_folder import FolderError, typed_folder, typed_title

#: What is said of the photos: nothing, or by the folders that they lie in.
NONE, FOLDERS = "none", "folders"
LABELS = (NONE, FOLDERS)

#: Folders that are kept: each collection is in memory.
MOST = 50

REPORT = "left-out.csv"  # in a collection's folder, written by the command


@dataclass(frozen=True)
class Record:
    """What a collection is made of.

    Attributes:
        folder: Of the photos, from the root.
        title: What people call it.
        labels: One of `LABELS`.
    """

    folder: str
    title: str
    labels: str


@dataclass(frozen=True)
class OwnFolder:
    """A folder of the operator's.

    Attributes:
        name: Of its collection.
        record: What that is made of.
        collection: The collection; None where it is not finished, or cannot be used.
        trouble: Why it cannot be used; empty otherwise.
    """

    name: str
    record: Record
    collection: Collection | None
    trouble: str = ""


@dataclass(frozen=True)
class Running:
    """The job that runs.

    Attributes:
        name: Of the collection.
        record: What it is made of.
        progress: How far it is.
        stopping: Whether it was told to end.
    """

    name: str
    record: Record
    progress: Progress
    stopping: bool


@dataclass(frozen=True)
class Last:
    """The job that ended last.

    Attributes:
        name: Of the collection.
        record: What it is made of.
        ended: How.
    """

    name: str
    record: Record
    ended: Ended


class OwnFolders:
    """The folders, and the one job that may run.

    Args:
        retriever: Gets the collections.
        device: Where the network of a job runs; None for a GPU where there is one.
    """

    def __init__(self, retriever: Retriever, device: str | None = None) -> None:
        self.retriever, self.device = retriever, device
        self.root = collections_folder()
        #: Grows with each change of what can be searched.
        self.version = 0
        self._lock = threading.RLock()
        self._folders: dict[str, OwnFolder] = {}
        self._job: Job | None = None
        self._at: tuple[str, Record] | None = None
        self._last: Last | None = None

    def load(self) -> None:
        """Have all collections searched that were made before; call it once."""
        with self._lock:
            for path in sorted(self.root.glob("*.json"))[:MOST]:
                if record := _read_record(path):
                    self._folders[path.stem] = self._loaded(path.stem, record)
        self.version += 1

    @property
    def folders(self) -> list[OwnFolder]:
        """All, by their titles."""
        with self._lock:
            return sorted(self._folders.values(), key=lambda each: each.record.title.casefold())

    @property
    def running(self) -> Running | None:
        """The job that runs."""
        with self._lock:
            if self._job is None or self._at is None:
                return None
            return Running(*self._at, self._job.progress, self._job.stopping)

    @property
    def last(self) -> Last | None:
        """The job that ended last, until another begins."""
        with self._lock:
            return self._last

    def report(self, name: str) -> Path:
        """Where the list lies of what was left out of a collection."""
        return self.root / name / REPORT

    # What the operator does

    def add(self, typed: object, title: object, labels: object) -> None:
        """Make a collection of a folder.

        Args:
            typed: The folder; here and below, whatever a browser sends.
            title: What to call it; empty for the folder's name.
            labels: One of `LABELS`.

        Raises:
            FolderError: Says why not.
        """
        folder = typed_folder(typed, self.root)
        record = Record(str(folder), typed_title(title, folder), FOLDERS if labels == FOLDERS else NONE)
        with self._lock:
            self._check_free()
            for each in self._folders.values():
                if each.record.folder == record.folder:
                    raise FolderError(
                        "This folder is here already, as '{title}': choose Update there.",
                        title=each.record.title,
                    )
            if len(self._folders) >= MOST:
                raise FolderError("There are {count} folders already: remove one first.", count=MOST)
            self._start(self._new_name(record.title), record)

    def update(self, name: object) -> None:
        """Bring a collection up to date with its folder, or go on with it. Raises FolderError."""
        with self._lock:
            self._check_free()
            folder = self._known(name)
            typed_folder(folder.record.folder, self.root)  # it may be gone, such as a disk's
            self._start(folder.name, folder.record)

    def stop(self) -> None:
        """End the job that runs; what was embedded is kept."""
        with self._lock:
            if self._job:
                self._job.stop()

    def remove(self, name: object) -> None:
        """Forget a folder, and delete its collection; never the photos. Raises FolderError."""
        with self._lock:
            folder = self._known(name)
            if self._at and self._at[0] == folder.name:
                raise FolderError("This folder is being read: stop that first.")
            if folder.collection:
                self.retriever.remove(folder.name)
            out = self.root / folder.name
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(out.with_name(f"{out.name}.unfinished"), ignore_errors=True)
            for path in (out.with_name(f".{out.name}.lock"), out.with_name(f"{out.name}.json")):
                with suppress(OSError):
                    path.unlink()
            del self._folders[folder.name]
            if self._last and self._last.name == folder.name:
                self._last = None
        self.version += 1

    def close(self) -> None:
        """End the job that runs, with the server."""
        with self._lock:
            job = self._job
        if job:
            job.close()

    # Inside

    def _check_free(self) -> None:
        if self._at:
            raise FolderError(
                "'{title}' is being read: one folder is read at a time. Wait until it has ended, or stop it.",
                title=self._at[1].title,
            )

    def _known(self, name: object) -> OwnFolder:
        folder = self._folders.get(name) if isinstance(name, str) else None
        if folder is None:
            raise FolderError("This folder is no longer here: somebody removed it from the page.")
        return folder

    def _new_name(self, title: str) -> str:
        """A name for addresses that nothing else has."""
        base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "photos"
        taken = {*self.retriever.collections, *self._folders, *(path.name for path in _listed(self.root))}
        names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def _start(self, name: str, record: Record) -> None:
        weights = self.retriever.collection().folder / WEIGHTS
        options = [
            f"--images={record.folder}", f"--out={self.root / name}", f"--title={record.title}",
            f"--labels={record.labels}", f"--weights={weights.absolute()}", "--replace",
        ]  # fmt: skip
        options += [f"--device={self.device}"] if self.device else []
        try:
            with atomic_write(self.root / f"{name}.json") as partial:
                partial.write_text(json.dumps(asdict(record)), encoding="utf-8")
            job = Job(options, lambda ended: self._ended(name, record, ended))
        except (OSError, ValueError):
            raise FolderError(
                "The work could not be begun: see whether the disk is full, or may not be written to."
            ) from None
        self._job, self._at, self._last = job, (name, record), None
        self._folders.setdefault(name, OwnFolder(name, record, None))

    def _ended(self, name: str, record: Record, ended: Ended) -> None:
        loaded = self._loaded(name, record) if ended.how == DONE else None
        with self._lock:
            if loaded:
                self._folders[name] = loaded
                if loaded.trouble:
                    ended = Ended(FAILED, {}, loaded.trouble)
            self._last, self._job, self._at = Last(name, record, ended), None, None
        self.version += 1

    def _loaded(self, name: str, record: Record) -> OwnFolder:
        """The folder, with its collection searched from now on."""
        if not (self.root / name / MANIFEST).is_file():
            return OwnFolder(name, record, None)
        try:
            collection = Collection(self.root / name, gpu=self.device != "cpu")
            if collection.name != name or self._is_of_another(name):
                raise ArtifactError(f"Another collection is called '{name}'.")
            self.retriever.add(collection)
        except (ArtifactError, OSError) as error:
            return OwnFolder(name, record, None, str(error))
        return OwnFolder(name, record, collection)

    def _is_of_another(self, name: str) -> bool:
        known = self.retriever.collections.get(name)
        return known is not None and known.folder != self.root / name


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _read_record(path: Path) -> Record | None:
    """What a record says; None of one that is damaged, or another's file."""
    try:
        fields: Any = json.loads(path.read_text(encoding="utf-8"))
        record = Record(**fields)
    except (OSError, ValueError, TypeError):
        return None
    is_text = all(isinstance(value, str) for value in asdict(record).values())
    return record if is_text and record.labels in LABELS and re.fullmatch(r"[a-z0-9-]+", path.stem) else None
