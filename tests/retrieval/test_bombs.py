"""Files that ask for far more work than their bytes and pixels suggest are refused before they get it.

Each is decoded in a process of its own, whose memory is limited and measured.
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from retrieval.file_structure import ExcessiveFileError, check_structure, webp_size
from retrieval.images import MAX_BYTES, TOO_DEMANDING, ImageError, decode
from tests.fakes import bombs

PROJECT = Path(__file__).resolve().parents[2]

#: Decodes the file that is named, with so many bytes of memory and a minute of work, and tells the outcome.
CHILD = """
import json, resource, sys, warnings
warnings.simplefilter("ignore")
from retrieval.images import decode
path, limit = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    told = list(decode(path).image.size)
except ValueError as error:
    told = str(error)
print(json.dumps([told, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024]))
"""


def decoded_apart(tmp_path, data, limit):
    """What the image's size or the sentence is, and by how many bytes the process grew."""
    assert len(data) <= MAX_BYTES
    path = tmp_path / "upload"
    path.write_bytes(data)
    command = [sys.executable, "-c", CHILD, str(path), str(limit)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("make", bombs.EXCESSIVE, ids=lambda make: make.__name__)
def test_a_file_that_asks_for_too_much_is_refused_before_it_gets_it(tmp_path, make):
    data = make()
    told, growth = decoded_apart(tmp_path, data, 2_000_000_000)
    assert told == str(TOO_DEMANDING)
    assert growth < 4 * len(data) + 20_000_000


@pytest.mark.parametrize("make", bombs.LARGE, ids=lambda make: make.__name__)
def test_the_largest_images_are_read_within_a_gigabyte(tmp_path, make):
    told, growth = decoded_apart(tmp_path, make(), 900_000_000)
    assert told == [bombs.SIDE, bombs.SIDE]
    assert growth < 900_000_000


def test_a_raster_in_one_huge_piece_is_refused_with_a_way_out():
    with pytest.raises(ImageError, match="pieces of 392 MB, too large to be read: save it again in tiles"):
        decode(bombs.deep_tiff(bombs.SIDE))


def test_a_huge_canvas_is_refused_by_its_header():
    with pytest.raises(ImageError, match="16384 x 16384 pixels"):
        decode(bombs.webp_of_a_huge_canvas())


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"quality": 80}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}]
)
def test_the_size_of_a_webp_file_is_read_from_it(options):
    data = bombs.saved("WEBP", **options)
    assert webp_size(data) == (64, 64)
    for length in range(40):
        webp_size(data[:length])


def test_as_much_as_programs_write_is_allowed():
    strips = [(33432, 2, 300, 0), (34675, 7, 3000, 300), (273, 4, 2000, 0), (279, 4, 2000, 8000)]
    exif = b"Exif\0\0" + bombs.directory([(274, 3, 1, 1), (271, 2, 90, 0)], bytes(90))
    profile = b"ICC_PROFILE\0\1\1" + bytes(60_000)
    for data in (
        bombs.tiff(strips, bytes(16_000)),
        bombs.png(bombs.chunk(b"tEXt", b"Comment\0 " + bytes(100_000)) + bombs.chunk(b"prVt", b"") * 5000),
        bombs.jpeg_with(bombs.segment(0xE2, profile) * 255 + b"\xff" * 1000),
        bombs.jpeg_with(bombs.segment(0xE1, exif)),
        bombs.gif(b"!\xfe" + (b"\xff" + bytes(255)) * 400 + b"\0"),
    ):
        check_structure(data)


def test_scans_are_counted_to_the_end_of_the_picture():
    picture = bombs.saved("JPEG", progressive=True)
    check_structure(picture * 200)  # the rest is another file's
    check_structure(bombs.jpeg_with(bombs.segment(0xFE, b"\xff\xda" * 30_000)))  # a comment
    start, end = picture.rindex(b"\xff\xda"), len(picture) - 2
    few, many = (picture[:start] + picture[start:end] * scans + picture[end:] for scans in (50, 150))
    check_structure(few)
    with pytest.raises(ExcessiveFileError):
        check_structure(many)


def of_scans(picture, count):
    """A progressive JPEG whose last scan comes so many times."""
    start, end = picture.rindex(b"\xff\xda"), len(picture) - 2
    return picture[:start] + picture[start:end] * count + picture[end:]


def _progressive(mode, size):
    file = io.BytesIO()
    Image.new(mode, size).save(file, "JPEG", progressive=True)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_the_more_pixels_a_jpeg_has_the_fewer_scans_it_may_have(mode):
    small, large = (_progressive(mode, size) for size in ((64, 64), (7000, 7000)))
    for picture in (small, large):
        check_structure(picture)  # as programs write it
    check_structure(of_scans(small, 60))
    with pytest.raises(ExcessiveFileError):
        check_structure(of_scans(large, 24))


@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_a_file_that_is_cut_off_is_checked_as_far_as_it_goes(kind):
    data = bombs.saved(kind)
    for length in (*range(60), *range(60, len(data), max(1, len(data) // 300))):
        check_structure(data[:length])
        check_structure(data[:length] + b"\4")
