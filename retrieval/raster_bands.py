"""The bands of a raster, of any type and number -> red, green and blue; grey where there is no data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.io import DatasetReader
from rasterio.windows import Window

from retrieval.errors import Message
from retrieval.stretch import NEUTRAL_GREY, Stretch
from retrieval.tiff_structure import TiffFacts

#: Of decoded blocks that GDAL keeps.
CACHE_BYTES = 128_000_000

_SAMPLE_PIXELS = 1_000_000  # say enough of the contrast
_SAMPLE_ROWS = 32  # of a raster that is read smaller, and has no overviews

#: An alpha is a mask where so much of it says 'all' or 'nothing'; the rest are edges. Near infrared that a
#: program took for alpha is anything in between.
MASK_SHARE = 0.9

COMPLEX = Message(
    "This raster holds complex numbers, as radar has them, which make no picture: export their magnitude."
)


class UnreadableRasterError(Exception):
    """A raster that is whole, and of a kind that is not read. The message is a sentence."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


@dataclass(frozen=True)
class Part:
    """Some rows of samples.

    Attributes:
        colours: (1 or 3, rows, width), of any type.
        valid: (1 or 3, rows, width): False where there is no data.
        alpha: (rows, width); None without one.
    """

    colours: NDArray[Any]
    valid: NDArray[np.bool_]
    alpha: NDArray[Any] | None

    def every(self, step: int) -> Part:
        """Some columns of it."""
        alpha = None if self.alpha is None else self.alpha[:, ::step]
        return Part(self.colours[..., ::step], self.valid[..., ::step], alpha)

    def rows(self, top: int, bottom: int) -> Part:
        """Some rows of it."""
        alpha = None if self.alpha is None else self.alpha[top:bottom]
        return Part(self.colours[:, top:bottom], self.valid[:, top:bottom], alpha)

    def counted(self, full: float) -> NDArray[Any]:
        """The samples that say the contrast."""
        seen = self.valid if self.alpha is None or not full else self.valid & (self.alpha > 0)
        return self.colours[np.broadcast_to(seen, self.colours.shape)]


