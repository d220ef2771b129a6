"""The records of runs -> docs/results.md: the shipped model, the paper's five guesses, an ablation.

Nothing is measured here: every number comes from `docs/runs/*.json`, which `python -m train series` writes,
or from the record of `make bench-shift`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.collections.evaluation import Evaluation
from retrieval.labels import class_name
from train.data.ucmerced import CLASSES
from train.reports import folds
from train.reports.experiments import SOUPS
from train.reports.markdown import (
    COMPARISON_COLUMNS,
    change_sentence,
    comparison,
    comparison_row,
    headline_cell,
    table,
)
from train.reports.permutation_test import PERMUTATIONS, permutation_test
from train.reports.records import INITIAL, SHIPPED, Records

#: Classes that are named after no building, road or vehicle.
NATURAL = ("agricultural", "beach", "chaparral", "forest", "golfcourse", "river")
URBAN = tuple(label for label in CLASSES if label not in NATURAL)

#: How many confused pairs of the initial weights are shown.
MAX_INITIAL_PAIRS = 8
#: How many of the classes with the lowest mAP are shown.
MAX_WEAKEST = 6
HEADLINE = ("P@1", "P@5", "P@10", "P@50", "R@5", "mAP", "ANMRR")


def page(records: Records, *more: str) -> str:
    """The text of docs/results.md, of the records of runs.

    Args:
        records: Of the runs.
        more: Sections from other records, as of `train.reports.shift` and `without_training`; '' is left out.
    """
    sections = (_shipped, _similar, _data, _triplets, _shift, _bias, _ablation, folds.section, _commands)
    texts = [section(records) for section in sections]
    return _HEAD + "\n".join(filter(None, [*texts, *more]))


_HEAD = """# Results

Written by `python -m train results` from the records in [docs/runs](runs) and
[docs/performance](performance); change those, not this page.

UC Merced, 21 classes, divided by seed 2026 into 1,470 training, 315 validation and 315 test images
(`train/data/splits`). *Test against train*: the test images are the queries, the training images the gallery,
so 70 of 1,470 are right. *Test against test*: each test image is searched for among the other 314, of which
14 are right. *Shift*: 720 photos of 12 of the classes from another data set (AID; other cities, other scales)
as queries against the UC Merced training images; nothing was ever trained on them. P@k is the share of right
ones among the k nearest, R@k the share of queries with one among them, mAP runs over the whole ranking; ANMRR
is 0 at best and 1 at worst. Brackets are 95 % intervals: Wilson's for P@1 and R@k, which are proportions of
the queries, and for the others bootstrapped over the queries. They say how far other queries might have
changed a figure, not how far another seed of the training might.

