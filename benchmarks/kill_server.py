"""A process that has imported all that takes seconds, and forks a child for each job, to be killed.

It reads a job a line from standard input, as JSON, and answers each with a line: see `Victim`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: What Python tells an audit hook of before it is done to a disk: each is a step that a kill can come before.
STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "open"}
#: The function by which two folders exchange their names is called through ctypes.
EXCHANGE = "renameat2"


def download(folder: str, archive: dict[str, Any]) -> int:
    """Fetch the photos of a collection from the Hub."""
    from huggingface_hub import constants

    from retrieval.collections import photos

    constants.DOWNLOAD_CHUNK_SIZE = 4096
    photos.download(folder, photos.HubArchive(**archive), again=True)
    return 0


def fetch(address: str) -> int:
    """Fetch an artifact folder from the Hub."""
    from retrieval.collections.hub import local_folder

    local_folder(address)
    return 0


def train(*arguments: str) -> int:
    """A command of `python -m train`."""
    from train.__main__ import main

    return main(list(arguments))


def index_images(*arguments: str) -> int:
    """`train index --images`, in small batches, so that there are more moments to be killed between."""
    from train.__main__ import main
    from train.folders import embedding

    embedding.BATCH = 4
    return main(["index", *arguments])


def check_run(folder: str) -> int:
    """Read each file of a training run: whatever is there is whole."""
    from xml.etree import ElementTree

    import torch

    from retrieval.network import build_network

    for path in Path(folder).iterdir():
        match path.suffix:
            case ".json":
                json.loads(path.read_text(encoding="utf-8"))
            case ".svg":
                ElementTree.parse(path)
            case ".csv":
                lines = path.read_text(encoding="utf-8").splitlines()
                assert all(line.count(",") == lines[0].count(",") for line in lines)
            case ".safetensors":
                build_network(path)
            case ".pt":
                torch.load(path, weights_only=True)
    return 0


JOBS: dict[str, Callable[..., int]] = {
    "download": download, "fetch": fetch, "train": train, "index_images": index_images,
    "check_run": check_run,
}  # fmt: skip


class Steps:
    """Counts steps in a folder, and kills this process before one of them."""

    def __init__(self, folder: str, last: int | None) -> None:
        self.folder, self.last, self.count = folder, last, 0
        sys.addaudithook(self.heard)

    def heard(self, event: str, values: tuple[Any, ...]) -> None:
        """An audit hook."""
        if event == "ctypes.dlsym":
            is_step = values[1] == EXCHANGE
        else:
            writes = event != "open" or bool(values[2] & (os.O_WRONLY | os.O_RDWR))
            is_step = event in STEPS and writes and self.folder in str(values[0])
        if is_step:
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)


def _run(job: dict[str, Any], answer: int) -> None:
    """The child: run a job, tell the steps, and end."""
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    steps = Steps(job["folder"], job["before_step"])
    try:
        status = JOBS[job["name"]](*job["arguments"])
    except BaseException:
        traceback.print_exc()
        status = 70
    os.write(answer, str(steps.count).encode())
    os._exit(status)


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if not child:
        _run(job, writing)
    os.close(writing)
    killer = threading.Timer(job["after"] or job["limit"], os.kill, (child, signal.SIGKILL))
    killer.start()
    steps = os.read(reading, 20)
    _, status = os.waitpid(child, 0)
    killer.cancel()
    os.close(reading)
    return {
        "seconds": time.perf_counter() - started,
        "steps": int(steps or 0),
        "status": os.waitstatus_to_exitcode(status),
    }


def main() -> None:
    """Answer jobs until the input ends."""
    import matplotlib.figure
    import sklearn.decomposition
    import sklearn.manifold
    import torch
    from huggingface_hub import snapshot_download

    import retrieval.openvino_runtime
    import retrieval.retriever
    import train.artifacts.build
    import train.artifacts.model_card
    import train.artifacts.quantize
    import train.commands.fit
    import train.fit.trainer
    import train.folders.update

    assert all((matplotlib.figure, sklearn.manifold, sklearn.decomposition, snapshot_download))
    assert all((retrieval.retriever, train.artifacts.build, train.fit.trainer, train.commands.fit))
    assert train.folders.update
    torch.set_num_threads(1)  # a forked process has no other
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
