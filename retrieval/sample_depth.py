"""Samples of more than 8 bits -> 8 bits: what Pillow does not do, or not without losing most of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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

    Args:
        high: As Pillow opens it.
        low: The same file, opened again and not loaded.

    Returns:
        8 bits a band: RGBA where the fourth is alpha, else the bands of `high` without a fourth that is none.
    """
    swapped = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
    tiles = [
        tile._replace(args=_swap(tile.args, rawmode[:-1] + swapped[rawmode[-1]]))
        for tile, rawmode in zip(_tiles(low), sixteen_bit_rawmodes(low), strict=True)
    ]
    setattr(low, "tile", tiles)  # noqa: B010 - an attribute of file images only, which the types do not know
    high.load()
    low.load()  # each takes a copy more while it is decoded, so before the result is there
    has_alpha = high.mode == "RGBA" and not fourth_band_is_no_alpha(high)
    colours = slice(3) if high.mode == "RGBA" else slice(None)

    def samples(top: int, bottom: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        rows = (0, top, high.width, bottom)
        given = np.asarray(high.crop(rows)).astype(np.uint16) * 256 + np.asarray(low.crop(rows))
        visible = given[..., -1] > 0 if has_alpha else np.ones(given.shape[:2], bool)
        return given[..., colours], visible

    mode = "RGB" if high.mode == "RGBA" else high.mode
    stretched = stretch(samples, high.size, mode, "RGBA" if has_alpha else mode)
    if has_alpha:
        stretched.putalpha(high.getchannel("A"))
    return stretched


def stretch_grey(image: Image.Image) -> Image.Image:
    """A grey image of 16 or 32 bits, or of floats, stretched to 8 bits (mode L)."""

    def samples(top: int, bottom: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        given = np.asarray(image.crop((0, top, image.width, bottom)))
        return given[..., None], np.isfinite(given)

    return stretch(samples, image.size, "L", "L")


def _tiles(image: Image.Image) -> list[Any]:
    return list(getattr(image, "tile", []))  # Pillow's list of what to decode, and how


def _swap(args: str | tuple[Any, ...], rawmode: str) -> str | tuple[Any, ...]:
    return rawmode if isinstance(args, str) else (rawmode, *args[1:])


def stretch(
    samples: Callable[[int, int], tuple[NDArray[Any], NDArray[np.bool_]]],
    size: tuple[int, int],
    mode: str,
    result_mode: str,
) -> Image.Image:
    """Samples of any range -> 0-255, all bands by the same two percentiles so that colours keep their hue.

    Only some rows of them are in memory at a time: an image of 50 megapixels has 400 MB of samples.

    Args:
        samples: Of a first row and the row after the last: (rows, width, bands), and (rows, width) the pixels
            whose values count for the percentiles.
        size: Width and height.
        mode: Pillow's, of the bands.
        result_mode: Pillow's, of the result.
    """
    width, height = size
    stretched = Image.new(result_mode, size)
    stretched.paste((NEUTRAL_GREY[0],) * len(stretched.getbands()), (0, 0, *size))
    step = max(1, round((height * width / 1_000_000) ** 0.5))  # a million pixels say enough
    some = []
    for top, bottom in (
        _strips(height, 256) if step == 1 else ((row, row + 1) for row in range(0, height, step))
    ):
        given, visible = samples(top, bottom)
        some.append(given[:, ::step][visible[:, ::step]])
    counted = np.concatenate(some).astype(np.float64)
    if not counted.size:
        return stretched
    dark, bright = np.percentile(counted, STRETCH_PERCENTILES)
    if bright <= dark:
        dark, bright = float(counted.min()), float(counted.max())
    if bright <= dark:  # one value everywhere
        return stretched

    def to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
        scaled = np.nan_to_num((values.astype(np.float32) - dark) / (bright - dark), nan=0.0)
        scaled_bytes: NDArray[np.uint8] = np.round(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
        return scaled_bytes

    table = to_bytes(np.arange(1 << 16, dtype=np.uint16))
    for top, bottom in _strips(height, 256):
        given, _ = samples(top, bottom)
        part = table[given] if given.dtype == np.uint16 else to_bytes(given)
        stretched.paste(Image.frombytes(mode, (width, bottom - top), part.tobytes()), (0, top))
    return stretched


def _strips(height: int, rows: int) -> Iterator[tuple[int, int]]:
    return ((top, min(height, top + rows)) for top in range(0, height, rows))
