"""An orthophoto -> tiles of so much ground, each an entry of the collection with its place on Earth.

Tiles lie in a regular grid that covers the raster; its last ones overlap by as much as the grid does not go
into it. They are read by windows, so that a raster is never in memory as a whole.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from retrieval.collections import previews
from retrieval.collections.artifacts import file_sha256
from retrieval.collections.collection import file_state
from retrieval.collections.places import Footprint, Window
from retrieval.images import ImageError, pixel_sha256
from retrieval.maps.crops import CROP_PIXELS
from retrieval.preprocessing import Preprocessing
from retrieval.raster_windows import RasterFile, open_raster
from retrieval.stretch import Stretch
from train.folders.footprints import rounded
from train.folders.ledger import Photo
from train.folders.reading import AHEAD, JUST_NOW, Read
from train.folders.walk import Found, LeftOut, written

SUFFIXES = frozenset({".tif", ".tiff", ".jp2", ".j2k"})
#: A raster whose longer side is at most so many tiles is a photo as any other.
LEAST_TILES = 1.5
#: Of a tile's side; of fewer, cars, roofs and trees are gone, as `crops.COARSEST` says.
LEAST_PIXELS = 64
#: A tile of which more than this has no data is left out.
MAX_NO_DATA = 0.25
#: So is one of a single colour: no band's values differ by more, as JPEG leaves of a black frame.
MAX_BLANK_RANGE = 3
#: Tiles of one raster; more than a collection holds.
MAX_TILES = 1_000_000
CHANGED = "It changed while it was read: run this again."
#: Rows and columns that a tile's name has digits for.
_DIGITS = 4


@dataclass(frozen=True)
class Tile:
    """A part of a raster.

    Attributes:
        part: Its name there: row and column.
        window: See `retrieval.collections.places.Place`.
        footprint: Likewise.
    """

    part: str
    window: Window
    footprint: Footprint


@dataclass(frozen=True)
class TiledRaster:
    """A raster that is cut into tiles.

    Attributes:
        found: Its file.
        tiles: Row by row.
    """

    found: Found
    tiles: list[Tile]


@dataclass(frozen=True)
class Passed:
    """A tile that shows nothing."""


def may_be_raster(file: str) -> bool:
    """Whether a file's name is that of a kind that may be cut into tiles."""
    return Path(file).suffix.lower() in SUFFIXES


def tiled(root: Path, found: Found, metres: float) -> TiledRaster | None:
    """The tiles of a file, from its header; None of what is a photo as a whole, or cannot be opened.

    Args:
        root: The folder.
        found: The file.
        metres: Of ground, that a tile is wide and high.
    """
    try:
        with open_raster(root / found.file) as raster:
            windows = tile_windows(raster, metres)
            corners = raster.footprints(list(windows.values()))
    except ImageError:  # whoever reads it as a photo says what is wrong
        return None
    tiles = [
        Tile(part, window, rounded(footprint))
        for (part, window), footprint in zip(windows.items(), corners, strict=True)
        if footprint is not None
    ]
    return TiledRaster(found, tiles) if tiles else None


def tile_windows(raster: RasterFile, metres: float) -> dict[str, Window]:
    """The windows of a raster by their names; none of one that is small, coarse, or without a place."""
    sides = raster.pixel_sides
    if sides is None or metres / max(sides) < LEAST_PIXELS:
        return {}
    width, height = raster.size
    across, down = metres / sides[0], metres / sides[1]
    if min(width / across, height / down) < 1 or max(width / across, height / down) <= LEAST_TILES:
        return {}
    lefts, tops = _starts(width, across), _starts(height, down)
    if len(lefts) * len(tops) > MAX_TILES:
        return {}
    wide, high = _pixels(across, width), _pixels(down, height)
    return {
        f"{row:0{_DIGITS}d}-{column:0{_DIGITS}d}": (left, top, left + wide, top + high)
        for row, top in enumerate(tops)
        for column, left in enumerate(lefts)
    }


def _pixels(side: float, room: int) -> int:
    """Of a tile: whole ones, so many that neighbours leave nothing out."""
    return min(math.ceil(side - 0.01), room)


