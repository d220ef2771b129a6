"""A large raster is decoded from its overviews, and its squares are read from the file, with all pixels."""

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import tifffile
from PIL import Image
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from retrieval import untrusted
from retrieval.decode_limits import BUSY, BusyError
from retrieval.images import MAX_BYTES, ImageError, decode, decode_square, read_image_file
from retrieval.maps import screenshot
from retrieval.maps.crops import FILE, Square, crop
from retrieval.maps.locate import ScaleHints, known_scale, locate, move, resize
from retrieval.maps.screenshot import Screenshot, forget_decoded, load_image, searched_part, sharp_crop
from retrieval.raster_file import MAX_RASTER_BYTES, Larger, OpenFile
from retrieval.untrusted import CHANGED, decode_untrusted, read_square
from tests.fakes import large_raster
from tests.fakes.large_raster import METRES, PLACE, SIDE

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return large_raster.write(tmp_path_factory.mktemp("large") / "ortho.tif")


@pytest.fixture(scope="module")
def picture(large):
    found = load_image(str(large))
    assert isinstance(found, Screenshot)
    return found


def true_crop(box):
    """A square of the scene, in pixels of the raster, as the network would see it of all pixels."""
    whole = Image.fromarray(large_raster.scene().transpose(1, 2, 0))
    left, top, right, bottom = (edge - start for edge, start in zip(box, PLACE * 2, strict=True))
    return whole.resize((256, 256), Image.Resampling.BICUBIC, box=(left, top, right, bottom))


def square_at(x, y, metres=78.0):
    """A square of the picture around a pixel of the raster."""
    return Square(x / 4, y / 4, metres / METRES / 4)


def sentence_about(path):
    with pytest.raises(ImageError) as caught:
        decode_untrusted(path)
    return str(caught.value)


def grown(path, data, size=30_000_000):
    """A file that begins so, and has so many bytes; what is not written takes no disk."""
    path.write_bytes(data)
    os.truncate(path, size)
    return path


def test_a_file_of_more_than_25_mb_is_read_from_its_overviews(large, picture):
    assert large.stat().st_size > MAX_BYTES
    assert picture.image.size == (5000, 5000)
    assert picture.larger.size == (SIDE, SIDE)
    assert picture.file_scale == pytest.approx(4 * METRES, rel=1e-3)
    assert "20000 x 20000 pixels" in str(picture.note)
    assert picture.georeference.crs == "WGS 84 / UTM zone 35N"
    assert decode(large).image.tobytes() == picture.image.tobytes()


def test_a_square_has_all_the_pixels_of_the_file(picture):
    square = square_at(10_011, 9_998)
    box = tuple(4 * edge for edge in square.box)
    sharp = np.asarray(picture.crop(square)).astype(int)
    assert np.array_equal(sharp, np.asarray(true_crop(box)))
    blurred = np.asarray(crop(picture.image, square)).astype(int)
    assert np.abs(sharp[:, 1:] - sharp[:, :-1]).mean() > 4 * np.abs(blurred[:, 1:] - blurred[:, :-1]).mean()


def test_squares_at_the_edges_are_those_of_the_picture(picture):
    for x, y in ((0, 0), (SIDE, SIDE), (SIDE, 0)):
        square = square_at(x, y).within(picture.bounds)
        assert picture.crop(square).size == (256, 256)


def test_a_square_of_many_pixels_is_cut_from_the_picture(picture, monkeypatch):
    monkeypatch.setattr(screenshot, "read_square", pytest.fail)
    assert picture.crop(Square(2500, 2500, 300)).size == (256, 256)


def test_the_scale_is_judged_by_the_pixels_of_the_file(retriever, picture):
    """The picture's own pixels of 2 m would be too coarse to search."""
    scale = known_scale(picture, ScaleHints())
    assert scale.source == FILE
    assert scale.side == pytest.approx(78 / METRES / 4, rel=1e-2)
    found = locate(retriever.embedder, retriever.collection(), picture, ScaleHints())
    assert found.square.side == pytest.approx(scale.side)
    moved = move(retriever.embedder, retriever.collection(), picture, found, 2510, 2490)
    expected = retriever.embedder.embed([true_crop(tuple(4 * edge for edge in moved.square.box))])[0]
    assert np.allclose(moved.vector, expected, atol=1e-4)
    larger = resize(retriever.embedder, picture, moved, 2 * moved.square.side)
    assert larger.square.side == pytest.approx(2 * moved.square.side)


