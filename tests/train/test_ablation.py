"""Ways to search without training: what views show, what is kept, what each way does to an answer."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.collections.artifacts import WEIGHTS
from retrieval.network import new_network, save_weights
from retrieval.preprocessing import Preprocessing
from tests.fakes.small_network import ABOUT
from train.__main__ import main
from train.data.dataset import LabeledImages
from train.data.orientations import orient
from train.evaluate.ablation import measured
from train.evaluate.metrics import compute_metrics, expand_queries, l2_normalize
from train.evaluate.reciprocal import reciprocal
from train.evaluate.reranking import Found, augmented, cross_domain, expanded, mutual, scaled_locally
from train.evaluate.spaces import Gallery, centred, principal, whitened, whitened_within
from train.evaluate.view_vectors import ViewVectors
from train.evaluate.views import view_cost, view_of, view_side
from train.evaluate.way_answers import Learned, Protocol, Side, values_of, work_of
from train.evaluate.ways import GROUPS, WAYS, Way, each
from train.reports.without_training import RECORD, section, tables

CLASSES = ("beach", "forest", "parkinglot")
PLAIN = Way("", "plain")


def photos_of(images, labels=None):
    labels = labels or ["forest"] * len(images)
    return LabeledImages([f"{label}/{row}.png" for row, label in enumerate(labels)], labels, images)


def numbered(side=64):
    """A photo with another grey at each pixel of a coarse grid."""
    ramp = np.linspace(0, 255, 64).astype(np.uint8).reshape(8, 8)
    return Image.fromarray(np.kron(ramp, np.ones((side // 8, side // 8), np.uint8))).convert("RGB")


def mean_difference(one, other):
    return np.abs(np.asarray(one, float) - np.asarray(other, float)).mean()


def test_the_middle_of_a_photo_is_seen_larger_and_a_wide_photo_from_its_middle():
    photos = photos_of([numbered()])
    half = view_of("middle-0.5", photos, 0, 64)
    assert mean_difference(half, numbered().crop((16, 16, 48, 48)).resize((64, 64), Image.BICUBIC)) < 3
    wide = Image.new("RGB", (128, 64), "red")
    wide.paste(numbered(), (32, 0))
    for view in ("whole", "middle-0.5"):
        assert mean_difference(view_of(view, photos_of([wide]), 0, 64), view_of(view, photos, 0, 64)) < 1


def test_from_higher_a_photo_is_smaller_among_its_mirror_images():
    image = numbered()
    for times in (2, 4):
        seen = np.asarray(view_of(f"mirrored-{times}", photos_of([image]), 0, 64))
        side, left = 64 // times, 32 - 32 // times
        inner = seen[left : left + side, left : left + side]
        assert (inner == np.asarray(image.resize((side, side), Image.BICUBIC))).all()
        assert (seen[left : left + side, left - 1] == inner[:, 0]).all()
        assert (seen[left : left + side, left - side // 2] == inner[:, side // 2 - 1]).all()


def test_a_mosaic_shows_the_photo_once_among_others_of_its_class_and_always_the_same():
    colours = ["red", "green", "blue", "white", "black"]
    images = [Image.new("RGB", (40, 40), colour) for colour in colours]
    photos = photos_of(images, ["a", "a", "a", "b", "a"])
    seen = view_of("mosaic-2", photos, 0, 64)
    tiles = [seen.getpixel((x, y)) for y in (16, 48) for x in (16, 48)]
    assert sorted(tiles) == sorted([(255, 0, 0), (0, 128, 0), (0, 0, 255), (0, 0, 0)])
    assert seen.tobytes() == view_of("mosaic-2", photos, 0, 64).tobytes()
    alone = view_of("mosaic-4", photos, 3, 64)
    assert set(alone.get_flattened_data()) == {(255, 255, 255)}


def test_turns_and_more_pixels():
    photos = photos_of([numbered()])
    assert view_of("turn-3", photos, 0, 64).tobytes() == orient(numbered(), 3).tobytes()
    assert view_of("large-1.5", photos, 0, 64).size == (96, 96)
    assert (view_side("large-1.5", 256), view_side("mosaic-2", 256)) == (384, 256)
    assert (view_cost("large-1.5"), view_cost("turn-7")) == (2.25, 1)
    with pytest.raises(ValueError, match="no view 'upside-1'"):
        view_of("upside-1", photos, 0, 64)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    import torch

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("small") / WEIGHTS
    save_weights(new_network("resnet14").eval(), path, ABOUT)
    return path


class Unread(list):
    """Images that may not be opened."""

    def __iter__(self):
        raise AssertionError("the photos were read")


def test_what_was_embedded_is_not_embedded_again(weights, tmp_path):
    images = [draw(label, number, 64) for label in CLASSES for number in range(3)]
    photos = photos_of(images)
    vectors = ViewVectors(weights, Preprocessing(32), tmp_path, "cpu")
    first = vectors.of("test", photos, ["whole", "turn-1", "whole"])
    assert [*first] == ["whole", "turn-1"]
    assert np.allclose(np.linalg.norm(first["turn-1"], axis=1), 1, atol=1e-4)
    turned = photos_of([orient(image, 1) for image in images])
    again = ViewVectors(weights, Preprocessing(32), tmp_path / "other", "cpu").of("test", turned, ["whole"])
    assert np.allclose(again["whole"], first["turn-1"], atol=0.02)

    unread = LabeledImages(photos.files, photos.labels, Unread(images))
    kept = ViewVectors(weights, Preprocessing(32), tmp_path, "cpu").of("test", unread, ["turn-1"])
    assert (kept["turn-1"] == first["turn-1"]).all()
    for other in (Preprocessing(64),):
        with pytest.raises(AssertionError, match="were read"):
            ViewVectors(weights, other, tmp_path, "cpu").of("test", unread, ["turn-1"])
    path = next(tmp_path.glob("test-turn-1-*"))
    path.write_bytes(path.read_bytes()[:100])
    assert (vectors.of("test", photos, ["turn-1"])["turn-1"] == first["turn-1"]).all()


def test_a_copy_is_seen_from_elsewhere_before_all_else(weights, tmp_path):
    images = [draw(label, number, 64) for label in CLASSES for number in range(2)]
    vectors = ViewVectors(weights, Preprocessing(64), tmp_path, "cpu")
    copied = vectors.of("test", photos_of(images), ["whole"], copy="middle-0.5")["whole"]
    assert np.allclose(copied, vectors.of("test", photos_of(images), ["middle-0.5"])["middle-0.5"], atol=0.02)


def made_up(count=8, spread=0.9, seed=0):
    """Vectors of four classes, and the classes."""
    chance = np.random.default_rng(seed)
    labels = [f"class{number}" for number in range(4) for _ in range(count)]
    vectors = np.repeat(np.eye(4, 16), count, axis=0) + spread * chance.normal(size=(4 * count, 16)) / 3
    return l2_normalize(vectors.astype(np.float32)), labels


def side(vectors, labels):
    return Side(np.array(labels), {"whole": vectors})


def learned_of(vectors, labels):
    """The gallery, whose own photos say what is usual."""
    own = side(vectors, labels)
    return Learned(Gallery(vectors, labels), Protocol(own, own))


def test_the_plain_way_has_the_metrics_that_evaluate_has():
    (queries, query_labels), (gallery, labels) = made_up(3, seed=1), made_up(8)
    learned = learned_of(gallery, labels)
    apart = Protocol(side(queries, query_labels), side(gallery, labels))
    own = side(gallery, labels)
    for protocol, expected in (
        (apart, compute_metrics(queries, query_labels, gallery, labels)),
        (Protocol(own, own), compute_metrics(gallery, labels, gallery, labels, exclude_self=True)),
    ):
        values = values_of(PLAIN, {}, protocol, learned)
        found = measured(values, values)
        for metric in ("P@1", "mAP"):
            assert found[metric]["value"] == pytest.approx(expected["overall"][metric], abs=1e-5)
            assert found[metric]["interval"] == pytest.approx(expected["intervals"][metric], abs=1e-5)
            assert found[metric]["change_interval"] == [0, 0]
    assert 0.5 < found["P@1"]["value"] < 1, "or nothing is compared"


def test_views_are_averaged_or_the_nearest_counts():
    gallery = Side(np.array(["a", "b"]), {"whole": np.eye(2, 3, dtype=np.float32)})
    near_b = l2_normalize(np.array([[0.1, 1, 0]], np.float32))
    rather_a = l2_normalize(np.array([[1, 0.5, 3]], np.float32))
    queries = Side(np.array(["b"]), {"whole": rather_a, "middle-0.5": near_b})
    protocol = Protocol(queries, gallery)

    def first(way):
        return values_of(way, {}, protocol, learned_of(gallery.by_view["whole"], ["a", "b"]))[0, 0]

    assert first(PLAIN) == 0
    assert first(Way("", "", (("whole", "middle-0.5"),))) == 1
    assert first(Way("", "", each("whole", "middle-0.5"))) == 1
    assert first(Way("", "", each("whole", "middle-0.5"), one_scale=True)) == 1
    seen = Side(gallery.labels, gallery.by_view | {"mosaic-2": np.stack([near_b[0], rather_a[0]])})
    learned = learned_of(gallery.by_view["whole"], ["a", "b"])
    both = Protocol(queries, seen)
    assert values_of(Way("", "", gallery=each("whole", "mosaic-2")), {}, both, learned)[0, 0] == 1


def test_further_views_count_only_where_the_first_finds_nothing_near():
    chance = np.random.default_rng(5)
    gallery, labels = made_up(8, spread=0.3)
    usual = side(l2_normalize(gallery + 0.1 * chance.normal(size=gallery.shape).astype(np.float32)), labels)
    learned = Learned(Gallery(gallery, labels), Protocol(usual, side(gallery, labels)))
    near, far = l2_normalize(gallery[:1] + np.float32(0.02)), l2_normalize(np.ones((1, 16), np.float32))
    queries = Side(
        np.array(["class1", "class1"]),
        {"whole": np.concatenate([near, far]), "middle-0.5": gallery[[8, 8]]},
    )
    protocol = Protocol(queries, learned.validation.gallery)
    way = Way("", "", each("whole", "middle-0.5"), one_scale=True)
    assert values_of(way, {}, protocol, learned)[:, 0].tolist() == [1, 1], "without doubt all views count"
    assert values_of(way, {"doubt": 0.9}, protocol, learned)[:, 0].tolist() == [0, 1]
    assert work_of(way, {"doubt": 0.9}, protocol, learned) == 1.5
    assert work_of(way, {}, protocol, learned) == 2


def test_spaces_keep_the_length_and_do_what_they_say():
    vectors, labels = made_up(20)
    vectors = l2_normalize(vectors + 2)
    gallery = Gallery(vectors, labels)
    assert np.abs(centred(gallery)(vectors).mean(axis=0)).max() < 0.05 < vectors.mean()
    few = principal(gallery, dimensions=3)(vectors)
    assert few.shape == (80, 3)
    assert np.allclose(np.linalg.norm(few, axis=1), 1, atol=1e-5)
    spread = np.linalg.eigvalsh(np.cov(whitened(gallery, dimensions=16, shrinkage=0.0)(vectors).T))
    assert spread.max() / spread.min() < 2 < np.divide(*np.linalg.eigvalsh(np.cov(vectors.T))[[-1, 1]])
    unchanged = whitened(gallery, dimensions=16, shrinkage=1.0)(vectors)
    middle = centred(gallery)(vectors)
    assert np.allclose(unchanged @ unchanged.T, middle @ middle.T, atol=1e-4)
    assert whitened(gallery, dimensions=5, shrinkage=0.5)(vectors).shape == (80, 5)


def test_what_differs_within_classes_counts_for_less():
    chance = np.random.default_rng(3)
    labels = ["a"] * 40 + ["b"] * 40
    vectors = np.zeros((80, 3), np.float32)
    vectors[:, 0] = np.repeat([0.3, -0.3], 40)
    vectors[:, 1] = chance.normal(size=80)
    vectors[:, 2] = 0.1 * chance.normal(size=80)
    vectors = l2_normalize(vectors)
    own, learned = side(vectors, labels), learned_of(vectors, labels)
    before, after = (
        values_of(way, setting, Protocol(own, own), learned)[:, 1].mean()
        for way, setting in (
            (PLAIN, {}),
            (Way("", "", space=whitened_within), {"shrinkage": 0.01}),
        )
    )
    assert after > before + 0.1


def found_of(queries, gallery, own=False):
    similarities = queries @ gallery.T
    if own:
        np.fill_diagonal(similarities, -np.inf)
    return Found(queries, gallery, similarities)


def with_a_hub():
    """A query between photos that are near to each other and, a little farther, one that is alone."""
    chance = np.random.default_rng(2)
    crowd = np.eye(1, 8) + 0.2 * chance.normal(size=(9, 8))
    gallery = l2_normalize(np.concatenate([np.eye(8)[[1]], crowd]).astype(np.float32))
    return found_of(l2_normalize(gallery[:1] + 1.1 * gallery[1:].mean(axis=0, keepdims=True)), gallery)


@pytest.mark.parametrize(
    "rank",
    [
        lambda found: scaled_locally(found, neighbours=2),
        lambda found: cross_domain(found, neighbours=2),
        mutual,
    ],
)
def test_a_photo_that_is_near_to_many_has_to_be_nearer(rank):
    found = with_a_hub()
    assert found.similarities[0].argmax() > 0
    assert rank(found)[0].argmax() == 0


def test_query_expansion_without_a_power_is_the_average_that_evaluate_has():
    (queries, _), (gallery, _) = made_up(3, seed=1), made_up(8)
    expected = expand_queries(queries, gallery, 3) @ gallery.T
    assert np.allclose(expanded(found_of(queries, gallery), neighbours=3, power=0), expected, atol=1e-5)
    own = expanded(found_of(gallery, gallery, own=True), neighbours=3, power=0)
    assert np.isneginf(np.diag(own)).all()
    expected = expand_queries(gallery, gallery, 3, exclude_self=True) @ gallery.T
    np.fill_diagonal(expected, -np.inf)
    assert np.allclose(own, expected, atol=1e-5)
    steep = expanded(found_of(queries, gallery), neighbours=8, power=1000)
    assert np.allclose(steep, queries @ gallery.T, atol=1e-5), "the nearest counts most"


def test_a_gallery_expanded_by_its_nearest_moves_towards_its_class():
    vectors, labels = made_up(12, spread=1.2)
    own, learned = side(vectors, labels), learned_of(vectors, labels)
    before = values_of(PLAIN, {}, Protocol(own, own), learned)[:, 1].mean()
    way = Way("", "", rank=augmented)
    after = values_of(way, {"neighbours": 3, "power": 1}, Protocol(own, own), learned)[:, 1].mean()
    assert after > before + 0.02


def test_reciprocal_neighbours_bring_a_class_together():
    (queries, query_labels), (gallery, labels) = made_up(6, spread=1.2, seed=1), made_up(12, spread=1.2)
    protocol = Protocol(side(queries, query_labels), side(gallery, labels))
    learned = learned_of(gallery, labels)
    before = values_of(PLAIN, {}, protocol, learned)[:, 1].mean()
    way, setting = Way("", "", rank=reciprocal), {"neighbours": 8, "mean_of": 3, "share": 0.3}
    assert values_of(way, setting, protocol, learned)[:, 1].mean() > before + 0.02
    alone = setting | {"share": 1}
    assert (values_of(way, alone, protocol, learned) == values_of(PLAIN, {}, protocol, learned)).all()
    one = Protocol(Side(np.array(query_labels[:1]), {"whole": queries[:1]}), protocol.gallery)
    assert np.allclose(
        values_of(way, setting, one, learned), values_of(way, setting, protocol, learned)[:1]
    ), "no query learns of another"


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folders = {}
    for name, numbers, labels in (("photos", range(20), CLASSES), ("elsewhere", range(50, 53), CLASSES[1:])):
        folders[name] = tmp_path_factory.mktemp("scenes") / name
        for label in labels:
            (folders[name] / label).mkdir(parents=True)
            for number in numbers:
                draw(label, number, 32).save(folders[name] / label / f"{label}{number:02d}.png")
    return folders


def test_the_command_compares_all_ways_and_its_record_makes_the_section(weights, scenes, tmp_path, capsys):
    out = tmp_path / RECORD
    given = ["--weights", weights, "--folder", scenes["photos"], "--shift", scenes["elsewhere"], "--out", out]
    given += ["--vectors", tmp_path / "vectors", "--device", "cpu"]
    groups = [group for group in GROUPS if group not in ("space", "hubs", "rerank")]
    assert main(["ablate", *groups, *map(str, given)]) == 0
    printed = capsys.readouterr().out
    record = json.loads(out.read_text(encoding="utf-8"))
    assert printed.startswith(tables(record["ways"]))
    assert [way["title"] for way in record["ways"]] == [
        "plain", *(way.title for way in WAYS if way.group in groups),
    ]  # fmt: skip
    for way in record["ways"]:
        assert {"validation-train", "test-train", "test-test", "shift-train"} <= way["protocols"].keys()
        for metrics in way["protocols"].values():
            for metric in metrics.values():
                assert metric["interval"][0] <= metric["value"] <= metric["interval"][1]
                assert metric["change_interval"][0] <= metric["change"] <= metric["change_interval"][1]
    plain = record["ways"][0]["protocols"]["shift-train"]["mAP"]
    assert f"{plain['value']:.3f}" in section(tmp_path)
    assert record["size"] == 32
    for sha256, told in ((record["weights"], False), ("0" * 64, True)):
        shipped = {"evaluation": {"weights": sha256}}
        (tmp_path / "final.json").write_text(json.dumps(shipped), encoding="utf-8")
        assert ("weights that were shipped before" in section(tmp_path)) is told


def row(title, home, away, copies):
    """A way with these changes, each of which may be 0.01 more or less."""

    def change(of):
        one = {"value": 0.5, "interval": [0.4, 0.6], "change": of, "change_interval": [of - 0.01, of + 0.01]}
        return {"P@1": one, "mAP": one}

    names = {"validation-train": 0, "test-train": home, "test-test": home, "shift-train": away}
    protocols = {name: change(of) for name, of in {**names, "copies-train": copies}.items()}
    work = dict.fromkeys(names, 1.5)
    return {"group": "query", "title": title, "setting": {"doubt": 0.9}, "work": work, "vectors": 1,
            "protocols": protocols}  # fmt: skip


def test_what_helps_is_named_and_what_is_hardly_chance_is_bold(tmp_path):
    ways = [
        row("good", -0.005, 0.03, 0), row("no better", 0.01, 0.005, 0.02),
        row("worse at home", -0.02, 0.05, 0), row("worse on copies", 0, 0.05, -0.03),
    ]  # fmt: skip
    (tmp_path / RECORD).parent.mkdir()
    record = {"ways": ways, "command": "python -m train ablate", "dtype": "bfloat16", "size": 256}
    (tmp_path / RECORD).write_text(json.dumps(record))
    text = section(tmp_path)
    named = [line for line in text.splitlines() if line.startswith("- ")]
    assert named == ["- Query: good, doubt 0.9: +3.0 elsewhere (P@1), -0.5 at home (mAP)"]
    assert "**+3.0 [+2.0, +4.0]**" in text
    assert " -0.5 [-1.5, +0.5] " in text
    assert "Made by `python -m train ablate` (bfloat16, 256 pixels)." in text


def test_without_a_record_there_is_no_section_and_a_damaged_one_is_told(tmp_path):
    assert section(tmp_path) == ""
    (tmp_path / RECORD).parent.mkdir()
    (tmp_path / RECORD).write_text("{}")
    with pytest.raises(Exception, match=r"shipped\.json cannot be read"):
        section(tmp_path)


def test_a_group_that_is_not_there_is_refused(capsys):
    assert main(["ablate", "magic"]) == 1
    assert re.search(r"no group 'magic'.*query, gallery.*\.$", capsys.readouterr().err.strip())
