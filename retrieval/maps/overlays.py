"""A screenshot of a map -> what the map page has drawn over its imagery: boxes, panels, frames, labels.

Nothing here is learned. Overlays are drawn by a program, and that shows in two ways. Their areas have exactly
one colour and end, from one pixel to the next, at straight upright edges, which no camera makes. And their
letters are thin strokes in a row, all of them with the same halo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from retrieval.maps.morphology import Grey, Labels, Mask, dilate, erode, fill_holes, labelled, window_extreme

Box = tuple[int, int, int, int]  # left, top, right, bottom

LONG_SIDE = 2000  # what is larger is analysed reduced by a whole number, which keeps edges sharp
JUDGED_SIDE = 300  # a picture with a shorter side is taken for imagery: too little is seen to say otherwise

#: An area of one colour, as JPEG and WebP leave it: grey levels within 5 x 5 pixels, the deviation of each
#: channel over the whole area, and its pixels. Water and roofs are as flat here and there, but drift.
FLAT_RANGE, FLAT_DEVIATION, FLAT_PIXELS = 5, 1.6, 40

#: A box: the least side and area in pixels, and the share of its outline that has to be straight and sharp.
BOX_SIDE, BOX_PIXELS, BOX_OUTLINE = 10, 250, 0.55
ROUND_OUTLINE = 0.7  # of a disc, or a box with very round corners: the share that has to be sharp
SHADOW = 3  # pixels around a box that it darkens

#: The share of a change of grey that happens from one pixel to the next where an edge is sharp: as a rule, in
#: a picture that was reduced (which mixes the pixels at an edge), and in one too small to be a screenshot.
JUMP, JUMP_REDUCED, JUMP_SMALL = 0.6, 0.5, 0.8

LETTER_SPREAD = 4.0  # pixels: the deviation of strokes across the line on which they stand

#: The share of a picture that consists of drawn areas, and of what little lies between them, when no imagery
#: is left; the share that suffices if it looks like a street map; and the one that suffices if what is not
#: covered is drawn too. (Of the photos of UC Merced, 99.5 % have less than 0.14, and the flattest has 0.45.)
ALL_DRAWN, MOST_DRAWN, MUCH_DRAWN = 0.85, 0.7, 0.47


@dataclass(frozen=True)
class Overlays:
    """What covers the imagery of a screenshot.

    Attributes:
        mask: (height, width) of the picture: True where covered.
        map_area: Left, top, right, bottom: the map itself, without browser frame, side panel or black bars.
        content: 'imagery', 'street map', 'blank' (one flat colour and perhaps some text: no imagery here) or
            'covered' (overlays alone, such as a web page or a document).
    """

    mask: Mask
    map_area: Box
    content: str


def find_overlays(image: Image.Image) -> Overlays:
    """Find the overlays of a screenshot; a photo has none.

    Args:
        image: RGB, of any size.

    Returns:
        The mask in the picture's own size, the part that is the map, and the kind of picture. It is called
        imagery where there is doubt, and always where the shorter side has less than `JUDGED_SIDE` pixels.
    """
    step = -(-max(image.size) // LONG_SIDE)
    small = image.convert("RGB")
    jump = JUMP_REDUCED if step > 1 else JUMP_SMALL if min(image.size) < JUDGED_SIDE else JUMP
    mask, area, content = _analyse(np.asarray(small.reduce(step) if step > 1 else small), jump)
    if min(image.size) < JUDGED_SIDE:
        content, area = "imagery", (0, 0, mask.shape[1], mask.shape[0])
    width, height = image.size
    mask = mask.repeat(step, 0).repeat(step, 1)[:height, :width]
    left, top, right, bottom = (side * step for side in area)
    return Overlays(mask, (left, top, min(right, width), min(bottom, height)), content)


def _analyse(pixels: NDArray[np.uint8], jump: float) -> tuple[Mask, Box, str]:
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    flat = _flat_areas(pixels, grey)
    boxes = _boxes(dilate(flat, 2), grey, jump)
    letters = _lettering(grey)
    return dilate(boxes, SHADOW) | letters, _map_area(boxes | letters), _content(flat, boxes | letters, grey)


def _flat_areas(pixels: NDArray[np.uint8], grey: Grey) -> Mask:
    """The inside (all but 2 pixels at the edge) of areas that have one colour throughout."""
    flat = window_extreme(grey, 2, 2, np.maximum) - window_extreme(grey, 2, 2, np.minimum) <= FLAT_RANGE
    labels, count = labelled(flat)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    large = area >= FLAT_PIXELS
    large[0] = False
    where = np.flatnonzero(large[labels])
    label = labels.ravel()[where]
    one_colour = large
    for channel in range(3):
        values = pixels[..., channel].ravel()[where].astype(np.float32)
        values -= (np.bincount(label, values, count + 1) / np.maximum(area, 1))[label]
        variance = np.bincount(label, values * values, count + 1) / np.maximum(area, 1)
        one_colour = one_colour & (variance <= FLAT_DEVIATION**2)
    return one_colour[labels]


def _boxes(areas: Mask, grey: Grey, jump: float) -> Mask:
    """Areas with straight, sharp, upright outlines, or round ones, and all that they hold."""
    joined = fill_holes(erode(dilate(areas, 2), 2), round(0.02 * areas.size))
    joined &= dilate(erode(joined, 3), 3)  # without threads of imagery that hang on to a box
    labels, count = labelled(joined)
    if not count:
        return joined
    straight, sharp = _outline(joined, labels, count, grey, jump)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    good = np.zeros(count + 1, np.bool_)
    for number, part in enumerate(ndimage.find_objects(labels), 1):
        if area[number] < BOX_PIXELS or min(side.stop - side.start for side in part) < BOX_SIDE:
            continue
        rounded = sharp[number] >= ROUND_OUTLINE and _is_round(labels[part] == number)
        good[number] = straight[number] >= BOX_OUTLINE or rounded
    return good[labels]


def _is_round(shape: Mask) -> bool:
    """Whether this is a disc or a box with very round corners: its own mirror image, and full."""
    mirrored = (shape == shape[::-1]) & (shape == shape[:, ::-1])
    return bool(shape.mean() >= 0.74 and mirrored.mean() >= 0.93)


def _outline(
    mask: Mask, labels: Labels, count: int, grey: Grey, jump: float, run: int = 6, faintest: int = 10
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each label the shares of its outline that are sharp and upright for some pixels, and sharp."""
    every, straight, clear = np.zeros((3, count + 1))
    padded = np.pad(mask, 1)
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beyond = padded[1 + down : 1 + down + len(mask), 1 + right : 1 + right + mask.shape[1]]
        edge = mask & ~beyond
        reach = (0, run) if down else (run, 0)
        upright = window_extreme(window_extreme(edge, *reach, np.logical_and), *reach, np.logical_or)
        rows, columns = np.nonzero(edge)
        sharp, visible = _sharp(grey, (rows, columns), (down, right), jump, faintest)
        label = labels[rows, columns]
        every += np.bincount(label[visible], minlength=count + 1)
        clear += np.bincount(label[visible & sharp], minlength=count + 1)
        straight += np.bincount(label[visible & sharp & upright[rows, columns]], minlength=count + 1)
    seen = np.maximum(every, 1)
    return np.where(every > 0, straight / seen, 1.0), np.where(every > 0, clear / seen, 1.0)


