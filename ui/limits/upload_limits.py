"""Bounds on what is uploaded to the disk: of one file, one request, all together, and what stays free.

Gradio (6.31) bounds a single file alone, writes any number of them, and deletes them by the hour. Here a
request is refused before it is read where it says that it is too long, and as it comes where it says
nothing; a few of one visitor come at a time; files go in the order of their age when there are too many or
the disk is nearly full, those of the visitor with the most first, so that nobody pushes out what others
just brought; and the disk is not filled to the last. What counts is what came, not what is announced.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from gradio import route_utils, routes
from gradio.utils import get_upload_folder
from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.image_files import BEGINNING, LARGE, MAX_BYTES, driver_of
from retrieval.query import MAX_PHOTOS
from retrieval.raster_file import MAX_RASTER_BYTES
from ui.i18n import gettext as _
from ui.limits.fair import FairGate, FullError
from ui.limits.queueing import full
from ui.limits.requests import BodyTooLargeError, ContentBody, content_length, is_route, too_large
from ui.limits.shares import FairStore
from ui.limits.visitors import visitor_of

#: Bytes of a file that is no raster by its first bytes, and of all such of a request: the page looks at
#: twenty, of `MAX_BYTES` each at most. Between the two limits of a file, who decodes it says what is wrong.
SMALL_BYTES, SMALL_TOGETHER = 4 * MAX_BYTES, 10 * MAX_BYTES

#: Bytes of a file: rasters may be large. And of a request, with what stands around its files.
FILE_BYTES = MAX_RASTER_BYTES
REQUEST_BYTES = FILE_BYTES + 1_000_000

#: Bytes of all files together, and for how many seconds one is kept; Gradio deletes what is older as well.
FOLDER_BYTES, FOLDER_SECONDS = 2_000_000_000, 7200

#: Files of one request: twice as many as the page looks at, so that it can say so.
REQUEST_FILES = 2 * MAX_PHOTOS

#: Bytes that the smallest file counts: it takes a folder, a place in lists, and time to delete as well.
LEAST_BYTES = 64_000

#: Bytes of the disk that uploads leave free.
LEAVE_FREE = 500_000_000

#: Uploads whose progress is kept; it is asked for while they come.
MAX_PROGRESS = 300

#: Seconds after which one may try again where the disk is full.
AGAIN_AFTER = 300


#: Uploads at a time, also of one visitor, who may be many behind one address; how many wait, and seconds
#: until a refused one may be tried again.
UPLOADS, EACH_UPLOADS, UPLOADS_WAITING, UPLOADS_AGAIN_AFTER = 64, 4, 200, 10


class NoRoomError(Exception):
    """There is no room on the disk for what a visitor uploads."""


class UploadLimits:
    """Middleware.

    Args:
        app: What answers.
        free: Bytes that are free on the disk of a folder.
        folder_bytes: Of all files together.
        clock: Seconds since 1970.
        least: Bytes that a file counts at least.
    """

    def __init__(
        self,
        app: ASGIApp,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
        folder_bytes: int = FOLDER_BYTES,
        clock: Callable[[], float] = time.time,
        least: int = LEAST_BYTES,
    ) -> None:
        self.app, self._free, self._least = app, free, least
        self.files: FairStore[Path] = FairStore(folder_bytes, FOLDER_SECONDS, clock, self._delete)
        self._gradios: set[str] = set()  # which files Gradio gives out; it forgets none
        self._coming: Counter[str] = Counter()  # bytes of each visitor that came of what is not here as yet
        self._gate = FairGate(UPLOADS, UPLOADS_WAITING, each=EACH_UPLOADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an upload in, or refuse it; let everything else pass."""
        if is_route(scope, "GET", "upload_progress"):
            _forget_progress()
        if not is_route(scope, "POST", "upload"):
            await self.app(scope, receive, send)
            return
        length = content_length(scope)
        if length > REQUEST_BYTES:
            await PlainTextResponse(too_large(REQUEST_BYTES), 413)(scope, receive, send)
            return
        try:
            async with self._gate.enter(visitor_of(scope)):
                await self._take(scope, receive, send, length)
        except FullError:
            again = {"Retry-After": str(UPLOADS_AGAIN_AFTER)}
            await PlainTextResponse(full(UPLOADS_AGAIN_AFTER), 429, again)(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send, length: int) -> None:
        """Take an upload in that says it has so many bytes.

        What it says is no reason to have others' files go: those go for bytes that are there.
        """
        visitor, answer = visitor_of(scope), _Answer(send)
        body = _UploadBody(receive, answer.send, lambda size: self._arrived(visitor, size))
        try:
            if self._free_bytes() + self.files.total < LEAVE_FREE + length:
                raise NoRoomError
            await self._without_leftovers(scope, body.receive, body.send)
        except BodyTooLargeError:
            await PlainTextResponse(too_large(REQUEST_BYTES), 413)(scope, receive, send)
        except NoRoomError:
            sentence = _("The server's disk is full: try again in {seconds} seconds.", seconds=AGAIN_AFTER)
            again = {"Retry-After": str(AGAIN_AFTER)}
            await PlainTextResponse(sentence, 503, again)(scope, receive, send)
        finally:
            self._coming[visitor] -= body.count
            self._coming += Counter()  # drops those who have nothing
            _forget_progress()
            paths = answer.paths()
            if paths:
                self._gradios = scope["app"].get_blocks().upload_file_set
            for path in paths:
                if path.is_file():
                    size = max(path.stat().st_size, self._least)
                    self.files.keep(str(path), path, size, visitor)

    def _delete(self, name: str, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._gradios.discard(name)

    def _arrived(self, visitor: str, size: int) -> bool:
        """Count bytes of a visitor that are here; whether there is room for them, of which some is made."""
        self._coming[visitor] += size
        mine = self._coming[visitor]
        if not self.files.make_room(mine, visitor, self._coming.total() - mine):
            return False
        while (missing := LEAVE_FREE + size - self._free_bytes()) > 0:
            if missing > self.files.total or not self.files.give_way(mine, visitor):
                return False
        return True

    def _free_bytes(self) -> int:
        return self._free(_existing(Path(get_upload_folder())))

    async def _without_leftovers(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and delete what was written for it and not made an upload.

        Gradio leaves that: of a connection that broke, and of fields with another name than its own.
        """
        written = _Written()
        token = _written.set(written)
        try:
            await self.app(scope, receive, send)
        finally:
            _written.reset(token)
            for name in written.names:
                Path(name).unlink(missing_ok=True)


class _Written:
    """The files that are written for a request."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._small = 0  # bytes of all that are no rasters

    def add(self, file: Any) -> None:  # noqa: ANN401 - of NamedTemporaryFile
        """Check what is written to a file from now on."""
        self.names.append(file.name)
        write, beginning, count = file.write, b"", 0

        def checked(data: bytes) -> int:
            nonlocal beginning, count
            beginning += data[: BEGINNING - len(beginning)]
            count += len(data)
            if driver_of(beginning) not in LARGE:
                self._small += len(data)
                # Gradio makes an answer of these.
                if count > SMALL_BYTES:
                    raise MultiPartException(_too_large_file())
                if self._small > SMALL_TOGETHER:
                    raise MultiPartException(too_large(SMALL_TOGETHER))
            return int(write(data))

        file.write = checked


def _too_large_file() -> str:
    return _(
        "This file is too large: images of at most {most} MB are read, and TIFF and JPEG 2000 of at most "
        "{raster} MB.",
        most=MAX_BYTES // 10**6,
        raster=MAX_RASTER_BYTES // 10**6,
    )


#: Of the request that is being answered.
_written: ContextVar[_Written | None] = ContextVar("written", default=None)


def _remembered(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as NamedTemporaryFile
    written = _written.get()
    if written is not None and len(written.names) >= REQUEST_FILES:
        # Which Gradio makes an answer of.
        raise MultiPartException(_("At most {count} files are taken at a time.", count=REQUEST_FILES))
    file = NamedTemporaryFile(*arguments, **options)  # noqa: SIM115 - Gradio closes it
    if written is not None:
        written.add(file)
    return file


route_utils.NamedTemporaryFile = _remembered


class _UploadBody(ContentBody):
    """A request's body, for which room is made as it comes.

    Args:
        receive: As ASGI's, likewise `send`.
        arrived: Is told how many bytes came; whether there is room for them.
    """

    def __init__(self, receive: Receive, send: Send, arrived: Callable[[int], bool]) -> None:
        super().__init__(receive, send, REQUEST_BYTES)
        self._arrived, self._has_room = arrived, True

    async def receive(self) -> Message:
        """As ASGI's. Raises BodyTooLargeError and NoRoomError."""
        before = self.count
        message = await self.next()
        self._has_room = self._arrived(self.count - before) and self._has_room
        self._check()
        return message

    def _check(self) -> None:
        super()._check()
        if not self._has_room:
            raise NoRoomError


class _Answer:
    """What Gradio answers to an upload: a list of the paths, as JSON."""

    def __init__(self, send: Send) -> None:
        self._send, self._status, self._body = send, 0, b""

    async def send(self, message: Message) -> None:
        """As ASGI's."""
        self._status = message.get("status", self._status)
        self._body += message.get("body", b"")
        await self._send(message)

    def paths(self) -> list[Path]:
        """Of the files that were written."""
        if self._status != 200:
            return []
        answered: Any = json.loads(self._body)
        return [Path(path) for path in answered]


def _forget_progress() -> None:
    """Drop the oldest of what Gradio keeps of uploads' progress, and of every name that it was asked for."""
    statuses = routes.file_upload_statuses
    for name in list(statuses._signals)[:-MAX_PROGRESS]:
        statuses._signals.pop(name, None)
        statuses.stop_tracking(name)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it: Gradio makes it at the first upload."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())
