"""Files that a browser does not send: what it knows, and what it is answered."""

import re

import pytest

from retrieval.image_files import LARGE, MAX_BYTES, ImageError, driver_of, open_image_file
from retrieval.query import MAX_PHOTOS
from retrieval.raster_file import MAX_RASTER_BYTES
from tests.fakes.sparse_file import write_sparse
from ui.components.large_files import for_map, left_out, limits


@pytest.mark.parametrize(
    ("beginning", "size"), [(b"\x89PNG\r\n", MAX_BYTES + 1), (b"II*\0", MAX_RASTER_BYTES + 50_000)]
)
def test_what_is_said_is_what_would_be_said_of_the_file_itself(tmp_path, beginning, size):
    path = write_sparse(tmp_path / "flight 7.tif", beginning, size)
    with pytest.raises(ImageError) as said:
        open_image_file(path)
    file = {"name": path.name, "size": size, "raster": driver_of(beginning) in LARGE}
    ((name, trouble),) = left_out({"files": [file]})
    assert (name, str(trouble)) == (path.name, str(said.value))


@pytest.mark.parametrize(
    "beginning",
    [
        b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51",
        b"\x89PNG\r\n\x1a\n" + bytes(16) + b"\x10", b"\xff\xd8\xff\xe0", b"x II*\0", b"",
    ],
)  # fmt: skip
def test_the_browser_knows_which_files_may_be_larger_as_the_server_does(beginning):
    assert (limits()["image"], limits()["raster"]) == (MAX_BYTES, MAX_RASTER_BYTES)
    known = re.match(limits()["rasters"], beginning.decode("latin-1"))  # as the script reads it
    assert bool(known) == (driver_of(beginning) in LARGE)


@pytest.mark.parametrize(
    "click",
    [
        None, "files", {"files": None}, {"files": "a"}, {"files": [None, 7, []]},
        {"files": [{"name": 5, "size": 10**9, "raster": True}]},
        {"files": [{"name": "a", "size": size, "raster": False} for size in (-1, 0, 2**70)]},
        {"files": [{"name": "a", "size": "9", "raster": False}, {"name": "a", "size": 9, "raster": 1}]},
    ],
)  # fmt: skip
def test_of_anything_else_nothing_is_said(click):
    assert left_out(click) == []
    assert for_map(click) is False


def test_a_name_is_a_name_on_one_line_and_there_are_only_so_many():
    file = {"name": "../../etc/\u202eab\ncd" + "x" * 5000, "size": MAX_BYTES + 1, "raster": False}
    told = left_out({"files": [file] * 500})
    assert len(told) == MAX_PHOTOS
    assert told[0][0].startswith("ab cdxxx")
    assert len(told[0][0]) < 100
    assert for_map({"files": [], "mapping": True})
