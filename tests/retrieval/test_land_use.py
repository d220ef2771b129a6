"""A whole screenshot in tiles: what each cell shows, what is hidden, and how far it is from one place."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from examples.map_pages.district import compose
from examples.map_pages.map_window import draw_map_window
from retrieval.collections.calibration import Calibration
from retrieval.index import VectorIndex
from retrieval.maps.crops import GIVEN, Scale, grid
from retrieval.maps.land_use import (
    HIDDEN,
    MAX_TILES,
    UNLIKE,
    Tiles,
    TooLargeError,
    distances_to,
    embed_tiles,
    land_use,
)
from retrieval.maps.overlays import Overlays, find_overlays
from retrieval.maps.scale import METRES_PER_PIXEL

AXES = np.eye(3, 2048, dtype=np.float32)
ONE_PIXEL = Scale(METRES_PER_PIXEL, GIVEN)  # as the photos: a tile is 256 pixels wide


class ByColour:
    """Stands in for the network: the share of red, green and blue of a tile is its vector."""

    def __init__(self):
        self.count = 0

    def embed(self, images, on_batch=None):
        self.count = len(images)
        colours = np.array([np.asarray(image, float).mean(axis=(0, 1)) for image in images])
        if on_batch:
            on_batch(len(images) - 1)
            on_batch(1)
        unit = colours / np.linalg.norm(colours, axis=1, keepdims=True)
        return (unit @ AXES).astype(np.float32)


def collection(threshold=0.5):
    """Five red, green and blue photos each, as `ByColour` sees them, called by other names."""
    labels = ["beach", "forest", "river"]
    return SimpleNamespace(
        title="Colours",
        labels=labels,
        entries=[SimpleNamespace(label=label) for label in labels for _ in range(5)],
        index=VectorIndex.build(np.repeat(AXES, 5, axis=0)),
        calibration=threshold and Calibration("validation", 9, (threshold,) * 101),
    )


def overlays(size, mask=None, map_area=None):
    width, height = size
    mask = np.zeros((height, width), bool) if mask is None else mask
    return Overlays(mask, map_area or (0, 0, width, height), "imagery")


def halves(size=(1024, 768)):
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", size, (255, 0, 0))
    picture.paste((0, 0, 255), (size[0] // 2, 0, *size))
    return picture


def tiles_of(picture, mask=None, scale=ONE_PIXEL, view=None):
    return embed_tiles(picture, overlays(picture.size, mask, view), scale, ByColour())


def test_each_cell_has_the_class_of_the_ground_under_it():
    found = land_use(tiles_of(halves()), collection())
    assert found.cells.shape == (6, 8)
    names = [[found.labels[cell] for cell in row] for row in found.cells]
    assert [row[:3] for row in names] == [["beach"] * 3] * 6
    assert [row[5:] for row in names] == [["river"] * 3] * 6


def test_a_cell_like_nothing_is_said_to_be_so_unless_nobody_knows_what_is_usual():
    picture = halves()
    picture.paste((255, 255, 255), (0, 0, 512, 768))
    tiles = tiles_of(picture)
    found = land_use(tiles, collection())
    assert (found.cells[:, :3] == UNLIKE).all()
    assert (found.cells[:, 5:] == 2).all()
    assert not (land_use(tiles, collection(threshold=None)).cells == UNLIKE).any()


def test_cells_under_overlays_are_hidden_and_their_tiles_left_out():
    mask = np.zeros((768, 1024), bool)
    mask[:250, :250] = True
    embedder = ByColour()
    tiles = embed_tiles(halves(), overlays((1024, 768), mask), ONE_PIXEL, embedder)
    assert len(tiles.places) == embedder.count == len(tiles.grid) - 1
    assert [0, 0] not in tiles.places.tolist()
    found = land_use(tiles, collection())
    assert (found.cells[:2, :2] == HIDDEN).all()
    assert (found.cells == HIDDEN).sum() == 4
    assert found.hidden == pytest.approx(4 * tiles.hectares)
    assert np.isnan(distances_to(tiles, AXES[0])).sum() == 4


@settings(max_examples=20, deadline=None)
@given(st.integers(300, 900), st.integers(300, 900), st.integers(0, 260), st.floats(0.15, 0.305))
def test_areas_add_up_to_the_ground_that_is_seen(width, height, covered, metres):
    assume(covered <= 0.6 * min(width, height))  # or a single tile may be hidden, which is an error
    mask = np.zeros((height, width), bool)
    mask[:covered, :covered] = True
    tiles = tiles_of(halves((width, height)), mask, Scale(max(metres, 80 / min(width, height)), GIVEN))
    found = land_use(tiles, collection())
    assert sum(share for *_, share in found.areas) == pytest.approx(1)
    ground = width * height * tiles.metres_per_pixel**2 / 10_000
    assert sum(hectares for _, hectares, _ in found.areas) + found.hidden == pytest.approx(ground)
    hectares = [hectares for _, hectares, _ in found.areas]
    assert hectares == sorted(hectares, reverse=True)


def test_only_the_map_itself_is_mapped():
    view = (200, 100, 1024, 700)
    tiles = tiles_of(halves(), view=view)
    assert tiles.grid.view == view
    area = 824 * 600 * METRES_PER_PIXEL**2 / 10_000
    assert tiles.hectares * tiles.hidden.size == pytest.approx(area)


def test_progress_is_told_to_the_end():
    told = []
    picture = halves()
    embed_tiles(
        picture, overlays(picture.size), ONE_PIXEL, ByColour(), lambda done, of: told.append((done, of))
    )
    assert told == [(34, 35), (35, 35)]


@pytest.mark.parametrize("size", [(200, 900), (900, 229), (100, 100)])
def test_less_than_a_tile_is_refused(size):
    with pytest.raises(TooLargeError, match=r"shows \d+ x \d+ m, which is less than one tile of 78 m.*\.$"):
        tiles_of(halves(size))


def test_nearly_a_tile_is_one():
    assert len(tiles_of(halves((240, 235))).places) == 1


def test_too_much_ground_is_refused_with_how_much_it_is():
    with pytest.raises(TooLargeError, match=r"too much ground .*\(1,200 of them\): zoom in.*\.$"):
        tiles_of(halves((1920, 2560)), scale=Scale(78.0288 / 64, GIVEN))


def test_tiles_that_are_many_touch_without_overlapping():
    coarse = Scale(78.0288 / 64, GIVEN)
    few = tiles_of(halves((704, 704)), scale=coarse)
    many = tiles_of(halves((1344, 1280)), scale=coarse)
    assert (few.grid.reach, many.grid.reach) == (2, 1)
    assert len(many.places) == 21 * 20 <= MAX_TILES
    assert many.hidden.shape == (20, 21)
    assert (land_use(many, collection()).cells[:, :10] == 0).all()


def test_a_screenshot_that_is_all_overlays_is_refused():
    with pytest.raises(TooLargeError, match=r"cover all of this screenshot.*\.$"):
        tiles_of(halves((600, 500)), np.ones((500, 600), bool))


def test_a_place_gives_the_tile_around_it_and_never_one_that_is_left_out():
    mask = np.zeros((768, 1024), bool)
    mask[:250, :250] = True
    tiles = tiles_of(halves(), mask)
    middle = tiles.square(tiles.nearest(512, 384))
    assert (middle.x, middle.y, middle.side) == pytest.approx((512, 384, 256))
    corner = tiles.places[tiles.nearest(0, 0)].tolist()
    assert corner in ([0, 1], [1, 0])


def test_what_the_tiles_over_a_cell_say_is_put_together():
    layout = grid((0, 0, 300, 200), 100)
    places = np.array([(row, column) for row in range(3) for column in range(5) if row + column > 1])
    count = len(places)
    tiles = Tiles(layout, places, np.zeros((count, 2048), np.float32), 1.0, np.zeros(layout.cells, bool))
    values = np.random.default_rng(0).uniform(1, 2, count)
    least = tiles.over_cells(values, np.minimum, np.inf)
    sums = tiles.over_cells(np.stack([values, -values], axis=1), np.add, 0.0)
    for row in range(4):
        for column in range(6):
            over = [
                value
                for value, (top, left) in zip(values, places.tolist(), strict=True)
                if top <= row <= top + 1 and left <= column <= left + 1
            ]
            assert least[row, column] == min(over, default=np.inf)
            assert sums[row, column] == pytest.approx([sum(over), -sum(over)])
    assert np.isinf(least).sum() == 3


def overlapping(left, right):
    """Two tiles of these vectors over three columns of cells; both show the middle one."""
    layout = grid((0, 0, 150, 100), 100)
    places = np.array([(0, 0), (0, 1)])
    vectors = np.stack([left, right]).astype(np.float32)
    return Tiles(layout, places, vectors, 1.0, np.zeros(layout.cells, bool))


def turned(axis, other, degrees):
    """A vector at some degrees from one axis towards another."""
    return AXES[axis] * math.cos(math.radians(degrees)) + AXES[other] * math.sin(math.radians(degrees))


def test_of_two_tiles_over_a_cell_the_more_certain_one_counts_more():
    for far, near in ((20, 5), (25, 15)):
        found = land_use(overlapping(turned(0, 1, far), turned(2, 1, near)), collection())
        assert found.cells.tolist() == [[0, 2, 2]] * 2
        found = land_use(overlapping(turned(0, 1, near), turned(2, 1, far)), collection())
        assert found.cells.tolist() == [[0, 0, 2]] * 2


def test_a_cell_is_like_nothing_only_if_all_its_tiles_are():
    found = land_use(overlapping(turned(0, 1, 45), AXES[2]), collection())
    assert found.cells.tolist() == [[UNLIKE, 2, 2]] * 2


def test_distances_are_0_at_the_marked_place_and_grow_to_where_all_is_different():
    tiles = tiles_of(halves())
    distances = distances_to(tiles, AXES[0])
    assert distances.shape == (6, 8)
    assert distances[:, :3].max() < 1e-3
    assert distances[:, 5:] == pytest.approx(math.sqrt(2), abs=1e-3)
    assert (np.diff(distances, axis=1) > -1e-6).all()


@pytest.fixture(scope="module")
def town():
    """A beach on the left and parking lots on the right, under overlays."""
    shot = draw_map_window(compose([["beach", "parkinglot"]] * 2, 3), 19, 44.43, (717, 700), seed=3)
    return shot, find_overlays(shot.image)


@pytest.fixture(scope="module")
def town_tiles(retriever, town):
    shot, covered = town
    return embed_tiles(shot.image, covered, Scale(shot.metres_per_pixel, GIVEN), retriever.embedder)


@pytest.mark.parametrize("name", ["ucmerced", "scenes"])
def test_two_classes_of_a_drawn_town_are_told_apart(retriever, town, town_tiles, name):
    """Half a tile beside the border either side may be right; the outer cells have no excuse."""
    shot, _ = town
    found = land_use(town_tiles, retriever.collection(name))
    width, height = town_tiles.grid.cell_size
    right = np.zeros(found.cells.shape, bool)
    for (row, column), cell in np.ndenumerate(found.cells):
        truth = shot.classes[round((row + 0.5) * height), round((column + 0.5) * width)]
        right[row, column] = cell >= 0 and found.labels[cell] == shot.labels[truth]
    assert right.shape == (4, 4)
    assert right.mean() > 0.8
    assert right[:, [0, -1]].all()


def test_the_like_of_a_marked_place_in_a_drawn_town_is_nearer(town_tiles):
    marked = town_tiles.nearest(0, 700)
    distances = distances_to(town_tiles, town_tiles.vectors[marked])
    assert distances[-1, 0] < 1e-2  # the corner, which only that tile shows
    assert distances[:, 0].max() < distances[:, -1].min()
    assert ((distances >= 0) & (distances <= 2)).all()
