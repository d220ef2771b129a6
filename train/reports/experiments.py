"""The runs behind docs/results.md: a plain one, and others that differ from it in one thing each.

Trained on small images, so that two CPU cores do a run in minutes, they are compared with each other only.
The shipped model's recipe is the last one, at full size.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from train.fit.recipe import Recipe

INITIAL = "../shared/weights/resnet50_init.fp16.safetensors"

PLAIN = Recipe(init=INITIAL, epochs=5, size=112, test_size=128, precision="bf16")
#: A pass of random triplets looks at three images for each anchor: 2 passes there are 6 of the others.
RANDOM = replace(PLAIN, triplets="random", epochs=2, warm_up=0.4)
#: Above all for the amount of data, where the smallest part has to be seen fifty times.
TINY = replace(PLAIN, size=64, test_size=80)
FINAL = replace(PLAIN, head=1.0, zoom_out=0.3, epochs=12, size=224, test_size=256)

RECIPES = {
    "hard": PLAIN,
    "head": replace(PLAIN, head=1.0),
    "zoom-out": replace(PLAIN, zoom_out=0.3),
    "semihard": replace(PLAIN, triplets="semihard"),
    "random": RANDOM,
    "data-100": TINY,
    "no-rotations": replace(TINY, rotations=False),
    "gem": replace(TINY, pooling="gem"),
    # As many steps as the whole data set gets.
    "data-50": replace(TINY, fraction=0.5, epochs=10, warm_up=2),
    "data-25": replace(TINY, fraction=0.25, epochs=20, warm_up=4),
    "data-10": replace(TINY, fraction=0.1, epochs=50, warm_up=10),
    "final": FINAL,
}


#: Every run: the weights before training, and the recipes.
RUN_NAMES = ("initial", *RECIPES)

#: How many nearest neighbours are added to each query, measured of every run.
EXPANSIONS = (3,)
#: The run of which the average of 8 orientations is measured too: test against test, for it takes long.
TURNED = "hard"


def run(name: str, runs: Path, records: Path, parts: dict[str, Any], device: str | None) -> dict[str, Any]:
    """Train one of `RECIPES` (or go on with it), measure it, and write its record.

    Args:
        name: A key of `RECIPES`, or 'initial' for the initial weights as they are.
        runs: Where the run's folder is made.
        records: Where NAME.json is written.
        parts: `train.data.dataset.LabeledImages` by part; 'shift' for the other data set.
        device: 'cuda' or 'cpu'.
    """
    from train.evaluate.protocols import (  # here: torch takes seconds to import
        embed_parts,
        evaluate_embeddings,
    )
    from train.fit.run import RunFolder
    from train.fit.trainer import Trainer, fit

    if name == "initial":
        weights, size = Path(INITIAL), None
        record: dict[str, Any] = {"name": name, "seed": None, "recipe": {}, "epochs": []}
    else:
        recipe = RECIPES[name]
        folder = runs / name
        this = RunFolder(folder, recipe, "ucmerced", resume=folder.exists())
        if not this.record.is_file():
            fit(this, Trainer(recipe, parts["train"], parts["validation"], device))
        record = json.loads(this.record.read_text(encoding="utf-8"))
        weights, size = this.best_weights, recipe.test_size
    embedded = embed_parts(weights, parts, size=size, device=device)
    record["evaluation"] = evaluate_embeddings(embedded, parts)
    record["variants"] = [evaluate_embeddings(embedded, parts, expansion=count) for count in EXPANSIONS]
    if name == TURNED:
        embedded = embed_parts(weights, parts, protocols=["test-test"], views=8, size=size, device=device)
        record["variants"] += [
            evaluate_embeddings(embedded, parts, protocols=["test-test"], expansion=count)
            for count in (0, *EXPANSIONS)
        ]
    records.mkdir(parents=True, exist_ok=True)
    path = records / f"{name}.json"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return record
