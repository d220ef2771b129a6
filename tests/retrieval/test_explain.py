"""The places of two images share out their similarity, and what matches gets most of it."""

import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.embedder import Embedder
from retrieval.explain import CLEAR, DARK, LIGHT, SIDE, explain, heat_image
from retrieval.network import new_network
from retrieval.preprocessing import Preprocessing


@pytest.fixture(scope="module")
def embedder(retriever):
    return retriever.embedder


@pytest.fixture(scope="module")
def scenes():
    return [draw("harbor", 5), draw("harbor", 8), draw("forest", 5)]


@pytest.mark.parametrize("other", [1, 2], ids=["alike", "unlike"])
def test_the_places_of_each_image_sum_to_the_cosine(embedder, scenes, other):
    images = [scenes[0], scenes[other]]
    cosine = np.dot(*embedder.embed(images))
    explanation = explain(embedder, *images)
    assert explanation.similarity == pytest.approx(cosine, abs=1e-3)
    for places in (explanation.query, explanation.neighbour):
        assert places.shape == (8, 8)
        assert places.dtype == np.float32
        assert places.min() >= 0
        assert places.sum() == pytest.approx(cosine, abs=1e-3)
    assert explanation.max_share == max(explanation.query.max(), explanation.neighbour.max())


def test_for_average_pooling_it_is_the_formula_of_the_paper(embedder, scenes):
    maps = embedder.maps(scenes[:2])
    vectors = embedder.embed(scenes[:2])
    length = np.linalg.norm(maps[0].mean(axis=(1, 2)))
    published = np.einsum("chw,c->hw", maps[0], vectors[1]) / (64 * length)
    assert np.allclose(explain(embedder, *scenes[:2]).query, published, atol=1e-5)


def test_it_holds_for_gem_pooling_and_the_greater_its_power_the_more_is_the_maxima_s(scenes):
    network = new_network("resnet14", "gem")
    off_maxima = []
    for power in (1, 3, 6):
        network.avgpool.p.data.fill_(power)
        embedder = Embedder(network, Preprocessing(96), "cpu")
        assert embedder.pooling_power == power
        vectors = embedder.embed(scenes[:2])
        query = explain(embedder, *scenes[:2]).query
        assert query.sum() == pytest.approx(np.dot(*vectors), abs=1e-3)
        greatest = embedder.maps(scenes[:1])[0].reshape(2048, -1).argmax(axis=1)
        at_maxima = np.bincount(greatest, vectors[0] * vectors[1], query.size)
        off_maxima.append(np.abs(query.ravel() - at_maxima).sum())
    assert off_maxima[0] > 1.2 * off_maxima[1] > 1.44 * off_maxima[2]


def test_exchanged_images_have_exchanged_places(embedder, scenes):
    there, back = explain(embedder, *scenes[:2]), explain(embedder, scenes[1], scenes[0])
    assert np.allclose(there.query, back.neighbour, atol=1e-6)
    assert np.allclose(there.neighbour, back.query, atol=1e-6)
    assert there.similarity == pytest.approx(back.similarity)


@pytest.mark.parametrize("left", [0, 128])
@pytest.mark.parametrize(("label", "around"), [("harbor", "forest"), ("storagetanks", "chaparral")])
def test_what_matches_brings_most(embedder, label, around, left):
    mixed = draw(around, 5)
    mixed.paste(draw(label, 5).crop((left, 0, left + 128, 256)), (left, 0))
    explanation = explain(embedder, mixed, draw(label, 8))
    halves = explanation.query.reshape(8, 2, 4).sum(axis=(0, 2))
    assert halves[left // 128] > 3 * halves[1 - left // 128]


def test_what_is_outside_the_middle_square_brings_nothing(embedder, scenes):
    wide = Image.new("RGB", (768, 256), "red")
    wide.paste(scenes[0], (256, 0))
    plain, in_wide = (explain(embedder, image, scenes[1]) for image in (scenes[0], wide))
    assert np.array_equal(plain.query, in_wide.query)


def test_both_images_go_through_the_network_at_once(embedder, scenes, monkeypatch):
    batches = []
    forward = embedder._maps
    monkeypatch.setattr(embedder, "_maps", lambda pixels: batches.append(len(pixels)) or forward(pixels))
    explain(embedder, *scenes[:2])
    assert batches == [2]


def rgba(values, most):
    return np.asarray(heat_image(np.array(values, np.float32), most)).astype(int)


def test_a_heat_image_darkens_the_least_and_lights_the_most():
    drawn = rgba([[0, 0, 1, 1]], 1)
    assert drawn.shape == (SIDE, SIDE, 4)
    least, most = drawn[SIDE // 2, [5, -5]]
    assert (tuple(least[:3]), tuple(most[:3])) == (DARK, LIGHT)
    assert least[3] > most[3] > 100
    assert (rgba([[CLEAR**2]], 1)[..., 3] == 0).all()


def test_a_photo_under_it_is_lighter_the_more_a_place_brings():
    layer = heat_image(np.linspace(0, 1, 8, dtype=np.float32)[None], 1)
    for grey in (40, 128):
        photo = Image.new("RGBA", layer.size, (grey, grey, grey, 255))
        row = np.asarray(Image.alpha_composite(photo, layer).convert("L")).astype(int)[SIDE // 2]
        assert (np.diff(row) >= -1).all()
        assert row[-1] - row[0] > 50


def test_the_scale_is_common_and_what_is_beyond_it_is_clipped():
    assert np.array_equal(rgba([[1, 2], [3, 4]], 4), rgba([[10, 20], [30, 40]], 40))
    assert np.array_equal(rgba([[-1, 0]], 1), rgba([[0, 0]], 1))
    assert np.array_equal(rgba([[1, 9]], 1), rgba([[1, 1]], 1))
    assert (rgba([[0.3, 0.3]], 1) != rgba([[0.3, 0.3]], 0.3)).any()


@pytest.mark.parametrize("most", [0, -1, float("nan")])
def test_a_scale_of_nothing_is_refused(most):
    with pytest.raises(ValueError, match="has to be above 0"):
        heat_image(np.ones((2, 2), np.float32), most)
