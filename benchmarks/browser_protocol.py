"""What a browser says to the page, without a browser: HTTP over few connections, and Gradio's events.

Written for load: one process plays a hundred visitors on a fraction of a core, which leaves the rest to the
server.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

#: Seconds after which a connection is not used again: the server closes it after 5.
IDLE = 3.0


class RefusedError(Exception):
    """The server answered with a status of 400 or more. Its message is the status and what was said."""


class Connection:
    """A connection that is kept open; one request at a time.

    Args:
        address: 'http://HOST:PORT'.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used = 0.0

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        """The body of an answer. Raises RefusedError or OSError."""
        parts = [part async for part in self.stream(method, path, body, kind)]
        return b"".join(parts)

    async def stream(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> AsyncIterator[bytes]:
        """The body of an answer as it comes. Raises RefusedError or OSError."""
        if time.monotonic() - self._used > IDLE:
            self.close()
        reader, writer = self._streams or await asyncio.open_connection(self._host, self._port, limit=2**22)
        self._streams = None
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        if body:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        done = False
        try:
            status, headers = await _head(reader)
            refused = b""
            async for part in _body(reader, headers):
                if status < 400:
                    yield part
                else:
                    refused += part
            done = True
        finally:
            if done and headers.get("connection") != "close":
                self._streams, self._used = (reader, writer), time.monotonic()
            else:
                writer.close()
        if status >= 400:
            raise RefusedError(f"{status} {refused[:200].decode(errors='replace')}")

    def close(self) -> None:
        """Close it, if it is open."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = (line.split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split()[1]), {name.lower(): value for name, value in headers}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if headers.get("transfer-encoding") != "chunked":
        yield await reader.readexactly(int(headers.get("content-length", 0)))
        return
    while size := int(await reader.readuntil(b"\r\n"), 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)


@dataclass
class OpenPage:
    """A page that a visitor has open: its session, and what its fields hold.

    Attributes:
        address: 'http://HOST:PORT'.
        config: What the server said of the page's components and events.
        session: Its name.
        values: What the components hold, by their numbers.
    """

    address: str
    config: dict[str, Any]
    session: str = field(default_factory=lambda: secrets.token_hex(6))
    values: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = {part["id"]: part["props"].get("value") for part in self.config["components"]}
        self.connection = Connection(self.address)
        self._heartbeat = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        async for _ in Connection(self.address).stream("GET", f"/gradio_api/heartbeat/{self.session}"):
            pass

    async def close(self) -> None:
        """Close the page."""
        self._heartbeat.cancel()
        await asyncio.gather(self._heartbeat, return_exceptions=True)
        self.connection.close()

    def events(self, name: str, kind: str) -> list[dict[str, Any]]:
        """The page's events of a kind whose function has this name ('' for any)."""
        return [
            event
            for event in self.config["dependencies"]
            if any(trigger == kind for _, trigger in event["targets"])
            and str(event["api_name"]).rstrip("_0123456789")
            in (name, name or event["api_name"].rstrip("_0123456789"))
        ]

    def following(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """The events that come after another."""
        return [each for each in self.config["dependencies"] if each["trigger_after"] == event["id"]]

    async def upload(self, name: str, photo: bytes) -> str:
        """Upload a file. Returns its path."""
        line = secrets.token_hex(16)
        body = (
            (
                f'--{line}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
                "Content-Type: image/jpeg\r\n\r\n"
            ).encode()
            + photo
            + f"\r\n--{line}--\r\n".encode()
        )
        kind = f"multipart/form-data; boundary={line}"
        answered = await self.connection.ask("POST", "/gradio_api/upload", body, kind)
        path: str = json.loads(answered)[0]
        return path

    async def send(self, event: dict[str, Any]) -> None:
        """Have an event answered, and take its values over. Raises RefusedError, also for an error."""
        body = {
            "fn_index": event["id"],
            "data": [self.values.get(part) for part in event["inputs"]],
            "event_data": None,
            "trigger_id": event["targets"][0][0] if event["targets"] else None,
            "session_hash": self.session,
        }
        encoded = json.dumps(body).encode()
        if event["queue"]:
            await self.connection.ask("POST", "/gradio_api/queue/join?", encoded)
            output = await self._answer()
        else:
            path = f"/gradio_api/run/{event['api_name']}"
            output = json.loads(await self.connection.ask("POST", path, encoded))
        for part, value in zip(event["outputs"], output["data"], strict=True):
            is_update = isinstance(value, dict) and value.get("__type__") == "update"
            if not is_update:
                self.values[part] = value
            elif "value" in value:
                self.values[part] = value["value"]

    async def _answer(self) -> dict[str, Any]:
        """What comes on the session's stream in the end."""
        connection, buffer = Connection(self.address), b""
        try:
            async for part in connection.stream("GET", f"/gradio_api/queue/data?session_hash={self.session}"):
                buffer += part
                *messages, buffer = buffer.split(b"\n\n")
                for message in messages:
                    said = json.loads(message.removeprefix(b"data: "))
                    if said["msg"] == "process_completed":
                        output: dict[str, Any] = said["output"]
                        if not said["success"]:
                            raise RefusedError(str(output.get("error")))
                        return output
                    if said["msg"] == "unexpected_error":
                        raise RefusedError(str(said.get("message")))
        finally:
            connection.close()
        raise RefusedError("The stream ended without an answer")
