"""How unusual a distance is, by the quantiles of what was held out."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from examples.scenes import CLASSES, draw
from retrieval.collections.artifacts import ArtifactError, read_manifest
from retrieval.collections.calibration import Calibration
from retrieval.collections.collection import Collection
from retrieval.retriever import SHIPPED_SCENES

EVEN = Calibration.measure(np.linspace(0.2, 0.7, 101), "validation")


def test_the_quantiles_are_those_of_the_distances():
    assert EVEN.quantiles == pytest.approx(np.linspace(0.2, 0.7, 101), abs=1e-4)
    assert (EVEN.held_out, EVEN.count) == ("validation", 101)


def test_the_threshold_lets_99_of_100_held_out_photos_pass():
    distances = np.random.default_rng(3).beta(2, 5, 2000).astype(np.float32)
    measured = Calibration.measure(distances, "validation")
    novel = [measured.is_novel(float(distance)) for distance in distances]
    assert np.mean(novel) == pytest.approx(0.01, abs=0.002)
    assert not measured.is_novel(measured.threshold)
    assert measured.is_novel(measured.threshold + 1e-6)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=30), st.floats(0, 2), st.floats(0, 2))
def test_novelty_grows_with_the_distance_and_stays_within_0_and_1(distances, one, other):
    measured = Calibration.measure(np.array(distances, np.float32), "validation")
    low, high = sorted((one, other))
    assert 0 <= measured.novelty(low) <= measured.novelty(high) <= 1
    assert isinstance(measured.novelty(low), float)


@pytest.mark.parametrize(("distance", "novelty"), [(0, 0), (0.19, 0), (0.45, 0.5), (0.695, 0.99), (0.71, 1)])
def test_novelty_is_the_share_that_lies_nearer(distance, novelty):
    assert EVEN.novelty(distance) == pytest.approx(novelty, abs=1e-3)


@given(st.lists(st.floats(0, 2, width=32), min_size=1, max_size=30))
def test_a_calibration_survives_json(distances):
    measured = Calibration.measure(np.array(distances, np.float32), "each photo against the others")
    assert Calibration.from_dict(json.loads(json.dumps(measured.to_dict()))) == measured


def test_a_manifest_that_says_nothing_has_no_calibration():
    assert Calibration.from_dict({}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"quantiles": [0.1] * 100},
        {"quantiles": [0.5, *[0.1] * 100]},
        {"quantiles": None},
        {"quantiles": ["far"] * 101},
        {"count": "many"},
        {"count": None},
    ],
)
def test_a_calibration_that_does_not_fit_is_refused(changes):
    with pytest.raises(ValueError, match=r"^(quantiles|count)"):
        Calibration.from_dict(EVEN.to_dict() | changes)


@pytest.mark.parametrize("name", ["held_out", "count", "quantiles"])
def test_what_a_calibration_lacks_is_named(name):
    fields = {key: value for key, value in EVEN.to_dict().items() if key != name}
    with pytest.raises(ValueError, match=f"{name}: field required"):
        Calibration.from_dict(fields)


def with_calibration(folder, calibration):
    for name in (*read_manifest(SHIPPED_SCENES).files, "photos"):
        (folder / name).symlink_to(SHIPPED_SCENES / name)
    manifest = json.loads((SHIPPED_SCENES / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"calibration": calibration}))
    return folder


def test_a_collection_refuses_a_calibration_that_does_not_fit(tmp_path):
    with pytest.raises(ArtifactError, match=r"'calibration' does not fit \(.*101 growing"):
        Collection(with_calibration(tmp_path, EVEN.to_dict() | {"quantiles": [1.0]}))


def test_a_collection_without_a_calibration_still_loads(tmp_path):
    assert Collection(with_calibration(tmp_path, {})).calibration is None


def test_the_shipped_collections_are_calibrated(retriever):
    ours, scenes = (retriever.collection(name).calibration for name in ("ucmerced", "scenes"))
    assert (ours.held_out, ours.count) == ("validation", 315)
    assert scenes.count == read_manifest(SHIPPED_SCENES).count
    for calibration in (ours, scenes):
        assert 0.2 < calibration.threshold < 0.9
        assert not calibration.is_novel(calibration.quantiles[50])


def test_noise_and_plain_colour_are_unlike_anything(retriever):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8))
    for image in (noise, Image.new("RGB", (256, 256), (255, 0, 255))):
        for collection in retriever.collections:
            result = retriever.search(image, 1, collection)
            assert result.is_novel
            assert result.novelty > 0.99


def test_drawn_scenes_are_not_unlike_the_drawn_collection(retriever):
    vectors = retriever.embed([draw(label, 5150) for label in CLASSES[::3]])
    results = [retriever.search_vector(vector, 1, "scenes") for vector in vectors]
    assert sum(result.is_novel for result in results) <= 1
    assert np.median([result.novelty for result in results]) < 0.9
    assert all(math.isfinite(result.novelty) for result in results)
