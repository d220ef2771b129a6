"""Examples have names that last, are made once for all, and are photos of the test split where those are."""

import math
import shutil
import threading
import time
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from examples import catalog
from examples.map_views import map_views
from retrieval.collections.collection import Collection
from retrieval.images import ImageError, decode
from retrieval.maps import screenshot
from retrieval.query import Query, QueryError
from retrieval.retriever import Retriever
from tests.fakes.example_photo import example_path
from tests.fakes.pretend_photos import NAME, write_pretend
from ui import example_uploads
from ui.components.example_strip import strip_of
from ui.example_uploads import PREFIX, ExampleUploads, NotYetError
from ui.i18n import use_language
from ui.render.sentences import life_line
from ui.uploads import KEPT_SECONDS, UploadStore

DAY = date(2026, 12, 24)


class Counting:
    """An embedder that counts, and takes as long as it is told. It looks at no image twice."""

    scale_probe = None

    def __init__(self, embedder):
        self._embedder, self.embedded, self.wait = embedder, 0, None

    def embed(self, images):
        if self.wait:
            self.wait.wait(5)
        self.embedded += len(images)
        return self._embedder.embed(images)

    def __getattr__(self, name):
        return getattr(self._embedder, name)


class Retrieving(Retriever):
    """A retriever of other collections, with an embedder that counts each image once."""

    def __init__(self, retriever, collections):
        super().__init__(Counting(retriever.embedder), collections)


@pytest.fixture(scope="module")
def pretend_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretend") / "folder"
    return folder, write_pretend(folder)


@pytest.fixture
def pretend(pretend_folder, retriever, monkeypatch):
    """The examples of a collection with a test split, and the retriever of it."""
    folder, listed = pretend_folder
    monkeypatch.setattr(catalog, "TEST_PHOTOS", listed)
    monkeypatch.setattr(example_uploads, "TEST_PHOTOS_OF", NAME)
    retrieving = Retrieving(retriever, [Collection(folder, gpu=False)])
    return ExampleUploads(retrieving, today=DAY), retrieving


def test_where_photos_are_missing_scenes_stand_in(examples):
    assert examples.are_drawn
    assert not examples.wait_for_photos  # nothing brings them
    assert [each.name for each in examples.photos()] == [path.stem for path in catalog.example_paths()]
    assert examples.first == "example-harbor"
    groups = strip_of(examples)["groups"]
    assert groups[0]["caption"] == "Drawn scenes, as the photos are not here"
    assert groups[1]["caption"] == "Example map views (drawn)"


def test_where_photos_are_here_a_dozen_of_twelve_classes_is_shown(pretend):
    examples, retrieving = pretend
    photos = examples.photos()
    assert len({each.label for each in photos}) == len(photos) == 12
    held_out = {photo.name for photo in catalog.read_test_photos()}
    assert {each.name for each in photos} <= held_out
    assert not held_out & {entry.id for entry in retrieving.collections[NAME].entries}
    assert examples.first == PREFIX + photos[0].name
    assert strip_of(examples)["groups"][0]["caption"] == "Photos to try, a new dozen each day"
    assert ExampleUploads(retrieving, today=DAY.replace(day=25)).photos() != photos


def test_a_photo_with_other_pixels_than_the_list_says_is_no_example(pretend, tmp_path, monkeypatch):
    examples, retrieving = pretend
    chosen = examples.photos()[0]
    folder = shutil.copytree(retrieving.collections[NAME].folder, tmp_path / "changed")
    path = folder / "photos" / chosen.label / f"{chosen.name}.webp"
    shutil.copyfile(example_path("harbor"), path)
    changed = ExampleUploads(Retrieving(retrieving, [Collection(folder, gpu=False)]), today=DAY)
    names = [each.name for each in changed.photos()]
    assert chosen.name not in names
    assert chosen.label in {each.label for each in changed.photos()}  # by another of its class
    assert len(names) == 12
    assert changed.get(PREFIX + chosen.name) is None
    path.unlink()
    assert ExampleUploads(Retrieving(retrieving, [Collection(folder, gpu=False)])).get(
        PREFIX + chosen.name
    ) is None  # fmt: skip


def test_an_example_is_what_the_network_says_of_its_file(examples, retriever):
    upload = examples.get("example-beach")
    assert np.allclose(upload.vector, retriever.embed([example_path("beach")])[0], atol=1e-5)
    shown = np.asarray(upload.image).astype(int)
    assert np.abs(shown - np.asarray(decode(example_path("beach")).image.resize((256, 256)))).mean() < 6


