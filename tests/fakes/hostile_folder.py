"""An artifact folder of a stranger's: every text in it is markup, or a trick of another kind."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from retrieval.retriever import SHIPPED, SHIPPED_SCENES


def payloads(other: str) -> list[str]:
    """Texts that would fetch from another server, run a script, or be shown as something else than text.

    All may stand in an artifact folder: they have no control characters, and at most 200 characters.

    Args:
        other: 'http://127.0.0.1:PORT', which nothing may ask.
    """
    return [
        f"<img src={other}/html onerror=window.struck=1>",
        f"![image]({other}/markdown)",
        "**bold** _slanted_ `code`",
        f"[link]({other}/link)",
        "[script](javascript:window.struck=1)",
        "<script>window.struck=1</script>",
        '"><svg onload=window.struck=1>',
        "$$x^2$$ $y$",
        "${window.struck=1} {{window.struck=1}} {struck}",
        "a | b |---|---| | c | d |",
        "# heading",
        "- item",
        f"{other}/plain www.example.com someone@example.com",
        "=1+2 <!-- comment --> &lt;b&gt; &#60;",
        f"<style>body{{display:none}}</style><iframe src={other}/frame>",
        "1. first",
        "long " + "very " * 39,
        "constructor",
        "</title></textarea></svg></style></script><b>out</b>",
        f"<details open ontoggle=window.struck=1>![]({other}/detail)",
        f'" style="background:url({other}/style)',
    ]


def write_hostile_folder(folder: Path, other: str) -> Path:
    """The shipped scenes and weights, with names of a stranger's choice wherever there is a text."""
    shutil.copytree(SHIPPED_SCENES, folder)
    os.link(SHIPPED / "model.safetensors", folder / "model.safetensors")
    given = payloads(other)
    with (folder / "catalogue.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labels = dict(zip(sorted({row["label"] for row in rows}), given, strict=True))
    for number, row in enumerate(rows):
        row["label"] = labels[row["label"]]
        # An id is no path, so that it has no slash; HTML and Markdown would both read one here.
        row["id"] = f"{given[number % len(given)][:150]} {number}".replace("/", "&#47;")
    with (folder / "catalogue.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    shipped = json.loads((SHIPPED / "manifest.json").read_text(encoding="utf-8"))
    everything = " ".join(given)
    manifest["name"] = "hostile"
    manifest["title"] = (
        f"![t]({other}/title) <img src={other}/title> **bold** $$x^2$$ <b>out</b> {{0}} ${{1}}"
    )
    manifest["model"] = shipped["model"]
    manifest["licences"] = {"data": everything, "weights": everything}
    manifest["training"] = {text: [text] for text in given} | {"trained": False}
    manifest["results"] = _renamed(shipped["results"], labels)
    manifest["calibration"] = shipped["calibration"]
    manifest["files"] |= {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in [*manifest["files"], "model.safetensors"]
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _renamed(value: Any, labels: dict[str, str]) -> Any:
    """A copy of JSON in which each name of a class is another, as a key and as a text."""
    if isinstance(value, dict):
        return {labels.get(key, key): _renamed(item, labels) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, labels) for item in value]
    return labels.get(value, value) if isinstance(value, str) else value
