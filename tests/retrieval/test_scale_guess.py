"""Images that do not say their scale: near ones are taken as they are, others as if from higher up."""

import numpy as np
import pytest
import rasterio
from PIL import Image

from examples.scenes import draw
from retrieval.explain import explain
from retrieval.index import VectorIndex
from retrieval.maps.locate import ScaleHints
from retrieval.retriever import FROM_HIGHER, Retriever
from retrieval.scale_guess import (
    GUESS_NEIGHBOURS,
    HEIGHTS,
    VIEW_PIXELS,
    Usual,
    costs,
    folded,
    from_higher,
    query_vectors,
)
from retrieval.scale_probe import ScaleProbe
from retrieval.vector_store import StoreError
from ui.example_uploads import PREFIX, ExampleUploads
from ui.uploads import embed_upload

SIDE = VIEW_PIXELS


@pytest.mark.parametrize("size", [(256, 256), (300, 420), (90, 64)])
@pytest.mark.parametrize("height", HEIGHTS[1:])
def test_from_higher_up_an_image_lies_small_among_its_mirror_images(size, height):
    image = draw("harbor", 3).resize(size)
    view = np.asarray(from_higher(image, height))
    assert view.shape == (SIDE, SIDE, 3)
    side = round(SIDE / height)
    start = (SIDE - side) // 2
    middle = view[start : start + side, start : start + side]
    edge = min(size)
    left, top = (size[0] - edge) // 2, (size[1] - edge) // 2
    square = image.crop((left, top, left + edge, top + edge)).resize((side, side), Image.Resampling.BICUBIC)
    assert np.abs(middle.astype(int) - np.asarray(square)).mean() < 1
    assert (view[start - 5 : start] == view[start : start + 5][::-1]).all()
    assert (
        view[:, start + side : start + side + 5] == view[:, start + side - 5 : start + side][:, ::-1]
    ).all()


def test_what_is_no_higher_is_the_image():
    image = draw("forest", 2)
    assert (np.asarray(from_higher(image, 1)) == np.asarray(image.resize((SIDE, SIDE)))).all()
    values = np.random.default_rng(0).random((8, 8), np.float32)
    assert (folded(values, 1) == values).all()


@pytest.mark.parametrize("height", HEIGHTS[1:])
@pytest.mark.parametrize("shape", [(8, 8), (7, 7), (3, 5)])
def test_folding_loses_nothing(height, shape):
    values = np.random.default_rng(1).random(shape, np.float32)
    photo = folded(values, height)
    assert photo.shape == shape
    assert photo.min() >= 0
    assert photo.sum() == pytest.approx(values.sum(), rel=1e-4)
    assert folded(np.zeros(shape, np.float32), height).sum() == 0


@pytest.mark.parametrize("height", HEIGHTS[1:])
def test_what_a_mirror_image_brings_counts_for_the_place_that_it_mirrors(height):
    photo = Image.new("RGB", (SIDE, SIDE))
    photo.paste((255, 255, 255), (0, 0, 64, 64))  # in one corner
    view = np.asarray(from_higher(photo, height).convert("L").resize((8, 8), Image.Resampling.BOX))
    cells = folded(view.astype(np.float32), height)
    assert cells[:2, :2].sum() > 0.6 * cells.sum()
    assert cells[4:, 4:].max() < 0.05 * cells.max()


def test_costs_are_the_distances_where_nothing_tells_a_scale():
    distances = np.array([[0.2, 0.4], [0.1, 0.2]], np.float32)
    vectors = np.zeros((2, 1), np.float32)
    assert np.allclose(costs(None, vectors, distances, [1, 2]), [0.3, 0.15])
    sure = ScaleProbe(np.array([-1, 0, 1], np.float32), np.zeros((3, 1), np.float32), np.zeros(3, np.float32))
    assert np.ptp(costs(sure, vectors, distances, [1, 2]) - [0.3, 0.15]) < 1e-6, "it holds nothing likelier"


# A world of one angle: images are flat, their level is where they lie, and heights move them.

#: Tells nothing, so the distances alone decide.
INDIFFERENT = ScaleProbe(
    np.array([-1, 0, 1], np.float32), np.zeros((3, 2), np.float32), np.zeros(3, np.float32)
)


