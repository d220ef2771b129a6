"""Pictures that browsers can show, made once and kept in the cache: thumbnails, photos, previews."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from retrieval.collections import previews
from retrieval.collections.cache import PICTURES, pictures_folder
from retrieval.collections.collection import Collection
from retrieval.collections.photos import BROWSER_SUFFIXES
from retrieval.files import atomic_write
from retrieval.images import MAX_BYTES, decode
from retrieval.plain_text import one_line
from ui.example_uploads import ExampleUploads
from ui.i18n import class_name

#: Side of a thumbnail in pixels: as many as a sharp screen has for a column of the page's grid.
SIDE, QUALITY = 224, 70

#: Width and height of what is shown of an example, a photo or a map, in pixels: no more is sent than the
#: page's first view needs.
PHOTO_EXAMPLE, MAP_EXAMPLE = (128, 128), (160, 124)
EXAMPLE_QUALITY = 65

#: Longer side of the small picture of a view of a map.
MAP_VIEW_SIDE = 400

#: Quality of a photo that is converted because browsers do not show its format.
WHOLE_QUALITY = 90
#: Pixels of a side, of which a WebP file has no more.
WEBP_SIDE = 16_383


#: A file in the cache; or its bytes, where the cache cannot be written to: a disk may be full.
Picture = Path | bytes


def thumbnail(collection: Collection, row: int) -> Picture:
    """A small picture of a row: the middle square of its photo, or of its preview where that is not here."""
    return _cached(collection, row, f"thumbnail {SIDE} {QUALITY}", middle_square, QUALITY)


def whole(collection: Collection, row: int) -> Picture:
    """A file that a browser can show for a row: its photo, or else its preview."""
    path = collection.photo(row)
    is_part = collection.window(row) is not None
    if path and not is_part and _is_for_browsers(path) and collection.checked_photo(row):
        return path
    return _cached(collection, row, "", _within_webp, WHOLE_QUALITY)


def whole_image(collection: Collection, row: int) -> Image.Image:
    """What `whole` shows, RGB."""
    return collection.photo_image(row) or decode(whole(collection, row)).image


def example_thumbnail(examples: ExampleUploads, name: str) -> Picture:
    """A small picture of an example. Raises FileNotFoundError where there is none of that name."""
    state = examples.state(name)
    if not state:
        raise FileNotFoundError(name)
    size = MAP_EXAMPLE if examples.is_map(name) else PHOTO_EXAMPLE
    shown = hashlib.sha256(f"{name} {state} {size} {EXAMPLE_QUALITY}".encode()).hexdigest()[:24]
    target = pictures_folder("examples") / f"{shown}.webp"
    if PICTURES.use(target):
        return target
    return _kept(ImageOps.fit(examples.picture(name), size), target, EXAMPLE_QUALITY)


def map_view_picture(path: Path, side: int) -> Picture:
    """A view of a map that is an example, at most so many pixels wide and high."""
    content = f"{path.name} {path.stat().st_mtime_ns} {side}"
    name = hashlib.sha256(content.encode()).hexdigest()[:24]
    target = pictures_folder("map-views") / f"{name}.webp"
    if PICTURES.use(target):
        return target
    image = decode(path).image
    image.thumbnail((side, side))
    return _kept(image, target, QUALITY if side <= MAP_VIEW_SIDE else WHOLE_QUALITY)


def middle_square(image: Image.Image, side: int = SIDE) -> Image.Image:
    """The middle square of a picture, small: side x side pixels."""
    return ImageOps.fit(image, (side, side))


def draw_preview(blurhash: str, label: str, identifier: str) -> Image.Image:
    """A preview of 256 x 256 pixels: the decoded BlurHash with the class and the id written on it."""
    preview = previews.decode(blurhash)
    draw, middle = ImageDraw.Draw(preview), preview.width / 2
    for name, size, y in ((label, 36, 108), (identifier, 28, 150)):  # thumbnails show half of these pixels
        line = plain_letters(name)
        width = ImageFont.load_default(size).getlength(line)
        font = ImageFont.load_default(size * min(1, 0.9 * preview.width / max(width, 1)))
        draw.text(
            (middle, y), line, font=font, fill="white", anchor="mm", stroke_width=2, stroke_fill="black"
        )
    return preview


def plain_letters(text: str) -> str:
    """A text in letters that Pillow's own font has: without the marks of ș, ț, ă, â, î; on one line."""
    decomposed = unicodedata.normalize("NFKD", one_line(text))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _is_for_browsers(path: Path) -> bool:
    """Whether a file is of a format that they show, and not too large to be sent to them."""
    try:
        return path.suffix.lower() in BROWSER_SUFFIXES and path.stat().st_size <= MAX_BYTES
    except OSError:
        return False


def _within_webp(image: Image.Image) -> Image.Image:
    return image if max(image.size) <= WEBP_SIDE else ImageOps.contain(image, (WEBP_SIDE, WEBP_SIDE))


def _cached(
    collection: Collection, row: int, kind: str, shape: Callable[[Image.Image], Image.Image], quality: int
) -> Picture:
    """A picture from the cache, made unless it is there; named by what it shows, so never stale.

    A photo that is damaged, or another than the catalogue says, is not shown: its preview is still right.
    """
    entry = collection.entries[row]
    if collection.photo(row):
        target = _target(collection, entry.sha256 + kind)
        if PICTURES.use(target):
            return target
        if image := collection.photo_image(row):
            return _kept(shape(image), target, quality)
    shown = (entry.blurhash, class_name(collection.label_of(row)), entry.id)
    target = _target(collection, "".join(shown) + kind)
    return target if PICTURES.use(target) else _kept(shape(draw_preview(*shown)), target, quality)


def _target(collection: Collection, content: str) -> Path:
    name = hashlib.sha256(content.encode()).hexdigest()[:24]
    return pictures_folder(collection.name) / f"{name}.webp"


def _kept(image: Image.Image, target: Path, quality: int) -> Picture:
    try:
        _save(image, target, quality)
    except OSError:
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality)
        return file.getvalue()
    return target


def _save(image: Image.Image, target: Path, quality: int) -> None:
    with atomic_write(target) as partial:
        image.save(partial, "WEBP", quality=quality)
    PICTURES.added(target)
