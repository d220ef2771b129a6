"""A Hub that lies, or a disk that takes no more: one sentence, nothing lost, and a later start works."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from huggingface_hub import constants

from retrieval import ArtifactError
from retrieval.collections import hub as hub_folders
from retrieval.collections.cache import download_folder
from retrieval.collections.hub import local_folder
from retrieval.collections.photos import PROJECT, DownloadError, download
from tests.fakes.hub import INSIDE, Answer, Hub, zipped
from tests.fakes.small_folder import write_small_folder
from tests.retrieval.test_unpack import photo

HTML = b"<!DOCTYPE html><html><title>Sign in to this network</title></html>"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub(zipped({f"{INSIDE}/beach/{number}.png": photo() for number in range(3)})) as server:
        server.take_the_place(monkeypatch, tmp_path / "hub")
        monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
        yield server


def endless(answer, data, **headers):
    """A body without a length that would go on for 200 MB."""
    if answer.command == "HEAD":
        answer.reply(data, **headers)
        return
    answer.send_response(200)
    for name, value in headers.items():
        answer.send_header(name, str(value))
    answer.send_header("Connection", "close")
    answer.end_headers()
    answer.close_connection = True
    try:
        for _ in range(200):
            answer.wfile.write(bytes(10**6))
            answer.server.sent += 10**6
    except OSError:  # the other side has enough
        pass


def page(answer, data, **headers):
    """A web page in place of the file, as a hotel's network answers."""
    answer.reply(HTML, **(headers | {"Content-Type": "text/html"}))


def longer(answer, data, **headers):
    answer.reply(data + b"more", **headers)


def other(answer, data, **headers):
    answer.reply(bytes(len(data)), **headers)


def elsewhere(answer, data, **headers):
    """A redirect to a server that is not there."""
    answer.reply(b"", 302, Location="http://127.0.0.1:9/elsewhere")


def lie(monkeypatch, hub, way):
    hub.sent = 0
    monkeypatch.setattr(Answer, "send_file", lambda answer, data, **headers: way(answer, data, **headers))


def sizes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


@pytest.mark.parametrize("way", [endless, page, longer, other, elsewhere])
def test_photos_of_a_lying_hub_are_refused_and_a_later_try_works(hub, way, monkeypatch, tmp_path):
    right = hub.archive()
    with monkeypatch.context() as patch:
        lie(patch, hub, way)
        with pytest.raises(DownloadError) as caught:
            download("tiny", right)
        assert "\n" not in str(caught.value)
        assert sizes(tmp_path / "cache") <= right.bytes
        assert hub.sent < 100 * 10**6
    assert not download_folder("tiny").exists()
    assert len(list(download("tiny", right).rglob("*.png"))) == 3


@pytest.mark.parametrize("way", [endless, page, longer, other, elsewhere])
def test_artifacts_of_a_lying_hub_are_refused_and_a_later_start_works(hub, way, monkeypatch, tmp_path):
    monkeypatch.setattr(hub_folders, "MAX_WEIGHTS_BYTES", 10**6)
    monkeypatch.setattr(hub_folders, "MAX_PHOTO", 10**5)
    folder = write_small_folder(tmp_path / "small")
    address = f"hf://someone/small@{hub.add('someone/small', folder)}"
    with monkeypatch.context() as patch:
        lie(patch, hub, way)
        with pytest.raises(ArtifactError) as caught:
            local_folder(address)
        assert "\n" not in str(caught.value)
        assert "Sign in" not in str(caught.value)
        assert hub.sent < 100 * 10**6
    found = local_folder(address)
    assert (found / "index.faiss").read_bytes() == (folder / "index.faiss").read_bytes()
    assert len(list((found / "photos").rglob("*.webp"))) == 4


def test_a_cache_that_takes_no_files_is_said(hub, monkeypatch, tmp_path):
    """As a read-only folder does, also where the tests run as root."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "downloads").write_text("in the way")
    with pytest.raises(DownloadError, match=r"cannot be kept in .*cache.*make room"):
        download("tiny", hub.archive())
    (tmp_path / "cache" / "downloads").unlink()
    assert download("tiny", hub.archive()).is_dir()


def test_a_cache_of_the_hub_that_takes_no_files_is_said(hub, monkeypatch, tmp_path):
    address = f"hf://someone/small@{hub.add('someone/small', write_small_folder(tmp_path / 'small'))}"
    (tmp_path / "file").write_text("in the way")
    with monkeypatch.context() as patch:
        patch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
        with pytest.raises(ArtifactError, match=r"could not be fetched from .*try again later\.$"):
            local_folder(address)
    assert local_folder(address).is_dir()


LIMITED = """
import json, resource, sys
from huggingface_hub import constants
from retrieval import ArtifactError
from retrieval.collections.hub import local_folder
from retrieval.collections.photos import DownloadError, HubArchive, download
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))
try:
    archive = HubArchive(**json.loads(sys.argv[2]))
    print(local_folder(sys.argv[3]) if sys.argv[3] else download("tiny", archive))
except (ArtifactError, DownloadError) as error:
    print("SENTENCE", error)
"""


@pytest.mark.parametrize("what", ["photos", "artifacts"])
def test_a_disk_that_is_full_in_the_middle_is_said_and_a_later_start_works(hub, what, tmp_path):
    """A stand-in for a full disk: no file may grow beyond a limit."""
    folder = write_small_folder(tmp_path / "small")
    address = f"hf://someone/small@{hub.add('someone/small', folder)}" if what == "artifacts" else ""
    archive = json.dumps(vars(hub.archive()))
    environment = os.environ | {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "AERIAL_CACHE": str(tmp_path / "cache"),
    }

    def start(limit):
        return subprocess.run(
            [sys.executable, "-c", LIMITED, str(limit), archive, address],
            cwd=PROJECT, capture_output=True, text=True, env=environment,
        )  # fmt: skip

    full = start(12_000)
    assert full.returncode == 0, full.stderr
    assert full.stdout.startswith("SENTENCE")
    assert "too large" in full.stdout  # EFBIG, as ENOSPC would be said
    later = start(10**9)
    assert later.returncode == 0, later.stderr
    assert "SENTENCE" not in later.stdout
    assert not list(tmp_path.rglob("*.partial"))
    shutil.rmtree(later.stdout.strip())
