"""Some mixed photos, of which one run is ended by Ctrl+C and one by SIGKILL; a benchmark takes thousands."""

from collections import Counter

import pytest
import torch

from benchmarks.mixed_photos import interrupt_and_finish, write_photos
from retrieval.collections.artifacts import WEIGHTS
from retrieval.network import new_network, save_weights


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / WEIGHTS
    about = {
        "architecture": "resnet14",
        "pooling": "average",
        "licence": "own",
        "training": {"test_size": 32},
    }
    save_weights(new_network("resnet14").eval(), path, about)
    return path


def test_ctrl_c_and_a_kill_cost_nothing_that_was_embedded(weights, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.mixed_photos.BROKEN_EVERY", 60)
    broken = write_photos(tmp_path / "photos", 240, 64)
    kinds = Counter(path.suffix for path in (tmp_path / "photos").rglob("*.*"))
    assert kinds.keys() == {".jpg", ".png", ".tif", ".heic"}
    assert broken == 4
    told = interrupt_and_finish(tmp_path / "photos", tmp_path / "out", 240, broken, weights)
    assert len(told) == 4
