"""A file that a visitor brings is decoded once, whatever it is."""

import numpy as np
import pytest
import tifffile

from examples.map_pages.overlays import draw_overlays
from examples.scenes import draw
from retrieval import untrusted
from retrieval.maps.locate import ScaleHints
from ui.uploads import embed_upload, load_screenshot


def plain_photo(folder):
    draw("harbor", 4321, 128).save(folder / "photo.png")
    return folder / "photo.png"


def deep_tiff(folder):
    """16 bits a band, which Pillow alone would reduce."""
    pixels = np.asarray(draw("river", 7, 128)).astype(np.uint16) * 200
    tifffile.imwrite(folder / "photo.tif", pixels, photometric="rgb", metadata=None)
    return folder / "photo.tif"


def map_screenshot(folder):
    view = draw("mediumresidential", 3).resize((700, 700))
    draw_overlays(view, np.random.default_rng(4), 0.2)[0].save(folder / "screenshot.png")
    return folder / "screenshot.png"


@pytest.fixture
def decoded(monkeypatch):
    """The files that were decoded, wherever they are decoded."""
    calls = []
    decode = untrusted.decode_untrusted

    def counted(source):
        calls.append(source)
        return decode(source)

    for place in ("maps.screenshot.decode_untrusted", "retriever.decode_untrusted", "retriever.decode"):
        monkeypatch.setattr(f"retrieval.{place}", counted)
    monkeypatch.setattr("retrieval.images.decode", counted)
    return calls


@pytest.mark.parametrize("hints", [ScaleHints(), ScaleHints(zoom=19, latitude=44.43)], ids=["", "scale"])
@pytest.mark.parametrize("write", [plain_photo, deep_tiff, map_screenshot])
def test_an_upload_is_decoded_once(retriever, tmp_path, decoded, write, hints):
    path = str(write(tmp_path))
    upload, seconds = embed_upload(retriever, path, hints, None, "scenes")
    assert decoded == [path]
    assert set(seconds) == {"decode", "embed"}
    assert (upload.screenshot is not None) == (write is map_screenshot)
    if upload.screenshot:
        load_screenshot(upload.screenshot)  # as the page does to show it
        assert decoded == [path]