def at(degrees):
    angles = np.radians(np.asarray(degrees, float))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def degrees_of(distance):
    return float(np.degrees(2 * np.arcsin(distance / 2)))


class World:
    """Photos lie at 0 degrees; an image lies at its level, and its views at what was given for it."""

    def __init__(self, views):
        self.views, self.calls = views, []

    def embed(self, images):
        seen = [images[number] for number in range(len(images))]
        self.calls.append(len(seen))
        if len(self.calls) == 1:
            return at([image.getpixel((0, 0))[0] for image in seen])
        levels = [image.getpixel((0, 0))[0] for image in seen]
        heights = HEIGHTS[1:] * (len(levels) // len(HEIGHTS[1:]))
        return at([self.views[level][height] for level, height in zip(levels, heights, strict=True)])


def flat(level):
    return Image.new("RGB", (SIDE, SIDE), (level, 0, 0))


PHOTOS = VectorIndex.build(at([0] * 6)).search
NEAR, FAR = 0.3, 0.5
ONE, TWO = HEIGHTS[1:]


def searched(views, *levels, probe=INDIFFERENT, others=(), search=PHOTOS):
    world, usual = World(views), Usual(search, NEAR, FAR) if search else None
    vectors, heights = query_vectors(world.embed, probe, usual, [flat(level) for level in levels], others)
    angles = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0]))
    return world.calls, angles.round().tolist(), heights.tolist()


def test_near_images_are_taken_as_they_are_and_embedded_once():
    limit = degrees_of(NEAR)
    assert searched({}, 0, 5, int(limit)) == ([3], [0, 5, int(limit)], [1, 1, 1])


def test_the_others_are_taken_from_where_they_are_nearest():
    views = {40: {ONE: 20, TWO: 12}, 60: {ONE: 15, TWO: 28}, 25: {ONE: 50, TWO: 26}}
    assert searched(views, 40, 3, 60, 25) == ([4, 6], [12, 3, 15, 25], [TWO, 1, ONE, 1])


def test_an_image_is_taken_the_same_way_whatever_comes_with_it():
    views = {40: {ONE: 20, TWO: 12}, 60: {ONE: 15, TWO: 28}}
    alone = [searched(views, level)[1:] for level in (40, 60, 7)]
    _, angles, heights = searched(views, 40, 60, 7)
    assert [([angle], [height]) for angle, height in zip(angles, heights, strict=True)] == alone


def test_what_is_far_from_everywhere_is_taken_as_it_is():
    far = int(degrees_of(FAR)) + 2
    assert searched({80: {ONE: far, TWO: far + 3}}, 80)[1:] == ([80], [1])
    assert searched({80: {ONE: far, TWO: far - 4}}, 80)[1:] == ([far - 4], [TWO])


def test_what_lies_near_in_another_collection_is_taken_as_it_is():
    views = {40: {ONE: 20, TWO: 12}, 60: {ONE: 15, TWO: 28}}
    other = VectorIndex.build(at([41])).search
    assert searched(views, 40, 60, others=(other,)) == ([2, 2], [40, 15], [1, ONE])


def test_what_is_nearer_to_another_collection_than_any_view_is_taken_as_it_is():
    views = {60: {ONE: 25, TWO: 28}}
    nearer, farther = (VectorIndex.build(at([degrees])).search for degrees in (60 + 22, 60 + 27))
    assert searched(views, 60, others=(farther,))[1:] == ([25], [ONE])
    assert searched(views, 60, others=(farther, nearer))[1:] == ([60], [1])
    assert searched(views, 60, others=(nearer, farther))[1:] == ([60], [1])


def test_each_collection_is_asked_once_and_of_doubted_images_alone():
    asked = []

    def counting(name, search):
        return lambda vectors, k: asked.append((name, len(vectors))) or search(vectors, k)

    others = [counting(name, VectorIndex.build(at([200])).search) for name in "bc"]
    searched({}, 5, 7, search=counting("a", PHOTOS), others=others)
    assert asked == [("a", 2)]
    asked.clear()
    views = {40: {ONE: 20, TWO: 12}, 60: {ONE: 15, TWO: 28}}
    searched(views, 40, 3, 60, search=counting("a", PHOTOS), others=others)
    assert asked == [("a", 3), ("b", 2), ("c", 2), ("a", 4)]


