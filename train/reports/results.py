"""The records of runs -> docs/results.md: the shipped model, the paper's five guesses, an ablation.

Nothing is measured here: every figure comes from `docs/runs/*.json`, which `python -m train series` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from retrieval.labels import class_name
from train.data.ucmerced import CLASSES
from train.reports.records import (
    PERMUTATIONS,
    SHIPPED,
    Record,
    by_chance,
    figure,
    value,
    wrong_pairs,
)

#: Without buildings, roads or vehicles as what the class is named after.
NATURAL = ("agricultural", "beach", "chaparral", "forest", "golfcourse", "river")
URBAN = tuple(label for label in CLASSES if label not in NATURAL)

#: How many pairs of classes that the initial weights confuse are shown.
PAIRS = 8
HEADLINE = ("P@1", "P@5", "P@10", "P@50", "R@5", "mAP", "ANMRR")


def page(records: Mapping[str, Record]) -> str:
    """The text of docs/results.md."""
    sections = (_shipped, _similar, _data, _triplets, _shift, _bias, _ablation, _commands)
    return _HEAD + "\n".join(section(records) for section in sections)


_HEAD = """# Results

Written by `python -m train results` from the records in [docs/runs](runs); change those, not this page.

UC Merced, 21 classes, divided by seed 2026 into 1,470 training, 315 validation and 315 test images
(`train/data/splits`). *Test against train*: the test images are the queries, the training images the gallery,
so 70 of 1,470 are right. *Test against test*: each test image is searched for among the other 314, of which
14 are right. *Shift*: 720 photos of 12 of the classes from another data set (AID; other cities, other scales)
as queries against the UC Merced training images; nothing was ever trained on them. Brackets are 95 %
intervals, bootstrapped over the queries: they say how far other queries might have changed a figure, not how
far another seed of the training might. P@k is the share of right ones among the k nearest, R@k the share of
queries with one among them, mAP runs over the whole ranking; ANMRR is 0 at best and 1 at worst.

