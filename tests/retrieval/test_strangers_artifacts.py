"""An artifact folder from a stranger: whatever it holds, it ends in a collection or in one sentence."""

import copy
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from retrieval import ArtifactError, Retriever
from retrieval.collections import hub
from retrieval.collections.artifacts import (
    CATALOGUE,
    INDEX,
    MANIFEST,
    MAP,
    QUANTIZATION,
    SCALE,
    WEIGHTS,
    read_manifest,
)
from retrieval.collections.catalogue import read_catalogue
from retrieval.collections.collection import Collection, load_collections
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.retriever import SHIPPED
from tests.fakes.hub import Hub
from tests.fakes.small_folder import change_manifest, replace_file, write_small_folder

ARCHIVE = {
    "repository": "owner/name",
    "revision": "abc",
    "file": "a.zip",
    "sha256": "0" * 64,
    "bytes": 1,
    "folder": "a",
}
CALIBRATION = {"held_out": "validation", "count": 9, "quantiles": [number / 100 for number in range(101)]}
#: What no field of a manifest means, and once ended in another error than an ArtifactError.
STRANGE = [
    *(None, True, -1, 0, 2**63, 10**400, 1.5, 1e308, float("nan"), float("inf")),
    *("", "../../x", "/etc", "a\nb", "\u202ex", "\ud800", "x" * 100_000, [], [[]], {}, {"a": [1]}),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder whose manifest has every field."""
    folder = write_small_folder(tmp_path_factory.mktemp("whole") / "small")
    results = json.loads((SHIPPED / MANIFEST).read_text())["results"]
    few = {"protocols": {"test-train": results["protocols"]["test-train"]}}
    change_manifest(
        folder,
        photos={"bundled": "photos", "environment": "A_DIR", "beside": "../x", "archive": ARCHIVE},
        calibration=CALIBRATION,
        results=few,
    )
    return folder


@pytest.fixture
def small(tmp_path, whole):
    return shutil.copytree(whole, tmp_path / "small")


def sentence(function, *arguments, **options):
    with pytest.raises(ArtifactError) as caught:
        function(*arguments, **options)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 700  # the payload is not repeated
    return text


def places(value, path=()):
    """The path of each value in a manifest; of a list, and of classes, those of the first few."""
    yield path
    if isinstance(value, dict):
        for key in list(value)[: 3 if "results" in path else None]:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def test_a_value_that_does_not_fit_is_refused_in_a_sentence(small):
    """Of each field, each strange value: a collection, or an ArtifactError."""
    fields = json.loads((small / MANIFEST).read_text())
    tried = refused = 0
    for path in [path for path in places(fields) if path and "results" not in path]:
        for value in STRANGE:
            changed = copy.deepcopy(fields)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
            (small / MANIFEST).write_text(json.dumps(changed))
            tried += 1
            try:
                Collection(small, gpu=False)
            except ArtifactError as error:
                refused += 1
                assert len(str(error)) < 700, (path, value)
                assert "\n" not in str(error)
    assert tried > 500
    assert refused > 0.8 * tried


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[" * 100_000, "recursion"),
        (b'{"schema": 1, "count": NaN}', "JSON"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "JSON"),
        (b" " * 2_000_001, "2,000,000 bytes"),
        (b'{"schema": "\\ud800"}', "JSON"),
        (json.dumps({"schema": "x" * 10_000}).encode(), "schema xxx"),
    ],
    ids=["deep", "nan", "digits", "long", "surrogate", "schema"],
)
def test_a_manifest_that_is_no_plain_json_is_refused(small, text, words):
    (small / MANIFEST).write_bytes(text)
    assert words in sentence(Collection, small)


def test_a_deep_field_is_refused(small):
    text = (small / MANIFEST).read_text()
    deep = '{"a": ' * 150 + "1" + "}" * 150
    (small / MANIFEST).write_text(text.replace('"training": {}', f'"training": {{"x": {deep}}}'))
    assert "nested" in sentence(Collection, small)


@pytest.mark.parametrize("sha256", ["/some/where/backup", "../../backup", "0" * 63, "A" * 64])
def test_an_archive_cannot_name_a_file_to_write_to(small, sha256):
    change_manifest(small, photos={"archive": ARCHIVE | {"sha256": sha256}})
    assert "archive.sha256" in sentence(Collection, small)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bundled", ".."),
        ("bundled", "a/b"),
        ("bundled", "x" * 300),
        ("environment", "HOME"),
        ("environment", "PATH"),
        ("beside", "/any/folder"),
        ("beside", "../../folder"),
        ("beside", "a/../../b"),
        ("archive", ARCHIVE | {"file": "../a.zip"}),
        ("archive", ARCHIVE | {"folder": "/a"}),
        ("archive", ARCHIVE | {"bytes": 10**15}),
        ("archive", ARCHIVE | {"repository": "owner/name/../../other"}),
        ("archive", ARCHIVE | {"revision": "a/../b"}),
    ],
)
def test_photos_are_in_places_that_photos_may_be_in(small, field, value):
    change_manifest(small, photos={field: value})
    assert f"'photos' do not fit ({field}" in sentence(Collection, small)


def test_a_folder_from_elsewhere_looks_nowhere_on_this_machine(small, whole, monkeypatch):
    change_manifest(small, photos={"environment": "MY_PHOTOS_DIR"})
    monkeypatch.setenv("MY_PHOTOS_DIR", str(whole / "photos"))
    assert Collection(small, gpu=False).missing_photos == 0
    assert Collection(small, elsewhere=True).photo(0) is None
    assert PhotoSource(environment="A_DIR", beside="x").elsewhere() == PhotoSource()
    assert PhotoSource(bundled="photos").elsewhere() == PhotoSource(bundled="photos")


def test_a_folder_of_the_hub_is_from_elsewhere(small, monkeypatch, tmp_path):
    (small / WEIGHTS).write_bytes((SHIPPED / WEIGHTS).read_bytes())
    digest = json.loads((SHIPPED / MANIFEST).read_text())["files"][WEIGHTS]
    change_manifest(
        small, photos={"environment": "MY_PHOTOS_DIR"}, files=lambda files: files | {WEIGHTS: digest}
    )
    monkeypatch.setenv("MY_PHOTOS_DIR", str(small / "photos"))
    with Hub() as server:
        server.take_the_place(monkeypatch, tmp_path / "cache")
        address = f"hf://someone/small@{server.add('someone/small', small)}"
        assert hub.is_address(address)
        (found,) = load_collections(address, [], None, Path("none"), gpu=False)
        (own,) = load_collections(small, [], None, Path("none"), gpu=False)
    assert (found.photo(0), own.missing_photos) == (None, 0)


@pytest.mark.parametrize("linked", ["agricultural/agricultural03.webp", "agricultural", "."])
def test_a_link_out_of_the_photos_is_not_followed(small, tmp_path, linked):
    outside = shutil.copytree(small / "photos", tmp_path / "outside")
    place = small / "photos" / linked
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    (small / "photos" if linked == "." else place).symlink_to(outside / linked)
    collection = Collection(small, gpu=False)
    assert collection.missing_photos == (1 if place.suffix else 4)
    assert collection.photo(3) is None


def test_a_link_that_stays_in_the_photos_is_followed(small):
    first = min((small / "photos").glob("*/*"))
    first.rename(first.with_name("other.webp"))
    first.symlink_to("other.webp")
    assert Collection(small, gpu=False).photo(0) == first
    first.unlink()
    first.symlink_to(first.name)  # to itself
    assert Collection(small, gpu=False).photo(0) is None


def test_only_regular_files_are_photos(small):
    first = next((small / "photos").glob("*/*00.*"))
    first.unlink()
    os.mkfifo(first)
    assert PhotoFolder(small / "photos").count([f"{first.parent.name}/{first.name}"]) == 0
    assert Collection(small, gpu=False).photo(0) is None


@pytest.mark.parametrize("name", [MANIFEST, INDEX, CATALOGUE, MAP])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link to itself"])
def test_a_file_that_is_none_is_refused_without_waiting(small, name, kind):
    (small / name).unlink()
    match kind:
        case "pipe":
            os.mkfifo(small / name)
        case "device":
            (small / name).symlink_to("/dev/zero")
        case "folder":
            (small / name).mkdir()
        case _:
            (small / name).symlink_to(name)
    assert name in sentence(Collection, small)


ROW = "a,b,b/a.webp," + "0" * 64 + ",LEHV6nWB2yk8pyo0adR*.7kCMdnj"


@pytest.mark.parametrize(
    "row",
    [
        ROW.replace("a,", "../a,", 1),
        ROW.replace("a,", "a/../b,", 1),
        ROW.replace("a,", "a/./b,", 1),
        ROW.replace("a,", "a//b,", 1),
        ROW.replace("a,", "..,", 1),
        ROW.replace("a,", "\x00,", 1),
        ROW.replace("a,", "x" * 300 + ",", 1),
        ROW.replace("b/a", "../b/a"),
        ROW.replace("b/a", "/b/a"),
        ROW.replace("b/a.webp", "b/../a.webp"),
        ROW.replace("b/a", "b/\u202ea"),
        ROW.replace("0" * 64, "0" * 63),
        ROW.replace(",b,", ",,"),
        ROW.replace(",b,", "," + "b" * 200_000 + ","),
        ROW + "é",
        ROW.replace("a,", '"a', 1),
        ROW.replace(",b,", ',"b"c,'),
    ],
)
def test_a_row_of_the_catalogue_that_does_not_fit_is_named(small, row):
    text = "id,label,file,sha256,blurhash\n" + row + "\n"
    replace_file(small, CATALOGUE, text.encode())
    assert CATALOGUE in sentence(read_catalogue, small / CATALOGUE)
    assert read_catalogue(_written(small, ROW))[0].id == "a"


def _written(folder, row):
    (folder / "right.csv").write_text("id,label,file,sha256,blurhash\n" + row + "\n")
    return folder / "right.csv"


@pytest.mark.parametrize(
    "rows",
    [
        "nan,0",
        "inf,0",
        "1e999,0",
        "-0.1,0",
        "1.1,0",
        "0,0,0",
        "0",
        "a,b",
        '"0,0',
        "9" * 1000 + ",0",
        "\x00,0",
    ],
)
def test_a_map_that_does_not_fit_is_named(small, rows):
    replace_file(small, MAP, f"x,y\n{rows}\n0,0\n0,0\n0,0\n".encode())
    assert MAP in sentence(Collection, small)


@pytest.mark.parametrize(
    "change",
    [
        {"count": 0},
        {"count": 1.5},
        {"held_out": "x\n"},
        {"quantiles": [2.1] * 101},
        {"quantiles": [float("nan")] * 101},
        {"quantiles": [0.1] * 102},
        {"further": 1},
    ],
)
def test_a_calibration_that_does_not_fit_is_named(small, change):
    change_manifest(small, calibration=CALIBRATION | change)
    assert "calibration" in sentence(Collection, small)


def with_shipped_weights(folder):
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns(WEIGHTS))
    (folder / WEIGHTS).symlink_to(SHIPPED / WEIGHTS)
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"[" * 90_000,
        lambda data: data[:-9],
        lambda data: data.replace(b'"ranges"', b'"range"'),
        lambda data: data.replace(b'"layer1', b'"layer9'),
        lambda data: re.sub(rb": \d+\.\d+", b": 1e-320", data, count=1),
        lambda data: re.sub(rb": \d+\.\d+", b": " + b"9" * 400, data, count=1),
        lambda data: data + b" " * 100_000,
    ],
    ids=["deep", "cut", "field", "layer", "tiny", "huge", "long"],
)
def test_ranges_that_do_not_fit_are_named(tmp_path, change):
    folder = with_shipped_weights(tmp_path / "made")
    data = (folder / QUANTIZATION).read_bytes()
    assert change(data) != data
    replace_file(folder, QUANTIZATION, change(data))
    assert QUANTIZATION in sentence(Retriever.load, folder, further=[], device="cpu")


@pytest.mark.parametrize("change", [lambda data: data[:-9], lambda data: b"rubbish", lambda data: b""])
def test_what_tells_the_scale_is_named_where_it_does_not_fit(tmp_path, change):
    folder = with_shipped_weights(tmp_path / "made")
    replace_file(folder, SCALE, change((folder / SCALE).read_bytes()))
    assert SCALE in sentence(Retriever.load, folder, further=[], device="cpu")


def test_what_tells_the_scale_for_other_weights_is_left_alone(tmp_path):
    folder = with_shipped_weights(tmp_path / "made")
    data = (folder / SCALE).read_bytes()
    sha256 = read_manifest(folder).model.sha256
    replace_file(folder, SCALE, data.replace(sha256.encode(), b"ab" * 32))
    assert Retriever.load(folder, further=[], device="cpu").embedder.scale_probe is None


def test_what_the_manifest_does_not_name_is_not_read(tmp_path):
    folder = with_shipped_weights(tmp_path / "made")
    for name in (QUANTIZATION, SCALE):
        (folder / name).write_text("rubbish")
        change_manifest(
            folder, files=lambda files, name=name: {each: files[each] for each in files if each != name}
        )
    embedder = Retriever.load(folder, further=[], device="cpu").embedder
    assert embedder.dtype != "int8"
    assert embedder.scale_probe is None


def test_ranges_are_found_where_the_hubs_cache_keeps_the_weights_elsewhere(tmp_path):
    folder = with_shipped_weights(tmp_path / "made")
    (tmp_path / "blobs").mkdir()
    weights = shutil.copy(SHIPPED / WEIGHTS, tmp_path / "blobs" / "weights")
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(weights)
    assert Retriever.load(folder, further=[], device="cpu").embedder.dtype == "int8"


def test_vectors_of_another_length_than_the_networks_are_refused(tmp_path):
    folder = with_shipped_weights(tmp_path / "made")
    change_manifest(folder, model=lambda model: model | {"dimension": 1024})
    assert "1024" in sentence(Retriever.load, folder, further=[])
