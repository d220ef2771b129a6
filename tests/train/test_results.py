"""docs/results.md is what its command makes of the committed records; so are the manifest's results."""

import json

import numpy as np
import pytest

from retrieval.collections.artifacts import read_manifest
from retrieval.retriever import SHIPPED
from train.__main__ import main
from train.commands.series import RECORDS
from train.data.ucmerced import CLASSES, DataError
from train.evaluate.metrics import compute_metrics
from train.fit.recipe import Recipe
from train.reports import shift, without_training
from train.reports.experiments import RECIPES, RUN_NAMES, SOUPS
from train.reports.records import RunRecord, read_records
from train.reports.results import NATURAL, URBAN, page

PAGE = RECORDS.parent / "results.md"


def record(name, seed=0, spread=0.3):
    """A record of made-up vectors: the classes' directions, and some noise."""
    rng = np.random.default_rng(seed)
    labels = [label for label in CLASSES for _ in range(3)]
    vectors = np.repeat(np.eye(21, 2048), 3, axis=0) + rng.normal(0, spread, (63, 2048)) / 20
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    measured = compute_metrics(vectors, labels, vectors, labels, exclude_self=True, resamples=50)
    protocols = dict.fromkeys(("validation-train", "test-train", "test-test", "shift-train"), measured)
    evaluation = {"weights": "0" * 64, "size": 128, "views": 1, "expansion": 0, "protocols": protocols}
    epochs = [{"epoch": 1, "loss": 0.5, "active": 1.0, "mAP": 0.5, "P@1": 0.5, "seconds": 60.0}]
    return {
        "name": name, "seed": 1, "recipe": {}, "command": f"python -m train fit {name}", "best_epoch": 1,
        "epochs": epochs if name != "initial" else [], "evaluation": evaluation,
        "variants": [evaluation | {"expansion": 3}, evaluation | {"views": 8}],
    }  # fmt: skip


def test_the_committed_page_is_what_the_committed_records_give():
    assert PAGE.read_text(encoding="utf-8") == page(
        read_records(RECORDS),
        shift.section(shift.read_shift(RECORDS.parent / "performance")),
        without_training.section(RECORDS),
    )


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.json")), ids=lambda path: path.stem)
def test_a_record_was_made_by_the_recipe_in_the_code(path):
    known = json.loads(path.read_text())
    assert path.stem in RUN_NAMES
    assert known["name"] == path.stem
    if path.stem in RECIPES:
        assert Recipe(**known["recipe"]) == RECIPES[path.stem]


def test_the_shipped_manifest_holds_the_metrics_of_the_shipped_run():
    manifest = read_manifest(SHIPPED)
    final = json.loads((RECORDS / "final.json").read_text())
    assert manifest.model.sha256 == final["evaluation"]["weights"]
    assert manifest.results["protocols"] == final["evaluation"]["protocols"]
    of_runs = [RECORDS / f"{run}.json" for run in SOUPS["final"]]
    weights = [json.loads(path.read_text())["evaluation"]["weights"] for path in of_runs]
    assert [run["sha256"] for run in manifest.training["mean_of"]] == weights


def test_the_groups_of_classes_are_all_classes():
    assert sorted(NATURAL + URBAN) == sorted(CLASSES)


def test_a_figure_of_a_record_stands_on_the_page():
    records = {name: RunRecord.from_dict(record(name)) for name in ("final", "initial", "hard")}
    text = page(records)
    overall = records["final"].evaluation.protocols["test-train"].overall
    assert f"{overall['mAP']:.3f}" in text
    for guess in range(1, 6):
        assert f"## Guess {guess}" in text
    assert "`python -m train fit hard`" in text
    assert "one view, query expanded by its 3 nearest" in text
    assert "average of 8 orientations" in text
    assert "semi-hard" not in text, "a run without a record has no row"


@pytest.mark.parametrize(("half", "shown"), [(0.9, True), (0.7, True), (0.6999, False)])
def test_the_page_says_when_a_part_of_the_data_did_as_well_as_all(half, shown):
    records = {name: record(name) for name in ("final", "initial", "data-10", "data-50", "data-100")}
    for name, value in (("data-10", 0.5), ("data-50", half), ("data-100", 0.7)):
        test = records[name]["evaluation"]["protocols"]["test-train"]
        changed = test | {"overall": test["overall"] | {"mAP": value}}
        records[name]["evaluation"]["protocols"] = {
            **records[name]["evaluation"]["protocols"], "test-train": changed,
        }  # fmt: skip
    text = page({name: RunRecord.from_dict(fields) for name, fields in records.items()})
    assert ("50 % of them did as well as all" in text) is shown
    assert "10 % of them" not in text
    assert (f"the test mAP is {half:.3f} [" in text) is shown
    del records["data-100"]
    assert "did as well" not in page({name: RunRecord.from_dict(fields) for name, fields in records.items()})