"""


def _shipped(records: Mapping[str, Record]) -> str:
    rows = [
        [title, what, *(figure(records[run], protocol, name) for name in HEADLINE)]
        for title, protocol in (
            ("validation against train", "validation-train"),
            ("test against train", "test-train"),
            ("test against test", "test-test"),
            ("shift against train", "shift-train"),
        )
        for what, run in (("trained", SHIPPED), ("initial weights", "initial"))
    ]
    return f"## The shipped model\n\n{_table(['', 'weights', *HEADLINE], rows)}"


def _similar(records: Mapping[str, Record]) -> str:
    measures = records[SHIPPED]["evaluation"]["protocols"]["test-train"]
    before = wrong_pairs(records["initial"]["evaluation"]["protocols"]["test-train"])
    wrong = wrong_pairs(measures)
    tables = [
        _table(
            ["query", "first neighbour", "times"],
            [[class_name(query), class_name(found), str(count)] for count, query, found in pairs],
        )
        for pairs in (wrong, before[:PAIRS])
    ]
    worst = sorted(measures["per_class"].items(), key=lambda item: float(item[1]["mAP"]))[:6]
    weak = [
        [class_name(label), *(f"{values[name]:.3f}" for name in ("P@1", "P@10", "P@50", "mAP"))]
        for label, values in worst
    ]
    return (
        "## Guess 1: classes that look alike\n\n"
        f"Of {measures['queries']} test queries {sum(count for count, _, _ in wrong)} find a photo of "
        f"another class first:\n\n{tables[0] if wrong else ''}"
        f"\nWith the initial weights it was {sum(count for count, _, _ in before)}, most often:\n\n"
        f"{tables[1] if before else ''}"
        "\nThe classes with the lowest mAP:\n\n" + _table(["class", "P@1", "P@10", "P@50", "mAP"], weak)
    )


def _data(records: Mapping[str, Record]) -> str:
    shares = (("10 %", "data-10"), ("25 %", "data-25"), ("50 %", "data-50"), ("100 %", "data-100"))
    return (
        "## Guess 2: too little training data\n\n"
        "A share of each class's training images, each for as many steps as all of them get, on images of "
        "64 pixels. The gallery is always the whole training part.\n\n"
        + _comparison(records, shares)
        + _said(records, "From a tenth of the images to all of them", "data-10", "data-100")
    )


def _triplets(records: Mapping[str, Record]) -> str:
    kinds = (
        ("none (initial weights)", "initial"), ("random", "random"),
        ("semi-hard", "semihard"), ("hard", "hard"),
    )  # fmt: skip
    return (
        "## Guess 3: easy triplets\n\n"
        "Random is the paper's recipe: every training image is the anchor once an epoch. It sees three "
        "images for each anchor and runs for 2 epochs, the others see one and run for 5. The initial weights "
        "were measured at 256 pixels, the runs at 128.\n\n"
        + _comparison(records, kinds)
        + _said(records, "From random triplets to hard ones", "random", "hard")
    )


def _shift(records: Mapping[str, Record]) -> str:
    runs = [
        ("initial weights", "initial"), ("hard triplets, small images", "hard"),
        ("… seen from twice as high", "zoom-out"), ("shipped", SHIPPED),
    ]  # fmt: skip
    rows = [
        [title, *(figure(records[run], "shift-train", name) for name in ("P@1", "P@10", "mAP", "ANMRR"))]
        for title, run in runs
        if run in records
    ]
    classes = records[SHIPPED]["evaluation"]["protocols"]["shift-train"]["per_class"]
    before = records["initial"]["evaluation"]["protocols"]["shift-train"]["per_class"]
    by_class = [
        [
            class_name(label),
            *(f"{each[label][name]:.3f}" for name in ("P@1", "mAP") for each in (before, classes)),
        ]
        for label in sorted(classes, key=lambda label: float(classes[label]["mAP"]))
    ]
    first = {
        (run, protocol): records[run]["evaluation"]["protocols"][protocol]["overall"]["P@1"]
        for run in ("initial", SHIPPED)
        for protocol in ("shift-train", "test-train")
    }
    return (
        "## Guess 4: photos from elsewhere\n\n"
        + _table(["weights", "P@1", "P@10", "mAP", "ANMRR"], rows)
        + f"\nTraining takes the P@1 of photos from elsewhere from {first['initial', 'shift-train']:.3f} to "
        f"{first[SHIPPED, 'shift-train']:.3f}. Of the data set's own test photos it is "
        f"{first[SHIPPED, 'test-train']:.3f}: what lies between is the shift.\n"
        + "\nBy class, the weakest first:\n\n"
        + _table(["class", "P@1 initial", "P@1 shipped", "mAP initial", "mAP shipped"], by_class)
    )


def _bias(records: Mapping[str, Record]) -> str:
    rows = []
    for title, run in (("initial weights", "initial"), ("shipped", SHIPPED)):
        values = records[run]["evaluation"]["protocols"]["test-train"]["per_class"]
        natural, urban = ([values[label]["mAP"] for label in group] for group in (NATURAL, URBAN))
        chance = by_chance(natural, urban)
        rows.append([title, f"{np.mean(natural):.3f}", f"{np.mean(urban):.3f}", f"{chance:.2f}"])
    return (
        "## Guess 5: natural against urban classes\n\n"
        f"Mean mAP of the test queries of {len(NATURAL)} natural classes "
        f"({', '.join(map(class_name, NATURAL))}) and of the other {len(URBAN)}. The last column is the "
        f"share of {PERMUTATIONS:,} random divisions of the classes into groups of these sizes (seed 0) that "
        "are at least as far apart: near 1 there is nothing to see, below 0.05 it is hardly chance.\n\n"
        + _table(["weights", "natural", "urban", "by chance"], rows)
    )


def _ablation(records: Mapping[str, Record]) -> str:
    small = (
        ("plain: hard triplets, average pooling", "hard"),
        ("with a classification head (BNNeck)", "head"),
        ("with views from twice as high", "zoom-out"),
    )
    tiny = (
        ("plain", "data-100"), ("without rotations and flips", "no-rotations"), ("with GeM pooling", "gem"),
    )  # fmt: skip
    rows = [_comparison_row(records["hard"], title, variant) for title, variant in _variants(records)]
    return (
        "## Ablation\n\n"
        "Each differs from the plain run in one thing. The validation columns choose, the others report. "
        "The shipped recipe has the head for its validation mAP. It has the views from twice as high for the "
        "shift, which is a set for development: the shift columns have therefore been looked at, once, in "
        "choosing this, and flatter the shipped model a little.\n\n"
        + _comparison(records, small)
        + "\nOn images of 64 pixels:\n\n"
        + _comparison(records, tiny)
        + "\nThe plain run's weights, used in other ways:\n\n"
        + _table(_COLUMNS, rows)
    )


def _variants(records: Mapping[str, Record]) -> list[tuple[str, Record]]:
    """Ways to use the plain run's weights: (what it is, its evaluation)."""
    record = records.get("hard")
    if not record:
        return []
    named = []
    for evaluation in (record["evaluation"], *record.get("variants", ())):
        views = "average of 8 orientations" if evaluation["views"] > 1 else "one view"
        count = evaluation["expansion"]
        expansion = f", query expanded by its {count} nearest" if count else ""
        named.append((views + expansion, evaluation))
    return named


