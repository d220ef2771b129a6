"""`train index --images` with a small network, and a cache of its own."""

import csv

import pytest

from tests.fakes.mixed_folder import write_photos
from tests.fakes.small_network import write_weights
from train.__main__ import main
from train.folders.embedding import Embedding


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Of a small random network."""
    return write_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def photos(tmp_path):
    """The folder that is indexed."""
    return write_photos(tmp_path / "photos")


@pytest.fixture
def index(weights, photos, tmp_path, capsys, monkeypatch):
    """Runs the command; gives its status, what it said, and how many photos the network saw."""
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))

    def run(*options, images=photos, out=tmp_path / "out"):
        seen = []
        real = Embedding._vectors
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                Embedding, "_vectors", lambda self, pixels: seen.append(len(pixels)) or real(self, pixels)
            )
            given = ["--images", images, "--out", out, "--weights", weights, "--device", "cpu", *options]
            status = main(["index", *map(str, given)])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, told.out + told.err.rsplit("\r", 1)[-1], sum(seen)

    return run


@pytest.fixture
def left_out(tmp_path):
    """What the command left out of the collection, and why, by file."""

    def read(out=tmp_path / "out"):
        with (out / "left-out.csv").open(newline="", encoding="utf-8") as file:
            return {row["file"]: row["reason"] for row in csv.DictReader(file)}

    return read
