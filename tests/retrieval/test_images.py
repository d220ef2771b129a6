"""Every format that is accepted becomes an upright RGB image, and everything else one sentence."""

import io
import os
import socket
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from retrieval.errors import Message
from retrieval.images import MAX_BYTES, ImageError, decode, pixel_sha256

RAMP = np.linspace(0, 3000, 64 * 64).round().astype(np.uint16).reshape(64, 64)
COLOUR_RAMP = np.stack([RAMP, RAMP // 2, RAMP // 4], axis=-1)
FORMATS = {
    "JPEG": {"quality": 95},
    "PNG": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 90},
    "TIFF": {},
    "BMP": {},
    "GIF": {},
}
#: What to do to the upright picture so that a viewer has to undo it.
ORIENTATIONS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture(width=48, height=32):
    """Different in every corner, so that no flip or turn goes unnoticed."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([5 * x, 7 * y, 255 - 5 * x], axis=-1).astype(np.uint8))


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(samples, **options):
    file = io.BytesIO()
    photometric = "rgb" if samples.ndim == 3 else "minisblack"
    tifffile.imwrite(file, samples, **{"photometric": photometric, "metadata": None, **options})
    return file.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour_type, rows=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def gif_header(side):
    frame = b"," + struct.pack("<HHHHBB", 0, 0, side, side, 0, 8)
    return b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + frame


def png16(samples):
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[samples.shape[2] if samples.ndim == 3 else 1]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return png(samples.shape[1], samples.shape[0], 16, colour_type, rows)


WHOLE = {kind: saved(picture(), kind, **options) for kind, options in FORMATS.items()}
WHOLE |= {"TIFF16": tiff(COLOUR_RAMP, compression="zlib"), "PNG16": png16(COLOUR_RAMP)}


def pixels(source):
    image = decode(source).image
    assert image.mode == "RGB"
    return np.asarray(image).astype(int)


def sentence_about(source):
    with pytest.raises(ImageError) as caught:
        decode(source)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_decodes_to_what_was_saved(kind):
    exact = kind in ("PNG", "WEBP", "TIFF", "BMP")
    difference = np.abs(pixels(saved(picture(), kind, **FORMATS[kind])) - np.asarray(picture())).mean()
    assert difference <= (0 if exact else 8)


@settings(max_examples=40, deadline=None)
@given(
    samples=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=16).map(lambda s: (*s, 3))),
    kind=st.sampled_from(["PNG", "WEBP", "TIFF", "BMP"]),
)
def test_lossless_formats_give_back_every_pixel(samples, kind):
    image = Image.fromarray(samples)
    decoded = decode(saved(image, kind, **FORMATS[kind])).image
    assert decoded.tobytes() == image.tobytes()
    assert pixel_sha256(decoded) == pixel_sha256(image)


def test_a_path_bytes_and_an_image_give_the_same(tmp_path):
    path = tmp_path / "photo.png"
    picture().save(path)
    for source in (path, str(path), path.read_bytes(), picture()):
        assert np.array_equal(pixels(source), np.asarray(picture()))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "in memory"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_orientation_comes_out_upright(kind, orientation):
    turn = ORIENTATIONS[orientation]
    stored = picture() if turn is None else picture().transpose(turn)
    exif = Image.Exif()
    exif[274] = orientation
    if kind == "in memory":
        stored.info["exif"] = exif.tobytes()
        source = stored
    else:
        source = saved(stored, kind, exif=exif, **FORMATS[kind])
    assert np.array_equal(pixels(source), np.asarray(picture()))


@pytest.mark.parametrize("samples", [RAMP, COLOUR_RAMP], ids=["grey", "colour"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_16_bit_tiff_comes_out_upright(samples, orientation):
    plain = pixels(tiff(samples[:, :40]))
    turn = ORIENTATIONS[orientation]
    turned = pixels(tiff(samples[:, :40], extratags=[(274, 3, 1, orientation, True)]))
    expected = Image.fromarray(turned.astype(np.uint8))
    upright = expected if turn is None else expected.transpose(turn)
    assert np.array_equal(np.asarray(upright), plain)


@pytest.mark.parametrize("samples", [RAMP, COLOUR_RAMP], ids=["grey", "colour"])
def test_a_16_bit_png_comes_out_upright(samples):
    exif = Image.Exif()
    exif[274] = 6
    data = png16(samples[:, :40])
    turned = data[:33] + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + data[33:]
    assert np.array_equal(pixels(turned), np.rot90(pixels(data), -1))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("1", (4, 4), 1), (255, 255, 255)),
        (Image.new("L", (4, 4), 200), (200, 200, 200)),
        (Image.new("CMYK", (4, 4), (0, 255, 255, 0)), (255, 0, 0)),
        (Image.new("LA", (4, 4), (255, 0)), (128, 128, 128)),
        (Image.new("RGBA", (4, 4), (255, 0, 0, 0)), (128, 128, 128)),
        (Image.new("RGBA", (4, 4), (255, 0, 0, 255)), (255, 0, 0)),
        (Image.new("RGBA", (4, 4), (228, 28, 128, 128)), (178, 78, 128)),
        (Image.new("RGB", (4, 4), "lime").convert("P"), (0, 255, 0)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_modes_become_rgb_and_transparency_grey(image, expected):
    transparent = image.has_transparency_data  # which only a mask is in a TIFF
    kinds = ["TIFF"] if image.mode == "CMYK" else ["PNG"] if transparent else ["PNG", "TIFF"]
    for source in (image, *(saved(image, kind) for kind in kinds)):
        assert np.abs(pixels(source) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_a_transparent_colour_becomes_grey(kind):
    image = Image.new("P", (6, 4), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(0, (0, 0, 3, 4))
    image.info["transparency"] = 0
    found = pixels(saved(image, kind, **FORMATS[kind]))
    assert found[0, 0].tolist() == [128, 128, 128]
    assert found[0, 5].tolist() == [0, 0, 255]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_files_keep_their_colours(kind):
    red = pixels(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), kind))
    assert np.abs(red - (255, 0, 0)).max() < 12


@pytest.mark.parametrize(
    "data",
    [
        *(
            tiff(samples, byteorder=order, compression=compression)
            for samples in (RAMP, COLOUR_RAMP)
            for order in "<>"
            for compression in (None, "zlib")
        ),
        tiff(RAMP.astype(np.float32)),
        tiff(COLOUR_RAMP, bigtiff=True),
        tiff(COLOUR_RAMP, tile=(16, 16)),
        png16(RAMP),
        png16(COLOUR_RAMP),
        png16(np.concatenate([COLOUR_RAMP, np.full((64, 64, 1), 65535, np.uint16)], axis=-1)),
    ],
)
def test_samples_of_16_bits_keep_their_levels(data):
    red, green, blue = pixels(data).reshape(-1, 3).T
    assert len(np.unique(red)) > 200
    assert (np.diff(red) >= 0).all()
    assert (red >= green).all()
    assert (green >= blue).all()


def test_transparent_16_bit_pixels_are_grey_and_do_not_count():
    alpha = np.full((64, 64, 1), 65535, np.uint16)
    alpha[:8] = 0
    samples = np.concatenate([COLOUR_RAMP, alpha], axis=-1)
    samples[:8, :, :3] = 65535
    for data in (png16(samples), tiff(samples, extrasamples=["unassalpha"])):
        found = pixels(data)
        assert (found[:8] == 128).all()
        assert len(np.unique(found[8:, :, 0])) > 150


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_fourth_band_that_is_no_alpha_fades_nothing(kind):
    colours = np.dstack([np.arange(64 * 64).reshape(64, 64) % 251] * 3)
    near_infrared = np.zeros((64, 64, 1), int)
    samples = np.concatenate([colours, near_infrared], axis=-1).astype(kind)
    found = pixels(tiff(samples, extrasamples=["unspecified"]))
    assert len(np.unique(found)) > 200


def test_samples_that_are_no_numbers_become_grey():
    samples = RAMP.astype(np.float32)
    samples[:2] = np.nan
    found = pixels(tiff(samples))
    assert (found[:2] == 128).all()
    assert len(np.unique(found)) > 200


@pytest.mark.parametrize(
    "data",
    [
        tiff(np.full((8, 8), 700, np.uint16)),
        tiff(np.full((8, 8, 3), 700, np.uint16)),
        tiff(np.full((8, 8), 0.5, np.float32)),
        tiff(np.full((8, 8), np.nan, np.float32)),
        png16(np.full((8, 8), 65535, np.uint16)),
        png16(np.zeros((8, 8, 4), np.uint16)),
    ],
)
def test_a_16_bit_image_of_one_value_is_grey(data):
    assert (pixels(data) == 128).all()


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("GIF", "This is an animation: only the first picture was searched."),
        ("PNG", "This is an animation: only the first picture was searched."),
        ("WEBP", "This is an animation: only the first picture was searched."),
        ("AVIF", "This is an animation: only the first picture was searched."),
        ("TIFF", "This is a document of several pages: only the first picture was searched."),
        ("MPO", None),  # a phone's photo with its depth map
    ],
)
def test_of_several_frames_the_first_is_taken_and_said(kind, note):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert decode(data).note == (note and Message(note))
    assert np.abs(pixels(data) - (255, 0, 0)).max() < 12


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Dear Sir or Madam", "not an image"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\n<!doctype html><html></html>", "web page"),
        (b"PK\x03\x04rest", "ZIP"),
        (bytes(MAX_BYTES + 1), "at most 25 MB"),
    ],
    ids=["empty", "text", "pdf", "svg", "html", "zip", "large"],
)
def test_what_is_no_image_is_named(data, words):
    assert words in sentence_about(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused(kind):
    data = saved(picture(200, 200), kind, **FORMATS[kind])
    text = sentence_about(data[: len(data) // 3])
    assert "damaged or cut off" in text


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow reports broken EXIF so
@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(WHOLE)), part=st.floats(0, 1), noise=st.binary(max_size=8))
def test_a_file_cut_anywhere_decodes_or_is_refused(kind, part, noise):
    whole = WHOLE[kind]
    try:
        assert decode(whole[: int(part * len(whole))] + noise).image.mode == "RGB"
    except ImageError as error:
        assert str(error).endswith(".")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow reports broken EXIF so
@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(WHOLE)), kept=st.sampled_from([0, 12, 60]), rest=st.binary())
def test_random_bytes_are_refused_or_decoded(kind, kept, rest):
    try:
        assert decode(WHOLE[kind][:kept] + rest).image.mode == "RGB"
    except ImageError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(7000, 7200, 8, 2), "7000 x 7200 pixels"),
        (png(30000, 30000, 8, 0), "megapixels"),
        (gif_header(65535), "megapixels"),
        (gif_header(9000), "9000 x 9000"),
        (b"BM" + struct.pack("<I4xIIiiHH24x", 54, 54, 40, 9000, 9000, 1, 24), "9000 x 9000"),
    ],
    ids=["png", "png of 900 megapixels", "gif of 4 gigapixels", "gif", "bmp"],
)
def test_too_many_pixels_are_refused_by_the_header_alone(data, words):
    assert words in sentence_about(
        data
    )  # there are no pixels in these files: decoding would call them damaged


def test_an_image_in_memory_is_measured_too():
    assert "at most 50 megapixels" in sentence_about(Image.new("1", (10000, 5001)))
    assert "no pixels" in sentence_about(Image.new("RGB", (0, 4)))


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.tif"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: a terabyte that no memory holds
    assert "large.tif" in sentence_about(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert "gone.png" in sentence_about(tmp_path / "gone.png")
    assert tmp_path.name in sentence_about(tmp_path)
    assert "gone.png" in sentence_about(str(tmp_path / "gone.png"))


def test_a_damaged_image_that_pillow_opened_is_refused_as_well():
    data = saved(picture(200, 200), "PNG")
    sentence_about(Image.open(io.BytesIO(data[: len(data) // 2])))


#: 'A pixel is 0.5 m of a projection in metres': the pixel scale, where it lies, and the directory of keys.
GEOTIFF_TAGS = [
    (33550, 12, 3, (0.5, 0.5, 0.0), True),
    (33922, 12, 6, (0.0, 0.0, 0.0, 4e5, 4.9e6, 0.0), True),
    (34735, 3, 16, [1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32635, 3076, 0, 1, 9001], True),
]


@pytest.mark.parametrize("samples", [COLOUR_RAMP, COLOUR_RAMP.astype(np.uint8), RAMP])
def test_a_geotiff_says_how_large_its_pixels_are(samples, tmp_path):
    data = tiff(samples, extratags=GEOTIFF_TAGS)
    (tmp_path / "ortho.tif").write_bytes(data)
    for source in (data, tmp_path / "ortho.tif"):
        decoded = decode(source)
        assert decoded.metres_per_pixel == pytest.approx(0.5, rel=1e-3)
        assert decoded.image.size == (64, 64)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_is_no_geotiff_says_no_pixel_size(kind):
    assert decode(saved(picture(), kind, **FORMATS[kind])).metres_per_pixel is None
    assert decode(picture()).metres_per_pixel is None


def test_only_regular_files_are_opened(tmp_path):
    """A pipe would make everybody wait, a device might do anything."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    paths = [tmp_path / "pipe", tmp_path / "socket", tmp_path / "link", tmp_path, Path("/dev/zero")]
    told = {sentence_about(path).replace(path.name, "NAME") for path in paths}
    listener.close()
    assert told == {"NAME is not a file but a folder, a device or the like: choose an image."}


def test_a_file_that_becomes_a_pipe_meanwhile_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "photo.png").write_bytes(b"regular")
    os.mkfifo(tmp_path / "pipe")
    opened = os.open
    monkeypatch.setattr("retrieval.files.os.open", lambda path, flags: opened(tmp_path / "pipe", flags))
    assert "is not a file" in sentence_about(tmp_path / "photo.png")


def test_a_name_that_no_file_can_have_is_refused():
    for path in ("a\0b.png", "a" * 5000, "\udcff.png"):
        sentence_about(path)
