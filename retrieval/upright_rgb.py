"""What Pillow has opened, of any mode -> an upright RGB image in the colours of sRGB."""

from __future__ import annotations

import numpy as np
from PIL import ExifTags, Image

from retrieval.colours import conversion, converted
from retrieval.file_structure import check_exif
from retrieval.stretch import NEUTRAL_GREY, Stretch

#: What undoes each orientation of EXIF but 1, which is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_STRIP_PIXELS = 1 << 18


def to_rgb(image: Image.Image, *, is_own: bool = False) -> Image.Image:
    """Any mode -> upright RGB in the colours of sRGB, with at most three copies of the pixels in memory.

    Args:
        image: Opened, not necessarily loaded.
        is_own: Whether nobody else has it, so that it may be closed on the way.

    Raises:
        ExcessiveFileError: If its Exif data would take far too much time or memory.
        Exception: Of many kinds, if it is a damaged file.
    """
    image.load()
    check_exif(image)  # all of it is read by now
    turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    profile = image.info.get("icc_profile")
    shallow = _stretched(image) if image.mode.startswith(("I", "F")) else image
    if shallow.has_transparency_data and not _has_empty_alpha(image):
        rgb = _on_grey(shallow, profile)
    else:
        mode = shallow.mode if shallow.mode in ("L", "CMYK") else "RGB"
        transform = conversion(profile, mode)
        rgb = shallow.convert(mode) if transform else shallow.convert("RGB")
        if is_own:
            shallow.close()
        rgb = converted(rgb, transform) if transform else rgb
    return rgb if turn is None else rgb.transpose(turn)


def _has_empty_alpha(image: Image.Image) -> bool:
    """Whether this is a BMP whose alpha was never filled in: nothing of it would be seen."""
    return image.format == "BMP" and image.mode == "RGBA" and image.getchannel("A").getextrema() == (0, 0)


def _stretched(image: Image.Image) -> Image.Image:
    """A grey image of more than 8 bits, or of floats, as one of 8 bits."""
    samples = np.asarray(image)
    step = max(1, round((image.width * image.height / 1_000_000) ** 0.5))  # a million pixels say enough
    stretch, result = Stretch(samples[::step, ::step]), Image.new("L", image.size)
    for top in range(0, image.height, 256):
        strip = samples[top : top + 256]
        levels = stretch.to_bytes(strip)
        levels = np.where(np.isfinite(strip), levels, np.uint8(NEUTRAL_GREY[0]))
        result.paste(Image.fromarray(levels), (0, top))
    return result


def _on_grey(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Composited on neutral grey; in strips, since each step of it takes a copy of the pixels."""
    transform = conversion(profile, "RGBA")
    rgb = Image.new("RGB", image.size)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows))).convert("RGBA")
        strip = converted(strip, transform) if transform else strip
        backdrop = Image.new("RGBA", strip.size, (*NEUTRAL_GREY, 255))
        rgb.paste(Image.alpha_composite(backdrop, strip).convert("RGB"), (0, top))
    return rgb
