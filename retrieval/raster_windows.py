"""A raster in a file of this machine's own, read a part at a time, so that it may be of any size.

Such a file is the operator's: it is opened where it lies, by the one driver that its first bytes name, and
neither a file beside it nor the network is looked at. A stranger's is never opened here, see `rasters`.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.io import DatasetReader
from rasterio.windows import Window as Part

from retrieval.colours import conversion, converted
from retrieval.errors import Message
from retrieval.files import open_regular
from retrieval.georeference import Corners, Georeference, footprints, pixel_sides
from retrieval.image_files import RASTERS
from retrieval.images import MAX_PIXELS, ImageError
from retrieval.raster_bands import Bands, UnreadableRasterError
from retrieval.rasters import OPTIONS, check_blocks, colour_profile, wkt_of
from retrieval.stretch import Stretch
from retrieval.tiff_structure import TiffFacts, tiff_facts
from retrieval.upright_rgb import TURNS

#: Pixels along a side from which on a part is read smaller, from overviews where there are some: twice what
#: a search sees of it.
ENOUGH = 512

Window = tuple[int, int, int, int]

_BROKEN = Message("This raster is damaged or cut off, or of a kind that is not read here: export it again.")


class RasterFile:
    """An open raster.

    Args:
        source: Open.
        facts: What its file says of itself.

    Attributes:
        size: Width and height in pixels, as they lie in the file.
    """

    def __init__(self, source: DatasetReader, facts: TiffFacts) -> None:
        self._source = source
        self.size: tuple[int, int] = (source.width, source.height)
        # As the whole of it is read elsewhere, so that its parts have the contrast of the whole.
        self._bands = Bands(source, facts, max(1.0, math.sqrt(source.width * source.height / MAX_PIXELS)))
        check_blocks(source, self._bands.bytes_per_pixel)
        self._turn = TURNS.get(facts.turn)
        self._colours = conversion(colour_profile(source), "RGB")

    @property
    def pixel_sides(self) -> tuple[float, float] | None:
        """Metres of ground across a pixel and down one; None where the file does not say."""
        return pixel_sides(wkt_of(self._source), self._source.transform[:6], self.size)

    def footprints(self, windows: list[Window]) -> list[Corners | None]:
        """The corners of the pictures of these windows, in degrees (WGS 84)."""
        found = footprints(wkt_of(self._source), self._source.transform[:6], windows)
        if self._turn is None:
            return found
        return [each and Georeference("", each).turned(self._turn).corners for each in found]

    def look(self) -> tuple[Stretch | None, float]:
        """How its samples become bytes: what `read` asks for."""
        return self._bands.look()

    def read(self, window: Window, look: tuple[Stretch | None, float]) -> tuple[Image.Image, float]:
        """A part, upright RGB, and the share of it without data. A large one is read smaller."""
        left, top, right, bottom = window
        width, height = right - left, bottom - top
        shrink = max(1, min(width, height) // ENOUGH)
        shape = (-(-height // shrink), -(-width // shrink))
        part = self._bands.read(Part(left, top, width, height), shape)
        stretch, full = look
        image = Image.fromarray(self._bands.drawn(part, stretch, full))
        valid = part.valid.any(axis=0)
        if part.alpha is not None and full > 0:
            valid = valid & (part.alpha > 0)
        if self._colours is not None:
            image = converted(image, self._colours)
        if self._turn is not None:
            image = image.transpose(self._turn)
        return image, 1 - float(np.mean(valid))


@contextmanager
def open_raster(path: Path) -> Iterator[RasterFile]:
    """Open a file of the operator's. Raises ImageError where it is no raster, here or in the block."""
    try:
        driver, facts = _begin(path)
        # Of a document the first page alone.
        name: str | Path = f"GTIFF_DIR:1:{path}" if facts.has_pages else path
        with (
            rasterio.Env(**OPTIONS),
            rasterio.open(name, driver=driver, sharing=False) as source,
        ):
            yield RasterFile(source, facts)
    except ImageError:
        raise
    except UnreadableRasterError as error:
        raise ImageError(error.message) from error
    except Exception as error:  # of many kinds, some of them GDAL's own
        raise ImageError(_BROKEN) from error


def _begin(path: Path) -> tuple[str, TiffFacts]:
    """The driver of a file, and what a TIFF says of itself. Raises as `open_raster` expects."""
    with open_regular(path) as file:
        start = file.read(64)
        driver = next((each for beginning, each in RASTERS.items() if beginning.match(start)), "PNG")
        if driver == "PNG":
            raise ImageError("This is no GeoTIFF, and no JPEG 2000.")
        if driver != "GTiff":
            return driver, TiffFacts()
        return driver, tiff_facts(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def read_window(path: Path, state: object, window: Window) -> Image.Image:
    """A part of a file of the operator's, upright RGB.

    Args:
        path: Of the file.
        state: What changes when the file does: its contrast is found once for each.
        window: Left, top, right, bottom in pixels.

    Raises:
        ImageError: If it cannot be read, or the window is not in it.
    """
    look = _look(path, state)
    with open_raster(path) as raster:
        width, height = raster.size
        if window[2] > width or window[3] > height:
            raise ImageError("This raster is smaller than it was: index it again.")
        return raster.read(window, look)[0]


@lru_cache(maxsize=64)
def _look(path: Path, state: object) -> tuple[Stretch | None, float]:
    with open_raster(path) as raster:
        return raster.look()
