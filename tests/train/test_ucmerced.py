"""With the real photos: they are whole, the catalogue is theirs, and a photo finds its own class."""

import pytest

from retrieval.collections import previews
from retrieval.collections.collection import Collection
from retrieval.images import decode, pixel_sha256
from retrieval.retriever import SHIPPED
from retrieval.verdict import STRONG
from train.data.ucmerced import CLASSES, file_names, find_folder, read_split

pytestmark = pytest.mark.ucmerced


@pytest.fixture(scope="module")
def photos(ucmerced_places):
    present = [place for place in ucmerced_places if place.is_dir()]
    if not present:
        pytest.skip(f"UC Merced is not in {' or '.join(map(str, ucmerced_places))}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UCMERCED_DIR", str(present[0]))
        yield find_folder(fetch=False)


@pytest.fixture(scope="module")
def collection(photos):
    return Collection(SHIPPED, photos.root)


def first_of_each_class(part):
    return {file.split("/")[0]: file for file in reversed(read_split(part))}


def test_the_data_set_is_whole(photos):
    assert photos.count(file_names()) == 2100


def test_the_collection_holds_the_training_images_and_finds_their_photos(collection):
    assert [entry.file for entry in collection.entries] == read_split("train")
    assert collection.missing_photos == 0


@pytest.mark.parametrize("label", CLASSES)
def test_a_photo_is_the_one_of_the_catalogue(collection, label):
    row, entry = next(
        (row, entry) for row, entry in enumerate(collection.entries[5:], 5) if entry.label == label
    )
    image = decode(collection.photo(row)).image
    assert pixel_sha256(image) == entry.sha256
    assert previews.encode(image) == entry.blurhash


def test_photos_outside_the_collection_find_their_own_class_first(retriever, photos):
    right = []
    for label, file in first_of_each_class("test").items():
        neighbours = retriever.search(photos.find(file), 50).neighbours
        distances = [neighbour.distance for neighbour in neighbours]
        assert distances == sorted(distances)
        assert 0 < distances[0] < distances[-1] < 2
        right.append(neighbours[0].label == label)
    assert len(right) == 21
    assert sum(right) >= 17  # of 21: more than 80 per cent


def test_of_photos_that_were_held_out_most_have_a_strong_match_and_these_are_right(retriever, photos):
    found = [
        (retriever.search(photos.find(file)).verdict, label)
        for label, file in first_of_each_class("validation").items()
    ]
    strong = [verdict.label == label for verdict, label in found if verdict.level == STRONG]
    assert len(strong) >= 14  # of 21
    assert sum(strong) >= 0.95 * len(strong)


def test_photos_of_the_collection_find_themselves(retriever, collection):
    for row in range(0, len(collection.entries), 300):
        nearest = retriever.search(collection.photo(row), 1).neighbours[0]
        assert nearest.row == row
        assert nearest.distance < 0.05
