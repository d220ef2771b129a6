"""Calibration of a collection: with photos that are not in it, or with each of its own against the rest."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.collections.artifacts import WEIGHTS, ArtifactError, read_manifest
from retrieval.collections.collection import Collection
from retrieval.embedder import Embedder
from retrieval.index import VectorIndex
from retrieval.preprocessing import Preprocessing
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from train.__main__ import main
from train.artifacts import calibrate
from train.artifacts.calibrate import EACH_OTHER, VALIDATION, measure_calibration, write_calibration
from train.data import dataset


@pytest.fixture(autouse=True)
def a_few_are_enough(monkeypatch):
    """So that the distances can be worked out by hand."""
    monkeypatch.setattr(calibrate, "MIN_PHOTOS", 2)


def turned(*degrees):
    """Unit vectors in a plane; two that are some degrees apart have a known distance."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def apart(degrees):
    return 2 * np.sin(np.radians(degrees) / 2)


class Known:
    """Stands in for the network: the vectors are known."""

    def __init__(self, *degrees):
        self.vectors = turned(*degrees)

    def embed(self, images):
        assert len(images) == len(self.vectors)
        return self.vectors


def copy(folder, source):
    """An artifact folder with the large files linked."""
    folder.mkdir()
    for name in read_manifest(source).files:
        (folder / name).symlink_to(source / name)
    shutil.copy(source / "manifest.json", folder)
    return folder


def test_held_out_photos_are_looked_up_in_the_collection():
    measured = measure_calibration(
        VectorIndex.build(turned(0, 90)), Known(10, 95, 45), [Image.new("RGB", (8, 8))] * 3
    )
    assert (measured.held_out, measured.count) == (VALIDATION, 3)
    assert measured.quantiles[0] == pytest.approx(apart(5), abs=1e-3)
    assert measured.quantiles[50] == pytest.approx(apart(10), abs=1e-3)
    assert measured.quantiles[100] == pytest.approx(apart(45), abs=1e-3)


def test_without_any_each_photo_is_looked_up_among_the_others():
    measured = measure_calibration(VectorIndex.build(turned(0, 10, 40)))
    assert (measured.held_out, measured.count) == (EACH_OTHER, 3)
    assert measured.quantiles[0] == measured.quantiles[50] == pytest.approx(apart(10), abs=1e-3)
    assert measured.quantiles[100] == pytest.approx(apart(30), abs=1e-3)


def test_a_photo_that_is_there_twice_is_at_no_distance_from_the_other():
    measured = measure_calibration(VectorIndex.build(turned(0, 0, 0, 60)))
    assert measured.quantiles[0] < 2e-3
    assert measured.quantiles[66] < 2e-3
    assert measured.quantiles[100] == pytest.approx(apart(60), abs=1e-3)


def test_writing_a_calibration_changes_nothing_else(tmp_path):
    folder = copy(tmp_path / "scenes", SHIPPED_SCENES)
    before = json.loads((folder / "manifest.json").read_text())
    measured = measure_calibration(VectorIndex.build(turned(0, 10, 40)))
    write_calibration(folder, measured)
    after = json.loads((folder / "manifest.json").read_text())
    assert after.pop("calibration") == {**measured.to_dict(), "quantiles": list(measured.quantiles)}
    before.pop("calibration")
    assert after == before
    assert list(after) == list(before)


def test_the_command_gives_the_shipped_scenes_the_calibration_that_they_have(tmp_path, capsys):
    folder = copy(tmp_path / "scenes", SHIPPED_SCENES)
    write_calibration(folder, measure_calibration(VectorIndex.build(turned(0, 10, 40))))
    assert main(["calibrate", "--artifacts", str(folder)]) == 0
    found, shipped = Collection(folder).calibration, Collection(SHIPPED_SCENES).calibration
    assert (found.held_out, found.count) == (shipped.held_out, shipped.count) == (EACH_OTHER, 252)
    assert found.quantiles == pytest.approx(shipped.quantiles, abs=2e-3)
    line = capsys.readouterr().out
    assert line.startswith(f"{folder}: 252 photos ({EACH_OTHER}); ")
    assert f"farther than {found.threshold:.3f} resembles nothing" in line


def test_the_command_takes_the_validation_photos_for_uc_merced(tmp_path, monkeypatch, capsys, retriever):
    """The real photos are not here: drawn ones stand in for them."""
    folder = copy(tmp_path / "ours", SHIPPED)
    scenes = [draw(label, 77) for label in ("harbor", "runway", "beach")]
    asked = []

    def read_part(part, root=None, *, division):
        asked.append((part, division))
        return dataset.LabeledImages([], [], scenes)

    monkeypatch.setattr(dataset, "read_part", read_part)
    assert main(["calibrate", "--artifacts", str(folder), "--device", "cpu"]) == 0
    assert asked == [("validation", "committed")]
    found = read_manifest(folder).calibration
    exact = Embedder(SHIPPED / WEIGHTS, Preprocessing(), "cpu")  # what is stored is computed in float32
    distances, _ = retriever.collection().index.search(exact.embed(scenes), 1)
    assert (found["held_out"], found["count"]) == (VALIDATION, 3)
    ends = found["quantiles"][0], found["quantiles"][100]
    assert ends == pytest.approx((distances.min(), distances.max()), abs=1e-3)
    assert "3 photos (validation)" in capsys.readouterr().out


def test_a_collection_of_too_few_photos_says_nothing(monkeypatch):
    monkeypatch.setattr(calibrate, "MIN_PHOTOS", 4)
    assert measure_calibration(VectorIndex.build(turned(0, 10, 40))) is None
    assert measure_calibration(VectorIndex.build(turned(0, 10, 40, 60))) is not None


def test_a_folder_that_is_none_is_an_error_of_one_sentence(tmp_path, capsys):
    assert main(["calibrate", "--artifacts", str(tmp_path)]) == 1
    assert "no artifact folder" in capsys.readouterr().err
    with pytest.raises(ArtifactError):
        write_calibration(tmp_path, measure_calibration(VectorIndex.build(turned(0, 10))))