def test_python_searches_the_same_square_as_the_page(retriever, large, picture):
    result = retriever.search(large)
    found = locate(retriever.embedder, retriever.collection(), picture, ScaleHints())
    assert np.allclose(result.vector, found.vector, atol=1e-4)
    left, top, _, _ = (round(4 * edge) for edge in found.square.box)
    assert f"({left}, {top})" in " ".join(map(str, result.notes))


def test_a_small_file_of_many_pixels_is_read_alike_from_its_path_and_its_bytes(tmp_path):
    path = large_raster.write(tmp_path / "small.tif", noise=0)
    assert path.stat().st_size < MAX_BYTES
    by_path, by_bytes = (decode_untrusted(source) for source in (path, path.read_bytes()))
    here = decode(path)
    square = square_at(9_900, 10_100)
    crops = [sharp_crop(decoded, square).tobytes() for decoded in (by_path, by_bytes, here)]
    assert crops[0] == crops[1] == crops[2]
    assert crops[0] == true_crop(tuple(4 * edge for edge in square.box)).tobytes()
    assert searched_part(by_path)[1] == searched_part(by_bytes)[1]


def test_a_scale_that_a_program_gives_is_that_of_the_file(large):
    decoded = decode_untrusted(large)
    image, square = searched_part(decoded, METRES / 2)
    assert square.side == pytest.approx(2 * 78.03 / METRES / 4, rel=1e-3)
    assert image.size == (256, 256)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("layout", ["chunky", "bands", "alpha"])