def _sharp(
    grey: Grey,
    edge: tuple[NDArray[np.intp], NDArray[np.intp]],
    outward: tuple[int, int],
    least: float,
    faintest: int,
) -> tuple[Mask, Mask]:
    """Whether the grey level jumps at these edge pixels rather than slopes, and whether it changes at all.

    Imagery is smoothed by the camera's optics and by the map's zoom: its edges take 2 pixels and more.
    """
    steps = np.arange(-1, 4)
    y, x = (at[:, None] + toward * steps for at, toward in zip(edge, outward, strict=True))
    height, width = grey.shape
    outside = (y[:, 2] < 0) | (y[:, 2] >= height) | (x[:, 2] < 0) | (x[:, 2] >= width)
    levels = grey[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)].astype(np.int16)
    change = np.ptp(levels, axis=1)
    jump = np.abs(np.diff(levels, axis=1)).max(axis=1)
    return outside | (jump >= least * change), outside | (change >= faintest)


def _lettering(grey: Grey) -> Mask:
    """Lines of letters, light with a dark halo or dark with a light one, as rectangles."""
    if grey.size < JUDGED_SIDE**2:
        return np.zeros(grey.shape, np.bool_)  # a photo by itself: boats and cars in rows would pass
    return _light_lettering(grey) | _light_lettering(255 - grey)


