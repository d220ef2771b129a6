"""The README's tour: a folder of photos, a run, its evaluation, an artifact folder, a search."""

import json

import pytest

from retrieval import Retriever
from tests.fakes.scene_folder import write_scenes
from train.__main__ import main


def test_from_a_folder_of_photos_to_a_search(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scenes = str(write_scenes(tmp_path / "scenes"))
    small = ["--architecture", "resnet14", "--init", "scratch", "--size", "32", "--test-size", "40"]
    data = ["--folder", scenes, "--device", "cpu"]
    assert main(["fit", "tour", *data, *small, "--pooling", "gem", "--epochs", "1", "--classes", "3"]) == 0
    weights = ["--weights", "runs/tour/best.safetensors"]
    assert main(["evaluate", *weights, *data, "--out", "runs/tour/evaluation.json"]) == 0
    record = ["--record", "runs/tour/evaluation.json"]
    index = ["index", *weights, *data, *record, "--out", "runs/Tour of 2026", "--title", "My photos"]
    assert main(index) == 0
    told = capsys.readouterr().out
    assert "P@1" in told
    assert f"--weights runs/tour/best.safetensors --folder {scenes})" in told

    assert "# My photos: aerial image retrieval" in (tmp_path / "runs/Tour of 2026/README.md").read_text()
    retriever = Retriever.load("runs/Tour of 2026", device="cpu")
    collection = retriever.collection()
    manifest = collection.manifest
    assert (collection.name, collection.title) == ("tour-of-2026", "My photos")
    assert (manifest.model.architecture, manifest.model.pooling) == ("resnet14", "gem")
    assert manifest.model.preprocessing.size == 40
    assert manifest.licences["weights"].startswith("Trained from random weights")
    assert manifest.training["best_epoch"] == 1
    assert manifest.training["command"].startswith("python -m train fit --folder scenes ")
    measured = json.loads((tmp_path / "runs" / "tour" / "evaluation.json").read_text())
    assert measured["size"] == 40
    assert manifest.results["protocols"] == measured["protocols"]
    nearest = retriever.search(tmp_path / "scenes" / collection.entries[0].file, k=3).neighbours[0]
    assert nearest.id == collection.entries[0].id
    assert nearest.distance == pytest.approx(0, abs=0.03)  # searched in bfloat16, see `test_runtime`
    assert nearest.photo.is_file()


def test_a_folder_does_not_take_the_place_of_the_shipped_collection(tmp_path, capsys):
    scenes = write_scenes(tmp_path / "scenes", images=7)
    assert main(["index", "--folder", str(scenes), "--replace"]) == 1
    assert "name another folder with --out" in capsys.readouterr().err
