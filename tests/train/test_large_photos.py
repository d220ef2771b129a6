"""`train index --images` of photos of more than 25 MB, which are no rasters with a place: read, and shown."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from retrieval import Retriever
from retrieval.collections.cache import cache_folder
from retrieval.collections.collection import Collection
from retrieval.decode_limits import EVENT_SECONDS, one_budget
from retrieval.image_files import MAX_BYTES, MAX_OWN_BYTES, open_own_file
from retrieval.images import ImageError, decode
from retrieval.raster_file import MAX_RASTER_BYTES, OpenFile
from retrieval.untrusted import DecoderPool, _Worker, decode_own, decode_untrusted
from tests.fakes import large_photos
from tests.fakes.mixed_folder import make_older, scene
from train.folders import reading
from ui.thumbnails import thumbnail, whole


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The folder, and the sizes of its pictures by their files."""
    folder = tmp_path_factory.mktemp("large")
    sizes = large_photos.write(folder)
    assert {file.name for file in folder.iterdir() if file.stat().st_size > MAX_BYTES} == sizes.keys()
    return folder, sizes


def pixels(image):
    return np.asarray(image).astype(int)


def test_a_large_photo_of_any_kind_is_read_and_shown_and_found(index, large, tmp_path, left_out):
    folder, sizes = large
    status, told, embedded = index(images=folder)
    assert (status, embedded, left_out()) == (0, len(sizes), {})
    assert f"Wrote {tmp_path / 'out'}: {len(sizes)} photos" in told
    assert index(images=folder)[2] == 0  # what is as it was is not read again
    retriever = Retriever.load(tmp_path / "out", further=(), device="cpu")
    collection = retriever.collection()
    assert [entry.id for entry in collection.entries] == sorted(sizes)
    lossless = {"edited.png": large_photos.noise(2), "scan.tif": large_photos.noise(4)}
    lossless |= {"old.bmp": large_photos.noise(5), "survey.jp2": scene(8, 512)}
    lossless["lossless.webp"] = scene(7, 512)
    for row, entry in enumerate(collection.entries):
        shown = collection.photo_image(row)
        assert shown.size == sizes[entry.file]
        assert entry.file not in lossless or shown.tobytes() == lossless[entry.file].tobytes()
        assert collection.checked_photo(row) == folder / entry.file
        if entry.file == "drone.jpg":
            assert np.abs(pixels(shown) - pixels(large_photos.noise(1))).mean() < 1
            assert retriever.search(shown, k=1).neighbours[0].distance == pytest.approx(0, abs=0.03)
            assert thumbnail(collection, row).is_relative_to(cache_folder())


def test_a_browser_gets_a_large_file_smaller(index, large, tmp_path):
    folder, _ = large
    index(images=folder)
    collection = Collection(tmp_path / "out", gpu=False)
    sent = whole(collection, collection.row("motion.jpg"))
    assert sent.suffix == ".webp"
    assert sent.stat().st_size < 1_000_000
    assert np.abs(pixels(decode(sent).image) - pixels(decode_own(folder / "motion.jpg").image)).mean() < 8


def test_a_panorama_is_sent_as_large_as_webp_can_be(index, photos, tmp_path):
    scene(1, 64).resize((20_000, 100)).save(photos / "wide.jpg")
    large_photos.padded(photos / "wide.jpg")
    index()
    collection = Collection(tmp_path / "out", gpu=False)
    assert decode(whole(collection, collection.row("wide.jpg"))).image.size == (16_383, 82)


def test_one_that_cannot_be_read_is_named_and_ends_no_run(index, large, tmp_path, left_out):
    folder = tmp_path / "photos"
    for file in ("scan.tif", "edited.png", "motion.jpg"):
        (folder / file).hardlink_to(large[0] / file)
    expected = large_photos.write_refused(folder)
    status, told, embedded = index()
    assert (status, embedded) == (0, 6 + 3)
    reasons = left_out()
    assert reasons.keys() == expected.keys()
    assert {file: reasons[file] for file, word in expected.items() if word not in reasons[file]} == {}
    assert f"{len(expected)} files were left out" in told


def test_a_large_photo_that_changes_while_it_is_read_waits_for_the_next_run(
    index, photos, tmp_path, left_out, monkeypatch
):
    path = photos / "large.png"
    large_photos.noise(1).save(path, compress_level=0)
    real = reading._sha256

    def read(data):
        found = real(data)
        if isinstance(data, OpenFile):
            large_photos.noise(2).save(path, compress_level=0)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(reading, "_sha256", read)
        assert index()[0] == 0
    assert left_out() == {"large.png": "It changed while it was read: run this again."}
    make_older(path)
    assert index()[2] == 1
    collection = Collection(tmp_path / "out", gpu=False)
    assert collection.photo_image(collection.row("large.png")).tobytes() == large_photos.noise(2).tobytes()


