"""Groups of tiles: alike ones are together, the largest group is the first, and it is the same each time."""

import numpy as np
import pytest

from retrieval.maps.crops import grid
from retrieval.maps.land_use import HIDDEN, Tiles
from retrieval.maps.tile_groups import LEAST, MOST, group_tiles


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def tiles_of(kinds, mask=None, noise=0.02):
    """Tiles side by side, of a kind each, with a little noise."""
    rows, columns = kinds.shape
    layout = grid((0, 0, 100 * columns, 100 * rows), 100, overlap=False)
    assert layout.cells == kinds.shape
    places = np.array([(row, column) for row in range(rows) for column in range(columns)])
    rng = np.random.default_rng(4)
    axes = unit(rng.normal(size=(kinds.max() + 1, 2048)))
    vectors = unit(axes[kinds.ravel()] + noise * rng.normal(size=(kinds.size, 2048)) / 2048**0.5)
    return Tiles(layout, places, vectors, 1.0, np.zeros(kinds.shape, bool) if mask is None else mask)


KINDS = np.array([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 2, 1]])


def test_alike_tiles_are_in_one_group_and_the_largest_is_the_first():
    groups = group_tiles(tiles_of(KINDS), 3)
    assert groups.cells.tolist() == KINDS.tolist()
    assert [(number, round(share, 3)) for number, _, share in groups.areas] == [
        (0, 0.667),
        (1, 0.25),
        (2, 0.083),
    ]
    assert [hectares for _, hectares, _ in groups.areas] == pytest.approx([8, 3, 1])
    assert [KINDS.ravel()[tile] for tile in groups.typical] == [0, 1, 2]


def test_the_same_map_always_has_the_same_groups():
    random = np.random.default_rng(1).integers(0, 9, (6, 8))
    tiles = tiles_of(random, noise=0.8)
    for count in (LEAST, 5, MOST):
        first, second = group_tiles(tiles, count), group_tiles(tiles, count)
        assert np.array_equal(first.cells, second.cells)
        assert first.typical == second.typical
        areas = [hectares for _, hectares, _ in first.areas]
        assert areas == sorted(areas, reverse=True)
        assert sum(share for *_, share in first.areas) == pytest.approx(1)


def test_there_are_no_more_groups_than_different_tiles():
    assert len(group_tiles(tiles_of(KINDS, noise=0), MOST).areas) == 3
    assert len(group_tiles(tiles_of(np.zeros((1, 1), int)), MOST).areas) == 1


def test_what_overlays_cover_belongs_to_no_group():
    mask = np.zeros(KINDS.shape, bool)
    mask[0, :2] = True
    groups = group_tiles(tiles_of(KINDS, mask), 3)
    assert (groups.cells[0, :2] == HIDDEN).all()
    assert sum(hectares for _, hectares, _ in groups.areas) == pytest.approx(10)


def test_a_cell_under_several_tiles_goes_with_their_mean():
    layout = grid((0, 0, 150, 100), 100)
    axes = np.eye(3, 2048, dtype=np.float32)
    tiles = Tiles(layout, np.array([(0, 0), (0, 1)]), axes[:2], 1.0, np.zeros(layout.cells, bool))
    cells = group_tiles(tiles, 2).cells
    assert cells[0, 0] != cells[0, 2]
    assert cells.shape == layout.cells