def _light_lettering(grey: Grey) -> Mask:
    """Light strokes whose surroundings are all of one darkness: in rows first, then along other lines."""
    thick = window_extreme(window_extreme(grey, 2, 2, np.minimum), 2, 2, np.maximum)
    hat = grey - np.minimum(grey, thick)  # what is thinner than 5 pixels
    halo = window_extreme(grey, 3, 3, np.minimum)
    labels, _ = labelled((hat >= 60) & (grey >= 150) & (grey - halo >= 90), corners=True)
    letter = [False] + [
        4 <= rows.stop - rows.start <= 24 and columns.stop - columns.start <= 40
        for rows, columns in ndimage.find_objects(labels)
    ]
    found = np.zeros(grey.shape, np.bool_)
    for reach in ((0, 4), (4, 4)):
        strokes = np.array(letter)[labels] & ~found
        lines, _ = labelled(dilate(strokes, *reach), corners=True)
        for number, part in enumerate(ndimage.find_objects(lines), 1):
            here = (lines[part] == number) & strokes[part]
            if np.median(hat[part][here]) < 120 or halo[part][here].std() > 18:
                continue
            if reach[0] == 0 and _is_row(labels[part], here):
                rows, columns = part
                rows = slice(max(rows.start - 4, 0), rows.stop + 4)
                found[rows, max(columns.start - 2, 0) : columns.stop + 2] = True
            elif reach[0] and _is_line(labels[part], here):
                found[part] |= erode(dilate(np.pad(here, 7), 7), 3)[7:-7, 7:-7]
    return found


def _is_row(letters: Labels, here: Mask) -> bool:
    """Whether strokes are letters side by side on one base line."""
    if here.shape[0] > 24 or here.shape[1] < 2 * here.shape[0]:
        return False
    members = np.unique(letters[here])
    base = np.array([part[0].stop for part in ndimage.find_objects(np.where(here, letters, 0)) if part])
    return len(members) >= 4 and bool(np.mean(np.abs(base - np.median(base)) <= 1) >= 0.55)


def _is_line(letters: Labels, here: Mask) -> bool:
    """Whether strokes are letters along a line of any direction, as the names of streets are."""
    points = np.argwhere(here)
    if len(np.unique(letters[here])) < 5 or len(points) < 60:
        return False
    across, along = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(points.T)), 0))
    return bool(across <= LETTER_SPREAD and along >= 3.5 * across)


def _content(flat: Mask, covered: Mask, grey: Grey) -> str:
    """What the picture shows, by how much of it, and of what is not covered, was drawn rather than taken."""
    drawn = erode(dilate(flat, 10), 8)
    share, uncovered = drawn.mean(), drawn[~covered].mean() if not covered.all() else 1.0
    if share < MUCH_DRAWN:
        return "imagery"
    drawing = _kind_of_drawing(flat, grey)
    sure = share >= ALL_DRAWN or uncovered >= MUCH_DRAWN or (share >= MOST_DRAWN and drawing == "street map")
    return drawing if sure else "imagery"


def _kind_of_drawing(flat: Mask, grey: Grey) -> str:
    """Slanted outlines make a street map; one colour is a blank, unless it is the paper of a text."""
    areas = fill_holes(flat, round(0.01 * flat.size))
    labels, count = labelled(areas)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    area[0] = 0
    straight, _ = _outline(areas, labels, count, grey, 0.4, faintest=4)
    slanted = area[straight < BOX_OUTLINE].sum() / max(area.sum(), 1)
    levels = np.bincount(grey[flat], minlength=256)
    main = int(levels.argmax())
    paper = erode(dilate(flat & (np.abs(grey.astype(np.int16) - main) <= 2), 10), 8)
    busy = window_extreme(grey, 1, 1, np.maximum) - window_extreme(grey, 1, 1, np.minimum) >= 24
    same = levels[max(main - 2, 0) : main + 3].sum() / levels.sum()
    quiet = busy[paper].mean() < 0.06
    if same < 0.95 and (slanted >= 0.25 or (quiet and same < 0.68)):  # dark maps have hardly an outline
        return "street map"
    return "blank" if quiet else "covered"


def _map_area(mask: Mask) -> Box:
    """What is left when rows and columns that are all overlays are taken off the four sides."""
    left, top, right, bottom = 0, 0, mask.shape[1], mask.shape[0]
    for _ in range(2):
        rows = mask[top:bottom, left:right].mean(axis=1)
        top, bottom = top + _covered(rows), bottom - _covered(rows[::-1])
        if bottom <= top:
            return 0, 0, mask.shape[1], mask.shape[0]
        columns = mask[top:bottom, left:right].mean(axis=0)
        left, right = left + _covered(columns), right - _covered(columns[::-1])
        if right <= left:
            return 0, 0, mask.shape[1], mask.shape[0]
    return left, top, right, bottom


def _covered(shares: NDArray[np.float64]) -> int:
    """How many of these rows, from the first on, are overlays; thin gaps between them count too."""
    so_far = np.cumsum(shares) / np.arange(1, len(shares) + 1)
    whole = np.flatnonzero((shares >= 0.97) & (so_far >= 0.95))
    return int(whole[-1]) + 1 if whole.size else 0
