"""The size of a pixel that a GeoTIFF states; None where it states none that can be believed."""

import io
import math

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from retrieval.geotiff import pixel_size

WIDTH, HEIGHT = 40, 20
SCALE, TIE, MATRIX, KEYS, DOUBLES = 33550, 33922, 34264, 34735, 34736
SHORT, DOUBLE = 3, 12  # TIFF's types
MODEL, ANGULAR, CRS, METHOD, UNIT, UNIT_SIZE = 1024, 2054, 3072, 3075, 3076, 3077
UTM = {MODEL: 1, CRS: 32635, UNIT: 9001}
WEB_MERCATOR = {MODEL: 1, CRS: 3857, UNIT: 9001}
DEGREES = {MODEL: 2, 2048: 4326, ANGULAR: 9102}
EARTH = 6378137.0
BUCHAREST = 44.43
COSINE = math.cos(math.radians(BUCHAREST))
NORTHING = EARTH * math.asinh(math.tan(math.radians(BUCHAREST)))  # of Bucharest in Web Mercator
CENTRE = (WIDTH / 2, HEIGHT / 2, 0)
METRES_PER_DEGREE = 111319.49


def written(tags, **options):
    """The bytes of a GeoTIFF with these tags: code -> (type, values)."""
    file = io.BytesIO()
    extra = [(code, kind, len(values), values, True) for code, (kind, values) in tags.items()]
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    tifffile.imwrite(file, pixels, photometric="rgb", metadata=None, extratags=extra, **options)
    return file.getvalue()


def opened(tags, **options):
    return Image.open(io.BytesIO(written(tags, **options)))