def test_a_disk_that_gives_no_more_is_a_sentence(index, photos, left_out, monkeypatch):
    large_photos.padded(photos / "upper.JPG")

    real = OpenFile.from_start

    class Failing(io.BytesIO):
        def read(self, _count=-1):
            raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(OpenFile, "from_start", lambda file: Failing() if len(file) > MAX_BYTES else real(file))
        assert index()[0] == 0
    assert left_out() == {"upper.JPG": "This file cannot be read to its end (Input/output error)."}


def test_a_drones_large_photo_says_where_it_was_taken(index, photos, tmp_path):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (44.0, 26.0, 0.0), 3: "E", 4: (26.0, 6.0, 0.0)}
    exif[0x8769] = {0xA405: 24, 0x9206: IFDRational(100)}
    exif[0x010F] = "DJI"
    xmp = b'<x xmlns:drone-dji="d" drone-dji:RelativeAltitude="+100.0" drone-dji:GimbalPitchDegree="-90.0"/>'
    scene(3, 512).save(photos / "drone.jpg", exif=exif, xmp=xmp)
    large_photos.padded(photos / "drone.jpg")
    index()
    collection = Collection(tmp_path / "out", gpu=False)
    longitude, latitude = collection.places[collection.row("drone.jpg")].centre
    assert (longitude, latitude) == (pytest.approx(26.1, abs=1e-6), pytest.approx(44 + 26 / 60, abs=1e-6))


def test_uploads_keep_their_limit(large):
    for file in ("drone.jpg", "edited.png", "deep.png", "lossless.webp", "old.bmp"):
        for read in (decode, decode_untrusted):
            with pytest.raises(ImageError, match="at most 25 MB are read"):
                read(large[0] / file)


def test_a_raster_of_the_operators_may_be_of_any_size(tmp_path):
    """Of an own file without a place but with overviews, those alone are read."""
    path = tmp_path / "scan.tif"
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        writer.write(shape=(20_000, 20_000, 3), dtype="uint8", data=None, tile=(256, 256), photometric="rgb",
                     subifds=0)  # fmt: skip
        writer.write(np.full((5000, 5000, 3), 90, np.uint8), tile=(256, 256), subfiletype=1,
                     photometric="rgb", compression="zlib")  # fmt: skip
    assert path.stat().st_size > MAX_RASTER_BYTES
    with pytest.raises(ImageError, match="at most 1000 MB"):
        decode_untrusted(path)
    decoded = decode_own(path)
    assert (decoded.image.size, decoded.image.getpixel((9, 9))) == ((5000, 5000), (90, 90, 90))


MEASURE = """
import sys
from pathlib import Path
from retrieval import untrusted
from retrieval.image_files import open_own_file
from train.folders.reading import _sha256

def peak(process):
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1000

untrusted.decode_own(Path(sys.argv[1]))
before = peak("self")
with open_own_file(sys.argv[2]) as opened:
    _sha256(opened)
untrusted.decode_own(Path(sys.argv[2]))
(worker,) = untrusted._pool._started
print(before, peak("self"), peak(worker._process.pid))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it reads Linux's /proc")
def test_a_large_file_is_never_in_the_memory_of_who_asks(tmp_path):
    """It has nearly 400 MB, and its picture none to speak of; the worker may have 900 MB."""
    scene(1, 64).save(tmp_path / "large.jpg")
    scene(1, 64).save(tmp_path / "first.jpg")
    large_photos.padded(tmp_path / "first.jpg", MAX_BYTES + 1)
    large_photos.padded(tmp_path / "large.jpg", MAX_OWN_BYTES)
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "first.jpg"), str(tmp_path / "large.jpg")]
    before, asks, worker = map(int, subprocess.check_output(command, cwd=Path.cwd()).split())
    assert asks < before + 40
    assert worker < 900


def test_one_that_grows_while_it_is_read_takes_no_more(tmp_path):
    path = tmp_path / "a.png"
    scene(1, 64).save(path)
    large_photos.padded(path)
    with open_own_file(path) as opened:
        large_photos.padded(path, 2 * MAX_BYTES)
        assert len(opened) == large_photos.BYTES


def test_reading_a_folder_has_more_time_than_a_visitor(large):
    """As it shares the cores with the network."""
    pool = DecoderPool(workers=1, seconds=reading.SECONDS)
    asked = []
    try:
        with open_own_file(large[0] / "motion.jpg") as opened, pytest.MonkeyPatch.context() as patch:
            real = _Worker.decode
            patch.setattr(_Worker, "decode", lambda *given: asked.append(given[2]) or real(*given))
            assert pool.decode(opened).image.size == (512, 512)
            with one_budget():
                pool.decode(opened)
    finally:
        pool.close()
    assert asked[0] == pytest.approx(reading.SECONDS, abs=1)
    assert asked[1] == pytest.approx(EVENT_SECONDS, abs=1)
