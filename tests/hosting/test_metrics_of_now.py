"""Figures that are read when they are asked for."""

from types import SimpleNamespace

import numpy as np

from tests.fakes.clock import Clock
from ui.hosting.drain import ServerState
from ui.hosting.metrics import Metrics
from ui.uploads import Upload, UploadStore


def lines(metrics):
    return metrics.answer().body.decode().splitlines()


def test_a_network_that_falls_back_is_seen(tmp_path):
    embedder = SimpleNamespace(device="cuda", dtype="float16")
    metrics = Metrics(ServerState(), tmp_path, UploadStore(), embedder)
    assert 'aerial_network{device="cuda",dtype="float16"} 1.0' in lines(metrics)
    embedder.device, embedder.dtype = "cpu", "float32"
    assert 'aerial_network{device="cpu",dtype="float32"} 1.0' in lines(metrics)
    assert "float16" not in "".join(lines(metrics))


def test_photos_that_are_kept_are_counted(tmp_path):
    uploads = UploadStore(clock=Clock())
    metrics = Metrics(ServerState(), tmp_path, uploads, SimpleNamespace(device="cpu", dtype="int8"))
    assert "aerial_uploads_kept 0.0" in lines(metrics)
    uploads.keep(Upload(np.zeros(2048, np.float32), b"preview"))
    assert "aerial_uploads_kept 1.0" in lines(metrics)