"""


def _shipped(records: Records) -> str:
    rows = [
        [title, what, *(headline_cell(records[run].evaluation, protocol, name) for name in HEADLINE)]
        for title, protocol in (
            ("validation against train", "validation-train"),
            ("test against train", "test-train"),
            ("test against test", "test-test"),
            ("shift against train", "shift-train"),
        )
        for what, run in (("trained", SHIPPED), ("initial weights", INITIAL))
    ]
    return f"## The shipped model\n\n{table(['', 'weights', *HEADLINE], rows)}"


def _similar(records: Records) -> str:
    test, initial = (records[run].evaluation.protocols["test-train"] for run in (SHIPPED, INITIAL))
    pairs, initial_pairs = test.confused_pairs(), initial.confused_pairs()
    tables = [
        table(
            ["query", "first neighbour", "times"],
            [[class_name(pair.query), class_name(pair.neighbour), str(pair.count)] for pair in shown],
        )
        for shown in (pairs, initial_pairs[:MAX_INITIAL_PAIRS])
    ]
    weakest = [
        [
            class_name(label),
            *(f"{test.per_class[label][name]:.3f}" for name in ("P@1", "P@10", "P@50", "mAP")),
        ]
        for label in test.weakest_classes("mAP")[:MAX_WEAKEST]
    ]
    return (
        "## Guess 1: classes that look alike\n\n"
        f"Of {test.queries} test queries {sum(pair.count for pair in pairs)} find a photo of "
        f"another class first:\n\n{tables[0] if pairs else ''}"
        f"\nWith the initial weights it was {sum(pair.count for pair in initial_pairs)}, most often:\n\n"
        f"{tables[1] if initial_pairs else ''}"
        "\nThe classes with the lowest mAP:\n\n" + table(["class", "P@1", "P@10", "P@50", "mAP"], weakest)
    )


def _data(records: Records) -> str:
    shares = (("10 %", "data-10"), ("25 %", "data-25"), ("50 %", "data-50"), ("100 %", "data-100"))
    return (
        "## Guess 2: too little training data\n\n"
        "A share of each class's training images, each for as many steps as all of them get, on images of "
        "64 pixels. The gallery is always the whole training part.\n\n"
        + comparison(records, shares)
        + change_sentence(records, "From a tenth of the images to all of them", "data-10", "data-100")
        + _enough(records, shares)
    )


def _enough(records: Records, shares: Sequence[tuple[str, str]]) -> str:
    """A sentence on the smallest share that did as well as the last, which is all; '' where none did."""
    measured = [(title, records[run].evaluation) for title, run in shares if run in records]
    if not measured or measured[-1][0] != shares[-1][0]:
        return ""
    whole = measured.pop()[1]

    def both(part: Evaluation, protocol: str) -> str:
        return " and ".join(headline_cell(each, protocol, "mAP") for each in (part, whole))

    reached = whole.protocols["test-train"].overall["mAP"]
    for title, part in measured:
        if part.protocols["test-train"].overall["mAP"] >= reached:
            return (
                f"\nBut {title} of them did as well as all: the test mAP is {both(part, 'test-train')}, of "
                f"one run each. The mAP of photos from elsewhere is {both(part, 'shift-train')}.\n"
            )
    return ""


def _triplets(records: Records) -> str:
    kinds = (
        ("none (initial weights)", INITIAL), ("random", "random"),
        ("semi-hard", "semihard"), ("hard", "hard"),
    )  # fmt: skip
    return (
        "## Guess 3: easy triplets\n\n"
        "Random is the paper's recipe: every training image is the anchor once an epoch. It sees three "
        "images for each anchor and runs for 2 epochs, the others see one and run for 5. The initial weights "
        "were measured at 256 pixels, the runs at 128.\n\n"
        + comparison(records, kinds)
        + change_sentence(records, "From random triplets to hard ones", "random", "hard")
    )


def _shift(records: Records) -> str:
    runs = [
        ("initial weights", INITIAL), ("hard triplets, small images", "hard"),
        ("… seen from twice as high", "zoom-out"),
        ("… from up to eight times as high, among others", "higher"),
        ("… and drawn landscapes", "higher-drawn"),
        ("full size, from twice as high: shipped first", "zoom-out-full"),
        ("full size, from up to eight times as high, and drawn landscapes: shipped before", "landscapes"),
        ("… with MixStyle, for 36 epochs", "mix-style"),
        ("… with less of it, and views from nearer", "robust-2"),
        ("the mean of these weights and of those shipped before: shipped", SHIPPED),
    ]  # fmt: skip
    metrics = ("P@1", "P@10", "mAP", "ANMRR")
    rows = [
        [title, *(headline_cell(records[run].evaluation, "shift-train", name) for name in metrics)]
        for title, run in runs
        if run in records
    ]
    initial, shipped = (records[run].evaluation.protocols for run in (INITIAL, SHIPPED))
    shift = shipped["shift-train"]
    by_class = [
        [
            class_name(label),
            *(
                f"{result.per_class[label][name]:.3f}"
                for name in ("P@1", "mAP")
                for result in (initial["shift-train"], shift)
            ),
        ]
        for label in shift.weakest_classes("mAP")
    ]
    return (
        "## Guess 4: photos from elsewhere\n\n"
        + table(["weights", *metrics], rows)
        + "\nTraining takes the P@1 of photos from elsewhere from "
        f"{initial['shift-train'].overall['P@1']:.3f} to {shift.overall['P@1']:.3f}. Of the data set's own "
        f"test photos it is {shipped['test-train'].overall['P@1']:.3f}: what lies between is the shift.\n"
        + "\nBy class, the weakest first:\n\n"
        + table(["class", "P@1 initial", "P@1 shipped", "mAP initial", "mAP shipped"], by_class)
    )


def _bias(records: Records) -> str:
    rows = []
    for title, run in (("initial weights", INITIAL), ("shipped", SHIPPED)):
        values = records[run].evaluation.protocols["test-train"].per_class
        natural, urban = ([values[label]["mAP"] for label in group] for group in (NATURAL, URBAN))
        p_value = permutation_test(natural, urban)
        rows.append([title, f"{np.mean(natural):.3f}", f"{np.mean(urban):.3f}", f"{p_value:.2f}"])
    return (
        "## Guess 5: natural against urban classes\n\n"
        f"Mean mAP of the test queries of {len(NATURAL)} natural classes "
        f"({', '.join(map(class_name, NATURAL))}) and of the other {len(URBAN)}. The last column is the "
        f"share of {PERMUTATIONS:,} random divisions of the classes into groups of these sizes (seed 0) that "
        "are at least as far apart: near 1 there is nothing to see, below 0.05 it is hardly chance.\n\n"
        + table(["weights", "natural", "urban", "by chance"], rows)
    )


_SEEDS = (
    "\nThe run with drawn landscapes with three seeds, and the mean of their weights, a soup "
    "(`train series soup --shift FOLDER`):\n\n"
)


_LONG = (
    "\nAt full size, as shipped before, but for longer, on a GPU, one seed each where none is named. "
    "MixStyle is worth most elsewhere. It does not help photos from nearer, which the views from nearer do; "
    "and with MixStyle, pictures of something else come nearer ([figures.md](figures.md)). The mean of the "
    "weights of two runs, of which one has some of both, keeps most of what each is good at. It was chosen "
    "by validation photos, by enlarged middles of these, by pictures of something else, and by the shift:\n\n"
)


def _ablation(records: Records) -> str:
    small = (
        ("plain: hard triplets, average pooling", "hard"),
        ("with a classification head (BNNeck)", "head"),
        ("with views from twice as high", "zoom-out"),
        ("with views from up to eight times as high, mirrored", "higher-mirror"),
        ("with views from up to eight times as high, among photos of their class", "higher-class"),
        ("with views from up to eight times as high, among what lies around", "higher"),
        ("with these and drawn landscapes", "higher-drawn"),
        ("with other hues, haze, tints and shadows", "weather"),
        ("with colours and contrasts of other photos, by Fourier amplitudes", "amplitudes"),
        ("with a running average of the weights", "average"),
        ("with weights that are pulled towards the initial ones (L2-SP)", "near-start"),
        ("from random weights, with a head, other views and a teacher, 60 epochs", "free-start"),
    )
    seeds = (
        ("seed 1, as above", "higher-drawn"), ("seed 2", "higher-drawn-2"), ("seed 3", "higher-drawn-3"),
        ("the mean of the weights of the three: a soup", "soup"),
    )  # fmt: skip
    tiny = (
        ("plain", "data-100"), ("without rotations and flips", "no-rotations"), ("with GeM pooling", "gem"),
    )  # fmt: skip
    full = (
        ("with views from twice as high: shipped first", "zoom-out-full"),
        ("with views from up to eight times as high, and drawn landscapes: shipped before", "landscapes"),
        ("with these, from nearer, and in other weather, for 16 epochs", "nearer"),
        ("as shipped before, but from random weights that learnt from EfficientNet-Lite2", "free"),
    )
    long = (
        ("for 24 epochs", "long"),
        ("… at twice the learning rate", "long-fast"),
        ("… with a running average of the weights", "long-average"),
        ("… with other hues, haze, tints and shadows", "long-weather"),
        ("… with a fifth of the views from nearer", "long-nearer"),
        ("… with both", "long-nearer-weather"),
        ("… with MixStyle at 0.5", "long-mix-style"),
        ("… with MixStyle at 0.5, and a fifth from nearer", "long-nearer-mix-style"),
        ("for 36 epochs, with MixStyle at 0.5", "mix-style"),
        ("… and a fifth of the views from nearer", "mix-style-nearer"),
        ("… likewise, with MixStyle at 0.3", "mix-style-0.3-nearer"),
        ("… 15 % from nearer, MixStyle at 0.5, and a running average", "mix-style-average"),
        ("… 15 % from nearer, MixStyle at 0.5, fewer from higher up and fewer drawn", "mix-style-plainer"),
        ("… 15 % from nearer, MixStyle at 0.3, an average, haze, and twice the head", "mix-style-head"),
        ("the mean of MixStyle at 0.5 alone and at 0.3 with views from nearer: a soup", "mix-style-soup"),
        ("for 36 epochs, with MixStyle at 0.4, and 10 % from nearer, seed 1", "robust"),
        ("… seed 2", "robust-2"),
        ("the mean of the weights of seed 2 and of those shipped before: shipped", SHIPPED),
    )
    rows = [comparison_row(title, evaluation) for title, evaluation in _variants(records)]
    return (
        "## Ablation\n\n"
        "Each differs from the plain run in one thing, except two: the run with drawn landscapes also has "
        "the views from higher up, and the last one differs in several. The validation columns choose. "
        "The shipped recipes have the head for its validation mAP. They have the views from higher up and "
        "the drawn landscapes for the shift, which is a set for development: its columns have been looked "
        "at, often, in choosing these, and flatter the shipped model.\n\n"
        + comparison(records, small)
        + (_SEEDS + comparison(records, seeds) if "soup" in records else "")
        + "\nOn images of 64 pixels:\n\n"
        + comparison(records, tiny)
        + "\nAt full size, with the head, for 12 epochs where nothing is said. The second and the third are "
        "as good elsewhere, and better than the first; validation chose the second of them.\n\n"
        + comparison(records, full)
        + (_LONG + comparison(records, long) if "long" in records else "")
        + "\nThe plain run's weights, used in other ways:\n\n"
        + table(COMPARISON_COLUMNS, rows)
    )


def _variants(records: Records) -> list[tuple[str, Evaluation]]:
    """The ways to use the plain run's weights: a title and an evaluation each."""
    record = records.get("hard")
    if not record:
        return []
    variants = []
    for evaluation in (record.evaluation, *record.variants):
        views = "average of 8 orientations" if evaluation.views > 1 else "one view"
        count = evaluation.expansion
        expansion = f", query expanded by its {count} nearest" if count else ""
        variants.append((views + expansion, evaluation))
    return variants


def _commands(records: Records) -> str:
    rows = [
        [f"`{name}`", str(record.seed), str(len(record.epochs)), str(record.best_epoch),
         f"{sum(row['seconds'] for row in record.epochs) / 60:.0f}", str(record.device),
         f"`{record.command}`"]
        for name, record in sorted(records.items())
        if record.epochs
    ]  # fmt: skip
    return (
        "## Commands\n\n"
        "`python -m train series --shift FOLDER` does all of them and measures them with `python -m train "
        "evaluate`; a run takes the epoch that was best on the validation images searched among themselves. "
        "The minutes are those of two CPU cores that did other work beside it, or of a GPU and 16 cores that "
        "did up to nine runs at a time.\n\n"
        + "".join(
            f"`{name}` is the mean of the weights of {' and '.join(f'`{run}`' for run in runs)}.\n\n"
            for name, runs in SOUPS.items()
            if name in records
        )
        + table(["run", "seed", "epochs", "best", "minutes", "on", "command"], rows)
    )