OTHERS = ("example-", "example-etna", "beach", "example-../beach", "example-map-etna", "map-a", "")


@pytest.mark.parametrize("name", [*OTHERS, "example-harbor99"])
def test_there_are_no_other_names(examples, name):
    assert examples.get(name) is None


def test_each_is_made_once_for_all_who_ask_at_a_time(pretend):
    examples, retrieving = pretend
    retrieving.embedder.wait = threading.Event()
    got = []
    threads = [threading.Thread(target=lambda: got.append(examples.get(examples.first))) for _ in range(12)]
    for thread in threads:
        thread.start()
    retrieving.embedder.wait.set()
    for thread in threads:
        thread.join()
    assert retrieving.embedder.embedded == 1
    assert len({id(upload) for upload in got}) == 1
    assert len(got) == 12


def test_nobody_waits_without_end_while_another_one_is_made(pretend, monkeypatch):
    examples, retrieving = pretend
    monkeypatch.setattr(example_uploads, "WAIT_SECONDS", 0.05)
    retrieving.embedder.wait = threading.Event()
    first, second = (PREFIX + each.name for each in examples.photos()[:2])
    making = threading.Thread(target=examples.get, args=[first])
    making.start()
    while not examples._making.locked():
        pass
    with pytest.raises(ImageError, match="try again"):
        examples.make(second)
    retrieving.embedder.wait.set()
    making.join()
    assert examples.make(second)  # later it is there


def test_what_the_page_shows_is_made_before_anybody_asks(pretend):
    examples, retrieving = pretend
    examples.prepare()
    made = retrieving.embedder.embedded
    assert made == 12 + len(map_views())
    for each in (*examples.photos(), *map_views().values()):
        assert examples.get(PREFIX + each.name)
    assert retrieving.embedder.embedded == made


def test_all_others_are_made_then_one_after_the_other(pretend, monkeypatch):
    examples, retrieving = pretend
    monkeypatch.setattr(example_uploads, "REST_SECONDS", 0.0)
    examples.prepare()
    before = retrieving.embedder.embedded
    examples.prepare_others()
    others = {photo.name for photo in catalog.read_test_photos()} - {each.name for each in examples.photos()}
    scenes = [path.stem for path in catalog.example_paths()]
    assert retrieving.embedder.embedded == before + len(others) + len(scenes)
    assert all(examples.peek(PREFIX + name) for name in (*others, *scenes))


def test_when_photos_have_come_they_are_made_too(pretend, monkeypatch):
    examples, retrieving = pretend
    monkeypatch.setattr(example_uploads, "LOOK_SECONDS", 0.01)
    collection, fetch = retrieving.collections[NAME], SimpleNamespace(share=0.5)
    photo, scene = (PREFIX + name for name in (catalog.read_test_photos()[0].name, "tenniscourt"))
    monkeypatch.setattr(examples, "_fetch", fetch)
    monkeypatch.setattr(example_uploads, "REST_SECONDS", 0.0)
    collection.missing_photos = 1
    examples.prepare_in_background()

    def is_made(name):
        ends = time.monotonic() + 30
        while examples.peek(name) is None and time.monotonic() < ends:
            time.sleep(0.01)
        return examples.peek(name) is not None

    assert is_made(scene)
    assert examples.peek(photo) is None
    collection.missing_photos, fetch.share = 0, None
    assert is_made(photo)


def test_a_look_makes_none(pretend):
    examples, retrieving = pretend
    store = UploadStore()
    store.examples = examples
    name = examples.first
    assert examples.peek(name) is store.peek(name) is None
    with pytest.raises(NotYetError, match="still being prepared"):
        store.vectors([name], made=True)
    with pytest.raises(QueryError, match="no longer here"):
        store.vectors([PREFIX + "harbor99"], made=True)
    assert retrieving.embedder.embedded == 0
    made = examples.make(name)
    assert examples.peek(name) is store.peek(name) is made
    assert store.vectors([name, "of no photo"], made=True).keys() == {name}