def _commands(records: Mapping[str, Record]) -> str:
    rows = [
        [f"`{name}`", str(record["seed"]), str(len(record["epochs"])), str(record["best_epoch"]),
         f"{sum(row['seconds'] for row in record['epochs']) / 60:.0f}", f"`{record['command']}`"]
        for name, record in sorted(records.items())
        if record["epochs"]
    ]  # fmt: skip
    return (
        "## Commands\n\n"
        "`python -m train series --shift FOLDER` does all of them and measures them with `python -m train "
        "evaluate`; a run takes the epoch that was best on the validation images searched among themselves. "
        "The minutes are those of two CPU cores that did other work beside it.\n\n"
        + _table(["run", "seed", "epochs", "best", "minutes", "command"], rows)
    )


def _said(records: Mapping[str, Record], what: str, before: str, after: str) -> str:
    """A sentence on the difference between two runs, or nothing where one has no record."""
    if not {before, after} <= records.keys():
        return ""
    old, new = (records[run]["evaluation"]["protocols"]["test-train"] for run in (before, after))
    (old_low, old_high), (new_low, new_high) = old["intervals"]["mAP"], new["intervals"]["mAP"]
    apart = old_high < new_low or new_high < old_low
    return (
        f"\n{what}, the test mAP goes from {old['overall']['mAP']:.3f} to {new['overall']['mAP']:.3f}; the "
        f"intervals {'do not touch' if apart else 'overlap'}.\n"
    )


_COLUMNS = [
    "",
    "validation mAP",
    "validation P@1",
    "test-test mAP",
    "test mAP",
    "test P@1",
    "shift mAP",
    "shift P@1",
]


def _comparison(records: Mapping[str, Record], runs: Sequence[tuple[str, str]]) -> str:
    """A row for each run that has a record."""
    rows = [_comparison_row(records[run], title) for title, run in runs if run in records]
    return _table(_COLUMNS, rows)


def _comparison_row(record: Record, title: str, evaluation: Record | None = None) -> list[str]:
    protocols = (evaluation or record["evaluation"])["protocols"]

    def cell(protocol: str, name: str, interval: bool = False) -> str:
        return value(protocols[protocol], name, interval) if protocol in protocols else ""

    return [
        title,
        cell("validation-train", "mAP"),
        cell("validation-train", "P@1"),
        cell("test-test", "mAP"),
        cell("test-train", "mAP", interval=True),
        cell("test-train", "P@1", interval=True),
        cell("shift-train", "mAP"),
        cell("shift-train", "P@1"),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    line: Callable[[Sequence[str]], str] = lambda cells: f"| {' | '.join(cells)} |"  # noqa: E731
    return "\n".join([line(header), line(["---"] * len(header)), *map(line, rows)]) + "\n"
