"""A real Milvus server for tests: one that the environment names, or one started from another Python.

`MILVUS_TEST_URI` names a server that may be written to, such as http://127.0.0.1:19530. `MILVUS_TEST_PYTHON`
names a Python that has the package `milvus` (2.3.5 holds a whole server); it is started and stopped then.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

URI, PYTHON = "MILVUS_TEST_URI", "MILVUS_TEST_PYTHON"
MISSING = f"no Milvus server: name one in {URI}, or a Python that has one in {PYTHON}"
READY_WITHIN = 90.0

#: Runs until it is told to end. The package's own look at a port does not know that one is free again.
_SERVE = """
import signal, socket, sys, threading
from milvus import MilvusServerConfig, default_server
def bind(self, port):
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(("127.0.0.1", port))
        found.listen()
    except OSError:
        found.close()
        return None
    return found
MilvusServerConfig.try_bind_port = bind
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
default_server.set_base_dir(sys.argv[1])
default_server.listen_port = int(sys.argv[2])
try:
    default_server.start()
    print("ready", flush=True)
    threading.Event().wait()
finally:
    default_server.stop()
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class OwnServer:
    """A server of this test run, whose data stay when it is stopped. A machine has room for one only."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "log.txt").open("w") as log:
            self._process = subprocess.Popen(
                [os.environ[PYTHON], "-c", _SERVE, str(self.folder / "data"), str(self.port)],
                stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        started = time.monotonic()
        while "ready" not in (self.folder / "log.txt").read_text():
            if self._process.poll() is not None or time.monotonic() - started > READY_WITHIN:
                self._process.kill()
                raise RuntimeError((self.folder / "log.txt").read_text()[-2000:])
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)
            self._process = None


@pytest.fixture(scope="session")
def own_server(tmp_path_factory):
    """A server that a test may stop and start again; each leaves it running."""
    if PYTHON not in os.environ:
        pytest.skip(f"no Milvus server that may be stopped: name a Python that has one in {PYTHON}")
    server = OwnServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server_uri(request):
    """The address of a real server."""
    if URI in os.environ:
        return os.environ[URI]
    if PYTHON not in os.environ:
        pytest.skip(MISSING)
    return request.getfixturevalue("own_server").uri
