"""Rasters of every kind become the picture that an eye would see, and say where it lies; grey is no data."""

import io
import struct

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import rasterio.windows
from PIL import Image, ImageCms
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile
from rasterio.transform import Affine, from_origin

from retrieval.camera import UNKNOWN
from retrieval.images import ImageError, decode
from retrieval.untrusted import DecoderPool
from tests.fakes import bombs

SIDE = 96
RNG = np.random.default_rng(1)
GREY = np.add.outer(np.arange(SIDE), np.arange(SIDE)) * 10 + RNG.integers(0, 60, (SIDE, SIDE)) + 300
COLOURS = np.stack([GREY, GREY[::-1], GREY[:, ::-1]])  # 300 to 2,260
BYTES = (COLOURS // 9).astype(np.uint8)
PLACE = {"crs": "EPSG:32635", "transform": from_origin(4e5, 4.9e6, 0.5, 0.5)}
KINDS = ["uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "int8"]


def raster(samples, kind=None, mask=None, overviews=(), uses=None, **options):
    """The bytes of a GeoTIFF of (bands, rows, columns)."""
    samples = samples if kind is None else scaled(samples, kind)
    with MemoryFile() as file:
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), file.open(
            driver=options.pop("driver", "GTiff"), count=len(samples), height=samples.shape[1],
            width=samples.shape[2], dtype=samples.dtype, **options,
        ) as target:  # fmt: skip
            target.write(samples)
            if uses:
                target.colorinterp = uses
            if mask is not None:
                target.write_mask(mask)
            if overviews:
                target.build_overviews(overviews)
        file.seek(0)
        return file.read()


def scaled(samples, kind):
    """The samples in the range that such files use."""
    if kind == "int8":
        return (samples // 20 - 60).astype(np.int8)
    return (
        (samples / 4000).astype(kind)
        if kind.startswith("float")
        else (samples - 1000 * (kind[0] == "i")).astype(kind)
    )


def jpeg_2000(tiff):
    """A TIFF as JPEG 2000, with its place, and without loss."""
    with MemoryFile(tiff) as file, file.open() as source, MemoryFile(ext=".jp2") as copy:
        rasterio.shutil.copy(source, copy.name, driver="JP2OpenJPEG", quality=100, reversible="YES")
        return copy.read()


def pixels(data):
    image = decode(data).image
    assert image.mode == "RGB"
    return np.asarray(image).astype(int)


def likeness(found, expected):
    return np.corrcoef(found.ravel(), np.asarray(expected).ravel())[0, 1]


REFERENCE = pixels(raster(COLOURS, "uint16", photometric="rgb"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("interleave", ["pixel", "band"])
@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
def test_three_bands_of_any_type_are_red_green_and_blue(kind, interleave, photometric):
    found = pixels(raster(COLOURS, kind, interleave=interleave, photometric=photometric))
    assert np.abs(found - REFERENCE).max() <= (12 if kind == "int8" else 1)
    assert likeness(found, COLOURS.transpose(1, 2, 0)) > 0.98
    assert found.std() > 50


@pytest.mark.parametrize("count", [4, 5, 8])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_further_bands_are_passed_over(count, kind):
    more = np.concatenate([COLOURS, np.full((count - 3, SIDE, SIDE), 7)])
    more[3:, ::2] = 1900
    samples = (more // 9).astype(np.uint8) if kind == "uint8" else more
    found = pixels(raster(samples, None if kind == "uint8" else kind, photometric="minisblack"))
    expected = BYTES.transpose(1, 2, 0) if kind == "uint8" else REFERENCE
    assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2])
def test_one_band_is_stretched_and_a_second_that_is_none_is_passed_over(kind, count):
    found = pixels(raster(np.stack([GREY, GREY[::-1]][:count]), kind))
    assert (found[..., 0] == found[..., 1]).all()
    assert found.min() == 0
    assert found.max() == 255
    assert likeness(found[..., 0], GREY) > 0.98


def test_bands_are_taken_by_their_colour():
    uses = [ColorInterp.blue, ColorInterp.green, ColorInterp.red]
    assert np.array_equal(
        pixels(raster(BYTES[::-1], uses=uses, photometric="minisblack")), BYTES.transpose(1, 2, 0)
    )


@pytest.mark.parametrize("order", ["LITTLE", "BIG"])
@pytest.mark.parametrize(
    "layout", [{}, {"tiled": True, "blockxsize": 32, "blockysize": 32}, {"bigtiff": "YES"}]
)
@pytest.mark.parametrize("interleave", ["pixel", "band"])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_byte_order_and_layout_play_no_part(order, layout, interleave, kind):
    options = {"photometric": "rgb", "interleave": interleave, "endianness": order, **layout}
    data = raster(BYTES, **options) if kind == "uint8" else raster(COLOURS, kind, **options)
    assert data[:2] == {"LITTLE": b"II", "BIG": b"MM"}[order]
    assert np.abs(pixels(data) - (BYTES.transpose(1, 2, 0) if kind == "uint8" else REFERENCE)).max() <= 1


@pytest.mark.parametrize(
    "compression", ["lzw", "deflate", "zstd", "lerc", "lerc_deflate", "lerc_zstd", "lzma", "packbits"]
)
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_every_compression_gives_the_same(compression, kind):
    options = {"photometric": "rgb", "compress": compression}
    data = raster(BYTES, **options) if kind == "uint8" else raster(COLOURS, kind, **options)
    assert np.abs(pixels(data) - (BYTES.transpose(1, 2, 0) if kind == "uint8" else REFERENCE)).max() <= 1


@pytest.mark.parametrize("compression", ["jpeg", "webp"])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_lossy_compressions_are_read(compression, count):
    if (compression, count) == ("webp", 1):
        return  # it has three bands or four
    smooth = np.stack([np.add.outer(np.arange(SIDE), np.arange(SIDE)).astype(np.uint8)] * count)
    photometric = {} if count == 1 else {"photometric": "rgb"}
    found = pixels(
        raster(smooth, compress=compression, tiled=True, blockxsize=32, blockysize=32, **photometric)
    )
    assert np.abs(found - smooth[:1].transpose(1, 2, 0)).mean() < 6


def test_a_compression_that_is_not_read_is_named():
    for code, name in ((50002, "JPEG XL"), (34712, "JPEG 2000"), (61234, "number 61234")):
        data = bombs.tiff([(259, 3, 1, code)])
        with pytest.raises(ImageError, match=rf"compression of this TIFF \({name}\) is not read here"):
            decode(data)


@pytest.mark.parametrize("kind", ["complex64", "complex128", "complex_int16"])
def test_complex_numbers_are_refused_with_a_sentence(kind):
    with MemoryFile() as file:
        with file.open(driver="GTiff", count=1, height=8, width=8, dtype=kind):
            pass
        file.seek(0)
        data = file.read()
    with pytest.raises(ImageError, match="complex numbers"):
        decode(data)


# What is no data


@pytest.mark.parametrize(
    ("kind", "nodata"),
    [("uint8", 0), ("uint8", 255), ("uint16", 0), ("uint16", 65535), ("int16", -32768), ("int16", -9999),
     ("int32", -(2**31)), ("uint32", 2**32 - 1), ("float32", -9999), ("float32", -3.4028234663852886e38),
     ("float32", 1e20), ("float32", float("nan")), ("float64", -1.7976931348623157e308),
     ("float64", float("nan"))],
)  # fmt: skip
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("share", [0.02, 0.4])
def test_fill_values_are_grey_and_do_not_count(kind, nodata, count, share):
    clean = BYTES[:count].clip(1, 254) if kind == "uint8" else scaled(COLOURS[:count], kind)
    rows = round(share * SIDE)
    filled = clean.copy()
    filled[:, :rows] = nodata
    options = {"photometric": "rgb"} if count == 3 else {}
    found, plain = (
        pixels(raster(filled, nodata=nodata, **options)),
        pixels(raster(clean[:, rows:], **options)),
    )
    assert (found[:rows] == 128).all()
    assert np.array_equal(found[rows:], plain)


def test_a_pixel_is_no_data_only_where_all_bands_are():
    samples = BYTES.clip(1, 254)
    samples[0, :10] = 0
    found = pixels(raster(samples, nodata=0, photometric="rgb"))
    assert np.array_equal(found, samples.transpose(1, 2, 0))


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("count", [1, 3])
def test_an_internal_mask_is_grey_and_does_not_count(kind, count):
    clean = BYTES[:count] if kind == "uint8" else scaled(COLOURS[:count], kind)
    filled, mask = clean.copy(), np.full((SIDE, SIDE), 255, np.uint8)
    filled[:, :20], mask[:20] = 60000 if kind == "uint16" else 250, 0
    options = {"photometric": "rgb"} if count == 3 else {}
    data = raster(filled, mask=mask, **options)
    assert (pixels(data)[:20] == 128).all()
    assert np.array_equal(pixels(data)[20:], pixels(raster(clean[:, 20:], **options)))
    assert decode(data).note is None


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("full", [1, 255])
def test_an_alpha_that_is_a_mask_is_applied(kind, count, full):
    clean = BYTES[:count] if kind == "uint8" else scaled(COLOURS[:count], kind)
    alpha = np.full((1, SIDE, SIDE), full).astype(clean.dtype)
    alpha[:, :20] = 0
    options = {"photometric": "rgb"} if count == 3 else {}
    found = pixels(raster(np.concatenate([clean, alpha]), alpha="YES", **options))
    assert (found[:20] == 128).all()
    assert np.array_equal(found[20:], pixels(raster(clean[:, 20:], **options)))


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(
    "infrared", [GREY[::-1], np.where(np.arange(SIDE)[:, None] % 2, 20, 40) + 0 * GREY, 0 * GREY]
)
def test_an_alpha_that_is_no_mask_is_not_applied(kind, infrared):
    clean = BYTES if kind == "uint8" else scaled(COLOURS, kind)
    band = (infrared // 9).astype(np.uint8) if kind == "uint8" else scaled(infrared, kind)
    found = pixels(raster(np.concatenate([clean, band[None]]), alpha="YES", photometric="rgb"))
    assert np.array_equal(found, pixels(raster(clean, photometric="rgb")))


def test_numbers_of_colours_become_colours():
    numbers = (np.arange(SIDE * SIDE) % 3).reshape(1, SIDE, SIDE).astype(np.uint8)
    with MemoryFile() as file:
        with file.open(driver="GTiff", count=1, height=SIDE, width=SIDE, dtype="uint8", nodata=2) as target:
            target.write(numbers)
            target.write_colormap(1, {0: (255, 0, 0, 255), 1: (0, 0, 255, 255), 2: (9, 9, 9, 255)})
        file.seek(0)
        found = pixels(file.read())
    assert found[0, :3].tolist() == [[255, 0, 0], [0, 0, 255], [128, 128, 128]]


# What was right before


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "CMYK"])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_eight_bits_give_the_pixels_that_pillow_gives(mode, compression):
    image = Image.fromarray(BYTES.transpose(1, 2, 0)).convert(mode)
    file = io.BytesIO()
    image.save(file, "TIFF", compression=compression)
    found = pixels(file.getvalue())
    expected = np.asarray(Image.open(file).convert("RGB")).astype(int)
    assert np.abs(found - expected).max() <= (1 if mode == "CMYK" else 0)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_white_may_be_zero(kind):
    samples = BYTES[:1] if kind == "uint8" else scaled(COLOURS[:1], kind)
    most = np.iinfo(kind).max
    found = pixels(raster(most - samples, photometric="miniswhite"))
    assert np.abs(found - pixels(raster(samples))).max() <= 1


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_reach_from_black_to_white(bits):
    samples = (np.arange(SIDE * SIDE) % (1 << bits)).reshape(1, SIDE, SIDE).astype(np.uint8)
    found = pixels(raster(samples, nbits=bits))
    assert np.unique(found).tolist() == [255 * level // ((1 << bits) - 1) for level in range(1 << bits)]


def test_overviews_and_masks_are_no_pages_but_pages_are():
    mask = np.full((SIDE, SIDE), 255, np.uint8)
    assert decode(raster(BYTES, photometric="rgb", overviews=[2, 4])).note is None
    assert decode(raster(BYTES, photometric="rgb", mask=mask, overviews=[2, 4])).note is None
    with rasterio.Env():
        assert decode(raster(np.tile(BYTES, (1, 8, 8)), driver="COG", blocksize=128)).note is None
    file, frames = io.BytesIO(), [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime")]
    frames[0].save(file, "TIFF", save_all=True, append_images=frames[1:])
    assert "document of several pages" in str(decode(file.getvalue()).note)
    assert (pixels(file.getvalue()) == (255, 0, 0)).all()


def test_a_document_of_thousands_of_pages_is_read_as_fast_as_one():
    page = bombs.tiff([])
    file = bytearray(page)
    size = len(page) - 8
    for _ in range(20_000):  # each directory is the same, and leads to the next
        file[-4:] = struct.pack("<I", len(file))
        file += page[8:]
    assert len(file) == 8 + 20_001 * size
    assert "several pages" in str(decode(bytes(file)).note)


# Where it lies


@pytest.mark.parametrize(
    ("crs", "transform", "metres"),
    [
        ("EPSG:32635", from_origin(4e5, 4.9e6, 0.5, 0.5), 0.5),
        ("EPSG:2263", from_origin(9.9e5, 2e5, 1, 1), 0.3048),  # feet that only the code names
        ("EPSG:4087", from_origin(2.9e6, 6679169.45, 0.3048, 0.3048), 0.2159),  # cos 60, of the root
        ("EPSG:3857", from_origin(2.9e6, 5.5e6, 0.5, 0.5), 0.3583),
        ("EPSG:3395", from_origin(2.9e6, 5.47e6, 0.5, 0.5), 0.3583),  # another Mercator
        ("+proj=merc +lat_ts=45 +ellps=WGS84 +units=m", from_origin(2.06e6, 3.87e6, 0.5, 0.5), 0.5064),
        ("+proj=utm +zone=35 +ellps=WGS84 +units=us-ft", from_origin(1.31e6, 16.1e6, 1, 1), 0.3048),
        ("EPSG:3844", from_origin(5e5, 3e5, 0.3, 0.3), 0.3),
        ("EPSG:4326", from_origin(26.1, 44.43, 1e-5, 1e-5), 0.941),
        ("EPSG:32635", Affine.translation(4e5, 4.9e6) @ Affine.rotation(40) @ Affine.scale(0.5, -0.5), 0.5),
    ],
)
def test_a_pixel_is_as_large_as_it_is_on_the_ground(crs, transform, metres):
    decoded = decode(raster(BYTES, photometric="rgb", crs=crs, transform=transform))
    assert decoded.metres_per_pixel == pytest.approx(metres, rel=5e-3)
    assert decoded.georeference is not None


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"transform": from_origin(4e5, 4.9e6, 0.5, 0.5)},
        {"crs": "EPSG:32635"},
        {"crs": "EPSG:32635", "transform": from_origin(4e5, 4.9e6, 0.5, 1.5)},  # no squares
        {"crs": "EPSG:32635", "transform": from_origin(4e5, 4.9e6, 1e-6, 1e-6)},
        {"crs": "EPSG:4326", "transform": from_origin(26, 200, 1e-5, 1e-5)},
        {"crs": "EPSG:32635", "transform": from_origin(1e300, 1e300, 1, 1)},
        {"crs": 'LOCAL_CS["drawing",UNIT["metre",1]]', "transform": from_origin(0, 0, 1, 1)},
    ],
)
def test_a_place_that_is_not_said_or_absurd_is_none(place):
    decoded = decode(raster(BYTES, photometric="rgb", **place))
    assert (decoded.metres_per_pixel, decoded.georeference, decoded.made_by) == (None, None, UNKNOWN)


def test_corners_are_positions_on_earth_and_turn_with_the_picture():
    options = {"crs": "EPSG:4326", "transform": from_origin(26, 44, 1e-5, 1e-5), "photometric": "rgb"}
    place = decode(raster(BYTES, **options)).georeference
    east, south = 26 + SIDE * 1e-5, 44 - SIDE * 1e-5
    corners = [(26, 44), (east, 44), (east, south), (26, south)]
    assert np.allclose(place.corners, corners, atol=1e-9)
    assert place.crs == "WGS 84"
    turned = place.turned(Image.Transpose.ROTATE_90).corners  # counterclockwise: the upper right comes first
    assert np.allclose(turned, [*corners[1:], corners[0]], atol=1e-9)


def test_a_large_raster_is_read_smaller_at_its_true_scale(monkeypatch):
    monkeypatch.setattr("retrieval.images.MAX_PIXELS", 2500)
    for overviews, side in (([], 50), ([2, 4], 48)):
        decoded = decode(raster(BYTES, photometric="rgb", overviews=overviews, **PLACE))
        assert decoded.image.size == (side, side)
        assert decoded.metres_per_pixel == pytest.approx(0.5 * SIDE / side, rel=1e-3)
        small = Image.fromarray(BYTES.transpose(1, 2, 0)).resize((side, side))
        assert likeness(np.asarray(decoded.image), np.asarray(small)) > 0.97
        assert "This raster has 96 x 96 pixels: its picture here is smaller" in str(decoded.note)
    fine = PLACE | {"transform": from_origin(4e5, 4.9e6, 0.1, 0.1)}
    assert (
        decode(raster(BYTES, photometric="rgb", **fine)).note is None
    )  # nothing is lost that a search would see


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_an_orthophoto_of_20_000_pixels_each_way_is_read_within_a_workers_limits(kind):
    options = {"photometric": "rgb", "tiled": True, "compress": "deflate", **PLACE}
    side, rows = 20_000, np.zeros((3, 512, 20_000), kind)
    rows[:] = 40 + np.arange(side) // 200
    with MemoryFile() as file:
        with file.open(driver="GTiff", count=3, height=side, width=side, dtype=kind, **options) as target:
            for top in range(0, side, 512):
                window = rasterio.windows.Window(0, top, side, min(512, side - top))
                target.write(rows[:, : window.height], window=window)
        file.seek(0)
        data = file.read()
    decoded = DecoderPool(seconds=60).decode(data)
    assert decoded.image.size == (7071, 7071)
    assert decoded.metres_per_pixel == pytest.approx(0.5 * side / 7071, rel=1e-3)
    shown = np.asarray(decoded.image.resize((100, 1))).astype(int)[0, :, 0]
    assert (np.diff(shown) >= 0).all()
    assert "This raster has 20000 x 20000 pixels: its picture here is smaller" in str(decoded.note)


def test_what_would_take_too_long_is_refused(monkeypatch):
    monkeypatch.setattr("retrieval.rasters.MAX_DECODED_BYTES", 3 * SIDE * SIDE - 1)
    with pytest.raises(ImageError, match="96 x 96 pixels, too many to be read whole"):
        decode(raster(BYTES, photometric="rgb"))


# JPEG 2000, colours, and what is no raster


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("count", [1, 3])
def test_jpeg_2000_is_read_with_its_place(kind, count):
    samples = BYTES[:count] if kind == "uint8" else scaled(COLOURS[:count], kind)
    data = jpeg_2000(raster(samples, **PLACE))
    options = {"photometric": "rgb"} if count == 3 else {}
    assert np.abs(pixels(data) - pixels(raster(samples, **options))).max() <= 1
    assert decode(data).metres_per_pixel == pytest.approx(0.5, rel=1e-3)
    with pytest.raises(ImageError, match="JPEG 2000 image is damaged"):
        decode(data[:100])


def test_a_profile_in_a_tiff_is_applied():
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    file = io.BytesIO()
    Image.fromarray(BYTES.transpose(1, 2, 0)).save(file, "TIFF", icc_profile=wide[:40])
    assert np.array_equal(pixels(file.getvalue()), BYTES.transpose(1, 2, 0))  # it is broken, and ignored


@pytest.mark.parametrize("beginning", [b"<VRTDataset rasterXSize='8' rasterYSize='8'>", b"SIMPLE  =", b"HDF"])
def test_no_other_driver_is_asked(beginning):
    for data in (beginning, b"II*\0" + beginning, b"\0\0\0\x0cjP  \r\n\x87\n" + beginning):
        with pytest.raises(ImageError, match=r"not an image|damaged"):
            decode(data)
