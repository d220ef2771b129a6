"""Shifted copies, what is answered to them, and the tables and charts of that."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from benchmarks import shift
from benchmarks.shift_answers import Answers, Gallery, novelty
from benchmarks.shifted_copies import COPIES, KINDS, SIDE, ShiftedCopies
from examples.scenes import draw
from retrieval.collections.artifacts import WEIGHTS, file_sha256
from retrieval.network import new_network, save_weights
from retrieval.proportions import wilson_interval
from retrieval.scale_probe import ScaleProbe, write_probe
from retrieval.verdict import LEVELS, NEAR
from train.data.dataset import LabeledImages
from train.data.orientations import ORIENTATIONS, orient
from train.data.ucmerced import DataError
from train.reports.shift import read_shift, section, terminal_text, weak_spots
from train.reports.shift_charts import write_charts

LABELS = ("forest", "harbor", "runway")


def scenes(each, first=0, suffix="png"):
    """Drawn scenes as a part of a data set."""
    named = [(label, number) for label in LABELS for number in range(first, first + each)]
    return LabeledImages(
        [f"{label}/{label}{number:02d}.{suffix}" for label, number in named],
        [label for label, _ in named],
        [draw(label, number) for label, number in named],
    )


@pytest.fixture(scope="module")
def photos():
    return scenes(3)


def pixels(image):
    return np.asarray(image, float)


@pytest.mark.parametrize(("kind", "strength"), COPIES)
def test_a_copy_hangs_on_its_photo_alone_and_not_on_the_order(photos, kind, strength):
    copies = ShiftedCopies(photos)
    copy = copies(4, kind, strength)
    assert (copy.mode, copy.size) == ("RGB", (SIDE, SIDE))
    copies(0, kind, strength)
    assert copies(4, kind, strength) == copy
    other_format = LabeledImages(
        [file.replace("png", "tif") for file in photos.files], photos.labels, photos.images
    )
    assert ShiftedCopies(other_format)(4, kind, strength) == copy
    assert copy != photos.images[4]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("scale", "mirror", "rotation")])
def test_a_stronger_copy_is_farther_from_the_photo(photos, kind):
    copies = ShiftedCopies(photos)
    changed = [
        np.mean([np.abs(pixels(copies(row, kind, strength)) - pixels(photos.images[row])).mean()
                 for row in range(len(photos.files))])
        for strength in KINDS[kind].strengths
    ]  # fmt: skip
    assert changed == sorted(changed)
    assert changed[0] > 0.3


def test_from_twice_as_high_the_whole_photo_lies_in_the_middle_of_others_of_its_class():
    # Flat photos: those of one class are of one channel, and each has a level of its own.
    files, images = [], []
    for channel, label in enumerate(("a", "b")):
        for number in range(4):
            colour = [0, 0, 0]
            colour[channel] = 100 + 40 * number
            files.append(f"{label}/{number}.png")
            images.append(Image.new("RGB", (SIDE, SIDE), tuple(colour)))
    flat = LabeledImages(files, [file[0] for file in files], images)
    view = pixels(ShiftedCopies(flat)(1, "scale", 0.5))
    assert (view[64:192, 64:192] == (140, 0, 0)).all()
    assert (view[..., 1:] == 0).all(), "no other class comes into view"
    around = view.copy()
    around[64:192, 64:192] = 0
    assert set(np.unique(around[..., 0])) == {0, 100, 180, 220}, "all others of the class, and not itself"


def test_from_four_times_as_high_there_are_no_gaps(photos):
    small = LabeledImages(photos.files[:1], photos.labels[:1], photos.images[:1])
    view = ShiftedCopies(small)(0, "scale", 0.25)  # a class of one photo lies among copies of itself
    tile = pixels(photos.images[0].resize((64, 64), Image.Resampling.BICUBIC))
    assert (pixels(view)[96:160, 96:160] == tile).all()
    turned = [pixels(orient(Image.fromarray(tile.astype("uint8")), way)) for way in range(len(ORIENTATIONS))]
    beside = pixels(view)[96:160, 160:224]
    assert any((beside == each).all() for each in turned)


def test_mirrored_views_lend_nothing(photos):
    view = pixels(ShiftedCopies(photos)(0, "mirror", 0.5))
    tile = pixels(photos.images[0].resize((128, 128), Image.Resampling.BICUBIC))
    assert (view[64:192, 64:192] == tile).all()
    assert (view[64:192, 192:] == tile[:, ::-1][:, :64]).all()


def test_from_half_as_high_the_middle_is_enlarged(photos):
    view = ShiftedCopies(photos)(0, "scale", 2)
    middle = photos.images[0].crop((64, 64, 192, 192)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    assert np.abs(pixels(view) - pixels(middle))[8:-8, 8:-8].max() <= 1


def test_photos_of_other_sizes_are_made_square_first():
    large = LabeledImages(["a/1.png"], ["a"], [draw("harbor", 1).resize((400, 300))])
    fitted = ImageOps.fit(large.images[0], (SIDE, SIDE), Image.Resampling.BICUBIC)
    copy = ShiftedCopies(large)(0, "noise", 8)
    assert np.abs(pixels(copy) - pixels(fitted)).mean() < 8


def at(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_the_verdicts_are_those_of_the_page(retriever):
    collection = retriever.collection("scenes")
    rows = range(0, len(collection.entries), 20)
    noise = np.random.default_rng(0).normal(0, 0.004, (len(rows), 2048))
    queries = collection.vectors[list(rows)] + noise.astype(np.float32) * np.arange(len(rows))[:, None]
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    gallery = Gallery(collection.vectors, [entry.label for entry in collection.entries], queries)
    gallery.calibration = collection.calibration
    shown = [retriever.search_vector(query, 12, "scenes").verdict for query in queries]
    found = gallery.verdicts(queries)
    assert [(each.level, each.label, each.agree) for each in found] == [
        (each.level, each.label, each.agree) for each in shown
    ]
    assert len({each.level for each in found}) > 1, "a test of one word would say little"


def test_answers_count_what_is_right_of_each_verdict():
    gallery = Gallery(at(*range(12), *range(60, 72)), ["a"] * 12 + ["b"] * 12, at(0.5, 3.5, 65.2, 70.4))
    queries, labels = at(0.1, 61.2, 2.3, 150), ["a", "b", "b", "a"]
    answers = Answers.of(gallery, queries, labels)
    assert answers.right.tolist() == [True, True, False, False]
    figures = answers.figures()
    assert (figures["queries"], figures["right"]) == (4, 2)
    assert figures["verdicts"]["strong"] == [3, 2]
    assert sum(count for count, _ in figures["verdicts"].values()) == 4
    assert answers.risk() == [(0.25, 1.0), (0.5, 1.0), (0.75, 0.6667), (1.0, 0.5)]
    assert answers.strong(gallery.calibration)[f"{NEAR:g}"] == figures["verdicts"]["strong"]
    both = Answers.together([answers, answers])
    assert both.figures()["verdicts"]["strong"] == [6, 4]
    assert both.mean_average_precision == pytest.approx(answers.mean_average_precision)


def test_where_neighbours_disagree_an_answer_is_more_in_doubt():
    gallery = Gallery(at(*range(24)), ["a", "b"] * 6 + ["c"] * 12, at(1, 20))
    answers = Answers.of(gallery, at(3.1, 23.4), ["a", "c"])
    assert answers.doubts[0] > 2 > answers.doubts[1]


def test_pictures_of_something_else_are_told_from_photos():
    gallery = Gallery(at(0, 1, 2), ["a", "a", "a"], at(0.5))
    found = novelty(gallery, at(0.1, 1.2, 30), at(20, 40, 90), ["noise", "noise", "street maps"])
    assert found == {"noise": [2, 0.8333], "street maps": [1, 1.0], "all of these": [3, 0.8889]}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / WEIGHTS
    about = {
        "architecture": "resnet14", "pooling": "average", "licence": "own", "training": {"test_size": 32},
    }  # fmt: skip
    save_weights(new_network("resnet14").eval(), path, about)
    return path


@pytest.fixture(scope="module")
def figures(weights, photos):
    """Of a small network that was never trained: any weights can be measured."""
    embed = shift.Embedding(weights, "float32", "cpu", None)
    parts = {"train": scenes(14, 20), "validation": scenes(2, 40), "test": photos}
    measured = shift.measure(embed, parts, "test", scenes(2, 60, "jpg"))
    return {"weights": "0" * 64, "runtime": "OpenVino, float32", **measured}


def test_every_copy_of_every_photo_is_searched(figures):
    assert [(row["kind"], row["strength"]) for row in figures["copies"][1:]] == COPIES
    for row in figures["copies"]:
        assert row["queries"] == 9
        assert sum(count for count, _ in row["verdicts"].values()) == 9
        assert sum(right for _, right in row["verdicts"].values()) == row["right"]
    assert figures["sets"]["shifted copies"]["queries"] == 9 * len(COPIES)
    assert figures["sets"]["another data set"]["queries"] == 6
    assert figures["novelty"]["street maps"][0] == 20


def test_a_third_of_the_photos_gives_the_same_copies(weights, photos, figures, tmp_path):
    parts = {"train": scenes(14, 20), "validation": scenes(2, 40), "test": photos}
    embed = shift.Embedding(weights, "float32", "cpu", tmp_path)
    few = shift.measure(embed, parts, "test", step=shift.QUICK)
    assert few["photos"] == 3
    assert "another data set" not in few["sets"]
    kept = sorted(tmp_path.rglob("*.npy"))
    assert len(kept) == len(COPIES) + 4  # the photos, the gallery, validation, and other things
    assert shift.measure(shift.Embedding(weights, "float32", "cpu", tmp_path), parts, "test", step=3) == few
    all_three = np.load(next(path for path in kept if "noise 16" in path.name))
    whole = embed("all", 9, lambda row: ShiftedCopies(photos)(row, "noise", 16))
    assert np.allclose(all_three, whole[::3], atol=1e-5)


def test_photos_are_searched_as_the_page_does_beside_their_plain_vectors(
    weights, photos, tmp_path, monkeypatch
):
    parts = {"train": scenes(14, 20), "validation": scenes(2, 40), "test": photos}
    plain = shift.measure(shift.Embedding(weights, "float32", "cpu", None), parts, "test", step=shift.QUICK)
    assert all(row["plain"] == {name: row[name] for name in ("right", "mAP")} for row in plain["copies"])
    (tmp_path / WEIGHTS).symlink_to(weights)
    octaves = np.array([-1, 0, 1], np.float32)
    write_probe(tmp_path, file_sha256(weights), ScaleProbe(octaves, np.zeros((3, 2048)), np.zeros(3)))
    embed = shift.Embedding(tmp_path / WEIGHTS, "float32", "cpu", tmp_path / "kept")
    both = shift.measure(embed, parts, "test", step=shift.QUICK)
    assert [row["plain"] for row in both["copies"]] == [row["plain"] for row in plain["copies"]]
    assert [row["mAP"] for row in both["copies"]] != [row["mAP"] for row in plain["copies"]]
    assert not any("from higher up" in path.name for path in tmp_path.rglob("*.npy")), "what is kept is plain"
    text = section({"runtime": "OpenVINO, float32", **both})
    row = both["copies"][0]
    assert f"| {row['plain']['right'] / row['queries']:.3f} | {row['plain']['mAP']:.3f} |\n" in text


def test_a_figure_of_the_record_stands_on_the_page(figures):
    text = section(figures)
    plain = figures["copies"][0]
    low, high = wilson_interval(plain["right"], 9)
    assert f"| as they are | {plain['right'] / 9:.3f} [{low:.3f}, {high:.3f}] | {plain['mAP']:.3f} |" in text
    for kind, strength in COPIES:
        assert f"| {KINDS[kind].title}: {KINDS[kind].unit.format(strength)} |" in text
    assert "| another data set (AID, 6 photos) |" in text
    for level in LEVELS:
        assert f"\n| {level} |" in text
    for each in figures["sets"].values():
        assert each["strong"][f"{NEAR:g}"] == each["verdicts"]["strong"]
    assert f"\n| {NEAR:.0%} (in use) |" in text
    assert all(level in terminal_text(figures) for level in LEVELS)
    assert section(None) == ""


def test_it_is_said_where_what_is_called_strong_is_wrong(figures):
    rows = [{**figures["copies"][0], "verdicts": {"strong": [20, 19]}}]
    assert "at least 95% are right in every row" in weak_spots({**figures, "copies": rows, "sets": {}})
    rows[0]["verdicts"]["strong"] = [20, 18]
    told = weak_spots({**figures, "copies": rows, "sets": {}})
    assert "fewer than 95% are right in: as they are (18 of 20, 90.0%)" in told


def test_the_charts_are_the_same_each_time(figures, tmp_path):
    once = [path.read_bytes() for path in write_charts(figures, tmp_path)]
    assert [path.read_bytes() for path in write_charts(figures, tmp_path)] == once
    for name in ("shift.svg", "risk.svg"):
        root = ET.parse(tmp_path / name).getroot()
        assert root.tag.endswith("svg")
    words = (tmp_path / "shift.svg").read_text()
    assert all(kind.title in words for kind in KINDS.values())
    del figures["sets"]["another data set"]
    write_charts(figures, tmp_path)


def test_a_broken_record_is_named(tmp_path):
    assert read_shift(tmp_path) is None
    (tmp_path / "shift.json").write_text("{")
    with pytest.raises(DataError, match=r"shift\.json cannot be read"):
        read_shift(tmp_path)