def test_where_nothing_tells_what_is_usual_images_are_taken_as_they_are():
    assert searched({}, 40, 60, probe=None) == ([2], [40, 60], [1, 1])
    assert searched({}, 40, 60, search=None) == ([2], [40, 60], [1, 1])


def few(found):
    """A search that is not exact: of the first query it finds nothing, of the others less than there is."""

    def search(vectors, k):
        distances, rows = PHOTOS(vectors, k)
        distances = distances[:, :found].copy()
        distances[0], distances[1:, 2:] = np.inf, np.inf
        return distances, rows[:, :found]

    return search


@pytest.mark.parametrize("found", [0, 1, 3, GUESS_NEIGHBOURS])
def test_what_a_search_does_not_find_decides_nothing(found):
    views = {level: {ONE: 20, TWO: 12} for level in (5, 40, 60)}
    _, angles, heights = searched(views, 60, 5, 40, search=few(found))
    if not found:
        assert (angles, heights) == ([60, 5, 40], [1, 1, 1])
    else:
        # The first view of the first is not found either, its second is.
        assert (angles, heights) == ([12, 5, 12], [TWO, 1, TWO])


def test_the_likelier_size_counts_for_nearness():
    views = {40: {ONE: 20, TWO: 21}}
    # By their vectors, the first shows half as much as a photo, the second somewhat less, the third as much.
    octaves = np.array([-1, -0.5, 0, 0.5], np.float32)
    weights = 5000 * at([40, 20, 21, -60])
    probe = ScaleProbe(octaves, weights, np.zeros(4, np.float32))
    assert searched(views, 40)[1:] == ([20], [ONE])
    assert searched(views, 40, probe=probe)[1:] == ([21], [TWO])


def test_no_image_is_no_vector_and_what_was_embedded_is_left_alone():
    usual = Usual(PHOTOS, NEAR, FAR)
    vectors, heights = query_vectors(lambda images: np.zeros((0, 2), np.float32), INDIFFERENT, usual, [])
    assert (vectors.shape, heights.shape) == ((0, 2), (0,))
    kept = at([40])
    world = World({40: {ONE: 20, TWO: 12}})
    world.calls.append(1)

    def embed(images):
        return kept if len(images) == 1 else world.embed(images)

    moved, _ = query_vectors(embed, INDIFFERENT, usual, [flat(40)])
    assert not np.allclose(moved, kept)
    assert (kept == at([40])).all()


def test_a_small_gallery_has_fewer_neighbours_than_are_asked():
    one = VectorIndex.build(at([0])).search
    assert searched({40: {ONE: 20, TWO: 12}}, 40, search=one)[1:] == ([12], [TWO])


# With the shipped network


@pytest.fixture(scope="module")
def nearer(retriever):
    """The middle of a drawn picture, as from half as high, that is searched from higher up."""
    drawn = (draw(label, number) for number in range(40, 60) for label in ("harbor", "parkinglot", "river"))
    images = (each.crop((64, 64, 192, 192)).resize((256, 256)) for each in drawn)
    seen = (retriever.embed_image(image) for image in images)
    return next(each for each in seen if each.height > 1)


def test_the_vector_is_that_of_the_view_and_it_is_told(retriever, nearer):
    view = from_higher(nearer.image, nearer.height)
    assert np.allclose(nearer.vector, retriever.embedder.embed([view])[0], atol=1e-4)
    assert nearer.notes == (FROM_HIGHER,)
    result = retriever.search(nearer.image, 3)
    assert result.notes == (FROM_HIGHER,)
    assert result.to_dict()["note"] == str(FROM_HIGHER)
    assert np.allclose(retriever.embed([nearer.image])[0], result.vector, atol=1e-4)


def test_whose_scale_is_known_is_searched_at_that_scale(retriever, nearer):
    seen = retriever.embed_image(nearer.image, metres_per_pixel=0.3)
    assert seen.height == 1
    assert FROM_HIGHER not in seen.notes


def test_where_the_weights_tell_no_scale_nothing_is_looked_at_twice(retriever, nearer, monkeypatch):
    monkeypatch.setattr(retriever.embedder, "scale_probe", None)
    plain = retriever.embed_image(nearer.image)
    assert (plain.height, plain.notes) == (1, ())
    assert np.allclose(plain.vector, retriever.embedder.embed([nearer.image])[0], atol=1e-4)


