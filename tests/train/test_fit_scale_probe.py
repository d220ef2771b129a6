"""Views of photos whose scale is known teach what tells how much ground an image shows."""

import numpy as np
import pytest
import torch

import train.artifacts.scale_probe
from retrieval.collections.artifacts import SCALE, WEIGHTS, ArtifactError, file_sha256, read_manifest
from retrieval.maps.crops import CROP_PIXELS
from retrieval.network import new_network, save_weights
from retrieval.scale_probe import read_probe
from tests.fakes.scene_folder import write_scenes
from tests.fakes.small_folder import write_small_folder
from train.__main__ import main
from train.artifacts.scale_probe import LEAST_OCTAVE, MOST_OCTAVE, ScaleViews, fit_probe, write_scale
from train.data.dataset import read_part


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return read_part("all", folder=write_scenes(tmp_path_factory.mktemp("photos") / "scenes"), in_memory=True)


def test_views_are_those_of_the_seed_in_any_order(photos):
    views, again = ScaleViews(photos, 12, 3), ScaleViews(photos, 12, 3)
    expected = [np.asarray(views[number]) for number in range(12)]
    torch.manual_seed(99)
    for number in reversed(range(12)):
        assert np.array_equal(np.asarray(again[number]), expected[number])
    assert all(view.shape == (CROP_PIXELS, CROP_PIXELS, 3) for view in expected)
    assert [np.asarray(view).tolist() for view in views[2:4]] == [view.tolist() for view in expected[2:4]]
    other = ScaleViews(photos, 12, 4)
    assert not np.array_equal(other.octaves, views.octaves)
    assert (views.octaves >= LEAST_OCTAVE).all()
    assert (views.octaves <= MOST_OCTAVE).all()


def test_views_from_higher_up_have_finer_detail_than_those_from_nearer(photos):
    views = ScaleViews(photos, 200, 0)

    def detail(number):
        pixels = np.asarray(views[number].convert("L"), np.float32)
        return np.abs(np.diff(pixels, axis=1)).mean()

    octaves = views.octaves
    near = np.mean([detail(number) for number in np.flatnonzero(octaves < -1)])
    far = np.mean([detail(number) for number in np.flatnonzero((octaves > 1) & (octaves < 2.5))])
    assert far > 1.5 * near


def test_a_feature_that_says_the_scale_is_found():
    rng = np.random.default_rng(0)
    octaves = rng.uniform(LEAST_OCTAVE, MOST_OCTAVE, 600)
    vectors = rng.normal(size=(600, 12)).astype(np.float32)
    vectors[:, 3] = octaves
    vectors[:, 4] = octaves**2 / 3
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) * 3
    probe = fit_probe(vectors[:500], octaves[:500])
    told = probe.octaves[probe.log_probabilities(vectors[500:]).argmax(axis=1)]
    assert np.mean(np.abs(told - octaves[500:]) <= 0.5) > 0.6
    again = fit_probe(vectors[:500], octaves[:500])
    assert np.allclose(again.weights, probe.weights, atol=1e-4)
    by_chance = fit_probe(vectors[:500], rng.permutation(octaves[:500]))
    told = by_chance.octaves[by_chance.log_probabilities(vectors[500:]).argmax(axis=1)]
    assert np.mean(np.abs(told - octaves[500:]) <= 0.5) < 0.4


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An artifact folder of a small network, and the photos that it is of."""
    here = tmp_path_factory.mktemp("made")
    torch.manual_seed(0)
    about = {
        "architecture": "resnet14",
        "pooling": "average",
        "licence": "own",
        "training": {"test_size": 64},
    }
    save_weights(new_network("resnet14").eval(), here / WEIGHTS, about)
    folder, photos = here / "artifacts", write_scenes(here / "photos")
    options = ["--weights", str(here / WEIGHTS), "--folder", str(photos), "--out", str(folder)]
    assert main(["index", *options, "--split", "all", "--data-licence", "own", "--device", "cpu"]) == 0
    return folder, photos


def test_a_folder_gets_what_tells_the_scale_and_stays_whole(made, monkeypatch, capsys):
    folder, photos = made
    monkeypatch.setattr(train.artifacts.scale_probe, "VIEWS", 20)
    monkeypatch.setattr("train.commands.scale.CHECKED", 6)
    assert main(["scale", "--artifacts", str(folder), "--folder", str(photos), "--device", "cpu"]) == 0
    assert "of 6 views of validation photos" in capsys.readouterr().out
    assert read_manifest(folder).files[SCALE] == file_sha256(folder / SCALE)
    probe = read_probe(folder / SCALE, file_sha256(folder / WEIGHTS), 2048)
    assert probe.octaves[0] == LEAST_OCTAVE
    assert probe.octaves[-1] == MOST_OCTAVE

    before = (folder / SCALE).read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train.artifacts.scale_probe, "write_manifest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_scale(folder, fit_probe(np.eye(8, 2048, dtype=np.float32), np.zeros(8)))
    assert (folder / SCALE).read_bytes() == before
    read_manifest(folder)


def test_a_folder_without_weights_is_refused(tmp_path):
    folder = write_small_folder(tmp_path / "small")
    probe = fit_probe(np.eye(8, 2048, dtype=np.float32), np.zeros(8))
    with pytest.raises(ArtifactError, match=r"model\.safetensors cannot be read"):
        write_scale(folder, probe)
    assert not (folder / SCALE).exists()
    assert main(["scale", "--artifacts", str(folder)]) == 1
