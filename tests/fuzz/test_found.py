"""What `make fuzz` found, as small files made by hand: each ends in a sentence."""

import io
import struct

import pytest
from PIL import Image

from retrieval.images import ImageError, decode

#: Where a directory of tags may be said to lie: behind the end of the file, or of all files.
OUTSIDE = [100, 5000, 2**31, 2**32 - 1]


@pytest.mark.parametrize("place", OUTSIDE)
@pytest.mark.parametrize("order", "<>")
def test_a_tiff_whose_directory_lies_outside_of_it_is_damaged(order, place):
    start = {"<": b"II*\0", ">": b"MM\0*"}[order]
    with pytest.raises(ImageError):
        decode(start + struct.pack(order + "I", place) + bytes(50))


@pytest.mark.parametrize("place", [*OUTSIDE, 2**63, 2**64 - 1])
def test_a_large_tiff_whose_directory_lies_outside_of_it_is_damaged(place):
    with pytest.raises(ImageError):
        decode(b"II+\0" + struct.pack("<HHQ", 8, 0, place) + bytes(50))


@pytest.mark.parametrize("place", OUTSIDE)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_whose_exif_points_out_of_itself_is_shown_or_damaged(kind, place):
    file = io.BytesIO()
    exif = b"Exif\0\0II*\0" + struct.pack("<I", place) + bytes(8)
    Image.new("RGB", (8, 8)).save(file, kind, exif=exif)
    try:
        assert decode(file.getvalue()).image.size == (8, 8)
    except ImageError as error:
        assert str(error)