def test_few_threads_wait_for_examples_at_a_time(pretend, monkeypatch):
    examples, retrieving = pretend
    retrieving.embedder.wait = threading.Event()
    names = [PREFIX + photo.name for photo in catalog.read_test_photos()][: example_uploads.WAITING + 5]
    refused, ended = [], threading.Semaphore(0)

    def ask(name):
        try:
            examples.require(name)
        except NotYetError as error:
            refused.append(str(error))
        ended.release()

    threads = [threading.Thread(target=ask, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for _ in range(5):  # at once, while all others wait
        assert ended.acquire(timeout=2)
    assert len(refused) == 5
    assert set(refused) == {str(example_uploads.PREPARING)}
    retrieving.embedder.wait.set()
    for thread in threads:
        thread.join()
    assert len(refused) == 5


@pytest.mark.parametrize(("share", "words"), [(0.4, "when the photos have come"), (None, "no longer here")])
def test_a_photo_that_is_on_its_way_is_told_from_one_that_will_not_come(retriever, share, words):
    examples = ExampleUploads(retriever, SimpleNamespace(share=share))
    store = UploadStore()
    store.examples = examples
    name = PREFIX + catalog.read_test_photos()[0].name
    for made in (False, True):
        with pytest.raises(QueryError, match=words) as refused:
            store.vectors([name], made=made)
        assert isinstance(refused.value, NotYetError) == (share is not None)


def test_scenes_stand_in_for_photos_only_while_those_are_on_their_way(retriever):
    fetch = SimpleNamespace(share=0.4)
    examples = ExampleUploads(retriever, fetch)
    caption = strip_of(examples)["groups"][0]["caption"]
    assert caption == "Drawn scenes stand in for photos until the photos are here"
    fetch.share = None  # the download failed
    assert strip_of(examples)["groups"][0]["caption"] == "Drawn scenes, as the photos are not here"


def test_what_cannot_be_used_keeps_no_other_from_being_made(pretend, monkeypatch):
    examples, retrieving = pretend
    monkeypatch.setattr(example_uploads, "embed_upload", lambda *_: 1 / 0)
    examples.prepare()
    assert retrieving.embedder.embedded == 12


def test_a_map_is_located_as_its_link_says(examples):
    example = next(iter(map_views().values()))
    upload = examples.get(PREFIX + example.name)
    assert upload.screenshot.path == str(example.path)
    assert upload.screenshot.located.hints == example.hints
    assert str(upload.title) == str(example.title)


def test_a_photo_that_a_person_put_in_the_place_of_another_is_read_anew(examples, tmp_path, monkeypatch):
    path = tmp_path / "my place.png"
    decode(example_path("harbor")).image.resize((600, 600)).save(path)
    monkeypatch.setattr(
        example_uploads, "map_views",
        lambda: {path.stem: example_uploads.MapView(path, "mine", "mine", file_scale=0.3)},
    )  # fmt: skip
    before, version = examples.get("example-place-my place"), examples.version("place-my place")
    decode(example_path("forest")).image.resize((700, 700)).save(path)
    screenshot.forget_decoded()  # as after five minutes
    after = examples.get("example-place-my place")
    assert np.linalg.norm(before.vector - after.vector) > 0.3
    assert examples.version("place-my place") != version


def test_examples_stay_when_visitors_photos_go(brought, clock):
    clock.now += 10 * KEPT_SECONDS
    assert set(brought.vectors(["example-beach", "of no photo"])) == {"example-beach"}
    assert brought.until(["example-beach"]) == math.inf
    query = Query("scenes", uploads=("example-beach",))
    assert life_line(brought.until(query.uploads), query).endswith(
        "for as long as the page has these photos."
    )
    assert brought.count == 0  # of visitors' photos


def test_with_a_photo_of_a_visitors_the_link_lives_as_long_as_that(brought, examples, clock):
    name = brought.keep(examples.get("example-beach"), visitor="me")
    assert brought.until(["example-beach", name]) == clock.now + KEPT_SECONDS
    assert brought.until(["example-beach", "gone"]) is None


def test_nothing_that_a_visitor_brings_takes_the_place_of_an_example(brought, examples):
    upload = examples.get("example-beach")
    moved = brought.keep(examples.get("example-forest"), "example-beach", "me")
    assert moved != "example-beach"
    assert brought.get("example-beach") is upload


def test_a_store_without_examples_has_none():
    assert UploadStore().get("example-beach") is None


def test_examples_are_named_in_the_language_of_the_page(examples):
    english = strip_of(examples)["groups"]
    with use_language("ro"):
        romanian = strip_of(examples)["groups"]
    titles = [[item["title"] for item in group["items"]] for group in (english[0], romanian[0])]
    assert "Example: beach" in titles[0]
    assert not set(titles[0]) & set(titles[1])
    assert [item["id"] for item in english[0]["items"]] == [item["id"] for item in romanian[0]["items"]]