def directory(keys, *stored):
    entries = [number for key, value in keys.items() for number in (key, 0, 1, value)]
    entries += [number for key, index in stored for number in (key, DOUBLES, 1, index)]
    return SHORT, [1, 1, 0, len(entries) // 4, *entries]


def size(keys, scale=(0.5, 0.5, 0), tie=(0, 0, 0, 4e5, 4.9e6, 0), **options):
    tags = {KEYS: directory(keys), SCALE: (DOUBLE, scale)}
    if tie:
        tags[TIE] = (DOUBLE, tie)
    return pixel_size(opened(tags, **options))


def size_by_matrix(keys, matrix):
    return pixel_size(opened({KEYS: directory(keys), MATRIX: (DOUBLE, matrix)}))


def test_projected_metres_are_taken_at_their_word():
    assert size(UTM) == 0.5


@pytest.mark.parametrize(
    "options", [{"bigtiff": True}, {"byteorder": ">"}, {"compression": "zlib", "tile": (16, 16)}]
)
def test_the_kind_of_tiff_plays_no_part(options):
    assert size(UTM, **options) == 0.5


@pytest.mark.parametrize(("unit", "metres"), [(9001, 1), (9002, 0.3048), (9003, 0.3048006096)])
def test_feet_become_metres(unit, metres):
    assert size({MODEL: 1, CRS: 2227, UNIT: unit}, scale=(2, 2, 0)) == pytest.approx(2 * metres, rel=1e-9)


def test_no_unit_means_metres():
    assert size({MODEL: 1, CRS: 32635}) == 0.5


@pytest.mark.parametrize(("length", "metres"), [(0.25, 0.5), (0, None), (-1, None)])
def test_a_unit_of_its_own_is_found_among_the_doubles(length, metres):
    keys = directory({MODEL: 1, CRS: 32767, UNIT: 32767}, (UNIT_SIZE, 1))
    tags = {KEYS: keys, DOUBLES: (DOUBLE, [9, length]), SCALE: (DOUBLE, (2, 2, 0))}
    assert pixel_size(opened(tags)) == metres


def test_a_projection_needs_no_tie_point():
    assert size(UTM, tie=None) == 0.5


@pytest.mark.parametrize(
    "keys", [WEB_MERCATOR, {MODEL: 1, CRS: 3785}, {MODEL: 1, CRS: 32767, METHOD: 7}, {MODEL: 1, METHOD: 7}]
)
def test_web_mercator_is_reduced_by_the_cosine_of_the_latitude(keys):
    assert size(keys, tie=(*CENTRE, 2.9e6, NORTHING, 0)) == pytest.approx(0.5 * COSINE, rel=1e-9)


def test_web_mercator_may_be_written_with_the_long_number_that_it_once_had():
    keys = (4, [1, 1, 0, 2, MODEL, 0, 1, 1, CRS, 0, 1, 900913])  # LONG instead of SHORT, against the standard
    tags = {KEYS: keys, SCALE: (DOUBLE, (0.5, 0.5, 0)), TIE: (DOUBLE, (*CENTRE, 2.9e6, NORTHING, 0))}
    assert pixel_size(opened(tags)) == pytest.approx(0.5 * COSINE, rel=1e-9)


def test_another_projection_with_a_code_is_not_reduced():
    assert size({MODEL: 1, CRS: 32635, METHOD: 7}) == 0.5


@pytest.mark.parametrize("x, y", [(0, 0), (40, 20), (-300, 700), (0.5, 0.5)])
def test_the_latitude_is_that_of_the_middle_wherever_the_tie_point_is(x, y):
    scale = 10_000.0
    northing = NORTHING - (y - HEIGHT / 2) * scale  # of the tie point: rows go down, northings up
    found = size(WEB_MERCATOR, scale=(scale, scale, 0), tie=(x, y, 0, 0, northing, 0))
    assert found == pytest.approx(scale * COSINE, rel=1e-9)


def test_the_southern_hemisphere_is_reduced_alike():
    assert size(WEB_MERCATOR, tie=(*CENTRE, 2.9e6, -NORTHING, 0)) == pytest.approx(0.5 * COSINE, rel=1e-9)


@pytest.mark.parametrize("keys", [DEGREES, {MODEL: 2}, {MODEL: 2, ANGULAR: 9122}])
def test_degrees_become_metres_at_the_latitude_of_the_middle(keys):
    scale = 0.3 / METRES_PER_DEGREE
    found = size(keys, scale=(scale / COSINE, scale, 0), tie=(*CENTRE, 26.1, BUCHAREST, 0))
    assert found == pytest.approx(0.3, rel=1e-6)


def test_a_pixel_of_square_degrees_counts_as_the_square_of_its_area():
    scale = 1 / METRES_PER_DEGREE
    found = size(DEGREES, scale=(scale, scale, 0), tie=(*CENTRE, 26.1, BUCHAREST, 0))
    assert found == pytest.approx(math.sqrt(COSINE), rel=1e-6)


def test_a_matrix_says_the_same_as_a_scale():
    matrix = [0.5, 0, 0, 4e5, 0, -0.5, 0, 4.9e6, 0, 0, 0, 0, 0, 0, 0, 1]
    assert size_by_matrix(UTM, matrix) == 0.5


def test_a_rotated_image_has_the_size_of_its_pixels():
    sine, cosine = 0.5 * math.sin(0.7), 0.5 * math.cos(0.7)
    matrix = [cosine, sine, 0, 4e5, sine, -cosine, 0, 4.9e6, 0, 0, 0, 0, 0, 0, 0, 1]
    assert size_by_matrix(UTM, matrix) == pytest.approx(0.5, rel=1e-9)


def test_a_matrix_finds_the_latitude_of_the_middle():
    scale = 10_000.0
    top = NORTHING + HEIGHT / 2 * scale
    matrix = [scale, 0, 0, 2.9e6, 0, -scale, 0, top, 0, 0, 0, 0, 0, 0, 0, 1]
    assert size_by_matrix(WEB_MERCATOR, matrix) == pytest.approx(scale * COSINE, rel=1e-9)


def test_a_turned_matrix_finds_the_latitude_of_the_middle():
    scale = 10_000.0
    y = NORTHING - scale * WIDTH / 2  # of the corner: northings grow to the right
    matrix = [0, scale, 0, 2.9e6, scale, 0, 0, y, 0, 0, 0, 0, 0, 0, 0, 1]
    assert size_by_matrix(WEB_MERCATOR, matrix) == pytest.approx(scale * COSINE, rel=1e-9)


@pytest.mark.parametrize(
    "matrix",
    [
        [],
        [1] * 12,
        [0] * 16,
        [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],  # all pixels on one line
        [1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [1, 0.99, 0, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],  # sheared
        [math.nan, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [1e300, 0, 0, 0, 0, -1e300, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ],
)
def test_an_absurd_matrix_says_nothing(matrix):
    assert size_by_matrix(UTM, matrix or [0]) is None


@pytest.mark.parametrize(
    "scale",
    [
        (0, 0, 0),
        (-0.5, 0.5, 0),
        (0.5, -0.5, 0),
        (0.5, math.nan, 0),
        (math.inf, math.inf, 0),
        (0.5, 1.1, 0),
        (1e-9, 1e-9, 0),
        (1e9, 1e9, 0),
        (1e300, 1e300, 0),
        (0.5,),
    ],
)
def test_an_absurd_scale_says_nothing(scale):
    assert size(UTM, scale=scale) is None


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {CRS: 32635},
        {MODEL: 3},
        {MODEL: 32767},
        {MODEL: 1, UNIT: 9036},
        {MODEL: 1, UNIT: 32767},
        {MODEL: 2, ANGULAR: 9101},
    ],
)
def test_coordinates_of_an_unknown_kind_say_nothing(keys):
    assert size(keys) is None


@pytest.mark.parametrize("latitude", [90, 200, -200])
def test_degrees_end_at_the_poles(latitude):
    assert size(DEGREES, scale=(1e-5, 1e-5, 0), tie=(*CENTRE, 26.1, latitude, 0)) is None


@pytest.mark.parametrize("keys", [WEB_MERCATOR, DEGREES])
@pytest.mark.parametrize(
    "tie", [None, (0, 0, 0), (0, 0, 0, 0, 1e9, 0), (0, 0, 0, 0, -1e308, 0), (0, 0, 0, 0, math.nan, 0)]
)
def test_where_the_latitude_matters_it_has_to_be_on_earth(keys, tie):
    assert size(keys, scale=(1e-5, 1e-5, 0) if keys is DEGREES else (0.5, 0.5, 0), tie=tie) is None


@pytest.mark.parametrize(
    "keys",
    [
        (SHORT, [1]),
        (SHORT, [1, 1, 0, 9]),
        (SHORT, [1, 1, 0, 1, MODEL, 0, 1]),
        (SHORT, [1, 1, 0, 1, MODEL, DOUBLES, 1, 7]),
        (DOUBLE, [1, 1, 0, 1, MODEL, 0, 1, math.nan]),
        (7, b"not numbers"),
    ],
)
def test_a_broken_directory_says_nothing(keys):
    assert pixel_size(opened({KEYS: keys, SCALE: (DOUBLE, (0.5, 0.5, 0))})) is None


def test_a_directory_of_text_says_nothing():
    tags = {KEYS: (2, b"not numbers"), SCALE: (DOUBLE, (0.5, 0.5, 0))}
    assert pixel_size(opened(tags)) is None


@pytest.mark.filterwarnings("ignore")  # Pillow's, about tags that are cut off
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 700)
)
def test_a_damaged_file_that_opens_gives_a_size_or_nothing(changes, length):
    tags = {KEYS: directory(UTM), SCALE: (DOUBLE, (0.5, 0.5, 0)), TIE: (DOUBLE, (0, 0, 0, 4e5, 4.9e6, 0))}
    data = bytearray(written(tags))
    for position, value in changes:
        data[position] = value
    try:
        image = Image.open(io.BytesIO(data[:length]))
    except Exception:
        return
    found = pixel_size(image)
    assert found is None or 0.001 <= found <= 100_000


def test_a_plain_tiff_says_nothing():
    assert pixel_size(opened({})) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_other_formats_say_nothing(kind):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind)
    assert pixel_size(Image.open(file)) is None


def test_an_image_that_was_never_a_file_says_nothing():
    assert pixel_size(Image.new("RGB", (8, 8))) is None


NUMBERS = st.lists(st.floats(width=64), min_size=1, max_size=17)


@settings(max_examples=60, deadline=None)
@given(
    keys=st.dictionaries(
        st.sampled_from([MODEL, ANGULAR, CRS, METHOD, UNIT]),
        st.sampled_from([0, 1, 2, 7, 3857, 9001, 9102, 32767]),
    ),
    scale=NUMBERS,
    tie=NUMBERS,
    matrix=NUMBERS,
    with_scale=st.booleans(),
)
def test_any_tags_give_a_size_or_nothing(keys, scale, tie, matrix, with_scale):
    tags = {KEYS: directory({MODEL: 1, **keys}), TIE: (DOUBLE, tie), MATRIX: (DOUBLE, matrix)}
    if with_scale:
        tags[SCALE] = (DOUBLE, scale)
    found = pixel_size(opened(tags))
    assert found is None or 0.001 <= found <= 100_000
