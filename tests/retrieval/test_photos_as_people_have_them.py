"""What phones, drones, screens and broken downloads give: colours, scale, origin, and what is missing."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from benchmarks.fuzz.heic import HEIC
from retrieval.camera import CAMERA, SCREEN, UNKNOWN
from retrieval.images import ImageError, decode
from retrieval.untrusted import decode_untrusted
from tests.fakes.profiles import SPACES, in_space, profile
from tests.retrieval.test_images import COLOUR_RAMP, RAMP, pixels, png16, saved, tiff

COLOURS = (
    np.stack(np.meshgrid(*[np.linspace(20, 235, 12)] * 3), -1).reshape(36, 48, 3).round().astype(np.uint8)
)


def noise(width=160, height=160):
    """No row of it is grey."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([(x * 3 + y) % 200, (y * 2) % 256, x % 256], -1).astype(np.uint8))


# Colours


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB", "ProPhoto"])
def test_the_colours_of_a_profile_become_those_of_screens(kind, name):
    options = {
        "WEBP": {"lossless": True, "exact": True},
        "JPEG": {"quality": 100, "subsampling": 0},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }
    given = in_space(COLOURS, name)
    assert np.abs(given.astype(int) - COLOURS).max() > 10
    found = pixels(saved(Image.fromarray(given), kind, icc_profile=profile(name), **options.get(kind, {})))
    assert np.abs(found - COLOURS).mean() < (4 if kind in ("JPEG", "AVIF") else 1.5)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_transparent_and_palette_images_are_converted_too(mode):
    image = Image.fromarray(in_space(COLOURS, "Display P3"))
    image = image.quantize(256) if mode == "P" else image.convert(mode)
    if mode == "RGBA":
        image.putpixel((0, 0), (255, 0, 0, 0))
    found = pixels(saved(image, "PNG", icc_profile=profile("Display P3")))
    assert np.abs(found - COLOURS)[1:].mean() < (12 if mode == "P" else 1.5)
    assert mode == "P" or found[0, 0].tolist() == [128, 128, 128]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize("given", ["sRGB", "made by Pillow", "broken", "cut", "empty", "of grey"])
def test_an_srgb_or_broken_profile_changes_no_pixel(kind, given):
    icc = {
        "sRGB": profile("sRGB"),
        "made by Pillow": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        "broken": b"profile" * 100,
        "cut": profile("Adobe RGB")[:200],
        "empty": b"",
        "of grey": profile("Adobe RGB").replace(b"RGB XYZ ", b"GRAYXYZ "),
    }[given]
    options = {"WEBP": {"lossless": True, "exact": True}}.get(kind, {})
    with_it = saved(Image.fromarray(COLOURS), kind, icc_profile=icc, **options)
    assert np.array_equal(pixels(with_it), pixels(saved(Image.fromarray(COLOURS), kind, **options)))


def test_all_spaces_are_those_of_their_definitions():
    for name in SPACES:
        assert (
            ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile(name)))).strip()
            == name
        )
        assert np.abs(in_space(np.array([[255, 255, 255]]), name).astype(int) - 255).max() <= 1


# Alpha and depth


@pytest.mark.parametrize("alpha", [0, 255, "half"])
def test_a_bmp_whose_alpha_is_empty_is_opaque(alpha):
    values = np.full((36, 48), 255, np.uint8)
    values[:18] = 0
    values = values if alpha == "half" else np.full_like(values, alpha)
    rows = np.dstack([COLOURS[..., ::-1], values])[::-1].tobytes()
    info = struct.pack("<IiiHHIIiiII", 124, 48, 36, 1, 32, 3, len(rows), 0, 0, 0, 0)
    info += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    found = pixels(b"BM" + struct.pack("<IHHI", 138 + len(rows), 0, 0, 138) + info.ljust(124, b"\0") + rows)
    assert np.array_equal(found[18:], COLOURS[18:])
    assert np.array_equal(found[:18], np.full_like(COLOURS[:18], 128) if alpha == "half" else COLOURS[:18])


def test_16_bit_grey_with_alpha_keeps_its_levels():
    alpha = np.full((64, 64), 65535, np.uint16)
    alpha[:8] = 0
    found = pixels(png16(np.dstack([RAMP, alpha])))
    assert (found[:8] == 128).all()
    assert len(np.unique(found[8:])) > 200
    assert np.array_equal(found[8:], pixels(png16(RAMP[8:])))