def test_a_square_has_the_tones_of_the_whole(tmp_path, monkeypatch, kind, layout):
    """Also where the square is all dark, and would be stretched to black and white by itself."""
    side = 512
    rows, columns = np.mgrid[:side, :side]
    samples = np.stack([rows + columns, rows, columns]).astype(np.float64) / 8
    samples = (samples if kind == "uint8" else samples * 20).astype(kind)
    options = {"photometric": "rgb", "interleave": "band" if layout == "bands" else "pixel"}
    if layout == "alpha":
        samples = np.concatenate([samples, np.full((1, side, side), 255, kind)])
        options |= {"alpha": "yes"}
    with MemoryFile() as file:
        with file.open(
            driver="GTiff", width=side, height=side, count=len(samples), dtype=kind, tiled=True,
            blockxsize=64, blockysize=64, crs="EPSG:32635", transform=from_origin(4e5, 4.9e6, 0.5, 0.5),
            **options,
        ) as target:  # fmt: skip
            target.write(samples)
        (tmp_path / "a.tif").write_bytes(file.read())
    full = decode(tmp_path / "a.tif").image
    monkeypatch.setattr("retrieval.images.MAX_PIXELS", side * side // 4)
    decoded = decode(tmp_path / "a.tif")
    assert decoded.image.size == (side // 2, side // 2)
    with OpenFile((tmp_path / "a.tif").open("rb")) as opened:
        for box in ((0, 0, 64, 64), (400.5, 380.25, 464.5, 444.25)):
            found = decode_square(opened, decoded.larger.tones, box, 64)
            expected = full.resize((64, 64), Image.Resampling.BICUBIC, box=box)
            assert np.abs(np.asarray(found).astype(int) - np.asarray(expected)).max() <= 3


def test_a_large_jpeg_2000_is_read_by_its_levels(tmp_path, monkeypatch):
    tiff, path = tmp_path / "a.tif", tmp_path / "a.jp2"
    samples = np.random.default_rng(2).integers(0, 255, (3, 600, 600), np.uint8)
    with rasterio.open(tiff, "w", "GTiff", 600, 600, 3, dtype="uint8", photometric="rgb") as target:
        target.write(samples)
    rasterio.shutil.copy(tiff, path, driver="JP2OpenJPEG", quality=100, reversible="YES")
    assert isinstance(read_image_file(path), bytes)
    monkeypatch.setattr("retrieval.image_files.MAX_BYTES", 1000)
    monkeypatch.setattr("retrieval.images.MAX_PIXELS", 300 * 300)
    decoded = decode(path)
    assert max(decoded.image.size) == 300
    with OpenFile(path.open("rb")) as opened:
        found = decode_square(opened, decoded.larger.tones, (100, 50, 356, 306), 256)
    assert np.array_equal(np.asarray(found), samples[:, 50:306, 100:356].transpose(1, 2, 0))


def test_a_turned_raster_is_cut_from_its_picture(tmp_path, monkeypatch):
    samples = np.random.default_rng(2).integers(0, 255, (96, 96, 3), np.uint8)
    tifffile.imwrite(
        tmp_path / "t.tif", samples, photometric="rgb", metadata=None, extratags=[(274, 3, 1, 6, True)]
    )
    monkeypatch.setattr("retrieval.images.MAX_PIXELS", 2500)
    assert decode(tmp_path / "t.tif").larger is None


# The file goes, or is another one


def test_without_its_file_a_square_is_cut_from_the_picture(tmp_path):
    path = large_raster.write(tmp_path / "ortho.tif", noise=0)
    decoded, square = decode_untrusted(path), square_at(10_000, 10_000)
    path.unlink()
    assert sharp_crop(decoded, square).tobytes() == crop(decoded.image, square).tobytes()
    with pytest.raises(ImageError) as caught:
        read_square(decoded.larger, (0, 0, 10, 10), 256)
    assert caught.value.message == CHANGED


@pytest.mark.parametrize("way", ["replaced", "written to", "a pipe", "cut off"])
def test_squares_are_never_read_of_another_file(tmp_path, way):
    path = large_raster.write(tmp_path / "ortho.tif", noise=0)
    decoded, square = decode_untrusted(path), square_at(10_000, 10_000)
    if way == "replaced":
        (tmp_path / "other.tif").write_bytes(path.read_bytes())
        (tmp_path / "other.tif").replace(path)
    elif way == "written to":
        with path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"x")
    elif way == "a pipe":
        path.unlink()
        os.mkfifo(path)
    else:
        os.truncate(path, 1000)
    with pytest.raises(ImageError) as caught:
        read_square(decoded.larger, (0, 0, 10, 10), 256)
    assert caught.value.message == CHANGED
    assert sharp_crop(decoded, square).tobytes() == crop(decoded.image, square).tobytes()


def test_a_busy_server_is_no_reason_for_another_answer(picture, monkeypatch):
    def busy(*_):
        raise BusyError(BUSY)

    forget_decoded()
    monkeypatch.setattr(screenshot, "read_square", busy)
    with pytest.raises(BusyError):
        picture.crop(square_at(10_050, 10_050))


# What is hostile


def test_a_jpeg_of_a_gigabyte_is_refused_unread(tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    path = grown(tmp_path / "photo.jpg", file.getvalue(), 1_000_000_000)
    assert "has 1000.0 MB, and at most 25 MB are read" in sentence_about(path)


def test_a_raster_of_more_than_a_gigabyte_is_refused_unread(tmp_path):
    path = grown(tmp_path / "a.tif", b"II*\0\x08\0\0\0", MAX_RASTER_BYTES + 1)
    assert "at most 1000 MB are read" in sentence_about(path)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_a_large_file_that_is_cut_off_is_a_sentence(tmp_path, large, share):
    data = large.read_bytes()
    path = grown(tmp_path / "cut.tif", data[: int(len(data) * share)], len(data))
    try:
        assert decode_untrusted(path).image.size == (5000, 5000)  # what is missing lies elsewhere
    except ImageError as error:
        assert "damaged" in str(error) or "too large" in str(error)


def directory(entries, big=True):
    """A BigTIFF of one directory."""
    rows = b"".join(
        struct.pack("<HHQQ", tag, kind, count, value) for tag, kind, count, value in sorted(entries)
    )
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, len(entries)) + rows + bytes(8)


def tags(width, height, count, offsets, side=256, counts=0):
    return [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (322, 4, 1, side), (323, 4, 1, side), (324, 16, count, offsets),
        (325, 16, count, counts or offsets),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "entries",
    [
        tags(
            8_000_000, 8_000_000, 10**9, 1000
        ),  # a thousand million tiles, whose places are said to be there
        tags(2_000_000_000, 2_000_000_000, 4, 1000, 16),
        tags(8_000_000, 8_000_000, 90_000, 1000),
        tags(512, 512, 4, 1 << 62),
        tags(512, 512, 4, (1 << 64) - 8),
        tags(512, 512, 4, 200, counts=(1 << 63) + 5),
        [*tags(512, 512, 4, 200), (305, 2, 29_000_000, 400)],  # a text that is all of the file
        [(256, 16, 1 << 60, 1 << 60)],
    ],
)
def test_whatever_a_large_tiff_claims_a_worker_refuses_it_or_lives(tmp_path, entries):
    path = grown(tmp_path / "claims.tif", directory(entries))
    decode_untrusted(_png())
    before = [worker._process.pid for worker in untrusted._pool._started if worker.alive()]
    assert "image" in (sentence := sentence_about(path)) or "raster" in sentence
    assert before == [worker._process.pid for worker in untrusted._pool._started if worker.alive()]


def _png():
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


def test_a_first_directory_beyond_the_end_is_a_sentence(tmp_path):
    for where in (29_999_999, 1 << 40, (1 << 64) - 1):
        data = b"II+\0\x08\0\0\0" + struct.pack("<Q", where)
        assert "damaged" in sentence_about(grown(tmp_path / "far.tif", data))


def test_a_raster_leads_to_no_other_file(tmp_path):
    """No overviews, masks, metadata, coordinates or mosaics of a file beside it, whatever they are called."""
    path = large_raster.write(tmp_path / "ortho.tif", overviews=())
    before = decode_untrusted(path)
    black = tmp_path / "black.tif"
    with rasterio.open(black, "w", "GTiff", 5000, 5000, 3, dtype="uint8") as target:
        target.write(np.full((3, 5000, 5000), 255, np.uint8))
    for name in ("ortho.tif.ovr", "ortho.tif.msk"):
        (tmp_path / name).write_bytes(black.read_bytes())
    (tmp_path / "ortho.tif.aux.xml").write_text(
        "<PAMDataset><Metadata><MDI key='a'>b</MDI></Metadata></PAMDataset>"
    )
    (tmp_path / "ortho.tfw").write_text("5\n0\n0\n-5\n0\n0\n")
    after = decode_untrusted(path)
    assert before.image.tobytes() == after.image.tobytes()
    assert before.georeference == after.georeference
    vrt = f'<VRTDataset rasterXSize="8" rasterYSize="8"><!--{"x" * 64}--></VRTDataset>'.encode()
    assert "at most 25 MB" in sentence_about(grown(tmp_path / "mosaic.tif", vrt))


def test_without_overviews_a_raster_that_takes_too_long_says_what_helps(tmp_path):
    path = large_raster.write(tmp_path / "slow.tif", overviews=())
    pool = untrusted.DecoderPool(workers=1, seconds=1.0)  # of which the start of a worker takes no part
    pool._seconds = 60
    try:
        with (
            OpenFile(path.open("rb")) as opened,
            pytest.raises(ImageError, match="gdaladdo FILE") as caught,
        ):
            pool.decode(opened)
        assert "20000 x 20000 pixels, too many to be read whole" in str(caught.value)
    finally:
        pool.close()


MEASURE = """
import sys
from pathlib import Path
from retrieval import untrusted
from retrieval.maps.crops import Square
from retrieval.maps.screenshot import load_image

def peak(process):
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1000

load_image(sys.argv[2])
before = peak("self")
picture = load_image(sys.argv[1])
for step in range(20):
    picture.crop(Square(2450 + 5 * step, 2500, 39))
(worker,) = untrusted._pool._started
print(before, peak("self"), peak(worker._process.pid))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it reads Linux's /proc")
def test_memory_is_that_of_the_picture_and_not_of_the_file(tmp_path):
    """The file has 195 MB, and the picture 25 megapixels: 100 MB, and as much while it is looked over."""
    path, small = large_raster.write(tmp_path / "huge.tif", noise=0), tmp_path / "small.tif"
    with rasterio.open(path, "r+") as target:
        for top in range(0, 8_000, 1_000):
            window = rasterio.windows.Window(0, top, 8_000, 1_000)
            target.write(
                np.random.default_rng(top).integers(0, 256, (3, 1_000, 8_000), np.uint8), window=window
            )
    assert path.stat().st_size > 190_000_000
    tifffile.imwrite(small, np.zeros((64, 64, 3), np.uint8), photometric="rgb", metadata=None)
    command = [sys.executable, "-c", MEASURE, str(path), str(small)]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=300)
    before, page, worker = map(int, told.stdout.split())
    print(told.stdout)
    assert page - before < 500
    assert worker < 500


def test_larger_says_nothing_of_its_bytes():
    assert "xyz" not in repr(Larger((1, 1), None, b"xyz"))
