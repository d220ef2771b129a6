"""Photos that come while the page is served: how far, what is told, and that an end leaves what has come."""

import threading
from dataclasses import replace

import pytest

from retrieval.collections.cache import cache_folder
from retrieval.collections.collection import Collection
from retrieval.collections.photo_fetch import PhotoFetch
from retrieval.collections.photos import download
from retrieval.retriever import SHIPPED_SCENES
from tests.fakes.hub import HALF, INSIDE, Hub, zipped


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """It has the pictures of the generated scenes."""
    photos = SHIPPED_SCENES / "photos"
    pictures = {f"{INSIDE}/{path.relative_to(photos)}": path.read_bytes() for path in photos.rglob("*.webp")}
    with Hub(zipped(pictures)) as server:
        server.take_the_place(monkeypatch, tmp_path / "hub", chunk=100_000)
        monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
        yield server


@pytest.fixture
def lacking(hub, tmp_path):
    """The generated scenes, whose photos have to be fetched."""
    collection = Collection(SHIPPED_SCENES, tmp_path / "none")
    collection.source = replace(collection.source, archive=hub.archive())
    return collection


def test_photos_come_and_how_far_it_is_can_be_asked(lacking, hub):
    fetch = PhotoFetch([lacking])
    seen = [fetch.share]
    bar = fetch._bar(0)
    move = bar.update

    def watched(self, n=1):
        moved = move(self, n)
        seen.append(fetch.share)
        return moved

    bar.update = watched
    fetch._bar = lambda _: bar
    fetch.run()
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert 0.3 < seen[len(seen) // 2] < 0.7
    assert seen[-1] == pytest.approx(1)
    assert fetch.share is None
    assert lacking.missing_photos == 0


def test_what_is_here_and_what_says_no_place_is_left_alone(lacking, scenes, hub):
    fetch = PhotoFetch([scenes])
    assert fetch.share is None
    lacking.source = replace(lacking.source, archive=None)
    fetch = PhotoFetch([lacking])
    assert fetch.share is None
    fetch.start()
    fetch.run()
    assert hub.ranges == []


def test_a_failure_is_one_sentence_in_the_terminal(lacking, hub, capfd):
    hub.answers = [500]
    fetch = PhotoFetch([lacking])
    fetch.run()
    told = capfd.readouterr().err.strip()
    assert told.startswith("The photos could not be downloaded from http://127.0.0.1")
    assert "\n" not in told
    assert fetch.share is None
    assert lacking.missing_photos == 252


def test_without_a_network_nothing_else_is_told_either(lacking, hub, capfd):
    hub.shutdown()
    hub.server_close()
    PhotoFetch([lacking]).run()
    told = capfd.readouterr().err.strip()
    assert told.startswith("The photos could not be downloaded")
    assert "\n" not in told
    assert "Traceback" not in told


def test_the_next_one_goes_on_where_the_last_was_ended(lacking, hub):
    part = cache_folder() / "downloads" / lacking.name / f"{lacking.source.archive.sha256}.zip"
    part.parent.mkdir(parents=True)
    part.write_bytes(hub.data[:HALF])
    fetch = PhotoFetch([lacking])
    fetch.run()
    assert hub.ranges == [f"bytes={HALF}-"]
    assert lacking.missing_photos == 0


def test_it_runs_in_a_thread_that_ends_with_the_process(lacking, hub, capfd):
    fetch = PhotoFetch([lacking])
    fetch.start()
    (thread,) = [each for each in threading.enumerate() if each.name == "fetch-photos"]
    assert thread.daemon
    thread.join(20)
    assert fetch.share is None
    assert lacking.missing_photos == 0
    assert "fetched while the page is served" in capfd.readouterr().err
    fetch.start()  # once
    assert len(hub.ranges) == 1


def test_of_two_pages_that_lack_the_same_photos_one_fetches_them(lacking, hub):
    archive = lacking.source.archive
    threads = [threading.Thread(target=PhotoFetch([lacking]).run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert lacking.missing_photos == 0
    assert len(hub.ranges) == 1
    download(lacking.name, archive, again=True)  # while whoever comes later and asks for it gets them anew
    assert len(hub.ranges) == 2