def test_the_folds_stand_on_the_page_once_they_were_run():
    names = ["final", "initial", *(f"robust-fold-{number}" for number in range(1, 6))]
    records = {name: RunRecord.from_dict(record(name, seed)) for seed, name in enumerate(names)}
    p_at_1 = [
        records[name].evaluation.protocols["test-train"].overall["P@1"] for name in names if "fold" in name
    ]
    text = page(records)
    assert f"| all five folds | {5 * 63} | {np.mean(p_at_1):.3f} [" in text
    assert "the paper's" not in text.split("## Folds")[1].split("## Commands")[0]
    del records["robust-fold-3"]
    assert "| fold-2 |" in page(records)
    assert "all five folds" not in page(records)
    assert "## Folds" not in page({name: records[name] for name in ("final", "initial")})


def test_the_commands_say_what_a_run_ran_on():
    records = {name: RunRecord.from_dict(record(name)) for name in ("final", "initial", "hard")}
    records["long"] = RunRecord.from_dict(record("long") | {"device": "NVIDIA H100"})
    rows = page(records).split("## Commands")[1].splitlines()
    assert "`final` is the mean of the weights of `robust-2` and `landscapes`." in page(records)
    on = {row.split("|")[1].strip(" `"): row.split("|")[6].strip() for row in rows if row.startswith("| `")}
    assert on == {"final": "CPU", "hard": "CPU", "long": "NVIDIA H100"}


def test_intervals_on_the_page_follow_from_the_counts_of_records_that_hold_others():
    known = record("final")
    for result in known["evaluation"]["protocols"].values():
        result["overall"] = result["overall"] | {"P@1": 1.0}
        result["intervals"] = result["intervals"] | {"P@1": [1.0, 1.0]}
    text = page({"final": RunRecord.from_dict(known), "initial": RunRecord.from_dict(record("initial"))})
    for row in text.split("## Guess 1")[0].splitlines():
        if "| trained |" in row:
            assert row.split("|")[3].strip() == "1.000 [0.943, 1.000]"  # 63 of 63


def test_queries_that_all_find_their_class_leave_no_table_of_errors():
    text = page({name: RunRecord.from_dict(record(name, spread=0)) for name in ("final", "initial")})
    assert "Of 63 test queries 0 find a photo of another class first" in text


def test_missing_and_damaged_records_are_told(tmp_path):
    with pytest.raises(DataError, match=r"lacks final\.json, initial\.json.*train series final initial"):
        read_records(tmp_path)
    (tmp_path / "final.json").write_text("{")
    with pytest.raises(DataError, match=r"final\.json cannot be read as JSON"):
        read_records(tmp_path)
    (tmp_path / "final.json").write_text('{"epochs": []}')
    with pytest.raises(DataError, match=r"final\.json is not the record of a run"):
        read_records(tmp_path)


def test_the_command_writes_the_page(tmp_path, capsys):
    for name in ("final", "initial"):
        (tmp_path / f"{name}.json").write_text(json.dumps(record(name)))
    arguments = ["results", "--records", str(tmp_path), "--out", str(tmp_path / "page.md")]
    assert main(arguments) == 0
    assert "# Results" in (tmp_path / "page.md").read_text()
    assert main(["results", "--records", str(tmp_path / "none")]) == 1
    assert "lacks" in capsys.readouterr().err


def test_a_run_that_is_not_in_the_series_is_refused(tmp_path, capsys):
    assert main(["series", "marathon", "--shift", str(tmp_path)]) == 1
    assert "no run 'marathon'" in capsys.readouterr().err


def test_an_index_with_metrics_of_other_weights_is_refused(tmp_path, capsys):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record("final")))
    assert main(["index", "--record", str(path), "--out", str(tmp_path / "out")]) == 1
    assert "measured with other weights" in capsys.readouterr().err
    path.write_text("[]")
    assert main(["index", "--record", str(path), "--out", str(tmp_path / "out")]) == 1
    assert "is not what 'train evaluate'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