# Files without their end


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_jpeg_without_its_last_bytes_is_read_whole(progressive, mode, subsampling):
    data = saved(noise().convert(mode), "JPEG", quality=90, progressive=progressive, subsampling=subsampling)
    for missing in (1, 2):
        decoded = decode(data[:-missing])
        assert np.array_equal(np.asarray(decoded.image), pixels(data))
        told = str(decoded.note).startswith("The end of this file is missing, and with it perhaps")
        assert told or (decoded.note is None and mode == "L")  # whose decoder does not miss them


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_without_its_last_fifth_is_read_with_a_note_of_what_is_missing(mode):
    data = saved(noise().convert(mode), "JPEG", quality=90)
    decoded = decode(data[: len(data) * 4 // 5])
    share = float(str(decoded.note).split("lowest ")[1].split("%")[0]) / 100
    assert 0.1 <= share <= 0.35
    rows = round((1 - share) * 160)
    assert np.array_equal(np.asarray(decoded.image)[: rows - 24], pixels(data)[: rows - 24])
    assert (np.asarray(decoded.image)[rows + 1 :] == 128).all()
    assert decode_untrusted(data[: len(data) * 4 // 5]).note == decoded.note


@pytest.mark.parametrize("part", [0.02, 0.2, 0.35])
def test_a_jpeg_of_which_little_is_left_is_refused(part):
    data = saved(noise(), "JPEG", quality=90)
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode(data[: int(len(data) * part)])


# Who made it


def test_a_photo_of_a_phone_is_read():
    decoded = decode_untrusted(HEIC)
    y, x = np.mgrid[0:32, 0:48]
    expected = np.stack([5 * x, 7 * y, 255 - 5 * x], -1)
    assert np.abs(np.asarray(decoded.image).astype(int) - expected).mean() < 6
    assert (decoded.made_by, decoded.note, decoded.metres_per_pixel) == (CAMERA, None, None)
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode(HEIC[:400])
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode(b"\0\0\0\x18ftypheic\0\0\0\0")


def drone(
    size=(400, 300),
    focal=24,
    xmp='<x drone-dji:RelativeAltitude="+50.00" drone-dji:GimbalPitchDegree="-90.00"/>',
    kind="JPEG",
    turn=1,
):
    exif = Image.Exif()
    exif[271], exif[272], exif[274] = "DJI", "FC330", turn
    if focal:
        exif.get_ifd(0x8769)[0xA405] = focal
    return saved(noise(*size), kind, exif=exif, xmp=xmp.encode())


@pytest.mark.parametrize("focal", [20, 24, 35])
@pytest.mark.parametrize("size", [(400, 300), (300, 400), (640, 360)])
@pytest.mark.parametrize(
    ("xmp", "height"),
    [
        ('<x drone-dji:RelativeAltitude="+50.00" drone-dji:GimbalPitchDegree="-90.00"/>', 50),
        (
            "<drone-dji:RelativeAltitude>+80.5</drone-dji:RelativeAltitude><drone-dji:GimbalPitchDegree>-85.1<",
            80.5,
        ),
        ("<x drone-dji:AbsoluteAltitude='+212.3' drone-dji:RelativeAltitude = '30'/>", 30),
        ('<x Camera:AboveGroundAltitude="120/2"/>', 60),
    ],
)
def test_a_drone_that_looked_down_says_its_scale(size, focal, xmp, height):
    metres = height * 36 / (focal * max(size))
    decoded = decode_untrusted(drone(size, focal, xmp))
    assert decoded.metres_per_pixel == pytest.approx(metres)
    assert (decoded.made_by, decoded.note) == (CAMERA, None)
    assert decode(drone(size, focal, xmp, turn=6)).metres_per_pixel == pytest.approx(metres)


@pytest.mark.parametrize("pitch", [-79.9, -45, 0, 10.5])
def test_a_drone_that_looked_aside_says_no_scale_and_that_is_told(pitch):
    decoded = decode_untrusted(drone(xmp=f'<x a:RelativeAltitude="+50.00" a:GimbalPitchDegree="{pitch:+}"/>'))
    assert decoded.metres_per_pixel is None
    assert f"looked {pitch + 90:.0f} degrees away from straight down" in str(decoded.note)


@pytest.mark.parametrize(
    "options",
    [
        {"focal": 0}, {"xmp": ""}, {"xmp": '<x a:AbsoluteAltitude="212"/>'},
        {"xmp": '<x a:RelativeAltitude="0.0"/>'},
        {"xmp": '<x a:RelativeAltitude="-3"/>'}, {"xmp": '<x a:RelativeAltitude="99999"/>'},
        {"xmp": '<x a:RelativeAltitude="high"/>'}, {"xmp": '<x a:RelativeAltitude="'},
        {"xmp": '<x a:RelativeAltitude="5/0"/>', "focal": 60000},
    ],
)  # fmt: skip
def test_a_photo_that_lacks_a_part_of_it_says_no_scale(options):
    decoded = decode_untrusted(drone(**options))
    assert (decoded.metres_per_pixel, decoded.note, decoded.made_by) == (None, None, CAMERA)


def screenshot(dpi=None, comment=None, software=None):
    info, exif = PngImagePlugin.PngInfo(), Image.Exif()
    if software:
        info.add_text("Software", software)
    if comment:
        exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + comment.encode()
    return saved(noise(), "PNG", pnginfo=info, exif=exif.tobytes(), **({"dpi": (dpi, dpi)} if dpi else {}))


@pytest.mark.parametrize(
    ("options", "made_by", "ratio"),
    [
        ({"dpi": 144}, SCREEN, 2), ({"dpi": 216}, SCREEN, 3), ({"dpi": 288}, SCREEN, 4),
        ({"dpi": 96}, SCREEN, None),
        ({"dpi": 72}, UNKNOWN, None), ({"dpi": 300}, UNKNOWN, None), ({}, UNKNOWN, None),
        ({"comment": "Screenshot"}, SCREEN, None), ({"comment": "Screenshot", "dpi": 144}, SCREEN, 2),
        ({"software": "gnome-screenshot"}, SCREEN, None), ({"software": "Adobe Photoshop"}, UNKNOWN, None),
    ],
)  # fmt: skip
def test_a_screenshot_says_so_and_its_pixel_ratio(options, made_by, ratio):
    decoded = decode_untrusted(screenshot(**options))
    assert (decoded.made_by, decoded.pixel_ratio) == (made_by, ratio)


def test_a_raster_says_its_place_to_the_page_too():
    tags = [
        (33550, 12, 3, (0.5, 0.5, 0.0), True),
        (33922, 12, 6, (0.0, 0.0, 0.0, 4e5, 4.9e6, 0.0), True),
        (34735, 3, 16, [1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32635, 3076, 0, 1, 9001], True),
    ]
    data = tiff(COLOUR_RAMP, extratags=tags)
    assert decode_untrusted(data).georeference == decode(data).georeference
    assert decode(data).georeference.crs == "WGS 84 / UTM zone 35N"
