"""What a map page draws over its imagery is found, and photos without any stay untouched."""

import functools
import io
import random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from examples import scenes
from retrieval.maps.overlays import find_overlays

WORDS = (
    "Riverside Park",
    "Oak Street",
    "Museum of Art",
    "Central Station",
    "Lake View Rd",
    "Golf Club",
    "5th Ave",
)


@functools.cache
def photo(label, size):
    return scenes.draw(label, 0).resize((size, size), Image.Resampling.BICUBIC)


def mosaic(seed, size=(1280, 800), side=256):
    """A view like that of a map: drawn scenes side by side."""
    chance = random.Random(seed)
    view = Image.new("RGB", size)
    for top in range(0, size[1], side):
        for left in range(0, size[0], side):
            view.paste(photo(chance.choice(scenes.CLASSES), side), (left, top))
    return view


class Page:
    """Draws overlays over a view, and remembers where: `boxes` and `labels` are masks of the picture."""

    def __init__(self, view, seed=0, scale=1, dark=False):
        self.picture = view.convert("RGB")
        self.scale, self.chance = scale, random.Random(seed)
        self.back, self.ink = ((32, 33, 36), (232, 234, 237)) if dark else ((255, 255, 255), (60, 64, 67))
        self.boxes, self.labels = Image.new("1", view.size), Image.new("1", view.size)

    def text(self, at, words, size=13, colour=None, halo=None):
        font = ImageFont.load_default(size * self.scale)
        point = (at[0] * self.scale, at[1] * self.scale)
        stroke = self.scale * 2 if halo else 0
        ImageDraw.Draw(self.picture).text(
            point, words, colour or self.ink, font, stroke_width=stroke, stroke_fill=halo
        )
        return ImageDraw.Draw(self.picture).textbbox(point, words, font, stroke_width=stroke)

    def box(self, left, top, right, bottom, radius=0, words=(), shadow=True, colour=None):
        corners = [self.scale * value for value in (left, top, right, bottom)]
        shape = Image.new("L", self.picture.size)
        ImageDraw.Draw(shape).rounded_rectangle(
            [corners[0], corners[1], corners[2] - 1, corners[3] - 1], radius * self.scale, fill=255
        )
        if shadow:
            shade = shape.filter(ImageFilter.GaussianBlur(3 * self.scale)).point(lambda value: value * 0.4)
            self.picture.paste((0, 0, 0), mask=shade)
        self.picture.paste(colour or self.back, mask=shape)
        self.boxes.paste(1, mask=shape)
        for number, line in enumerate(words):
            self.text((left + 12, top + 10 + 22 * number), line)

    def label(self, left, top, words, colour=(255, 255, 255), halo=(30, 30, 30), size=13):
        self.labels.paste(1, [int(value) for value in self.text((left, top), words, size, colour, halo)])

    def map_controls(self):
        """Search box, chips, zoom buttons, scale bar, attribution and labels, at chance's places."""
        width, height = (side // self.scale for side in self.picture.size)
        chance = self.chance
        left = chance.randrange(10, 40)
        self.box(left, 12, left + 320, 56, chance.choice((4, 8, 22)), [chance.choice(WORDS)])
        for number in range(3):
            self.box(400 + 110 * number, 16, 495 + 110 * number, 48, 16, ["Hotels"])
        for number in range(3):
            top = height - 200 + 45 * number
            self.box(width - 52, top, width - 12, top + 40, chance.choice((0, 4, 20)))
            self.text((width - 38, top + 8), "+-o"[number], 20)
        self.box(width - 420, height - 18, width, height, 0, shadow=False)
        self.text((width - 410, height - 17), "Imagery (c) 2026, Map data (c) 2026   Terms   200 ft", 11)
        for _ in range(8):
            at = chance.randrange(60, width - 200), chance.randrange(90, height - 250)
            self.label(*at, chance.choice(WORDS), size=chance.choice((11, 12, 13, 15)))
        return self

    def browser(self):
        """A frame of tabs and an address over the top, and a taskbar under the bottom."""
        width, height = (side // self.scale for side in self.picture.size)
        tint = tuple(value - 28 if value > 128 else value + 28 for value in self.back)
        self.box(0, 0, width, 84, 0, shadow=False, colour=tint)
        self.box(8, 6, 230, 40, 8, ["Map - Browser"], shadow=False)
        self.box(0, 40, width, 84, 0, shadow=False)
        self.box(120, 46, width - 150, 78, 16, ["https://maps.example/"], shadow=False, colour=tint)
        self.box(0, height - 40, width, height, 0, ["Start"], shadow=False, colour=tint)
        return self

    def panel(self, width=380, top=0, bottom=None):
        bottom = bottom or self.picture.height // self.scale
        lines = [self.chance.choice(WORDS) for _ in range((bottom - top) // 30)]
        self.box(0, top, width, bottom, 0, lines)
        return self


def recall(found, drawn):
    drawn = np.asarray(drawn)
    return (found.mask & drawn).sum() / drawn.sum()


def as_file(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return Image.open(buffer).convert("RGB")


def text_page(colour=(255, 255, 255)):
    page = Page(Image.new("RGB", (1280, 800), colour), 3)
    page.box(0, 0, 1280, 800, words=[" ".join(WORDS + WORDS[:3]) for _ in range(34)], shadow=False)
    return page.browser().picture


def street_map(size=(1280, 800)):
    """Land, slanted streets and a lake, in a few flat colours."""
    picture = Image.new("RGB", size, (242, 239, 233))
    draw = ImageDraw.Draw(picture)
    draw.ellipse([700, 300, 1100, 700], fill=(170, 211, 223))
    for start in range(-800, 1400, 110):
        draw.line([(start, 0), (start + 330, size[1])], fill=(255, 255, 255), width=9)
        draw.line([(0, start + 300), (size[0], start)], fill=(250, 214, 120), width=9)
    return picture


@pytest.mark.parametrize("label", scenes.CLASSES)
def test_a_scene_without_overlays_stays_imagery_with_next_to_nothing_flagged(label):
    for size in (256, 512):
        found = find_overlays(photo(label, size))
        assert found.content == "imagery"
        assert found.mask.shape == (size, size)
        assert found.mask.mean() < 0.03


def test_a_mosaic_without_overlays_is_all_view():
    found = find_overlays(mosaic(4))
    assert found.content == "imagery"
    assert found.map_area == (0, 0, 1280, 800)
    assert found.mask.mean() < 0.01


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "options", [{"format": "PNG"}, {"format": "JPEG", "quality": 80}], ids=["png", "jpeg"]
)
def test_boxes_and_labels_over_a_map_are_found(dark, options):
    page = Page(mosaic(1), 1, dark=dark).map_controls()
    found = find_overlays(as_file(page.picture, **options))
    assert found.content == "imagery"
    assert recall(found, page.boxes) >= 0.85
    assert recall(found, page.labels) >= 0.6
    assert found.mask.mean() < 0.12


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_view_is_what_frame_and_panel_leave(dark):
    page = Page(mosaic(2), 2, dark=dark).map_controls().panel().browser()
    found = find_overlays(page.picture)
    assert recall(found, page.boxes) >= 0.95
    assert np.abs(np.subtract(found.map_area, (380, 84, 1280, 760))).max() <= 2


def test_a_screenshot_with_two_pixels_a_point_is_found_on_a_smaller_copy():
    page = Page(mosaic(3, (2880, 1800), 512), 3, scale=2).map_controls().browser()
    found = find_overlays(page.picture)
    assert found.mask.shape == (1800, 2880)
    assert recall(found, page.boxes) >= 0.9
    assert np.abs(np.subtract(found.map_area, (0, 168, 2880, 1720))).max() <= 4


def test_a_phone_has_its_map_between_status_bar_and_bottom_sheet():
    page = Page(mosaic(5, (1080, 2340), 512), 1, scale=3)
    page.box(0, 0, 360, 28, words=[""], shadow=False)
    page.box(16, 44, 344, 92, 24, ["Golf Club"])
    page.panel(360, 600)
    found = find_overlays(page.picture)
    assert found.content == "imagery"
    assert recall(found, page.boxes) >= 0.9
    assert np.abs(np.subtract(found.map_area, (0, 84, 1080, 1800))).max() <= 8


def test_black_bars_are_no_part_of_the_view():
    picture = Image.new("RGB", (1280, 800))
    picture.paste(mosaic(6, (1280, 600)), (0, 100))
    assert np.abs(np.subtract(find_overlays(picture).map_area, (0, 100, 1280, 700))).max() <= 2


@pytest.mark.parametrize(
    "options", [{"format": "PNG"}, {"format": "WEBP", "quality": 80}], ids=["png", "webp"]
)
def test_a_street_map_is_told_from_imagery(options):
    assert find_overlays(as_file(street_map(), **options)).content == "street map"


def test_a_map_without_imagery_is_blank():
    page = Page(Image.new("RGB", (1280, 800), (229, 227, 223)))
    for left in range(40, 1280, 256):
        for top in range(120, 800, 256):
            page.text((left, top), "No imagery at this zoom", colour=(150, 150, 150))
    assert find_overlays(page.picture).content == "blank"


def test_a_page_of_text_is_covered():
    assert find_overlays(text_page()).content == "covered"
    assert find_overlays(as_file(text_page(), format="JPEG", quality=75)).content == "covered"


@pytest.mark.parametrize("colour", ["black", "white", (20, 60, 90)])
def test_one_colour_is_blank_if_the_picture_is_large_enough_to_say_so(colour):
    assert find_overlays(Image.new("RGB", (640, 480), colour)).content == "blank"
    assert find_overlays(Image.new("RGB", (299, 1000), colour)).content == "imagery"


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (2, 3), (7, 1), (2500, 1), (30, 20), (4001, 301)])
def test_any_size_has_a_mask_of_its_own_size_and_a_view_within(size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    for picture in (Image.fromarray(noise), Image.new("RGB", size)):
        found = find_overlays(picture)
        left, top, right, bottom = found.map_area
        assert found.mask.shape == (size[1], size[0])
        assert found.mask.dtype == np.bool_
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
