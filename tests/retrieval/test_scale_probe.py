"""What tells how much ground an image shows: squares around one place agree, a stranger's file is checked."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from retrieval.collections.artifacts import SCALE, WEIGHTS, ArtifactError, read_manifest
from retrieval.maps.crops import Square
from retrieval.maps.locate import guess_square
from retrieval.retriever import SHIPPED
from retrieval.scale_probe import LEAST_LIKELY, ScaleProbe, read_probe, write_probe

SHA = "ab" * 32
FEATURES = 6
OCTAVES = np.arange(-2, 2.5, 0.5, dtype=np.float32)


def probe_of(octaves=OCTAVES, features=FEATURES, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(len(octaves), features)).astype(np.float32)
    return ScaleProbe(octaves, weights, rng.normal(size=len(octaves)).astype(np.float32))


def telling(sharpness=8.0):
    """A classifier of vectors of one feature, which is the octave: each bin is likeliest at its middle."""
    # -(x - o)^2 s / 2 = s o x - s o^2 / 2, up to what all bins share
    return ScaleProbe(OCTAVES, (sharpness * OCTAVES)[:, None], -sharpness * OCTAVES**2 / 2)


def test_probabilities_are_those_of_a_softmax():
    probe, vectors = probe_of(), np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    likely = probe.log_probabilities(vectors)
    assert likely.shape == (5, len(OCTAVES))
    assert np.allclose(np.exp(likely).sum(axis=1), 1, atol=1e-5)
    scores = vectors @ probe.weights.T + probe.bias
    assert np.allclose(np.diff(likely, axis=1), np.diff(scores, axis=1), atol=1e-4)


def test_probabilities_of_great_scores_are_numbers():
    probe = ScaleProbe(OCTAVES, 1e4 * np.ones((len(OCTAVES), 1), np.float32) * OCTAVES[:, None], OCTAVES)
    assert np.isfinite(probe.log_probabilities(np.ones((1, 1), np.float32))).all()


@pytest.mark.parametrize("true", [70.0, 128.0, 300.0])
@pytest.mark.parametrize("unit", [1.0, 0.1])
def test_squares_that_agree_say_which_of_them_shows_as_much_as_a_photo(true, unit):
    sides = np.array([64.0, 90, 128, 181, 256, 362])
    vectors = np.log2(sides / true)[:, None].astype(np.float32)
    likely = telling().of_squares(vectors, sides * unit)
    assert likely.shape == sides.shape
    assert sides[likely.argmax()] == sides[np.abs(np.log2(sides / true)).argmin()]
    order = [2, 0, 5, 4, 1, 3]
    assert np.allclose(telling().of_squares(vectors[order], sides[order]), likely[order], atol=1e-4)


def test_one_square_that_says_otherwise_does_not_decide():
    sides = np.array([64.0, 128, 256, 512])
    said = np.log2(sides / 128)
    said[3] = -2  # a panel
    likely = telling(50).of_squares(said[:, None].astype(np.float32), sides)
    assert likely.argmax() == 1
    assert (likely >= LEAST_LIKELY * len(sides)).all()


def test_a_single_square_is_as_likely_as_its_size():
    probe = telling()
    alone = probe.of_squares(np.zeros((1, 1), np.float32), np.array([100.0]))
    assert alone == pytest.approx(probe.log_probabilities(np.zeros((1, 1), np.float32))[0, OCTAVES == 0])


def test_what_is_written_is_read(tmp_path):
    probe = probe_of()
    write_probe(tmp_path, SHA, probe)
    found = read_probe(tmp_path / SCALE, SHA, FEATURES)
    for written, read in zip(vars(probe).values(), vars(found).values(), strict=True):
        assert read.dtype == np.float32
        assert np.allclose(written, read, atol=2e-3)
    assert list(tmp_path.iterdir()) == [tmp_path / SCALE]
    assert read_probe(tmp_path / SCALE, "cd" * 32, FEATURES) is None


def tensors(**changes):
    fields = {name: np.asarray(values, np.float16) for name, values in vars(probe_of()).items()}
    return {name: values for name, values in (fields | changes).items() if values is not None}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bias": None}, "in fitting shapes"),
        ({"more": np.zeros(3, np.float16)}, "in fitting shapes"),
        ({"weights": np.zeros((9, 7), np.float16)}, "in fitting shapes"),
        ({"weights": np.zeros((8, 6), np.float16)}, "in fitting shapes"),
        ({"octaves": np.zeros((9, 1), np.float16)}, "in fitting shapes"),
        ({"octaves": np.zeros((), np.float16)}, "in fitting shapes"),
        ({"octaves": np.zeros(9, np.float16)}, "does not grow"),
        ({"octaves": OCTAVES[::-1].astype(np.float16)}, "does not grow"),
        ({"bias": np.full(9, np.nan, np.float16)}, "no number"),
        ({"weights": np.full((9, 6), np.inf, np.float16)}, "no number"),
        ({"weights": np.full((9, 6), 3e38, np.float32)}, "numbers beyond"),
        ({"weights": np.full((9, 6), -1e300, np.float64)}, "numbers beyond"),
        ({"octaves": np.linspace(0, 2e4, 9, dtype=np.float32)}, "numbers beyond"),
        ({"bias": np.zeros(9, np.uint8)}, "no whole file of tensors"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_with_a_sentence(tmp_path, changes, words):
    save_file(tensors(**changes), tmp_path / SCALE, {"weights": SHA})
    with pytest.raises(ArtifactError, match=words) as caught:
        read_probe(tmp_path / SCALE, SHA, FEATURES)
    assert SCALE in str(caught.value)


@pytest.mark.parametrize("bins", [1, 65])
def test_too_few_and_too_many_bins_are_refused(tmp_path, bins):
    write_probe(tmp_path, SHA, probe_of(np.linspace(-2, 2, bins, dtype=np.float32)))
    with pytest.raises(ArtifactError, match="fitting shapes"):
        read_probe(tmp_path / SCALE, SHA, FEATURES)


@pytest.mark.parametrize("data", [b"", b"nothing", b"\xff" * 100])
def test_what_is_no_file_of_tensors_is_refused(tmp_path, data):
    (tmp_path / SCALE).write_bytes(data)
    with pytest.raises(ArtifactError, match=r"cannot be used .*train scale"):
        read_probe(tmp_path / SCALE, SHA, FEATURES)


def test_a_file_that_does_not_say_for_which_weights_it_is_is_refused(tmp_path):
    save_file(tensors(), tmp_path / SCALE)
    with pytest.raises(ArtifactError, match="cannot be used"):
        read_probe(tmp_path / SCALE, SHA, FEATURES)


def test_a_file_for_other_weights_is_checked_too(tmp_path):
    save_file(tensors(bias=np.full(9, np.nan, np.float16)), tmp_path / SCALE, {"weights": "cd" * 32})
    with pytest.raises(ArtifactError, match="no number"):
        read_probe(tmp_path / SCALE, SHA, FEATURES)


def test_the_largest_numbers_that_are_read_give_numbers(tmp_path):
    largest = {name: np.full(values.shape, -1e4, np.float16) for name, values in tensors().items()}
    save_file(largest | {"octaves": OCTAVES.astype(np.float16)}, tmp_path / SCALE, {"weights": SHA})
    probe = read_probe(tmp_path / SCALE, SHA, FEATURES)
    assert np.isfinite(probe.of_squares(np.eye(3, FEATURES, dtype=np.float32), np.array([1.0, 2, 3]))).all()


def test_the_shipped_file_is_for_the_shipped_weights(retriever):
    manifest = read_manifest(SHIPPED)
    assert manifest.files[WEIGHTS] == manifest.model.sha256
    probe = read_probe(SHIPPED / SCALE, manifest.model.sha256, manifest.model.dimension)
    assert probe.weights.shape == (len(probe.octaves), 2048)
    loaded = retriever.embedder.scale_probe
    assert np.array_equal(loaded.weights, probe.weights)


@pytest.mark.parametrize("name", ["ucmerced", "scenes"])
def test_what_tells_the_scale_counts_beside_the_distance(retriever, monkeypatch, name):
    """A size that is far likelier wins; where none is, or without the file, the nearest."""
    image = retriever.collection("scenes").photo_image(20)  # an airplane: smaller parts of it are all far
    squares = [Square(128, 128, side) for side in (64, 90, 128, 181, 256)]
    collection = retriever.collection(name)

    def chosen(probe):
        monkeypatch.setattr(retriever.embedder, "scale_probe", probe)
        return guess_square(retriever.embedder, collection, image, squares)[0].side

    nearest = chosen(None)
    assert chosen(saying(0, 0, 0)) == nearest
    assert chosen(saying(100, 50, 0)) == 256  # all show little ground
    assert chosen(saying(0, 50, 100)) == 64


def saying(*bias):
    """A classifier that says the same of all it sees: half as much as a photo, as much, twice as much."""
    return ScaleProbe(np.float32([-1, 0, 1]), np.zeros((3, 2048), np.float32), np.float32(bias))
