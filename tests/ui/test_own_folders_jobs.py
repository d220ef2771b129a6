"""A folder becomes a collection by a real process: added, stopped, gone on with, killed, updated, removed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrieval import Retriever
from retrieval.collections.artifacts import WEIGHTS
from tests.fakes.mixed_folder import enlarge, write_photos, write_troubles
from tests.fakes.small_network import write_small_network
from ui.manage.folders import MOST, OwnFolders
from ui.manage.job import DONE, FAILED, NICE, STOPPED, Job, threads
from ui.manage.typed_folder import PROJECT, FolderError
from ui.render.own_folders import folders_value, time_left

MANY = 240  # photos: enough to be stopped among them

#: Starts a job as the page does, says the process's number, and waits to be killed.
SERVER = """
import sys, time
from ui.manage.job import Job
job = Job(sys.argv[1:], print)
print(job.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AERIAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return write_small_network(tmp_path_factory.mktemp("network"))


@pytest.fixture
def retriever(first):
    return Retriever.load(first, further=(), device="cpu")


@pytest.fixture
def folders(retriever, tmp_path, monkeypatch):
    monkeypatch.setattr(OwnFolders, "__init__", _with_root(tmp_path / "collections"))
    made = OwnFolders(retriever, "cpu")
    yield made
    made.close()


def _with_root(root, real=OwnFolders.__init__):
    def init(self, *arguments):
        real(self, *arguments)
        self.root = root

    return init


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    return enlarge(write_photos(folder, [f"flight/{each}.jpg" for each in range(MANY)]))


def wait(until, seconds=90):
    ends = time.monotonic() + seconds
    while not (found := until()):
        assert time.monotonic() < ends, "it takes too long"
        time.sleep(0.02)
    return found


def ended(folders):
    return wait(lambda: folders.running is None and folders.last).ended


def named(folders):
    return {each.name: each for each in folders.folders}


def test_a_folder_is_searched_as_soon_as_it_is_ready_and_after_a_restart(folders, retriever, tmp_path):
    images = write_photos(tmp_path / "Summer flights")
    troubles = write_troubles(images)
    folders.add(str(images), "", "none")
    assert named(folders)["summer-flights"].collection is None
    assert list(retriever.collections) == ["first"]
    done = ended(folders)
    assert (done.how, done.counts["count"], done.counts["added"]) == (DONE, 6, 6)
    assert done.counts["left_out"] == len(troubles)
    assert folders.report("summer-flights").is_file()
    assert list(retriever.collections) == ["first", "summer-flights"]
    found = retriever.search(images / "IMG 1.tif", k=1, collection="summer-flights").neighbours[0]
    assert (found.id, found.distance) == ("IMG 1.tif", pytest.approx(0, abs=0.03))

    again = Retriever(retriever.embedder, [retriever.collection()])
    restarted = OwnFolders(again)
    restarted.load()
    assert list(again.collections) == ["first", "summer-flights"]
    assert again.collection("summer-flights").title == "Summer flights"
    value = folders_value(restarted)
    assert (value["job"], value["ended"], value["version"]) == (None, None, 1)
    (row,) = value["folders"]
    assert (row["line"], row["search"], row["folder"]) == (
        "6 photos",
        "?collection=summer-flights",
        str(images),
    )


def test_what_changed_in_the_folder_is_taken_over(folders, retriever, tmp_path):
    images = write_photos(tmp_path / "photos")
    folders.add(str(images), "Mine", "folders")
    ended(folders)
    assert retriever.collection("mine").classes == ["2019", "summer", "unlabelled"]
    (images / "upper.JPG").unlink()
    write_photos(images, ["IMG 1.tif", "new.png"], first=20)
    folders.update("mine")
    counts = ended(folders).counts
    assert [counts[name] for name in ("count", "embedded", "added", "changed", "removed")] == [6, 2, 1, 1, 1]
    assert retriever.collection("mine").classes == ["2019", "summer", "unlabelled"]
    assert "new.png" in [entry.id for entry in retriever.collection("mine").entries]
    folders.update("mine")
    ended(folders)
    assert folders_value(folders)["ended"]["line"] == "'Mine' is up to date: 6 photos."


def test_stopped_it_keeps_what_was_read_and_goes_on(folders, retriever, many):
    folders.add(str(many), "Many", "none")
    with pytest.raises(FolderError, match="one folder is read at a time"):
        folders.add("/usr", "", "none")
    with pytest.raises(FolderError, match="one folder is read at a time"):
        folders.update("many")
    with pytest.raises(FolderError, match="stop that first"):
        folders.remove("many")
    wait(lambda: folders.running.progress.done >= 32)
    value = folders_value(folders)
    assert re.match(rf"\d+ of {MANY} photos", value["job"]["line"])
    assert value["folders"][0]["line"] == "being read"
    folders.stop()
    folders.stop()
    assert ended(folders).how == STOPPED
    assert list(retriever.collections) == ["first"]
    assert folders_value(folders)["folders"][0]["line"] == "not finished"

    restarted = OwnFolders(retriever, "cpu")
    restarted.load()
    restarted.update("many")
    counts = ended(restarted).counts
    assert counts["count"] == counts["added"] == MANY
    assert counts["embedded"] <= MANY - 32
    assert len(retriever.collection("many").entries) == MANY


def test_killed_it_says_so_and_goes_on(folders, retriever, many):
    folders.add(str(many), "Many", "none")
    wait(lambda: folders.running.progress.done >= 32)
    os.kill(folders._job.pid, signal.SIGKILL)
    killed = ended(folders)
    assert (killed.how, killed.said) == (FAILED, "")
    assert "ended from outside" in folders_value(folders)["ended"]["line"]
    folders.update("many")
    assert ended(folders).counts["embedded"] <= MANY - 32


def test_the_server_s_end_ends_it(folders, many):
    folders.add(str(many), "Many", "none")
    wait(lambda: folders.running.progress.done)
    pid = folders._job.pid
    folders.close()
    assert wait(lambda: folders.last).ended.how == STOPPED
    assert not Path(f"/proc/{pid}").exists()


def test_a_killed_server_s_job_ends_by_itself(first, many, tmp_path):
    given = [f"--images={many}", f"--out={tmp_path / 'out'}", f"--weights={first / WEIGHTS}"]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, *given, "--device=cpu"], cwd=PROJECT, stdout=subprocess.PIPE
    )
    pid = int(server.stdout.readline())
    unfinished = tmp_path / "out.unfinished"
    wait(lambda: unfinished.is_dir() and any(unfinished.iterdir()))
    server.kill()
    server.wait()
    wait(lambda: _is_over(pid))
    assert not (tmp_path / "out").exists()
    assert unfinished.is_dir()


