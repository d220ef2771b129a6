"""The split, the data set's checks, and the making of an artifact folder from a few drawn scenes."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.scenes import draw
from retrieval import ArtifactError
from retrieval.collections.artifacts import WEIGHTS
from retrieval.collections.collection import Collection
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.retriever import SHIPPED
from train.__main__ import main
from train.artifacts.build import build
from train.artifacts.calibrate import EACH_OTHER, VALIDATION
from train.data import ucmerced
from train.data.ucmerced import (
    CLASSES,
    PARTS,
    DataError,
    divide,
    file_names,
    find_folder,
    make_split,
    read_split,
)

TINY = ["beach/beach00.png", "beach/beach01.png", "forest/forest00.png", "forest/forest01.png"]


@pytest.fixture
def photos(tmp_path):
    """A data set of two classes with two drawn scenes each."""
    folder = tmp_path / "photos"
    for file in TINY:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        draw(file.split("/")[0], int(file[-5]), 64).save(folder / file)
    return folder


@pytest.fixture
def no_photos_anywhere(monkeypatch):
    """Hide a folder that may lie beside the project, and the way to the Hub."""
    monkeypatch.setattr(ucmerced, "SOURCE", replace(ucmerced.SOURCE, beside=None, archive=None))


def whole_data_set(folder):
    for file in file_names():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    return folder


def make(target, photos, **options):
    return build(
        target,
        name="tiny",
        title="Tiny",
        photos=PhotoFolder(photos),
        files=options.pop("files", TINY),
        source=PhotoSource(bundled="photos"),
        weights=SHIPPED / WEIGHTS,
        licences={"data": "made here"},
        with_weights=False,
        device="cpu",
        **options,
    )


def test_the_committed_split_is_the_one_of_the_seed():
    assert {part: read_split(part) for part in PARTS} == make_split(file_names())


def test_each_class_is_divided_into_70_15_and_15_per_cent():
    for part, count in {"train": 70, "validation": 15, "test": 15}.items():
        labels = Counter(file.split("/")[0] for file in read_split(part))
        assert labels == dict.fromkeys(CLASSES, count)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.dictionaries(st.sampled_from(CLASSES), st.integers(1, 40), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
    rng=st.randoms(),
)
def test_a_split_is_complete_without_overlap_and_repeatable(sizes, seed, rng):
    names = [f"{label}/{number}.tif" for label, count in sizes.items() for number in range(count)]
    split = make_split(names, seed)
    assert sorted(name for part in split.values() for name in part) == sorted(names)
    rng.shuffle(names)
    assert make_split(names, seed) == split


def test_another_seed_gives_another_split():
    assert make_split(file_names(), 1) != make_split(file_names(), 2)


def test_five_folds_test_each_photo_once_and_learn_from_none_of_their_own():
    folds = [divide(file_names(), f"fold-{number}") for number in range(1, 6)]
    tested = [name for fold in folds for name in fold["test"]]
    assert sorted(tested) == file_names()
    for fold in folds:
        assert sorted(name for part in fold.values() for name in part) == file_names()
        for part, count in {"train": 75, "validation": 5, "test": 20}.items():
            labels = Counter(file.split("/")[0] for file in fold[part])
            assert labels == dict.fromkeys(CLASSES, count)


def test_halves_and_few_photos_are_divided_too():
    halves = divide(file_names(), "50-50")
    assert {part: len(names) for part, names in halves.items()} == {
        "train": 45 * 21, "validation": 5 * 21, "test": 50 * 21,
    }  # fmt: skip
    few = [f"river/{number}.tif" for number in range(6)]
    parts = [divide(few[::-1], f"fold-{number}") for number in range(1, 6)]
    assert sorted(name for part in parts for name in part["test"]) == few
    assert all(part["validation"] and part["train"] for part in parts)
    with pytest.raises(DataError, match=r"no division 'fold-6'.*fold-5, 50-50"):
        divide(few, "fold-6")


def test_an_unknown_part_is_refused():
    with pytest.raises(DataError, match=r"no split 'exam'.*train, validation, test"):
        read_split("exam")


def test_a_whole_data_set_is_found_in_any_format(tmp_path):
    folder = whole_data_set(tmp_path / "whole")
    (folder / file_names()[0]).rename(folder / file_names()[0].replace(".tif", ".png"))
    found = find_folder(folder)
    assert found.root == folder
    assert found.count(file_names()) == 2100


def test_the_variable_names_the_folder(tmp_path, monkeypatch, no_photos_anywhere):
    monkeypatch.setenv("UCMERCED_DIR", str(whole_data_set(tmp_path / "whole")))
    assert find_folder(fetch=False).root == tmp_path / "whole"


def test_what_a_data_set_lacks_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no folder .*nowhere"):
        find_folder(tmp_path / "nowhere")
    folder = whole_data_set(tmp_path / "whole")
    (folder / "river" / "river07.tif").unlink()
    with pytest.raises(DataError, match=r"lacks 1 of 2100 images, first river/river07\.tif"):
        find_folder(folder)
    (folder / "beach").rename(folder / "beaches")
    with pytest.raises(DataError, match=r"class folder 'beach' \(1 of 21 are missing\)"):
        find_folder(folder)


def test_a_data_set_that_is_nowhere_is_refused(no_photos_anywhere):
    with pytest.raises(DataError, match=r"none of its usual places.*--root"):
        find_folder(fetch=False)


def test_a_made_folder_is_a_collection(tmp_path, photos):
    make(tmp_path / "made", photos)
    collection = Collection(tmp_path / "made")
    assert (collection.name, collection.title, collection.manifest.count) == ("tiny", "Tiny", 4)
    assert [entry.file for entry in collection.entries] == TINY
    assert collection.labels == ["beach", "forest"]
    assert collection.missing_photos == 0
    assert collection.manifest.model == Collection(SHIPPED, tmp_path).manifest.model
    distances, rows = collection.index.search(collection.index.vector(2)[None], 2)
    assert rows.tolist() == [[2, 3]]
    assert distances[0, 0] < 2e-3
    # Its vectors are kept in half precision: two bytes a number.
    assert (tmp_path / "made" / "index.faiss").stat().st_size < 4 * 2048 * 2.1


def test_an_existing_folder_is_kept_unless_replaced(tmp_path, photos):
    target = tmp_path / "made"
    target.mkdir()
    with pytest.raises(ArtifactError, match="exists already"):
        make(target, photos)
    assert not list(target.iterdir())
    make(target, photos, files=TINY[:1], replace_target=True)
    assert len(Collection(target).entries) == 1


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"rubbish"), lambda path: path.unlink()])
def test_an_image_that_cannot_be_used_is_named_and_nothing_is_left(tmp_path, photos, spoil):
    spoil(photos / TINY[3])
    with pytest.raises(DataError, match=r"forest01"):
        make(tmp_path / "made", photos)
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["data", "--root", "{here}/nowhere"],
        ["index", "--root", "{here}/nowhere", "--weights", "w.safetensors", "--out", "{here}/out"],
        ["index", "--root", "{here}/whole", "--weights", "{here}/none.safetensors", "--out", "{here}/out"],
        ["index", "--root", "{here}/whole", "--weights", str(SHIPPED / WEIGHTS), "--out", "{here}/out"],
        ["index", "--root", "{here}/whole", "--weights", str(SHIPPED / WEIGHTS), "--out", "{here}/whole"],
    ],
    ids=["no data", "no photos", "no weights", "empty photos", "existing target"],
)
def test_an_error_is_one_sentence_and_the_status_1(tmp_path, capsys, arguments):
    whole_data_set(tmp_path / "whole")
    status = main([argument.format(here=tmp_path) for argument in arguments])
    captured = capsys.readouterr()
    sentence = captured.err.strip().splitlines()[-1]  # after the progress bar, where one has begun
    assert status == 1
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert re.search(r"\w.*\.$", sentence)
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob("*.partial"))


def test_the_data_command_says_where_the_data_are(tmp_path, capsys):
    folder = whole_data_set(tmp_path / "whole")
    assert main(["data", "--root", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"UC Merced is whole: 2100 images in {folder}",
        "Split: train 1470, validation 315, test 315",
    ]


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["fly"])
    assert caught.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("tpu", "'tpu' is no device"),
        pytest.param(
            "cuda",
            "no CUDA GPU on this machine",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is one"),
        ),
    ],
)
def test_a_device_that_is_not_there_is_refused(device, words, capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "--device", device])
    assert words in capsys.readouterr().err


def test_a_made_folder_is_calibrated_with_what_was_held_out(tmp_path, photos):
    make(tmp_path / "made", photos, held_out=[draw("beach", 8, 64), draw("forest", 8, 64), draw("runway", 8)])
    calibration = Collection(tmp_path / "made").calibration
    assert (calibration.held_out, calibration.count) == (VALIDATION, 3)
    assert 0 < calibration.quantiles[0] < calibration.quantiles[100] < 2


def test_a_made_folder_is_calibrated_with_its_own_photos_where_nothing_was_held_out(
    tmp_path, photos, monkeypatch
):
    monkeypatch.setattr("train.artifacts.calibrate.MIN_PHOTOS", 4)
    make(tmp_path / "made", photos)
    collection = Collection(tmp_path / "made")
    assert (collection.calibration.held_out, collection.calibration.count) == (EACH_OTHER, 4)
    vectors = [collection.index.vector(row) for row in range(4)]
    distances, _ = collection.index.search(np.stack(vectors), 2)
    ends = collection.calibration.quantiles[0], collection.calibration.threshold
    assert ends == pytest.approx((distances[:, 1].min(), distances[:, 1].max()), abs=0.02)


def test_a_made_folder_has_a_map(tmp_path, photos):
    make(tmp_path / "made", photos)
    places = Collection(tmp_path / "made").coordinates
    assert places.shape == (4, 2)
    assert np.ptp(places, axis=0).max() == pytest.approx(1)


def test_the_index_command_writes_a_calibration(tmp_path, photos, monkeypatch):
    monkeypatch.setattr("train.artifacts.calibrate.MIN_PHOTOS", 4)
    target = tmp_path / "made"
    arguments = ["index", "--folder", str(photos), "--weights", str(SHIPPED / WEIGHTS), "--out", str(target)]
    assert main([*arguments, "--device", "cpu"]) == 0
    calibration = Collection(target).calibration
    assert (calibration.held_out, calibration.count) == (EACH_OTHER, 4)


def test_a_disk_that_takes_nothing_is_said_in_a_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert main(["results", "--out", str(tmp_path / "file" / "results.md")]) == 1
    told = capsys.readouterr().err
    assert f"{tmp_path / 'file'}" in told
    assert told.endswith("What was there before is as it was.\n")


def test_only_indexed_photos_are_copied_and_no_link_is_followed(tmp_path, photos):
    (tmp_path / "private.png").write_bytes(b"private")
    (photos / "beach" / "link.png").symlink_to(tmp_path / "private.png")
    (photos / "beach" / "notes.txt").write_text("not a photo")
    make(tmp_path / "made", photos)
    copies = tmp_path / "made" / "photos"
    assert sorted(path.relative_to(copies).as_posix() for path in copies.glob("*/*")) == TINY


def test_two_photos_of_one_name_are_refused_before_anything_is_embedded(tmp_path, photos):
    with pytest.raises(DataError, match=r"beach00.png and forest/beach00.jpg have one name.*--images"):
        make(tmp_path / "made", photos, files=[*TINY, "forest/beach00.jpg"])
    assert not (tmp_path / "made").exists()


def test_a_name_that_cannot_be_in_a_catalogue_is_named(tmp_path, photos):
    (photos / "beach\u202e").mkdir()
    (photos / "beach" / "beach00.png").rename(photos / "beach\u202e" / "beach00.png")
    with pytest.raises(DataError, match="control characters"):
        make(tmp_path / "made", photos, files=["beach\u202e/beach00.png"])
    assert not (tmp_path / "made").exists()
