"""What is a photo and what a screenshot is decided in one place, and index, Python and page cut alike."""

import io

import numpy as np
import pytest
from PIL import Image

from examples.map_pages.overlays import draw_overlays
from examples.scenes import draw
from retrieval.camera import CAMERA, SCREEN, UNKNOWN
from retrieval.images import DecodedImage, decode
from retrieval.maps.crops import CROP_PIXELS, crop
from retrieval.maps.locate import ScaleHints, locate
from retrieval.maps.screenshot import Screenshot, load_image, picture_of, searched_part
from tests.retrieval.test_rasters import raster

PHOTO = draw("harbor", 5).resize((2400, 1600))


def shot(size=(1440, 900)):
    view = draw("mediumresidential", 3).resize(size)
    return draw_overlays(view, np.random.default_rng(4), 0.2, browser_window=True)[0]


def ortho(metres, side=512):
    pixels = np.asarray(draw("river", 2).resize((side, side))).transpose(2, 0, 1)
    place = {"crs": "EPSG:32635", "transform": (metres, 0, 4e5, 0, -metres, 4.9e6)}
    return raster(pixels, photometric="rgb", crs=place["crs"], transform=_affine(place["transform"]))


def _affine(numbers):
    from rasterio.transform import Affine

    return Affine(*numbers)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_an_own_photo_is_a_photo_however_large_it_is(tmp_path, kind):
    PHOTO.save(tmp_path / "own", kind)
    assert isinstance(load_image(str(tmp_path / "own")), DecodedImage)


@pytest.mark.parametrize(("kind", "kept"), [("WEBP", True), ("GIF", True), ("PNG", False)])
def test_formats_of_web_pages_are_screenshots_unless_a_camera_says_otherwise(tmp_path, kind, kept):
    PHOTO.save(tmp_path / "picture", kind)
    assert isinstance(load_image(str(tmp_path / "picture")), Screenshot) == kept
    exif = Image.Exif()
    exif[271] = "Phone"
    if kind != "GIF":
        PHOTO.save(tmp_path / "photo", kind, exif=exif)
        assert isinstance(load_image(str(tmp_path / "photo")), DecodedImage)


@pytest.mark.parametrize("made_by", [UNKNOWN, CAMERA, SCREEN])
@pytest.mark.parametrize("drawn_over", [False, True])
@pytest.mark.parametrize("size", [(300, 300), (1440, 900)])
def test_a_map_page_is_a_screenshot_unless_a_camera_took_it(made_by, drawn_over, size):
    image = shot(size) if drawn_over else draw("forest", 3).resize(size)
    is_screenshot = size == (1440, 900) and made_by != CAMERA and (drawn_over or made_by == SCREEN)
    assert isinstance(picture_of(DecodedImage(image, made_by=made_by)), Screenshot) == is_screenshot


def test_what_says_its_scale_has_its_square_of_78_m_everywhere(retriever):
    decoded = decode(ortho(0.5))
    image, square = searched_part(decoded)
    picture = picture_of(decoded)
    located = locate(retriever.embedder, retriever.collection(), picture, ScaleHints())
    assert image.size == (CROP_PIXELS, CROP_PIXELS)
    assert square == located.square
    assert image.tobytes() == crop(picture.image, located.square).tobytes()
    assert np.allclose(retriever.embed_image(ortho(0.5)).vector, located.vector, atol=1e-4)


def test_squares_keep_clear_of_what_is_no_data():
    pixels = np.asarray(draw("river", 2).resize((512, 512))).transpose(2, 0, 1).copy()
    y, x = np.mgrid[0:512, 0:512]
    pixels[:, x + y > 460] = 0  # the middle is not there
    data = raster(
        pixels,
        nodata=0,
        photometric="rgb",
        crs="EPSG:32635",
        transform=_affine((0.5, 0, 4e5, 0, -0.5, 4.9e6)),
    )
    image, square = searched_part(decode(data))
    assert (np.asarray(image) == 128).all(axis=-1).mean() < 0.1
    assert square.x + square.y < 460


def test_small_images_that_are_coarse_are_searched_whole(retriever):
    decoded = decode(ortho(10.0, 64))
    assert isinstance(picture_of(decoded), DecodedImage)
    assert searched_part(decoded) == (decoded.image, None)
    assert retriever.embed_image(decoded).image is decoded.image


def test_a_pixel_ratio_of_the_file_goes_before_that_of_its_size():
    decoded = DecodedImage(shot(), made_by=SCREEN, pixel_ratio=2.0)
    assert picture_of(decoded).probable_pixel_ratio == 2
    assert picture_of(DecodedImage(shot())).probable_pixel_ratio == 1


def test_the_place_of_a_raster_goes_with_the_screenshot(tmp_path):
    (tmp_path / "ortho.tif").write_bytes(ortho(0.5))
    picture = load_image(str(tmp_path / "ortho.tif"))
    assert picture.georeference == decode(tmp_path / "ortho.tif").georeference
    assert picture.georeference.crs == "WGS 84 / UTM zone 35N"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_own_photo_finds_itself_at_0_on_the_page(retriever, tmp_path, kind):
    """The page reads an upload by `load_image`; an index keeps what `searched_part` gives."""
    file = io.BytesIO()
    PHOTO.save(file, kind)
    (tmp_path / "own").write_bytes(file.getvalue())
    kept = retriever.embedder.embed([searched_part(decode(file.getvalue()))[0]])[0]
    found = retriever.embed_image(load_image(str(tmp_path / "own"))).vector
    assert np.linalg.norm(found - kept) < 1e-4
