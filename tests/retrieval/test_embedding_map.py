"""The map of a collection: near is similar, a query finds its place, a file that does not fit is named."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from retrieval.collections.artifacts import MANIFEST, MAP, ArtifactError, file_sha256, read_manifest
from retrieval.collections.collection import Collection
from retrieval.collections.embedding_map import (
    class_centers,
    medoid,
    position,
    read_coordinates,
    write_coordinates,
)
from retrieval.index import VectorIndex
from retrieval.retriever import SHIPPED_SCENES
from train.__main__ import main
from train.artifacts.projection import project


@pytest.fixture(scope="module")
def scenes():
    return Collection(SHIPPED_SCENES, gpu=False)


@pytest.fixture
def copy(tmp_path):
    """A copy of the shipped scenes without their photos."""
    return shutil.copytree(SHIPPED_SCENES, tmp_path / "scenes", ignore=shutil.ignore_patterns("photos"))


def without_map(folder):
    (folder / MAP).unlink()
    fields = json.loads((folder / MANIFEST).read_text())
    del fields["files"][MAP]
    (folder / MANIFEST).write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n")
    return folder


def fits_manifest(folder):
    """The manifest says the checksum that the map has now."""
    fields = json.loads((folder / MANIFEST).read_text())
    fields["files"][MAP] = file_sha256(folder / MAP)
    (folder / MANIFEST).write_text(json.dumps(fields))
    return folder


def groups(count=30, apart=1.0):
    """Unit vectors around three axes."""
    vectors = np.repeat(np.eye(3, 16), count, axis=0) * apart
    vectors += np.random.default_rng(0).normal(0, 0.05, vectors.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_what_is_alike_is_near_on_the_map():
    coordinates = project(groups())
    assert coordinates.shape == (90, 2)
    assert coordinates.dtype == np.float32
    within = max(np.ptp(coordinates[start : start + 30], axis=0).max() for start in (0, 30, 60))
    middles = coordinates.reshape(3, 30, 2).mean(axis=1)
    assert min(np.linalg.norm(middles[one] - middles[one - 1]) for one in range(3)) > 1.5 * within


def test_the_map_fills_the_unit_square_one_way_and_lies_in_its_middle_the_other():
    coordinates = project(groups())
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    assert max(high - low) == pytest.approx(1, abs=1e-6)
    assert low + high == pytest.approx([1, 1], abs=1e-6)


def test_the_map_is_the_same_on_any_number_of_cores(scenes):
    first = project(scenes.vectors)
    with threadpool_limits(1):
        assert np.array_equal(project(scenes.vectors), first)


@pytest.mark.parametrize("count", [1, 2, 3, 40])
@pytest.mark.parametrize("equal", [True, False])
def test_few_and_equal_photos_have_a_map_too(count, equal):
    vectors = np.eye(1, 16, dtype=np.float32).repeat(count, axis=0) if equal else groups()[:count]
    coordinates = project(vectors)
    assert coordinates.shape == (count, 2)
    assert ((coordinates >= 0) & (coordinates <= 1)).all()


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
def test_a_map_survives_being_written_to_four_decimals(tmp_path_factory, count, seed):
    path = tmp_path_factory.mktemp("map") / MAP
    coordinates = np.random.default_rng(seed).random((count, 2), np.float32)
    write_coordinates(path, coordinates)
    found = read_coordinates(path, count)
    assert found.dtype == np.float32
    assert np.abs(found - coordinates).max() <= 0.5001e-4
    assert [path.name for path in path.parent.iterdir()] == [MAP]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x,y\n0.1,0.2\n",
        "x,y\n0.1,0.2\n0.1,0.2\n0.1,0.2\n",
        "0.1,0.2\n0.1,0.2\n",
        "y,x\n0.1,0.2\n0.1,0.2\n",
        "x,y\n0.1,0.2\n0.1\n",
        "x,y\n0.1,0.2\n0.1,many\n",
        "x,y\n0.1,0.2\n0.1,nan\n",
        "x,y\n0.1,0.2\n0.1,1.2\n",
        "x,y\n0.1,0.2\n-0.1,0.2\n",
        "x,y,z\n0.1,0.2,0\n0.1,0.2,0\n",
        "x,y\n0.1,0.2\n\n0.1,0.2\n",
        "x,y\n0.1,0.2\n0.1,0.2\0\n",
        b"x,y\n0.1,0.2\n0.1,\xff\n",
    ],
)
def test_a_map_that_does_not_fit_is_named_with_what_to_do(tmp_path, text):
    path = tmp_path / MAP
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ArtifactError, match=r"map\.csv has to hold .* 2 rows") as caught:
        read_coordinates(path, 2)
    assert str(caught.value).endswith(f"make it again with 'python -m train map --artifacts {tmp_path}'.")


def test_a_collection_refuses_a_map_of_another_one(copy):
    lines = (copy / MAP).read_text().splitlines(keepends=True)
    (copy / MAP).write_text("".join(lines[:-1]))
    with pytest.raises(ArtifactError, match="damaged"):
        Collection(copy)
    with pytest.raises(ArtifactError, match="252 rows"):
        Collection(fits_manifest(copy))


def test_a_collection_without_a_map_still_loads(copy):
    assert Collection(without_map(copy)).coordinates is None


def test_a_file_that_the_manifest_does_not_name_is_no_map(copy):
    without_map(copy)
    (copy / MAP).write_text("rubbish")
    assert Collection(copy).coordinates is None


@pytest.mark.parametrize("name", ["ucmerced", "scenes"])
def test_on_the_shipped_maps_near_is_similar(retriever, name):
    collection = retriever.collection(name)
    assert collection.coordinates.shape == (len(collection.entries), 2)
    assert np.ptp(collection.coordinates, axis=0).max() == pytest.approx(1)
    apart = np.linalg.norm(collection.coordinates[:, None] - collection.coordinates[None], axis=2)
    np.fill_diagonal(apart, 9)
    labels = np.array([entry.label for entry in collection.entries])
    assert (labels[apart.argmin(axis=1)] == labels).mean() > 0.9


def test_the_command_gives_the_shipped_scenes_the_map_that_they_have(copy, capsys):
    """Another processor rounds otherwise and may place them otherwise; near is similar all the same."""
    before = read_manifest(copy)
    assert main(["map", "--artifacts", str(without_map(copy))]) == 0
    assert capsys.readouterr().out == f"{copy / MAP}: the places of 252 photos\n"
    after = read_manifest(copy)
    assert list(after.files) == list(before.files)
    assert {**vars(after), "files": {}} == {**vars(before), "files": {}}
    assert Collection(copy).coordinates.shape == (252, 2)
    first = (copy / MAP).read_bytes()
    assert main(["map", "--artifacts", str(copy)]) == 0
    assert (copy / MAP).read_bytes() == first


def test_a_folder_that_is_none_is_an_error_of_one_sentence(tmp_path, capsys):
    assert main(["map", "--artifacts", str(tmp_path)]) == 1
    assert "no artifact folder" in capsys.readouterr().err


def test_a_photo_of_the_collection_lands_on_its_own_place(retriever):
    for collection in retriever.collections.values():
        for row in range(0, len(collection.entries), 19):
            distances, rows = collection.index.search(collection.vectors[row : row + 1], 8)
            if distances[0, 1] > 0.02:  # one that is there twice has two places
                landed = position(distances[0], rows[0], collection.coordinates)
                assert landed == pytest.approx(collection.coordinates[row].tolist(), abs=0.01)


COORDINATES = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5], [0.9, 0.1]], np.float32)


def test_a_query_lands_among_its_nearest_by_closeness():
    def landed(distances, rows):
        return position(np.array(distances, np.float32), np.array(rows), COORDINATES)

    assert landed([0.4, 0.4], [0, 1]) == pytest.approx((0.5, 0))
    assert landed([0.2, 0.4], [0, 1]) == pytest.approx((0.2, 0), abs=1e-3)  # 4 to 1
    assert landed([0.3], [3]) == (1, 1)
    five = [0.5] * 5
    assert landed(five, range(5)) == pytest.approx((0.5, 0.5))
    assert landed([*five, 0.5], range(6)) == landed(five, range(5))  # the sixth does not count


def test_a_query_that_is_nobody_s_equal_is_still_placed():
    index = VectorIndex.build(groups())
    coordinates = project(groups())
    query = groups()[40:41] + 0.01
    distances, rows = index.search(query / np.linalg.norm(query), 5)
    x, y = position(distances[0], rows[0], coordinates)
    own = coordinates[30:60]
    assert own[:, 0].min() <= x <= own[:, 0].max()
    assert own[:, 1].min() <= y <= own[:, 1].max()


def test_a_class_in_two_pieces_has_its_center_in_the_larger_one():
    coordinates = np.array([[0, 0], [0.1, 0], [0, 0.1], [0.05, 0.05], [0.9, 0.9], [1, 1]], np.float32)
    found = class_centers(np.concatenate([coordinates, 1 - coordinates]), ["b"] * 6 + ["a"] * 6)
    assert list(found) == ["a", "b"]
    assert max(found["b"]) <= 0.1
    assert min(found["a"]) >= 0.9
    assert medoid(coordinates[5:]) == (1, 1)


def test_the_center_of_a_large_class_is_found_without_looking_at_all_of_it():
    chance = np.random.default_rng(0)
    coordinates = np.concatenate([chance.random((20_000, 2)), 0.3 + 0.01 * chance.random((20_000, 2))])
    chance.shuffle(coordinates)
    assert medoid(coordinates.astype(np.float32)) == pytest.approx((0.305, 0.305), abs=0.01)
