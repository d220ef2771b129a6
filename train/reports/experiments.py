"""The runs behind docs/results.md: a plain one, and others, many of which differ from it in one setting.

Some train on small images, so that a run takes minutes on two CPU cores, and are compared with each other
only. Others are at full size, some of them for long, which takes a GPU; 'final' is the shipped model.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.files import atomic_write
from train.data.ucmerced import COMMITTED, DIVISIONS, HALVES
from train.fit.recipe import Recipe
from train.reports.records import INITIAL

if TYPE_CHECKING:
    from train.data.dataset import LabeledImages
    from train.fit.run import RunFolder

INITIAL_WEIGHTS = "../shared/weights/resnet50_init.fp16.safetensors"

PLAIN = Recipe(init=INITIAL_WEIGHTS, epochs=5, size=112, test_size=128, precision="bf16")
#: An epoch of random triplets sees three images for each anchor: 2 epochs cost as much as 6 of the others.
RANDOM = replace(PLAIN, triplets="random", epochs=2, warm_up=0.4)
#: Small enough for runs with a fraction of the data, the smallest of which takes fifty epochs.
TINY = replace(PLAIN, size=64, test_size=80)
FULL = replace(PLAIN, head=1.0, epochs=12, size=224, test_size=256)
LANDSCAPES = replace(FULL, higher=0.4, drawn=0.25)
NEARER: dict[str, Any] = {"lower": 0.2, "nearest": 3.0}
LONG = replace(LANDSCAPES, epochs=24)
MIX_STYLE = replace(LANDSCAPES, epochs=36, mix_style=0.5)
#: Views from nearer, and MixStyle, both less than where they were tried alone.
ROBUST = replace(LANDSCAPES, epochs=36, lower=0.1, nearest=2.5, mix_style=0.4)
#: From random weights towards a teacher of a permissive licence, on small images; then as `LANDSCAPES`.
FREE_START = replace(
    PLAIN, init="scratch", teacher="efficientnet-lite2", head=1.0, frozen_statistics=False, epochs=60,
    learning_rate=1e-3, higher=0.3, drawn=0.2, lower=0.1, haze=0.3, hue=0.05,
)  # fmt: skip
FREE = replace(LANDSCAPES, init="runs/free-start/best.safetensors")
#: The paper's: random triplets, at full size. It sees each image three times as often as the others.
PAPER = replace(PLAIN, triplets="random", epochs=8, size=224, test_size=256)

RECIPES = {
    "hard": PLAIN,
    "head": replace(PLAIN, head=1.0),
    "zoom-out": replace(PLAIN, zoom_out=0.3),
    "higher-mirror": replace(PLAIN, higher=0.4, surroundings="mirror"),
    "higher-class": replace(PLAIN, higher=0.4, surroundings="class"),
    "higher": replace(PLAIN, higher=0.4),
    "higher-drawn": replace(PLAIN, higher=0.4, drawn=0.25),
    "weather": replace(PLAIN, hue=0.05, haze=0.3),
    "average": replace(PLAIN, average=0.98),
    "amplitudes": replace(PLAIN, amplitudes=0.5),
    "near-start": replace(PLAIN, near_start=30.0),
    **{f"higher-drawn-{seed}": replace(PLAIN, higher=0.4, drawn=0.25, seed=seed) for seed in (2, 3)},
    "semihard": replace(PLAIN, triplets="semihard"),
    "random": RANDOM,
    "data-100": TINY,
    "no-rotations": replace(TINY, rotations=False),
    "gem": replace(TINY, pooling="gem"),
    # As many steps as with the whole data set.
    "data-50": replace(TINY, fraction=0.5, epochs=10, warm_up=2),
    "data-25": replace(TINY, fraction=0.25, epochs=20, warm_up=4),
    "data-10": replace(TINY, fraction=0.1, epochs=50, warm_up=10),
    "zoom-out-full": replace(FULL, zoom_out=0.3),
    "landscapes": LANDSCAPES,
    "nearer": replace(LANDSCAPES, epochs=16, lower=0.15, haze=0.3, hue=0.05),
    "long": LONG,
    "long-fast": replace(LONG, learning_rate=2e-4),
    "long-average": replace(LONG, average=0.995),
    "long-weather": replace(LONG, hue=0.05, haze=0.3),
    "long-nearer": replace(LONG, **NEARER),
    "long-nearer-weather": replace(LONG, **NEARER, hue=0.05, haze=0.3),
    "long-mix-style": replace(LONG, mix_style=0.5),
    "long-nearer-mix-style": replace(LONG, **NEARER, mix_style=0.5),
    "mix-style": MIX_STYLE,
    "mix-style-nearer": replace(MIX_STYLE, **NEARER),
    "mix-style-0.3-nearer": replace(MIX_STYLE, **NEARER, mix_style=0.3),
    "mix-style-average": replace(MIX_STYLE, lower=0.15, nearest=3.0, average=0.998),
    "mix-style-plainer": replace(MIX_STYLE, lower=0.15, nearest=3.0, higher=0.3, drawn=0.2),
    "mix-style-head": replace(
        MIX_STYLE, lower=0.15, nearest=3.0, mix_style=0.3, average=0.99, head=2.0, haze=0.2
    ),
    "robust": ROBUST,
    "robust-2": replace(ROBUST, seed=2),
    "free-start": FREE_START,
    "free": FREE,
    "paper": PAPER,
    **{f"landscapes-{division}": replace(LANDSCAPES, division=division) for division in DIVISIONS},
    **{f"robust-{division}": replace(ROBUST, division=division) for division in DIVISIONS},
    **{
        f"paper-{division}": replace(PAPER, division=division) for division in DIVISIONS if division != HALVES
    },
}

#: Weights that are the mean of those of runs, of one recipe with several seeds or of two recipes.
SOUPS = {
    "soup": ("higher-drawn", "higher-drawn-2", "higher-drawn-3"),
    "final": ("robust-2", "landscapes"),
    "mix-style-soup": ("mix-style", "mix-style-0.3-nearer"),
}

#: All runs: the weights before training and the soups, which are only evaluated, and the recipes.
RUN_NAMES = (INITIAL, *RECIPES, *SOUPS)

#: Query expansions that every run is evaluated with: how many neighbours are added to each query.
EXPANSIONS = (3,)
#: The run that is also evaluated with the average of 8 orientations, on 'test-test' only: it takes long.
EIGHT_VIEWS = "hard"


def division_of(name: str) -> str:
    """How a run divides the images, see `train.data.ucmerced.divide`."""
    return RECIPES[name].division if name in RECIPES else COMMITTED


def run_experiment(
    name: str, runs: Path, records: Path, parts: dict[str, LabeledImages], device: str | None
) -> dict[str, Any]:
    """Train one of `RECIPES`, or resume it, evaluate it, and write its record.

    Args:
        name: One of `RUN_NAMES`. Runs of a soup are trained, too, where they are missing.
        runs: The folder in which the run's folder is made.
        records: The folder in which NAME.json is written.
        parts: The images of 'train', 'validation' and 'test', as the run divides them, and 'shift', which is
            another data set.
        device: 'cuda' or 'cpu'; by default a GPU if there is one.

    Returns:
        The record, as it is written.
    """
    from train.evaluate.protocols import (  # here: torch takes seconds to import
        embed_parts,
        evaluate_embeddings,
    )
    from train.fit.soup import cook

    if name == INITIAL:
        weights, size = Path(INITIAL_WEIGHTS), None
        record: dict[str, Any] = {"name": name, "seed": None, "recipe": {}, "epochs": []}
    elif name in SOUPS:
        weights, size = runs / f"{name}.safetensors", RECIPES[SOUPS[name][0]].test_size
        cook([_trained(each, runs, parts, device).best_weights for each in SOUPS[name]], weights)
        record = {"name": name, "seed": None, "recipe": {}, "epochs": []}
    else:
        run = _trained(name, runs, parts, device)
        record = json.loads(run.record.read_text(encoding="utf-8"))
        weights, size = run.best_weights, RECIPES[name].test_size
    embeddings = embed_parts(weights, parts, size=size, device=device)
    record["evaluation"] = evaluate_embeddings(embeddings, parts)
    record["variants"] = [evaluate_embeddings(embeddings, parts, expansion=count) for count in EXPANSIONS]
    if name == EIGHT_VIEWS:
        embeddings = embed_parts(weights, parts, protocols=["test-test"], views=8, size=size, device=device)
        record["variants"] += [
            evaluate_embeddings(embeddings, parts, protocols=["test-test"], expansion=count)
            for count in (0, *EXPANSIONS)
        ]
    records.mkdir(parents=True, exist_ok=True)
    path = records / f"{name}.json"
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return record


def _trained(name: str, runs: Path, parts: dict[str, LabeledImages], device: str | None) -> RunFolder:
    """The run of one of `RECIPES`, trained to its end."""
    from train.fit.run import RunFolder  # here: torch takes seconds to import
    from train.fit.trainer import Trainer, fit

    recipe = RECIPES[name]
    run = RunFolder(runs / name, recipe, "ucmerced", resume=(runs / name).exists())
    if not run.record.is_file():
        fit(run, Trainer(recipe, parts["train"], parts["validation"], device))
    return run
