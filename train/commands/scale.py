"""`python -m train scale`: learn from views of training photos to tell how much ground an image shows."""

from __future__ import annotations

import argparse

from retrieval.collections.artifacts import QUANTIZATION, WEIGHTS, read_manifest
from train.commands.options import add_artifacts, add_device, add_trained_on

HELP = "learn to tell how much ground an image shows"
#: Views of validation photos that show how well it is told.
CHECKED = 400


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_artifacts(parser)
    add_trained_on(parser)
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Learn from training photos, check with validation photos, and write into the folder."""
    from retrieval.embedder import load_embedder
    from train.artifacts.scale_probe import SEED, VIEWS, measure_probe, share_near, write_scale
    from train.data.dataset import read_part
    from train.provenance import division

    weights, manifest = options.artifacts / WEIGHTS, read_manifest(options.artifacts)
    quantization = options.artifacts / QUANTIZATION if QUANTIZATION in manifest.files else None
    # The vectors that the page makes, in int8 where it uses that: they are learnt from, and not stored.
    embedder = load_embedder(weights, manifest.model.preprocessing, options.device, quantization)
    divided = division(weights)
    train, validation = (
        read_part(part, options.root, options.folder, division=divided, in_memory=True)
        for part in ("train", "validation")
    )
    probe = measure_probe(embedder, train, VIEWS, SEED)
    near = share_near(probe, embedder, validation, CHECKED, SEED + 1)
    write_scale(options.artifacts, probe)
    print(
        f"{options.artifacts}: of {CHECKED} views of validation photos, each alone, {near:.0%} are told "
        "within half an octave."
    )
