"""Whatever is wrong with an artifact folder is said in one sentence that names the file."""

import json
import shutil

import pytest

from retrieval import ArtifactError, Retriever
from retrieval.collections.artifacts import (
    CATALOGUE,
    INDEX,
    MANIFEST,
    WEIGHTS,
    file_sha256,
    read_manifest,
)
from retrieval.collections.collection import Collection
from retrieval.collections.new_folder import new_folder
from retrieval.retriever import SHIPPED, SHIPPED_SCENES


@pytest.fixture
def scenes(tmp_path):
    """A copy of the shipped scenes, without their photos, to be spoiled."""
    return shutil.copytree(SHIPPED_SCENES, tmp_path / "scenes", ignore=shutil.ignore_patterns("photos"))


def change_manifest(folder, **changes):
    fields = json.loads((folder / MANIFEST).read_text())
    for name, value in changes.items():
        fields[name] = value(fields.get(name)) if callable(value) else value
    (folder / MANIFEST).write_text(json.dumps(fields))


def change_catalogue(folder, change):
    """Write other lines, with a checksum that fits them."""
    path = folder / CATALOGUE
    lines = path.read_text().splitlines()
    path.write_text("\n".join(change(lines)) + "\n")
    change_manifest(folder, files=lambda files: files | {CATALOGUE: file_sha256(path)})


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def sentence(function, *arguments, **options):
    with pytest.raises(ArtifactError) as caught:
        function(*arguments, **options)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_the_shipped_folders_are_whole():
    assert read_manifest(SHIPPED).has_weights
    assert not read_manifest(SHIPPED_SCENES).has_weights
    assert read_manifest(SHIPPED).model == read_manifest(SHIPPED_SCENES).model


@pytest.mark.parametrize("name", [INDEX, CATALOGUE])
def test_a_damaged_or_missing_file_is_named(scenes, name):
    flip_a_byte(scenes / name)
    text = sentence(Collection, scenes)
    assert name in text
    assert "damaged" in text
    (scenes / name).unlink()
    text = sentence(Collection, scenes)
    assert name in text
    assert "missing" in text


def test_damaged_weights_are_named_before_they_are_used(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "ucmerced")
    flip_a_byte(folder / WEIGHTS)
    assert f"{WEIGHTS} is damaged" in sentence(Retriever.load, folder)
    (folder / WEIGHTS).unlink()
    assert f"{WEIGHTS} is missing" in sentence(Retriever.load, folder)


def test_a_missing_folder_is_named(tmp_path):
    assert "nowhere" in sentence(Collection, tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "{", "\x00", "[1, 2]", "null", '{"name": "x"}'])
def test_a_manifest_that_is_none_is_named(scenes, text):
    (scenes / MANIFEST).write_text(text)
    assert MANIFEST in sentence(Collection, scenes)


def test_a_manifest_in_another_encoding_is_named(scenes):
    (scenes / MANIFEST).write_bytes(b"\xff\xfe\xfd")
    assert MANIFEST in sentence(Collection, scenes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": 2}, "schema 2"),
        ({"further": 1}, "further"),
        ({"metric": "cosine"}, "cosine"),
        ({"model": lambda model: model | {"architecture": "vit"}}, "vit"),
        ({"model": lambda model: model | {"pooling": "median"}}, "median"),
        ({"model": lambda model: model | {"further": 1}}, "further"),
        ({"model": lambda model: {"architecture": "resnet50"}}, "pooling"),
        ({"model": None}, MANIFEST),
        ({"model": lambda model: model | {"dimension": 512}}, "contradicts itself"),
        ({"files": lambda files: {INDEX: files[INDEX]}}, CATALOGUE),
        ({"files": None}, MANIFEST),
        ({"files": 7}, MANIFEST),
        ({"files": [INDEX, CATALOGUE]}, MANIFEST),
        ({"files": lambda files: files | {"../secret": "0" * 64}}, "all in its own folder"),
        ({"files": lambda files: files | {"/etc/passwd": "0" * 64}}, "all in its own folder"),
        ({"files": lambda files: files | {"..": "0" * 64}}, "all in its own folder"),
        ({"files": lambda files: files | {WEIGHTS: "0" * 64}}, "contradicts itself"),
        ({"files": lambda files: files | {INDEX: None}}, INDEX),
        ({"count": 1}, "contradicts itself"),
        ({"count": "many"}, "count: input should be a valid integer"),
        ({"photos": {"further": 1}}, "photos"),
        ({"photos": {"archive": {"file": "x"}}}, "photos"),
        ({"photos": []}, "photos"),
        ({"photos": None}, "photos"),
    ],
)
def test_a_manifest_that_does_not_fit_is_named(scenes, changes, words):
    change_manifest(scenes, **changes)
    assert words in sentence(Collection, scenes)