def _starts(room: int, side: float) -> list[int]:
    """Where tiles of a side begin: one beside the other, and the last at the end of the room."""
    count = max(1, math.ceil(room / side - 0.01))
    last = room - _pixels(side, room)
    return [min(round(number * side), last) for number in range(count)]


def read_tiles(
    root: Path, rasters: list[TiledRaster], preprocessing: Preprocessing, known: Mapping[str, object]
) -> Iterator[Read | LeftOut | Passed]:
    """Read tiles, in their order, some of them before they are asked for.

    Of a raster in which some cannot be read, the others count, and it is told how many are missing.

    Args:
        root: The folder.
        rasters: Which.
        preprocessing: Cuts the square that the network sees.
        known: Contents that need not be read; may grow meanwhile.
    """
    with ThreadPoolExecutor(1) as thread:  # GDAL decodes while the network computes
        for raster in rasters:
            reader = _Reader(root / raster.found.file, raster, preprocessing, known)
            yield from reader.read(thread)


class _Reader:
    """Reads the tiles of one raster, in one thread."""

    def __init__(
        self, path: Path, raster: TiledRaster, preprocessing: Preprocessing, known: Mapping[str, object]
    ) -> None:
        self._path, self._raster, self._known = path, raster, known
        self._preprocessing = preprocessing
        self._look: tuple[Stretch | None, float] | None = None

    def read(self, thread: ThreadPoolExecutor) -> Iterator[Read | LeftOut | Passed]:
        file, tiles = self._raster.found.file, self._raster.tiles
        started = time.time_ns()
        before = file_state(self._path)
        try:
            self._file_sha256 = file_sha256(self._path)
            if before is None or file_state(self._path) != before:
                raise ImageError(CHANGED)
            modified = before[3] if before[3] < started - JUST_NOW else 0
            self._base = Photo(file, before[2], modified, "", "", "")
            with open_raster(self._path) as raster:
                shown, broken = 0, list[str]()
                for tile, read in zip(tiles, self._ahead(thread, raster), strict=True):
                    if file_state(self._path) != before:
                        raise ImageError(CHANGED)
                    if isinstance(read, ImageError):
                        broken.append(tile.part)
                    shown += isinstance(read, Read)
                    yield Passed() if isinstance(read, ImageError) else read
        except (ImageError, OSError) as error:
            yield LeftOut(written(file), error.strerror or "" if isinstance(error, OSError) else str(error))
            return
        if broken:
            missing = f"{len(broken):,} of its {len(tiles):,} tiles cannot be read, such as {broken[0]}"
            yield LeftOut(written(file), f"The file is damaged or cut off: {missing}.")
        elif not shown:
            yield LeftOut(written(file), "It holds no data: each of its tiles is empty.")

    def _ahead(self, thread: ThreadPoolExecutor, raster: RasterFile) -> Iterator[Read | Passed | ImageError]:
        waiting: deque[Future[Read | Passed | ImageError]] = deque()
        try:
            for tile in self._raster.tiles:
                waiting.append(thread.submit(self._read, raster, tile))
                if len(waiting) == AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # and before the raster is closed
            for future in waiting:
                future.cancel()
            thread.submit(int).result()

    def _read(self, raster: RasterFile, tile: Tile) -> Read | Passed | ImageError:
        content = hashlib.sha256(f"{self._file_sha256} {tile.window}".encode()).hexdigest()
        photo = replace(
            self._base, content=content, part=tile.part, window=tile.window, footprint=tile.footprint
        )
        if content in self._known:
            return Read(photo, None)
        try:
            if self._look is None:
                self._look = raster.look()
            image, without_data = raster.read(tile.window, self._look)
        except Exception:  # of many kinds, some of them GDAL's own
            return ImageError("This tile cannot be read.")
        if without_data > MAX_NO_DATA or _is_blank(image):
            return Passed()
        photo = replace(photo, pixels=pixel_sha256(image), blurhash=previews.encode(image))
        # As `crops.crop` makes it of a query.
        seen = image.resize((CROP_PIXELS, CROP_PIXELS), Image.Resampling.BICUBIC)
        return Read(photo, self._preprocessing.square(seen))


def _is_blank(image: Image.Image) -> bool:
    return all(
        band.getextrema()[1] - band.getextrema()[0] <= MAX_BLANK_RANGE  # type: ignore[operator]
        for band in image.split()
    )
