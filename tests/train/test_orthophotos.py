"""`train index --images` of orthophotos: tiles that lie where they say, of any projection."""

import functools
import json
import os
import shutil

import numpy as np
import pyproj
import pytest
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import Affine

import train.folders.publish
import train.folders.tiles
from retrieval import Retriever
from retrieval.collections.artifacts import file_sha256
from retrieval.collections.collection import Collection
from retrieval.maps.crops import Square, crop
from retrieval.raster_windows import RasterFile
from tests.fakes.mixed_folder import make_older, scene
from train.folders.tiles import tile_windows

SIDE = 700
PIXEL = 0.5  # metres of ground
TILE = 156  # pixels, of 78 m
UTM = Affine(PIXEL, 0, 427_000, 0, -PIXEL, 4_920_000)
#: Around Bucharest: pixels of half a metre on the ground, or nearly.
PLACES = {
    "UTM 35N": ("EPSG:32635", UTM),
    "Stereo 70": ("EPSG:3844", Affine(PIXEL, 0, 587_000, 0, -PIXEL, 328_000)),
    "Web Mercator": ("EPSG:3857", Affine(0.7, 0, 2_905_000, 0, -0.7, 5_533_000)),
    "degrees": ("EPSG:4326", Affine(6.3e-6, 0, 26.1, 0, -4.5e-6, 44.43)),
    "rotated": ("EPSG:32635", UTM @ Affine.rotation(-23)),
}