@pytest.mark.parametrize("name", ["name", "title", "metric", "count", "files", "model"])
def test_a_missing_field_is_named(scenes, name):
    fields = json.loads((scenes / MANIFEST).read_text())
    del fields[name]
    (scenes / MANIFEST).write_text(json.dumps(fields))
    assert name in sentence(Collection, scenes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "contradicts itself"),
        (lambda lines: lines[1:], "header"),
        (lambda lines: [], "header"),
        (lambda lines: ["id,label,file,sha256", *lines[1:]], "header"),
        (lambda lines: [*lines[:2], "only,three,fields", *lines[3:]], "line 3"),
        (lambda lines: [*lines, lines[5]], "line {}"),
        (lambda lines: [lines[0], lines[1][:-1], *lines[2:]], "line 2"),
        (lambda lines: [lines[0], "", *lines[1:]], "line 2"),
    ],
    ids=["short", "no header", "empty", "other header", "fields", "same id", "blurhash", "empty line"],
)
def test_a_catalogue_that_does_not_fit_is_named(scenes, change, words):
    length = len((scenes / CATALOGUE).read_text().splitlines())
    change_catalogue(scenes, change)
    text = sentence(Collection, scenes)
    assert words.format(length + 1) in text
    assert CATALOGUE in text or "catalogue" in text


def test_a_catalogue_that_is_no_text_is_named(scenes):
    (scenes / CATALOGUE).write_bytes(b"id,label,file,sha256,blurhash\n\xff\xfe\n")
    change_manifest(scenes, files=lambda files: files | {CATALOGUE: file_sha256(scenes / CATALOGUE)})
    assert CATALOGUE in sentence(Collection, scenes)


def test_an_index_that_is_none_is_named(scenes):
    (scenes / INDEX).write_bytes(b"rubbish")
    change_manifest(scenes, files=lambda files: files | {INDEX: file_sha256(scenes / INDEX)})
    assert INDEX in sentence(Collection, scenes)


def test_vectors_of_other_weights_are_refused(scenes):
    change_manifest(scenes, model=lambda model: model | {"sha256": "0" * 64})
    assert "other weights" in sentence(Retriever.load, further=[scenes])


def test_the_first_folder_has_to_hold_weights():
    assert f"no weights ({WEIGHTS})" in sentence(Retriever.load, SHIPPED_SCENES, further=[])


def test_two_collections_of_one_name_are_refused(scenes):
    assert "'scenes'" in sentence(Retriever.load, further=[SHIPPED_SCENES, scenes])


def test_a_preprocessing_that_does_not_fit_is_refused(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "ucmerced")
    change_manifest(folder, model=lambda model: model | {"preprocessing": {"size": 256}})
    assert "preprocessing" in sentence(Retriever.load, folder, further=[])


def test_a_new_folder_is_complete_or_not_there(tmp_path):
    target = tmp_path / "deep" / "made"
    with pytest.raises(KeyboardInterrupt), new_folder(target) as folder:
        (folder / "half").touch()
        raise KeyboardInterrupt
    assert not list(target.parent.iterdir())
    with new_folder(target) as folder:
        (folder / "whole").touch()
        assert not target.exists()
    assert [path.name for path in tmp_path.rglob("*")] == ["deep", "made", "whole"]


def test_an_existing_folder_is_only_replaced_when_that_is_asked_for(tmp_path):
    target = tmp_path / "made"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(ArtifactError, match=r"exists already.*--replace"), new_folder(target):
        pytest.fail("the block must not run")
    with pytest.raises(ZeroDivisionError), new_folder(target, replace=True):
        raise ZeroDivisionError
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["made", "old"]
    with new_folder(target, replace=True) as folder:
        (folder / "new").touch()
        assert (target / "old").exists()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["made", "new"]


@pytest.mark.parametrize("name", ["../up", "Upper", "", "a b", "x/../y", "x" * 65, "x\n"])
def test_a_name_that_is_no_plain_word_is_refused(scenes, name):
    change_manifest(scenes, name=name)
    assert "lower-case letters" in sentence(read_manifest, scenes)