def _is_over(pid):
    try:
        return "zombie" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_removed_only_the_collection_goes(folders, retriever, tmp_path):
    images = write_photos(tmp_path / "photos")
    before = {path: path.read_bytes() for path in images.rglob("*") if path.is_file()}
    folders.add(str(images), "", "none")
    ended(folders)
    version = folders.version
    folders.remove("photos")
    assert (list(retriever.collections), folders.folders) == (["first"], [])
    assert list(folders.root.iterdir()) == []
    assert folders.version > version
    assert {path: path.read_bytes() for path in images.rglob("*") if path.is_file()} == before
    for name in ("photos", "../photos", "first", None, ["photos"], {}):
        with pytest.raises(FolderError, match="no longer here"):
            folders.remove(name)
        with pytest.raises(FolderError, match="no longer here"):
            folders.update(name)


def test_what_the_command_complains_of_is_shown(folders, tmp_path):
    (tmp_path / "empty").mkdir()
    folders.add(str(tmp_path / "empty"), "", "none")
    failed = ended(folders)
    assert failed.how == FAILED
    assert failed.said == f"{tmp_path / 'empty'} holds no photo: name a folder of photos."
    folders.remove("empty")
    assert folders.folders == []


def test_a_folder_is_added_once_and_each_has_a_name_of_its_own(folders, retriever, tmp_path):
    images = write_photos(tmp_path / "First")
    folders.add(f"{images}/", "", "none")
    ended(folders)
    assert list(named(folders)) == ["first-2"]  # 'first' is another collection's
    with pytest.raises(FolderError, match="here already, as 'First'"):
        folders.add(str(images), "Other", "none")
    assert folders._new_name("../../etc/passwd") == "etc-passwd"
    assert folders._new_name("Zborul de vară") == "zborul-de-var"
    assert folders._new_name("空撮") == "photos"
    assert len(folders._new_name(200 * "a")) == 40


def test_a_damaged_collection_and_a_strange_record_end_nothing(folders, retriever, tmp_path):
    images = write_photos(tmp_path / "photos")
    folders.add(str(images), "", "none")
    ended(folders)
    (folders.root / "photos" / "catalogue.csv").write_text("id\n")
    for name, text in (
        ("broken", "{"), ("list", "[]"), ("more", json.dumps({"folder": "/", "title": "x", "labels": "z"})),
        ("no text", json.dumps({"folder": 1, "title": "x", "labels": "none"})),
    ):  # fmt: skip
        (folders.root / f"{name}.json").write_text(text)
    again = Retriever(retriever.embedder, [retriever.collection()])
    restarted = OwnFolders(again, "cpu")
    restarted.load()
    assert list(again.collections) == ["first"]
    (folder,) = restarted.folders
    assert "catalogue.csv" in folder.trouble
    restarted.update("photos")
    assert ended(restarted).how == DONE
    assert list(again.collections) == ["first", "photos"]


def test_there_is_an_end_to_them(folders, tmp_path):
    folders.root.mkdir()
    for number in range(MOST):
        record = {"folder": f"/photos/{number}", "title": str(number), "labels": "none"}
        (folders.root / f"f{number}.json").write_text(json.dumps(record))
    folders.load()
    with pytest.raises(FolderError, match=f"{MOST} folders already"):
        folders.add(str(write_photos(tmp_path / "photos")), "", "none")


def test_the_work_yields_to_the_page(many, tmp_path):
    heard = []
    job = Job([f"--images={many}", f"--out={tmp_path / 'out'}"], heard.append)
    try:
        assert os.getpriority(os.PRIO_PROCESS, job.pid) == os.getpriority(os.PRIO_PROCESS, 0) + NICE
        assert os.getsid(job.pid) != os.getsid(0)
        environment = Path(f"/proc/{job.pid}/environ").read_bytes().split(b"\0")
        assert f"OMP_NUM_THREADS={threads()}".encode() in environment
        assert 1 <= threads() <= max(1, (os.cpu_count() or 1) - 1)
    finally:
        job.close()
    assert [each.how for each in heard] == [STOPPED]


def test_the_time_left_is_said_in_words():
    assert time_left(20) == "less than a minute left"
    assert time_left(60) == "about one minute left"
    assert time_left(89 * 60) == "about 89 minutes left"
    assert time_left(3 * 3600) == "about 3 hours left"
