"""The evaluation of a few drawn scenes, from their files to the table and the JSON."""

import json
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.collections.artifacts import WEIGHTS, file_sha256
from retrieval.collections.evaluation import Confusion
from retrieval.embedder import Embedder
from retrieval.preprocessing import Preprocessing
from retrieval.retriever import SHIPPED
from train.__main__ import main
from train.data.dataset import LabeledImages, read_part
from train.data.orientations import ORIENTATIONS, orient
from train.evaluate.metrics import METRICS, compute_metrics, expand_queries, l2_normalize
from train.evaluate.protocols import PROTOCOLS, embed, evaluate, possible_protocols
from train.reports.text_table import confused_lines, format_evaluation

CLASSES = ("beach", "forest", "parkinglot")
SHIPPED_WEIGHTS = SHIPPED / WEIGHTS
SIZE = 64


def draw_folder(folder, labels, numbers):
    for label in labels:
        (folder / label).mkdir(parents=True)
        for number in numbers:
            draw(label, number, SIZE).save(folder / label / f"{label}{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Three classes of fourteen scenes, of which two each are for validation and two for the test."""
    return draw_folder(tmp_path_factory.mktemp("scenes") / "photos", CLASSES, range(14))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Other scenes, of two of the classes."""
    return draw_folder(tmp_path_factory.mktemp("elsewhere") / "photos", CLASSES[1:], range(50, 53))


@pytest.fixture(scope="module")
def embedder():
    return Embedder(SHIPPED_WEIGHTS, Preprocessing(size=SIZE), "cpu")


@pytest.fixture
def run(scenes):
    """Run the command on the scenes."""

    def run(*options):
        given = ["--folder", scenes, "--size", SIZE, "--device", "cpu", *options]
        return main(["evaluate", *map(str, given)])

    return run


class Counted(Sequence):
    """Images that count how often each is opened."""

    def __init__(self, images):
        self.images = images
        self.opened = Counter()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, row):
        self.opened[row] += 1
        return self.images[row]


def parts_of(scenes, elsewhere=None):
    parts = {part: read_part(part, folder=scenes) for part in ("train", "validation", "test")}
    return parts | ({"shift": read_part("all", folder=elsewhere)} if elsewhere else {})


def test_the_eight_orientations_are_the_symmetries_of_the_square():
    image = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
    turned = [orient(image, number).tobytes() for number in range(len(ORIENTATIONS))]
    assert turned[0] == image.tobytes()
    assert len(set(turned)) == 8
    for number in range(8):
        assert {orient(orient(image, number), then).tobytes() for then in range(8)} == set(turned)


def test_eight_views_are_averaged_and_each_image_is_opened_once(embedder):
    images = [draw(label, 3, SIZE) for label in CLASSES]
    counted = Counted(images)
    vectors = embed(embedder, counted, views=8)
    by_view = [embedder.embed([orient(image, number) for image in images]) for number in range(8)]
    assert np.allclose(vectors, l2_normalize(np.mean(by_view, axis=0)), atol=1e-5)
    assert vectors.dtype == np.float32
    assert counted.opened == dict.fromkeys(range(3), 1)


def test_with_eight_views_a_turned_image_has_the_same_vector(embedder):
    images = [draw("parkinglot", 4, SIZE), orient(draw("parkinglot", 4, SIZE), 3)]
    apart = {views: np.linalg.norm(np.subtract(*embed(embedder, images, views))) for views in (1, 8)}
    assert apart[8] < 1e-3 < 0.05 < apart[1]


def test_the_protocols_are_measured_on_parts_that_are_embedded_once(scenes, elsewhere, embedder):
    parts = parts_of(scenes, elsewhere)
    counted = {part: LabeledImages(of.files, of.labels, Counted(of.images)) for part, of in parts.items()}
    evaluation = evaluate(SHIPPED_WEIGHTS, counted, size=SIZE, expansion=2, device="cpu")
    assert {key: value for key, value in evaluation.items() if key != "protocols"} == {
        "weights": file_sha256(SHIPPED_WEIGHTS), "size": SIZE, "views": 1, "expansion": 2,
    }  # fmt: skip
    assert list(evaluation["protocols"]) == list(PROTOCOLS)
    for part in counted.values():
        assert part.images.opened == dict.fromkeys(range(len(part.files)), 1)

    vectors = {part: embed(embedder, of.images) for part, of in parts.items()}
    for protocol, metrics in evaluation["protocols"].items():
        queries, gallery = protocol.split("-")
        same = queries == gallery
        expanded = expand_queries(vectors[queries], vectors[gallery], 2, exclude_self=same)
        assert metrics == compute_metrics(
            expanded, parts[queries].labels, vectors[gallery], parts[gallery].labels, exclude_self=same
        )
    assert [evaluation["protocols"][name]["queries"] for name in PROTOCOLS] == [6, 6, 6, 6]
    assert [evaluation["protocols"][name]["gallery"] for name in PROTOCOLS] == [30, 30, 6, 30]


def test_only_the_protocols_asked_for_are_measured_and_only_their_parts_read(scenes):
    parts = parts_of(scenes)
    unread = LabeledImages(parts["test"].files, parts["test"].labels, Counted(parts["test"].images))
    evaluation = evaluate(
        SHIPPED_WEIGHTS, parts | {"test": unread}, protocols=["validation-train"], size=SIZE, device="cpu"
    )
    assert list(evaluation["protocols"]) == ["validation-train"]
    assert not unread.images.opened


def test_other_numbers_of_views_are_refused():
    with pytest.raises(ValueError, match="1 view or 8, not 4"):
        evaluate(SHIPPED_WEIGHTS, {}, views=4)


def test_a_part_with_a_single_image_of_a_class_is_not_measured_against_itself():
    two, one = (
        LabeledImages([], labels, []) for labels in (["beach", "beach"], ["beach", "forest", "forest"])
    )
    assert possible_protocols({"train": two, "test": two}) == ["test-train", "test-test"]
    assert possible_protocols({"train": two, "test": one}) == ["test-train"]
    assert possible_protocols({"train": two, "shift": one}) == ["shift-train"]


def test_the_command_prints_a_table_and_writes_the_same_as_json(run, elsewhere, tmp_path, capsys):
    out = tmp_path / "new" / "evaluation.json"
    assert run("--shift", elsewhere, "--views", 8, "--expansion", 3, "--out", out) == 0
    printed = capsys.readouterr().out
    evaluation = json.loads(out.read_text(encoding="utf-8"))
    assert printed == f"{format_evaluation(evaluation)}\n\nWrote {out}\n"
    assert (evaluation["views"], evaluation["expansion"]) == (8, 3)
    assert list(evaluation["protocols"]) == list(PROTOCOLS)
    for metrics in evaluation["protocols"].values():
        assert set(metrics["overall"]) == set(metrics["intervals"]) == set(METRICS)
        for name, (low, high) in metrics["intervals"].items():
            assert 0 <= low <= metrics["overall"][name] <= high <= 1
        confusion = metrics["confusion"]
        assert list(metrics["per_class"]) == confusion["labels"]
        assert np.array(confusion["counts"]).sum() == metrics["queries"] == 6
    assert evaluation["protocols"]["shift-train"]["confusion"]["labels"] == ["forest", "parkinglot"]
    assert evaluation["protocols"]["shift-train"]["confusion"]["columns"] == list(CLASSES)
    assert [path.name for path in out.parent.iterdir()] == ["evaluation.json"]


def test_the_command_says_what_it_leaves_out(tmp_path, capsys):
    folder = draw_folder(tmp_path / "few", CLASSES[:2], range(7))
    status = main(["evaluate", "--folder", str(folder), "--size", "32", "--device", "cpu"])
    assert status == 0
    printed = capsys.readouterr().out
    assert re.search(r"^test-train +2 +10 ", printed, re.MULTILINE)
    assert "test-test is left out: a class has a single test image" in printed


def test_an_existing_file_is_kept_unless_it_may_be_replaced(run, tmp_path, capsys):
    out = tmp_path / "evaluation.json"
    out.write_text("mine")
    assert run("--out", out) == 1
    assert re.search(r"evaluation\.json exists already.*--replace\.$", capsys.readouterr().err.strip())
    assert out.read_text() == "mine"
    assert run("--out", tmp_path, "--replace") == 1  # a folder is never replaced
    assert run("--out", out, "--replace") == 0
    assert json.loads(out.read_text(encoding="utf-8"))["protocols"]


def test_a_file_that_cannot_be_written_is_named_after_the_table(run, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert run("--out", tmp_path / "file" / "evaluation.json") == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("protocol")
    assert re.search(r"evaluation\.json cannot be written \(.*\.$", captured.err.strip())


def sentence(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err.strip().splitlines()[-1]


def test_a_class_that_the_gallery_lacks_is_named_before_anything_is_embedded(run, tmp_path, capsys):
    other = draw_folder(tmp_path / "other", ["forest", "river"], range(2))
    assert run("--shift", other, "--out", tmp_path / "evaluation.json") == 1
    assert re.search(r"shift images have the class 'river'.*train images lack.*\.$", sentence(capsys))
    assert not (tmp_path / "evaluation.json").exists()


def test_an_image_that_cannot_be_read_is_named_and_nothing_is_written(tmp_path, capsys):
    folder = draw_folder(tmp_path / "photos", CLASSES[:2], range(7))
    for path in folder.glob("forest/*"):
        path.write_bytes(b"rubbish")
    out = tmp_path / "evaluation.json"
    arguments = ["--folder", str(folder), "--size", "32", "--device", "cpu", "--out", str(out)]
    assert main(["evaluate", *arguments]) == 1
    assert re.search(r"forest/forest\d\d\.png: .*\.$", sentence(capsys))
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weights", "{here}/none.safetensors"], r"none\.safetensors cannot be read"),
        (["--folder", "{here}/nowhere"], r"no folder .*nowhere"),
        (["--shift", "{here}/nowhere"], r"no folder .*nowhere"),
    ],
)
def test_what_is_missing_is_named(run, tmp_path, capsys, options, words):
    assert run(*(option.format(here=tmp_path) for option in options)) == 1
    assert re.search(words, sentence(capsys))


@pytest.mark.parametrize(
    "options", [["--size", 16], ["--expansion", -1], ["--expansion", "x"], ["--views", 4]]
)
def test_numbers_that_make_no_sense_are_refused(run, capsys, options):
    with pytest.raises(SystemExit) as caught:
        run(*options)
    assert caught.value.code == 2
    assert f"argument {options[0]}" in capsys.readouterr().err


CONFUSION = {
    "labels": ["beach", "forest", "river"],
    "columns": ["beach", "forest", "pond", "river"],
    "counts": [[5, 0, 0, 0], [1, 4, 0, 2], [2, 0, 3, 6]],
}


def test_confused_classes_come_with_the_most_frequent_first():
    assert confused_lines(Confusion.from_dict(CONFUSION)) == [
        "  river finds pond: 3 of 11",
        "  forest finds river: 2 of 7",
        "  river finds beach: 2 of 11",
        "  forest finds beach: 1 of 7",
    ]


def test_the_table_has_a_line_for_each_protocol_and_class():
    share = dict.fromkeys(METRICS, 0.5) | {"P@1": 0.75, "mAP": 0.625}
    metrics = {
        "queries": 24,
        "gallery": 40,
        "overall": share,
        "intervals": {name: [0.4, 0.9] for name in METRICS},
        "per_class": {"beach": dict.fromkeys(METRICS, 1.0), "river": share},
        "confusion": CONFUSION,
    }
    lines = format_evaluation(
        {"protocols": {"validation-train": metrics, "test-train": metrics}}
    ).splitlines()
    assert lines[2].split() == [
        "test-train", "24", "40", "0.750", "(0.551-0.880)", "0.625", "(0.400-0.900)", *["0.500"] * 7,
    ]  # fmt: skip
    assert len({len(line) for line in lines[:3]}) == 1
    assert lines[6].split() == ["river", "0.750", "0.500", "0.500", "0.625", "0.500"]
    assert lines[8] == "First neighbours of another class in test-train:"
    assert lines[9:] == confused_lines(Confusion.from_dict(CONFUSION))