@pytest.fixture
def photos(tmp_path):
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def numbered(side=SIDE):
    """Each pixel says its own column and row: red and green the last eight bits, blue the rest."""
    rows, columns = np.mgrid[:side, :side]
    return np.stack([columns % 256, rows % 256, columns // 256 * 16 + rows // 256]).astype(np.uint8)


def place_of(pixel):
    red, green, blue = map(int, pixel)
    return blue // 16 * 256 + red, blue % 16 * 256 + green


def write(path, samples, crs="EPSG:32635", transform=UTM, mask=None, overviews=(), **options):
    options = {"tiled": True, "blockxsize": 256, "blockysize": 256, "photometric": "rgb"} | options
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(
        path, "w", driver="GTiff", count=len(samples), height=samples.shape[1], width=samples.shape[2],
        dtype=samples.dtype, crs=crs, transform=transform, **options,
    ) as target:  # fmt: skip
        target.write(samples)
        if mask is not None:
            target.write_mask(mask)
        if overviews:
            target.build_overviews(overviews, Resampling.average)
    make_older(path)
    return path


@functools.cache
def patch(number):
    return np.asarray(scene(number).resize((TILE, TILE))).transpose(2, 0, 1)


def patchwork(side=SIDE, first=0):
    """Scenes, another in each tile."""
    found = np.zeros((3, side, side), np.uint8)
    for row in range(-(-side // TILE)):
        for column in range(-(-side // TILE)):
            top, left = row * TILE, column * TILE
            part = patch(first + 5 * row + column)
            found[:, top : top + TILE, left : left + TILE] = part[:, : side - top, : side - left]
    return found


def parts(out):
    return [entry.id.split("/", 1)[1] for entry in Collection(out, gpu=False).entries]


def distance(one, other):
    return pyproj.Geod(ellps="WGS84").inv(*one, *other)[2]


@pytest.mark.parametrize("name", PLACES)
def test_each_tile_lies_where_it_says_to_within_a_pixel(index, photos, tmp_path, name):
    crs, transform = PLACES[name]
    write(photos / "ortho.tif", numbered(), crs, transform)
    assert index()[0] == 0
    collection = Collection(tmp_path / "out", gpu=False)
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    middle = [to_degrees.transform(*(transform @ (SIDE / 2 + step, SIDE / 2))) for step in (0, 1)]
    pixel = distance(*middle)
    assert pixel == pytest.approx(PIXEL, rel=0.06)
    covered = np.zeros((SIDE, SIDE), bool)
    for row, place in enumerate(collection.places):
        picture = np.asarray(collection.photo_image(row))
        height, width = picture.shape[:2]
        corners = [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)]
        for number, (x, y) in enumerate(corners):  # of the corners' pixels, which say where they are
            column, line = place_of(picture[y, x])
            outer = transform @ (column + (number in (1, 2)), line + (number in (2, 3)))
            assert distance(to_degrees.transform(*outer), place.footprint[number]) < 0.02  # seven decimals
        left, top = place_of(picture[0, 0])
        assert (picture == numbered()[:, top : top + height, left : left + width].transpose(1, 2, 0)).all()
        covered[top : top + height, left : left + width] = True
        sides = [distance(place.footprint[a], place.footprint[b]) for a, b in ((0, 1), (1, 2))]
        assert sides == pytest.approx([78.03, 78.03], abs=0.8)
    assert covered.mean() > 0.99  # a last line of pixels may be too few for tiles
    assert all(entry.file == "ortho.tif" for entry in collection.entries)
    assert parts(tmp_path / "out") == [f"{row:04d}-{column:04d}" for row in range(5) for column in range(5)]


def test_a_query_cut_out_by_hand_finds_its_tile(index, photos, tmp_path):
    samples = patchwork()
    write(photos / "ortho.tif", samples)
    index()
    retriever = Retriever.load(tmp_path / "out", further=(), device="cpu")
    collection = retriever.collection()
    whole = Image.fromarray(samples.transpose(1, 2, 0))
    for row, place in enumerate(collection.places):
        left, top, right, bottom = place.window
        query = crop(whole, Square((left + right) / 2, (top + bottom) / 2, right - left))
        result = retriever.search(query, k=2)
        assert result.neighbours[0].id == collection.entries[row].id
        assert result.neighbours[0].distance == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("how", ["nodata", "mask", "alpha", "black frame"])
def test_tiles_without_data_are_left_out(index, photos, tmp_path, how, left_out):
    samples = np.maximum(patchwork(), 5)
    seen = np.zeros((SIDE, SIDE), bool)
    seen[TILE + 60 :, 2 * TILE :] = True  # so of each tile in the second row more than a quarter is missing
    options = {}
    if how == "black frame":  # JPEG's, which no tag tells
        seen[TILE:, 2 * TILE :] = True
    if how in ("nodata", "black frame"):
        samples[:, ~seen] = 0
        options = {"nodata": 0} if how == "nodata" else {}
    elif how == "mask":
        options = {"mask": seen}
    else:
        samples = np.concatenate([samples, 255 * seen[None].astype(np.uint8)])
        options = {"alpha": "yes"}
    write(photos / "ortho.tif", samples, **options)
    status, told, embedded = index()
    lowest = 1 if how == "black frame" else 2
    expected = [f"{row:04d}-{column:04d}" for row in range(lowest, 5) for column in range(2, 5)]
    assert (status, parts(tmp_path / "out"), embedded) == (0, expected, len(expected))
    assert f"{25 - len(expected)} tiles show nothing" in told


def test_a_raster_of_nothing_is_left_out_with_a_word(index, photos, tmp_path):
    write(photos / "empty.tif", np.zeros((3, SIDE, SIDE), np.uint8))
    status, told, _ = index()
    assert status == 1
    assert "each of its tiles is empty" in told
    assert not (tmp_path / "out").exists()


def test_all_tiles_of_a_raster_have_one_contrast(index, photos, tmp_path):
    """A dark half stays dark: a stretch for each tile would make both alike."""
    grey = np.random.default_rng(0).integers(300, 500, (SIDE, SIDE)).astype(np.uint16)
    grey[:, SIDE // 2 :] += 3000
    write(photos / "ortho.tif", grey[None], photometric="minisblack", overviews=(2, 4))
    index()
    collection = Collection(tmp_path / "out", gpu=False)
    brightness = [np.asarray(collection.photo_image(row)).mean() for row in range(5)]
    assert brightness[0] < 40
    assert brightness[-1] > 200


def test_tiles_of_fine_pixels_are_read_smaller_and_look_as_a_query_does(index, photos, tmp_path):
    """Pixels of 5 cm: 1,560 of them across a tile, of which a search sees 256."""
    large = np.asarray(scene(3).resize((3200, 3200))).transpose(2, 0, 1)
    transform = Affine(0.05, 0, 427_000, 0, -0.05, 4_920_000)
    write(photos / "ortho.tif", large, transform=transform, overviews=(2, 4))
    assert index()[0] == 0
    retriever = Retriever.load(tmp_path / "out", further=(), device="cpu")
    collection = retriever.collection()
    assert max(collection.photo_image(0).size) < 600
    left, top, right, _ = collection.places[1].window
    whole = Image.fromarray(large.transpose(1, 2, 0))
    query = crop(whole, Square((left + right) / 2, top + (right - left) / 2, right - left))
    result = retriever.search(query, k=1)
    assert result.neighbours[0].id == "ortho.tif/0000-0001"
    assert result.neighbours[0].distance < 0.05


def test_other_tiles_are_cut_when_they_are_asked_for_and_kept(index, photos, tmp_path):
    write(photos / "ortho.tif", patchwork())
    index("--tile", "100")
    assert len(parts(tmp_path / "out")) == 16
    _, told, embedded = index()  # as before
    assert "up to date" in told
    assert embedded == 0
    index("--tile", "78")
    assert len(parts(tmp_path / "out")) == 25


def test_only_what_changed_is_embedded(index, photos, tmp_path):
    write(photos / "a.tif", patchwork())
    write(photos / "sub" / "b.tif", patchwork(first=3))
    scene(9).save(photos / "photo.jpg")
    make_older(photos / "photo.jpg")
    _, _, embedded = index()
    assert embedded == 51
    _, told, embedded = index()
    assert "up to date: 51 photos" in told
    assert embedded == 0
    write(photos / "a.tif", patchwork(first=7))
    _, told, embedded = index()
    assert embedded == 25
    assert "0 are new and 25 changed" in told
    (photos / "sub" / "b.tif").rename(photos / "c.tif")
    _, told, embedded = index()
    assert embedded == 0
    assert "25 are new and 0 changed; 25 that were there before are gone" in told
    os.utime(photos / "c.tif")
    assert index()[2] == 0
    assert index("--again")[2] == 51
    assert len(Collection(tmp_path / "out", gpu=False).entries) == 51


@pytest.mark.parametrize("moment", ["embedding", "publishing"])
def test_a_run_that_is_cut_off_goes_on_from_there(index, photos, tmp_path, monkeypatch, moment):
    write(photos / "a.tif", patchwork())
    write(photos / "b.tif", patchwork(first=3))

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if moment == "embedding":
            real, calls = RasterFile.read, []
            patch.setattr(
                RasterFile,
                "read",
                lambda *given: calls.append(1) or (stop() if len(calls) > 40 else real(*given)),
            )
        else:
            patch.setattr(train.folders.publish, "project", stop)
        assert index()[0] == 130
    assert not (tmp_path / "out").exists()
    _, _, embedded = index()
    if moment == "embedding":
        assert 10 <= embedded <= 18  # of 40 that were read, all but the last batch are kept
    else:
        assert embedded == 0
    collection = Collection(tmp_path / "out", gpu=False)
    assert len(collection.entries) == 50
    assert [place.window is not None for place in collection.places] == [True] * 50
    fresh = tmp_path / "fresh"
    index(out=fresh)
    assert file_sha256(fresh / "catalogue.csv") == file_sha256(tmp_path / "out" / "catalogue.csv")
    assert file_sha256(fresh / "places.csv") == file_sha256(tmp_path / "out" / "places.csv")


def test_a_damaged_raster_is_named_and_what_can_be_read_of_it_kept(index, photos, tmp_path, left_out):
    path = write(photos / "ortho.tif", patchwork(), compress="deflate")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with rasterio.open(path) as source:  # its directory is in front, so that it opens
        assert source.width == SIDE
    make_older(path)
    assert index()[0] == 0
    reason = left_out()["ortho.tif"]
    assert "damaged or cut off" in reason
    assert "of its 25 tiles cannot be read" in reason
    assert 0 < len(parts(tmp_path / "out")) < 25
    assert "up to date" in index()[1]
    assert left_out()["ortho.tif"] == reason


def test_a_raster_that_changes_while_it_is_read_is_left_for_the_next_run(
    index, photos, tmp_path, monkeypatch, left_out
):
    path = write(photos / "a.tif", patchwork())
    write(photos / "b.tif", patchwork(first=3))
    real, calls = RasterFile.read, []

    def read_and_touch(*given):
        calls.append(1)
        if len(calls) == 20:
            os.utime(path, (1, 1))
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(train.folders.tiles, "AHEAD", 2)
        patch.setattr(RasterFile, "read", read_and_touch)
        assert index()[0] == 0
    assert {entry.file for entry in Collection(tmp_path / "out", gpu=False).entries} == {"b.tif"}
    assert left_out() == {"a.tif": "It changed while it was read: run this again."}
    assert index()[0] == 0
    assert len(Collection(tmp_path / "out", gpu=False).entries) == 50


def test_what_is_no_orthophoto_is_a_photo_or_named(index, photos, tmp_path, left_out):
    write(photos / "nowhere.tif", patchwork(300), crs=None)
    write(photos / "small.tif", patchwork(200))
    write(photos / "coarse.tif", patchwork(), transform=Affine(10, 0, 427_000, 0, -10, 4_920_000))
    (photos / "broken.tif").write_bytes(b"II*\0rubbish")
    status, _, embedded = index()
    assert (status, embedded) == (0, 2)
    collection = Collection(tmp_path / "out", gpu=False)
    assert [entry.id for entry in collection.entries] == ["nowhere.tif", "small.tif"]
    assert (collection.places[0].footprint, collection.places[1].window) == (None, None)
    assert distance(*collection.places[1].footprint[:2]) == pytest.approx(100, abs=0.2)
    assert left_out().keys() == {"broken.tif", "coarse.tif"}


def test_one_file_is_a_collection_too_and_hides_no_other(index, photos, tmp_path):
    path = write(photos / "ortho.tif", patchwork())
    scene(9).save(photos / "photo.jpg")
    assert index(images=path)[2] == 25
    assert index(images=path)[2] == 0
    assert index()[2] == 1  # the whole folder
    status, told, _ = index(images=path)
    assert status == 1
    assert "holds other photos than ortho.tif too" in told
    assert len(Collection(tmp_path / "out", gpu=False).entries) == 26
    (photos / "note.txt").write_text("no photo")
    assert "is no photo that is read here" in index(images=photos / "note.txt", out=tmp_path / "other")[1]
    (photos / "loop").symlink_to(photos / "loop")
    status, told, _ = index(images=photos / "loop", out=tmp_path / "other")
    assert status == 1
    assert "loop" in told


def test_a_file_beside_a_raster_says_nothing_of_it(index, photos, tmp_path, left_out):
    """World files, statistics and virtual rasters lead elsewhere, or say what the raster does not."""
    path = write(photos / "ortho.tif", patchwork(), crs=None, transform=None)
    path.with_suffix(".tfw").write_text("0.5\n0\n0\n-0.5\n427000\n4920000\n")
    path.with_suffix(".prj").write_text(pyproj.CRS("EPSG:32635").to_wkt())
    other = write(tmp_path / "other.tif", patchwork())
    (photos / "virtual.tif").write_text(
        '<VRTDataset rasterXSize="700" rasterYSize="700"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{other}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    index()
    collection = Collection(tmp_path / "out", gpu=False)
    assert [entry.id for entry in collection.entries] == ["ortho.tif"]
    assert collection.places is None
    assert left_out().keys() == {"virtual.tif"}


def test_a_drones_photo_says_where_it_was_taken(index, photos, tmp_path):
    exif = Image.Exif()
    exif[271], exif[272] = "DJI", "FC3411"
    exif.get_ifd(0x8769)[0xA405] = 24  # focal length as of 35 mm film
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (44.0, 26.0, 6.0), "E", (26.0, 6.0, 9.0)
    height = b'<x:xmpmeta drone-dji:RelativeAltitude="+50.0" drone-dji:GimbalPitchDegree="-90.0"/>'
    scene(1, 640).save(photos / "drone.jpg", exif=exif, xmp=height)
    scene(2, 640).save(photos / "place.jpg", exif=_without_height(exif))
    index()
    places = Collection(tmp_path / "out", gpu=False).places
    assert places[0].centre == pytest.approx((26.1025, 44.435), abs=1e-6)
    # 75 m across, whichever way the drone was turned: a square that surely lies in the photo.
    assert distance(*places[0].footprint[:2]) == pytest.approx(75 / 2**0.5, abs=0.1)
    assert places[1].footprint is None


def _without_height(exif):
    copy = Image.Exif()
    copy.load(exif.tobytes())
    return copy


def test_a_window_that_no_longer_fits_shows_a_preview(index, photos, tmp_path):
    path = write(photos / "ortho.tif", patchwork())
    index()
    collection = Collection(tmp_path / "out", gpu=False)
    last = len(collection.entries) - 1
    assert collection.checked_photo(last) == path
    write(path, patchwork(500))
    assert (collection.photo_image(last), collection.checked_photo(last)) == (None, None)
    assert collection.photo_image(0) is not None  # whose pixels are the same
    path.write_bytes(b"II*\0rubbish")
    assert collection.photo_image(0) is None


def test_parts_are_read_of_the_operators_own_folder_alone(index, photos, tmp_path):
    path = write(photos / "class" / "ortho.tif", patchwork())
    index()
    out = tmp_path / "out"
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["photos"] = {"bundled": "photos"}
    (out / "manifest.json").write_text(json.dumps(manifest))
    shutil.copytree(path.parent, out / "photos" / "class")
    for elsewhere in (False, True):
        collection = Collection(out, gpu=False, elsewhere=elsewhere)
        assert collection.photo(0) is None
        assert collection.photo_image(0) is None


def test_a_grid_covers_all_of_a_raster(monkeypatch):
    class Sized:
        pixel_sides = (0.3, 0.3)
        size = (20_000, 1_000)

    windows = tile_windows(Sized(), 78.0)
    assert len(windows) == 77 * 4
    assert windows["0003-0076"] == (19_740, 740, 20_000, 1_000)
    Sized.size = (300, 300)
    assert tile_windows(Sized(), 78.0) == {}
    monkeypatch.setattr(train.folders.tiles, "MAX_TILES", 10)
    Sized.size = (2000, 2000)
    assert tile_windows(Sized(), 78.0) == {}
