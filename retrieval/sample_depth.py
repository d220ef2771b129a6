"""Samples of more than 8 bits -> 8 bits: what Pillow does not do, or not without losing most of them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

#: Alpha is composited on this, close to the mean of an aerial photo: neither a bright nor a dark edge.
NEUTRAL_GREY = (128, 128, 128)

#: 16-bit and float samples are stretched so that these percentiles become black and white. Sensors use
#: a small part of the 16-bit range, and a few hot pixels must not decide the contrast.
STRETCH_PERCENTILES = (1.0, 99.0)

_EXTRA_SAMPLES = 338  # TIFF's tag: what each band beyond the colours is; 1 and 2 are alpha


def fourth_band_is_no_alpha(image: Image.Image) -> bool:
    """Whether this is a TIFF of four bands that does not call the fourth alpha.

    It is near infrared, as a rule; Pillow takes it for alpha, and the picture would fade to grey.
    """
    tags = getattr(image, "tag_v2", {})
    return image.format == "TIFF" and image.mode == "RGBA" and not set(tags.get(_EXTRA_SAMPLES, ())) & {1, 2}


def sixteen_bit_rawmodes(image: Image.Image) -> list[str]:
    """The raw modes ('RGB;16B', …) of a file with 16 bits in each of several bands; else empty."""
    if image.format not in ("PNG", "TIFF"):  # the formats that can hold them here
        return []
    given = [tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in _tiles(image)]
    rawmodes = [mode for mode in given if isinstance(mode, str)]  # some decoders are given numbers instead
    # Grey ('I;16') is decoded whole by Pillow; grey with alpha ('LA;16B') exists in one byte order only.
    colour = all(mode[-4:-1] == ";16" and not mode.startswith(("I", "LA")) for mode in rawmodes)
    return rawmodes if rawmodes and colour else []


def decode_sixteen_bit_bands(high: Image.Image, low: Image.Image) -> Image.Image:
    """A colour image of 16 bits a band, stretched to 8.

    Pillow keeps only the high byte of such samples, which leaves a dozen grey levels of a typical
    satellite product. Decoding the file a second time with the byte order swapped gives the low bytes.
    """
    swapped = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
    tiles = [
        tile._replace(args=_swap(tile.args, rawmode[:-1] + swapped[rawmode[-1]]))
        for tile, rawmode in zip(_tiles(low), sixteen_bit_rawmodes(low), strict=True)
    ]
    setattr(low, "tile", tiles)  # noqa: B010 - an attribute of file images only, which the types do not know
    samples = np.asarray(high).astype(np.uint16) * 256 + np.asarray(low)
    has_alpha = high.mode == "RGBA" and not fourth_band_is_no_alpha(high)
    visible = samples[..., -1] > 0 if has_alpha else np.ones(samples.shape[:2], bool)
    colours = samples[..., :3] if high.mode == "RGBA" else samples
    bands = [stretch(colours, visible)]
    if has_alpha:
        bands.append((samples[..., -1:] >> 8).astype(np.uint8))
    stretched = np.concatenate(bands, axis=-1)
    mode = "CMYK" if high.mode == "CMYK" else None  # of four bands NumPy's shape does not tell
    return oriented_as(high, Image.fromarray(stretched, mode=mode))


def oriented_as(original: Image.Image, image: Image.Image) -> Image.Image:
    """The image with the orientation that its original has; all of a BigTIFF's EXIF cannot be copied."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = original.getexif().get(ExifTags.Base.Orientation, 1)
    image.info["exif"] = exif.tobytes()
    return image


def _tiles(image: Image.Image) -> list[Any]:
    return list(getattr(image, "tile", []))  # Pillow's list of what to decode, and how


def _swap(args: str | tuple[Any, ...], rawmode: str) -> str | tuple[Any, ...]:
    return rawmode if isinstance(args, str) else (rawmode, *args[1:])


def stretch(samples: NDArray[Any], visible: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Samples of any range -> 0-255, all bands by the same two percentiles so that colours keep their hue.

    Args:
        samples: (height, width, bands).
        visible: (height, width): the pixels whose values count for the percentiles.
    """
    step = max(
        1, round((samples.shape[0] * samples.shape[1] / 1_000_000) ** 0.5)
    )  # a million pixels say enough
    counted = samples[::step, ::step][visible[::step, ::step]].astype(np.float64)
    stretched = np.full(samples.shape, NEUTRAL_GREY[0], np.uint8)
    if not counted.size:
        return stretched
    dark, bright = np.percentile(counted, STRETCH_PERCENTILES)
    if bright <= dark:
        dark, bright = float(counted.min()), float(counted.max())
    if bright <= dark:  # one value everywhere
        return stretched
    for top in range(0, len(samples), 256):  # in strips, which take no memory to speak of
        strip = (samples[top : top + 256].astype(np.float32) - dark) / (bright - dark)
        stretched[top : top + 256] = np.round(np.clip(np.nan_to_num(strip, nan=0.0), 0, 1) * 255)
    return stretched