def test_a_photo_of_any_collection_finds_itself(retriever):
    scenes = retriever.collection("scenes")
    for row in range(0, len(scenes.entries), 9):
        found = retriever.search(scenes.photo_image(row), 1, "scenes")
        assert found.neighbours[0].distance < 0.1
        assert found.notes == ()


def test_the_first_collection_says_what_is_usual(retriever, nearer, monkeypatch):
    turned = Retriever(retriever.embedder, list(retriever.collections.values())[::-1])
    asked = []
    monkeypatch.setattr(
        "retrieval.retriever.query_vectors",
        lambda embed, probe, usual, images, others: asked.append((usual, others)) or (embed(images), [1.0]),
    )
    for each in (retriever, turned):
        each.embed_image(nearer.image)
    for each, (usual, others) in zip((retriever, turned), asked, strict=True):
        first, other = each.collections.values()
        assert usual.search == first.index.search
        assert usual.near == first.calibration.within(0.85) < usual.far == first.calibration.within(0.98)
        assert others == [other.index.search]


def test_a_first_collection_without_a_calibration_has_images_taken_as_they_are(
    retriever, nearer, monkeypatch
):
    monkeypatch.setattr(retriever.collection(), "calibration", None)
    assert retriever.embed_image(nearer.image).height == 1


@pytest.mark.parametrize("name", ["ucmerced", "scenes"])
def test_where_a_database_does_not_answer_images_are_taken_as_they_are(retriever, nearer, monkeypatch, name):
    def fails(vectors, k, allowed=None):
        raise StoreError("The database does not answer.")

    plain = retriever.embedder.embed([nearer.image])
    monkeypatch.setattr(retriever.collection(name).index, "search", fails)
    seen = retriever.embed_image(nearer.image)
    assert (seen.height, seen.notes) == (1, ())
    assert np.allclose(seen.vector, plain[0], atol=1e-5)
    assert np.allclose(retriever.embed([nearer.image]), plain, atol=1e-5)


def test_a_coarse_picture_that_says_its_scale_is_not_looked_at_from_higher_up(retriever, nearer, tmp_path):
    path = tmp_path / "coarse.tif"
    profile = {"driver": "GTiff", "width": 256, "height": 256, "count": 3, "dtype": "uint8"}
    place = rasterio.Affine(10, 0, 430_000, 0, -10, 4_920_000)  # ten metres for a pixel
    pixels = np.asarray(nearer.image.resize((256, 256)))
    with rasterio.open(path, "w", crs="EPSG:32635", transform=place, **profile) as raster:
        raster.write(pixels.transpose(2, 0, 1))
    seen = retriever.embed_image(path)
    assert (seen.height, FROM_HIGHER in seen.notes) == (1, False)


def test_an_upload_and_an_example_keep_from_where_they_were_looked_at(
    retriever, nearer, tmp_path, monkeypatch
):
    path = tmp_path / "photo.png"
    nearer.image.save(path)
    upload, _ = embed_upload(retriever, str(path), ScaleHints(), None, None)
    assert (upload.height, upload.notes) == (nearer.height, (FROM_HIGHER,))
    assert np.allclose(upload.vector, nearer.vector, atol=1e-4)
    assert np.abs(np.asarray(upload.image, int) - np.asarray(nearer.image.resize((256, 256)), int)).mean() < 6
    examples = ExampleUploads(retriever)
    monkeypatch.setattr(examples, "picture", lambda name: nearer.image)
    example = examples.get(PREFIX + "harbor")
    assert (example.height, example.notes) == (nearer.height, (FROM_HIGHER,))
    assert np.allclose(example.vector, nearer.vector, atol=1e-4)


def test_the_places_of_a_photo_sum_to_its_similarity_from_higher_up_too(retriever, nearer):
    other = draw("harbor", 5)
    cosine = float(nearer.vector @ retriever.embedder.embed([other])[0])
    made = explain(retriever.embedder, nearer.image, other, nearer.height)
    assert made.similarity == pytest.approx(cosine, abs=5e-3)
    assert made.query.sum() == pytest.approx(made.similarity, rel=1e-3)
    assert made.query.shape == made.neighbour.shape
