"""The figures, from the generated scenes: repeatable, with the right numbers, and kept out of Git."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.collections.collection import Collection
from retrieval.labels import class_name
from retrieval.retriever import SHIPPED_SCENES
from train.__main__ import main
from train.commands.figures import PROJECT, SCENE_MONTAGES
from train.data import dataset, ucmerced
from train.reports.figures import class_histograms, confusion_matrix, distance_curves, write_charts
from train.reports.montages import Montages
from train.reports.retrievals import growth, retrieve, retrieve_among_themselves
from train.reports.tile_sheet import FRAME, GAP, HEADING, LINE, TILE, Tile, tile_sheet

LABELS = ["beach", "forest", "harbor", "forest"]
MONTAGES = {"samples.webp", "retrieved.webp", "bucharest.webp", "misretrieved.webp"}
GREEN, ORANGE = (15, 118, 110), (194, 65, 12)


@pytest.fixture(scope="module")
def collection():
    return Collection(SHIPPED_SCENES, gpu=False)


@pytest.fixture(scope="module")
def retrievals(collection):
    """Rows of the collection as queries, the last of them wrongly called a forest."""
    rows = [
        next(row for row, each in enumerate(collection.entries) if each.label == label) for label in LABELS
    ]
    rows[3] = next(row for row, each in enumerate(collection.entries) if each.label == "river")
    vectors = np.stack([collection.index.vector(row) for row in rows])
    return retrieve(vectors, LABELS, collection, 12)


@pytest.fixture(scope="module")
def images():
    return [draw(label, 3, 64) for label in LABELS]


@pytest.fixture(scope="module")
def charts(retrievals, tmp_path_factory):
    folder = tmp_path_factory.mktemp("charts")
    return {path.name: path.read_text() for path in write_charts(retrievals, folder)}


def test_what_is_retrieved_is_right_where_the_classes_agree(retrievals):
    assert retrievals.rows.shape == (4, 12)
    assert retrievals.relevant[:, 0].tolist() == [True, True, True, False]
    assert retrievals.retrieved_labels[3, 0] == "river"
    assert np.all(np.diff(retrievals.distances, axis=1) >= 0)


def test_the_charts_are_the_same_every_time_and_small(retrievals, charts, tmp_path):
    assert sorted(charts) == ["confusion.svg", "distances.svg", "histograms.svg", "map.svg"]
    for path in write_charts(retrievals, tmp_path):
        text = path.read_text()
        assert text == charts[path.name]
        assert len(text) < 400_000
        assert "<dc:date>" not in text


def test_the_charts_hold_no_photos_and_ask_nobody_for_anything(charts):
    for text in charts.values():
        assert "<image" not in text
        assert not re.search(r'(href|src)="(?!#)', text)


def test_the_charts_stand_on_white(charts):
    assert all("fill: #ffffff" in text for text in charts.values())


def test_a_histogram_counts_what_was_found(retrievals):
    titles = [axes.get_title(loc="left") for axes in class_histograms(retrievals).axes if axes.get_visible()]
    own = {label: retrievals.relevant[retrievals.labels == label].sum(axis=1).mean() for label in set(LABELS)}
    assert titles == [f"{label}: {own[label]:.1f}" for label in sorted(own)]


def test_the_distances_are_those_that_were_found(retrievals):
    harbor = distance_curves(retrievals).axes[2]
    assert harbor.get_title(loc="left").startswith("harbor")
    np.testing.assert_allclose(harbor.lines[0].get_ydata(), retrievals.distances[2], atol=1e-6)
    crosses = next(line for line in harbor.lines if line.get_marker() == "x")
    assert len(crosses.get_xdata()) == (~retrievals.relevant[2]).sum()


def test_the_confusions_are_counted(retrievals):
    axes = confusion_matrix(retrievals).axes[0]
    shown = sorted(set(LABELS))
    counted = {
        (
            shown[round(text.get_position()[1])],
            retrievals.classes[round(text.get_position()[0])],
        ): text.get_text()
        for text in axes.texts
    }
    assert counted == dict.fromkeys(
        [("beach", "beach"), ("forest", "forest"), ("forest", "river"), ("harbor", "harbor")], "1"
    )


def test_each_axis_of_the_histograms_says_what_it_is_and_each_bar_its_class(retrievals):
    figure = class_histograms(retrievals)
    assert figure.get_supxlabel().startswith("class of the retrieved images")
    assert figure.get_supylabel() == "number of retrieved images"
    panel = figure.axes[0]
    names = [text.get_text() for text in panel.get_xticklabels()]
    assert names == list(map(class_name, retrievals.classes))
    assert panel.get_xticks().tolist() == list(range(len(retrievals.classes)))


def test_the_distances_are_called_strictly_growing_only_where_they_are(retrievals, collection):
    entries = collection.entries
    assert growth(retrievals, entries) == "The distances of the 12 images grow strictly for 4 of 4 queries."
    distances = retrievals.distances.copy()
    distances[1, 3] = distances[1, 2]
    distances[2, 5] = distances[2, 6] = distances[2, 4]
    tied = replace(retrievals, distances=distances)
    told = growth(tied, entries)
    assert told.startswith("The distances of the 12 images grow strictly for 2 of 4 queries. 2 have images")
    assert "3 ties in all: " in told
    one, two = sorted(retrievals.rows[1, 2:4].tolist())
    assert f"{entries[one].id} and {entries[two].id} 1 times (different pixels)" in told
    assert "strictly growing for 2 of 4 queries" in distance_curves(tied).get_suptitle()
    assert "strictly growing for 4 of 4 queries" in distance_curves(retrievals).get_suptitle()


def test_images_of_the_same_pixels_are_told_so(retrievals, collection):
    distances = np.repeat(retrievals.distances[:, :1], 12, axis=1)
    told = growth(replace(retrievals, distances=distances), [collection.entries[0]] * len(collection.entries))
    name = collection.entries[0].id
    assert f"{name} and {name} 1 times (the same pixels); " in told
    assert told.endswith("further pairs.")


def test_among_themselves_no_image_finds_itself(collection):
    found = retrieve_among_themselves(collection, 9)
    count = len(collection.entries)
    assert found.rows.shape == found.distances.shape == (count, 9)
    assert not (found.rows == np.arange(count)[:, None]).any()
    products = collection.vectors @ collection.vectors.T
    np.fill_diagonal(products, -1)
    nearest = np.sqrt(np.maximum(0, 2 - 2 * products.max(axis=1)))
    np.testing.assert_allclose(found.distances[:, 0], nearest, atol=2e-3)


def test_a_duplicate_may_come_before_the_image_itself(collection):
    class Twins:
        entries = collection.entries[:3]
        vectors = np.eye(3, 2048, dtype=np.float32)

        class index:  # noqa: N801
            @staticmethod
            def search(vectors, depth):
                assert (len(vectors), depth) == (3, 2)
                return np.array([[0, 1], [0, 0], [0, 1]], np.float32), np.array([[1, 0], [0, 2], [2, 1]])

    found = retrieve_among_themselves(Twins, 1)
    assert found.rows.tolist() == [[1], [0], [1]]
    assert found.distances.tolist() == [[0], [0], [1]]


def test_the_montages_are_written_and_repeatable(retrievals, images, collection, tmp_path):
    first, again = (tmp_path / name for name in ("first", "again"))
    for folder in (first, again):
        folder.mkdir()
        written = Montages(retrievals, images, collection, seed=5).write(folder, images[0])
        assert {path.name for path in written} == MONTAGES
    for path in first.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_another_seed_draws_other_samples(retrievals, images, collection):
    one, two = (Montages(retrievals, images, collection, seed=seed).samples(2) for seed in (1, 2))
    assert one.size == two.size
    assert one.tobytes() != two.tobytes()


def test_only_the_misretrieved_are_among_the_misretrievals(retrievals, images, collection):
    rows = (Montages(retrievals, images, collection).misretrieved().height - HEADING - GAP) / (
        TILE + 2 * LINE + GAP
    )
    assert rows == 1
    only_right = retrieve(retrievals.embeddings[:3], LABELS[:3], collection, 5)
    assert Montages(only_right, images[:3], collection).misretrieved() is None


@pytest.mark.parametrize(("right", "frame"), [(True, GREEN), (False, ORANGE), (None, (1, 2, 3))])
def test_right_and_wrong_differ_in_more_than_colour(right, frame):
    grey = Image.new("RGB", (300, 200), (1, 2, 3))
    tile = np.asarray(tile_sheet("One", [[Tile(grey, ["0.123", "beach"], right)]]))[HEADING:, GAP:][
        :TILE, :TILE
    ]
    assert tuple(tile[0, 0]) == tuple(tile[FRAME - 1, TILE // 2]) == frame
    strokes = (tile[:30, -30:] == 255).all(axis=2)
    assert strokes.any() == (right is not None)


def test_the_marks_are_of_different_shape():
    grey = Image.new("RGB", (TILE, TILE))
    tick, cross = (
        (np.asarray(tile_sheet("One", [[Tile(grey, [], right)]])) == 255).all(axis=2)
        for right in (True, False)
    )
    assert (tick != cross).sum() > 30


@pytest.mark.parametrize(
    ("folder", "more"),
    [
        ("assets/montages", []), ("docs", []), ("examples/queries", []), ("montages", []),
        ("docs/montages", []), ("docs/views", ["--scenes", "--replace"]),
    ],
)  # fmt: skip
def test_photos_are_kept_out_of_what_git_tracks(capsys, folder, more):
    assert main(["figures", "--montages", str(PROJECT / folder), *more]) == 1
    error = capsys.readouterr().err
    assert re.fullmatch(r"--montages .* photos must not be committed: name a folder in runs/.*\.\n", error)


def test_the_committed_montages_show_generated_scenes_alone(tmp_path, monkeypatch, capsys):
    def nothing(*_):
        raise AssertionError("no photo may be read")

    monkeypatch.setattr(ucmerced, "find_folder", nothing)
    monkeypatch.setattr(dataset, "read_part", nothing)
    monkeypatch.setenv("BUCHAREST_DIR", str(tmp_path / "nowhere"))
    out = tmp_path / "montages"
    assert main(["figures", "--scenes", "--montages", str(out), "--device", "cpu"]) == 0
    assert "grow strictly for 252 of 252 queries" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == MONTAGES
    for path in sorted(out.iterdir()):
        with Image.open(path) as drawn, Image.open(SCENE_MONTAGES / path.name) as committed:
            assert drawn.size == committed.size
            assert drawn.convert("RGB").histogram() == pytest.approx(
                committed.convert("RGB").histogram(), rel=0.3, abs=4000
            )


def test_the_committed_montages_are_small_and_shown():
    files = sorted(SCENE_MONTAGES.iterdir())
    assert {path.name for path in files} == MONTAGES
    assert sum(path.stat().st_size for path in files) < 1_500_000
    shown = (SCENE_MONTAGES.parent / "figures.md").read_text(encoding="utf-8")
    assert [path.name for path in files if f"(montages/{path.name})" not in shown] == []


def test_folders_that_exist_are_kept_and_only_figures_are_replaced(tmp_path, capsys):
    for name, file in (("charts", "old.svg"), ("montages", "old.webp"), ("papers", "thesis.txt")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).touch()
    new, root = str(tmp_path / "new"), ["--root", str(tmp_path / "nowhere")]
    for charts, montages, more, told in (
        ("charts", "new", [], "charts exists already"),
        ("new", "montages", [], "montages exists already"),
        ("papers", "new", ["--replace"], "holds thesis.txt, which is no figure"),
        ("charts", "montages", ["--replace"], "There is no folder"),
    ):
        folders = ["--charts", str(tmp_path / charts), "--montages", str(tmp_path / montages)]
        assert main(["figures", *folders, *more, *root]) == 1
        assert told in capsys.readouterr().err
    assert not (tmp_path / new).exists()
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["old.svg", "old.webp", "thesis.txt"]