class Bands:
    """The way from a raster's bands to red, green and blue.

    Args:
        source: Open.
        facts: What its file says of itself.
        shrink: How many times smaller it is read, each way.

    Attributes:
        bytes_per_pixel: Of the samples that are decoded.
        has_huge_blocks: Whether a block of samples is more than GDAL may keep decoded.

    Raises:
        UnreadableRasterError: If its samples make no picture.
    """

    def __init__(self, source: DatasetReader, facts: TiffFacts, shrink: float) -> None:
        self._source, self._facts = source, facts
        if any(kind.startswith("complex") for kind in source.dtypes):
            raise UnreadableRasterError(COMPLEX)
        structure = source.tags(ns="IMAGE_STRUCTURE")
        self._white_is_zero = structure.get("MINISWHITE") == "YES"
        self._bits = int(source.tags(1, ns="IMAGE_STRUCTURE").get("NBITS", 0))
        self._alpha = next((n for n, use in enumerate(source.colorinterp, 1) if use == ColorInterp.alpha), 0)
        self._colours = _colours(source.colorinterp, self._alpha)
        self._kind = np.dtype(source.dtypes[self._colours[0] - 1])
        self._palette = None if self._white_is_zero else _palette(source, self._colours)
        flags = source.mask_flag_enums[self._colours[0] - 1]
        self._has_nodata = MaskFlags.nodata in flags
        self._has_mask = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
        self._resampling = Resampling.nearest if self._palette is not None else Resampling.average
        self._shrink = shrink
        self.bytes_per_pixel = self._kind.itemsize * (len(self._colours) + bool(self._alpha))

        block = max(height * width for height, width in source.block_shapes)
        self.has_huge_blocks = block * self.bytes_per_pixel > CACHE_BYTES

    def read(self, window: Window, shape: tuple[int, int]) -> Part:
        """A window of the raster, as an array of this shape (rows, columns)."""
        source, bands = self._source, [*self._colours, *filter(None, (self._alpha,))]
        smaller = shape != (window.height, window.width)

        def options(count: int) -> dict[str, Any]:
            return {"out_shape": (count, *shape), "resampling": self._resampling} if smaller else {}

        samples = source.read(bands, window=window, **options(len(bands)))
        colours, alpha = samples[: len(self._colours)], samples[-1] if self._alpha else None
        valid = np.ones((1, *shape), bool)
        if self._has_nodata or self._has_mask:
            masked = self._colours if self._has_nodata else self._colours[:1]
            valid = source.read_masks(masked, window=window, **options(len(masked))) > 0
        if self._kind.kind == "f":
            valid = valid & np.isfinite(colours)
        if self._white_is_zero:
            colours = -colours if self._kind.kind == "f" else ~colours
        return Part(colours, valid, alpha)

    def look(self) -> tuple[Stretch | None, float]:
        """How samples become bytes, None if they are bytes; and what an alpha says where all is visible.

        The latter is 0 where there is no alpha, or none that is a mask.
        """
        is_deep = self._palette is None and self._kind != np.uint8
        if not is_deep and not self._alpha:
            return None, 0.0
        parts = list(self._some())
        full = 0.0
        if self._alpha:
            alpha = np.concatenate([part.alpha.ravel() for part in parts if part.alpha is not None])
            full = self._whole_alpha(alpha)
        if not is_deep:
            return None, full
        return Stretch(np.concatenate([part.counted(full) for part in parts])), full

    def _some(self) -> Iterator[Part]:
        """Enough of the samples to judge all by."""
        source = self._source
        width, height = source.width, source.height
        step = max(1, round((height * width / _SAMPLE_PIXELS) ** 0.5))
        whole = Window(0, 0, width, height)
        if step == 1:
            yield self.read(whole, (height, width))
        elif self.has_huge_blocks or (self._shrink > 1 and source.overviews(1)):
            yield self.read(whole, (-(-height // step), -(-width // step)))
        else:
            if self._shrink > 1:
                step = max(step, height // _SAMPLE_ROWS)
            for row in range(0, height, step):
                yield self.read(Window(0, row, width, 1), (1, width)).every(step)

    def _whole_alpha(self, alpha: NDArray[Any]) -> float:
        full = float(alpha.max(initial=0))
        if self._source.driver == "PNG":  # whose alpha is one, by definition
            return float(np.iinfo(alpha.dtype).max)
        says = float(np.mean((alpha == 0) | (alpha == full)))
        return full if full > 0 and says >= MASK_SHARE else 0.0

    def drawn(self, part: Part, stretch: Stretch | None, full: float) -> NDArray[np.uint8]:
        """Rows of the image: (rows, width, 3)."""
        valid = part.valid.any(axis=0)
        if self._palette is not None:
            rgb = self._palette[np.minimum(part.colours[0], len(self._palette) - 1)]
            valid = valid & (rgb[..., 3] > 0)
            rgb = rgb[..., :3]
        else:
            levels = stretch.to_bytes(part.colours) if stretch else self._bytes(part.colours)
            rgb = np.repeat(levels, 3, axis=0) if len(levels) == 1 else levels
            rgb = np.ascontiguousarray(rgb.transpose(1, 2, 0))
        if part.alpha is not None and full > 0:
            seen = np.clip(part.alpha.astype(np.float32) / full, 0, 1)[..., None]
            own = rgb if self._facts.premultiplied and stretch is None else rgb * seen
            rgb = np.where(seen < 1, np.minimum(np.round(own + NEUTRAL_GREY[0] * (1 - seen)), 255), rgb)
        return np.where(np.asarray(valid)[..., None], rgb, NEUTRAL_GREY[0]).astype(np.uint8)

    def _bytes(self, samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Samples of 8 bits as they are; those of fewer bits as far apart."""
        if not 0 < self._bits < 8:
            return samples
        most = (1 << self._bits) - 1
        return ((samples & most).astype(np.uint16) * 255 // most).astype(np.uint8)


def _colours(uses: Sequence[ColorInterp], alpha: int) -> list[int]:
    """The bands that are red, green and blue, or the one that is grey, counted from 1."""
    named = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    if all(name in uses for name in named):
        return [uses.index(name) + 1 for name in named]
    others = [number for number in range(1, len(uses) + 1) if number != alpha] or [1]
    return others[:3] if len(others) >= 3 else others[:1]


def _palette(source: DatasetReader, colours: list[int]) -> NDArray[np.uint8] | None:
    """The colours of a raster of numbers that stand for some: (n, 4); None of any other."""
    if source.colorinterp[colours[0] - 1] != ColorInterp.palette:
        return None
    try:
        found = source.colormap(colours[0])
    except ValueError:  # it has none
        return None
    table = np.zeros((max(found) + 1, 4), np.uint8)
    for number, colour in found.items():
        table[number] = colour
    return table
