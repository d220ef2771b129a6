"""Colours of tiles: alike tiles have alike colours, always the same, from none to all of each band."""

import numpy as np
import pytest

from retrieval.maps.crops import grid
from retrieval.maps.land_use import Tiles
from retrieval.maps.tile_colours import colour_picture, tile_colours


def spread(count, directions=3, seed=0):
    """Vectors that differ along a few directions, the first the most."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(2048, directions)))[0].T
    sizes = 0.5 ** np.arange(directions)
    vectors = rng.normal(size=(count, directions)) * sizes @ axes + 0.001 * rng.normal(size=(count, 2048))
    return vectors.astype(np.float32), axes


def test_the_bands_are_the_directions_in_which_tiles_differ_most():
    vectors, axes = spread(200)
    colours = tile_colours(vectors)
    for band in range(3):
        inside = (colours[:, band] > 0) & (colours[:, band] < 1)
        along = np.corrcoef(colours[inside, band], (vectors @ axes[band])[inside])[0, 1]
        assert abs(along) > 0.95


def test_each_band_reaches_from_none_to_all_of_it_but_for_a_few():
    colours = tile_colours(spread(300)[0])
    assert colours.min(axis=0) == pytest.approx([0, 0, 0])
    assert colours.max(axis=0) == pytest.approx([1, 1, 1])
    assert ((colours == 0).mean(axis=0) < 0.04).all()
    assert ((colours == 1).mean(axis=0) < 0.04).all()


def test_the_order_of_the_tiles_and_their_mirror_image_change_nothing():
    vectors, _ = spread(120)
    colours = tile_colours(vectors)
    assert tile_colours(vectors[::-1]) == pytest.approx(colours[::-1], abs=1e-6)
    assert np.array_equal(tile_colours(vectors.copy()), colours)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_tiles_and_equal_ones_have_a_colour_too(count):
    colours = tile_colours(spread(count)[0])
    assert colours.shape == (count, 3)
    assert ((colours >= 0) & (colours <= 1)).all()
    assert tile_colours(np.ones((count, 2048), np.float32)).tolist() == [[0.5, 0.5, 0.5]] * count


def halves(mask=None, without=()):
    """A map whose left and right differ."""
    layout = grid((0, 0, 800, 600), 200)
    places = [(row, column) for row in range(layout.rows) for column in range(layout.columns)]
    places = np.array([place for place in places if place not in without])
    axes = np.eye(2, 2048, dtype=np.float32)
    vectors = axes[(places[:, 1] >= layout.columns / 2).astype(int)]
    return Tiles(layout, places, vectors, 1.0, np.zeros(layout.cells, bool) if mask is None else mask)


def test_the_picture_has_the_tiles_colours_at_their_places_and_mixtures_between():
    tiles = halves()
    rows, columns = tiles.grid.cells
    picture = colour_picture(tiles, 4)
    assert picture.shape == (rows * 4, columns * 4, 4)
    assert (picture[..., 3] == 255).all()
    red = picture[:, :, 0].astype(int)
    assert (red == red[0]).all()
    assert {red[0, 0], red[0, -1]} == {0, 255}
    assert (np.diff(red[0]) * (red[0, -1] - red[0, 0]) >= 0).all()  # from one to the other, and never back
    assert ((red[0] > 60) & (red[0] < 200)).any()


def test_under_overlays_there_is_no_colour_and_a_tile_that_is_missing_leaves_no_hole():
    mask = np.zeros(halves().grid.cells, bool)
    mask[0, 0] = True
    picture = colour_picture(halves(mask, without=[(0, 0), (3, 3)]), 4)
    assert (picture[:4, :4, 3] == 0).all()
    assert picture[..., 3].sum() == 255 * (picture.shape[0] * picture.shape[1] - 16)
    assert np.array_equal(picture[10:, :, 0], colour_picture(halves(), 4)[10:, :, 0])
