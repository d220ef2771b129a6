"""A Milvus database: its address, and calls that end in time and never tell the token.

`pymilvus` is imported with the first call, since it takes a while and most pages need none.
"""

from __future__ import annotations

import base64
import importlib.util
import logging
import os
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.collections.artifacts import ArtifactError

PREFIX = "milvus:"
#: The variable with the token of a server: 'user:password', or an API key.
TOKEN = "MILVUS_TOKEN"
#: What a call may take, the library's own attempts included, before the database counts as gone.
CALL_SECONDS = 8.0
CONNECT_SECONDS = 4.0
#: Milvus says so where there is no collection of a name.
_NO_COLLECTION = 100
_SERVER = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?/?")


class DatabaseError(Exception):
    """A call failed. The message is for whoever runs the page, without the token.

    Attributes:
        no_collection: Whether there is no collection of the name.
    """

    def __init__(self, reason: str, *, no_collection: bool = False) -> None:
        super().__init__(reason)
        self.no_collection = no_collection


@dataclass(frozen=True)
class Address:
    """Where a database is: a file of Milvus Lite, whose name ends in '.db', or a server."""

    uri: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address in 'milvus:URI'. Raises ArtifactError, which does not repeat a secret."""
        uri = text.removeprefix(PREFIX)
        is_server = uri.startswith(("http://", "https://"))
        if text.startswith(PREFIX) and is_server and "@" in uri:
            raise ArtifactError(
                "The address of a Milvus server holds no name and no password: put both, as USER:PASSWORD, "
                f"into the variable {TOKEN}."
            )
        if not text.startswith(PREFIX) or not (_SERVER.fullmatch(uri) if is_server else _is_file(uri)):
            raise ArtifactError(
                f"'{text[:200]}' is no store of vectors: give {PREFIX}FILE.db for a file of Milvus Lite, or "
                f"{PREFIX}http://HOST:19530 for a server."
            )
        return cls(uri.rstrip("/") if is_server else str(Path(uri).absolute()))

    @property
    def is_file(self) -> bool:
        """Whether it is a file here, which is served within this process."""
        return not self.uri.startswith("http")

    def __str__(self) -> str:
        return PREFIX + self.uri


def _is_file(uri: str) -> bool:
    return "://" not in uri and Path(uri).name.endswith(".db") and Path(uri).name != ".db"


class Database:
    """Calls of a Milvus database. Any thread may make them.

    Args:
        address: Where it is. The token of a server is read from the environment.
        make: Whether a file that is not there is made.
    """

    def __init__(self, address: Address, *, make: bool = False) -> None:
        needed = ["pymilvus", *(["milvus_lite"] if address.is_file else [])]
        if not all(map(importlib.util.find_spec, needed)):
            raise ArtifactError(
                f"{address} needs packages that are not installed: python -m pip install -r "
                "requirements-milvus.txt"
            )
        self.address = address
        self._make = make
        self._token = "" if address.is_file else os.environ.get(TOKEN, "")
        self._client: Any = None
        self._lock = threading.Lock()

    def call(self, method: str, *arguments: Any, seconds: float = CALL_SECONDS, **named: Any) -> Any:  # noqa: ANN401
        """Call a method of `pymilvus.MilvusClient`. Raises DatabaseError, in so many seconds or few more."""
        try:
            client = self._connected(min(seconds, CONNECT_SECONDS))
            return getattr(client, method)(*arguments, timeout=seconds, **named)
        except DatabaseError:
            raise
        except Exception as error:  # the library, its transport and the disk each raise their own
            if self.address.is_file:  # its server within this process may be another by now
                self._client = None
            raise DatabaseError(
                self._told(error), no_collection=getattr(error, "code", None) == _NO_COLLECTION
            ) from None  # what it came from may hold the token

    def close(self) -> None:
        """Let go of it: another process may open a file then."""
        with self._lock:
            client, self._client = self._client, None
            if client is not None:
                with suppress(Exception):  # it is gone, which is all that is wanted
                    client.close()
            if self.address.is_file and importlib.util.find_spec("milvus_lite"):
                from milvus_lite.server_manager import server_manager_instance

                server_manager_instance.release_server(self.address.uri)

    def _connected(self, seconds: float) -> Any:  # noqa: ANN401
        if self.address.is_file and not self._make and not Path(self.address.uri).exists():
            self.close()  # else what is in memory of a file that was removed would go on answering
            raise DatabaseError("there is no such file")
        with self._lock:
            if self._client is None:
                from pymilvus import MilvusClient

                for name in ("pymilvus", "milvus_lite"):  # they log each failed call, with all that it held
                    logging.getLogger(name).setLevel(logging.CRITICAL + 1)
                self._client = MilvusClient(self.address.uri, token=self._token, timeout=seconds)
            return self._client

    def _told(self, error: Exception) -> str:
        """What an error says, on one line and without the token."""
        details = getattr(error, "details", None)  # of gRPC
        said = details() if callable(details) else getattr(error, "message", None) or error
        text = " ".join(str(said or type(error).__name__).split())
        for secret in _secrets(self._token):
            text = text.replace(secret, "***")
        if self.address.is_file and "Open local milvus failed" in text:
            text = "it is damaged, or another program has it open, which only one at a time can"
        return text[:300].rstrip(".")


def _secrets(token: str) -> list[str]:
    """What of a token may not be shown: all of it, as it is sent, and its parts; the longest first."""
    if not token:
        return []
    parts = [part for part in token.split(":") if len(part) > 3]
    return sorted({token, base64.b64encode(token.encode()).decode(), *parts}, key=len, reverse=True)
