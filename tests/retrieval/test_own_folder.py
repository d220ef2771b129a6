"""Photos that stay in a folder of this machine: shown from there, and only of collections made here."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from examples.scenes import draw
from retrieval import ArtifactError, Retriever
from retrieval.collections.artifacts import CLASSES, MANIFEST, read_manifest, write_manifest
from retrieval.collections.cache import cache_folder
from retrieval.collections.collection import Collection
from retrieval.collections.own_folder import KEY, OwnFolder
from retrieval.collections.photos import PhotoSource
from retrieval.query import Filters, PhotoRef, Query, QueryError
from retrieval.retriever import SHIPPED
from tests.fakes.small_folder import change_manifest
from tests.fakes.unlabelled_folder import ROWS, write_unlabelled


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def photos(tmp_path):
    return tmp_path / "photos"


@pytest.fixture
def made(tmp_path, photos):
    return write_unlabelled(tmp_path / "mine", photos)


def test_photos_are_shown_from_where_they_lie(made, photos):
    collection = Collection(made)
    assert collection.missing_photos == 0
    for row in (0, 1, ROWS - 1):
        assert collection.checked_photo(row) == photos / collection.entries[row].file


def test_each_photo_is_compared_by_itself_so_that_one_that_changed_hides_no_other(made, photos):
    entries = Collection(made).entries
    draw("river", 9, 256).save(photos / entries[0].file)
    (photos / entries[1].file).unlink()
    collection = Collection(made)
    assert collection.missing_photos == 1
    assert [collection.checked_photo(row) for row in (0, 1)] == [None, None]
    assert collection.checked_photo(2) == photos / entries[2].file


@pytest.mark.parametrize("what", ["photo", "folder"])
def test_no_link_is_followed(made, photos, tmp_path, what):
    collection = Collection(made)
    path = photos / collection.entries[0].file
    outside = tmp_path / "outside"
    shutil.copytree(photos, outside)
    if what == "photo":
        path.unlink()
        path.symlink_to(outside / collection.entries[0].file)
    else:
        shutil.rmtree(path.parent)
        path.parent.symlink_to((outside / collection.entries[0].file).parent)
    assert path.is_file()
    assert collection.photo(0) is None


def test_the_folder_itself_may_be_a_link(photos, tmp_path):
    photos.mkdir()
    draw("river", 1, 64).save(photos / "a.png")
    (tmp_path / "link").symlink_to(photos)
    assert OwnFolder(tmp_path / "link").find("a.png") == photos / "a.png"
    assert OwnFolder(tmp_path / "link").count(["a.png", "b.png"]) == 1


def test_a_folder_is_looked_at_once_however_many_photos_are_counted_in_it(photos, monkeypatch):
    (photos / "a" / "b").mkdir(parents=True)
    for number in range(50):
        (photos / "a" / "b" / f"{number}.png").touch()
    (photos / "linked").symlink_to(photos / "a" / "b")
    (photos / "a" / "b" / "link.png").symlink_to("1.png")
    asked, real = [], Path.resolve
    folder = OwnFolder(photos)
    monkeypatch.setattr(Path, "resolve", lambda path, **named: asked.append(path) or real(path, **named))
    files = [f"a/b/{number}.png" for number in range(60)]
    wrong = ["a/b/link.png", "linked/1.png", "a/b", "no/1.png", "a\0b.png", "x" * 5000]
    assert folder.count([*files, *wrong, "a/b/1.png"]) == 51
    assert asked == [photos / "a/b", photos / "linked"]
    assert [folder.find(file) for file in wrong] == [None] * len(wrong)
    assert folder.find("a/b/1.png") == photos / "a/b/1.png"


def test_a_folder_counts_only_where_the_collection_was_made(made, photos, caplog):
    assert Collection(made, elsewhere=True).photos is None  # as of hf://
    assert not caplog.text
    change_manifest(made, photos=lambda fields: fields | {"mark": "0" * 64})
    assert Collection(made).photos is None
    assert "made on another machine" in caplog.text
    assert Collection(made, photos).missing_photos == 0  # unless its user says so


def test_a_mark_is_of_one_folder_and_of_one_key(made, photos, tmp_path):
    given = PhotoSource.from_dict(read_manifest(made).photos)
    assert given.own_folder == photos
    assert replace(given, folder="/etc").own_folder is None
    assert replace(given, mark=None).own_folder is None
    assert given.elsewhere().own_folder is None
    key = cache_folder() / KEY
    assert key.stat().st_mode & 0o77 == 0
    key.rename(tmp_path / "kept")
    assert given.own_folder is None  # and looking for it makes no key
    assert not key.exists()
    key.write_bytes(os.urandom(32))
    assert given.own_folder is None
    (tmp_path / "kept").replace(key)
    assert given.own_folder == photos


@pytest.mark.parametrize(
    "folder", ["photos", "../photos", "/a/../b", "/a/", "", "/a\nb", 7, "/" + "x" * 5000]
)
def test_a_folder_that_is_no_place_is_refused(made, folder):
    change_manifest(made, photos=lambda fields: fields | {"folder": folder})
    with pytest.raises(ArtifactError, match="folder"):
        Collection(made)


def test_what_nobody_labelled_votes_for_nothing(made):
    retriever = Retriever.load(SHIPPED, further=[made], photos=made / "none", device="cpu")
    collection = retriever.collection("mine")
    assert collection.labels == ["group 1", "group 2", "group 3"]
    assert (collection.classes, collection.has_classes) == ([], False)
    first = PhotoRef("mine", collection.entries[0].id)
    result = retriever.answer(Query("mine", (first,), k=5))
    assert [neighbour.label for neighbour in result.neighbours] == [""] * 5
    assert result.votes == result.to_dict()["votes"] == []
    assert len(result.surroundings.other_classes) == 3 - len(
        {collection.entries[neighbour.row].label for neighbour in result.neighbours}
    )
    assert Query.parse(Query("mine", (first,)).address()).stored == (first,)
    with pytest.raises(QueryError, match="no class 'group 1'"):
        retriever.answer(Query("mine", (first,), filters=Filters(("group 1",))))
    pairs = collection.pair_distances
    assert (pairs.within, len(pairs.between)) == ((), 101)


def test_manifests_of_classes_are_written_as_before(made):
    manifest = read_manifest(made)
    assert '"labels": "groups"' in (made / MANIFEST).read_text()
    write_manifest(made, replace(manifest, labels=CLASSES))
    assert "labels" not in json.loads((made / MANIFEST).read_text())
    assert Collection(made).classes == ["group 1", "group 2", "group 3"]
    change_manifest(made, labels="votes")
    with pytest.raises(ArtifactError, match="labels"):
        read_manifest(made)


def test_groups_are_in_the_order_of_their_numbers(made):
    text = (made / "catalogue.csv").read_text().replace(",group 2,", ",group 10,")
    (made / "catalogue.csv").write_text(text)
    write_manifest(made, read_manifest_unchecked(made))
    assert Collection(made).labels == ["group 1", "group 3", "group 10"]


def read_manifest_unchecked(folder):
    from retrieval.collections.artifacts import parse_manifest

    return parse_manifest(folder / MANIFEST)
