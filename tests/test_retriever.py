"""The way in: an image of any kind gives the nearest photos, and importing it costs next to nothing."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from examples.scenes import draw
from retrieval import ImageError, Retriever
from retrieval.model import DeviceError
from retrieval.photos import PROJECT
from retrieval.retriever import SHIPPED, SHIPPED_SCENES


@pytest.fixture(scope="module")
def query(tmp_path_factory):
    path = tmp_path_factory.mktemp("query") / "query.png"
    draw("harbor", 4321, 128).save(path)
    return path


@pytest.fixture(scope="module")
def result(retriever, query):
    return retriever.search(query, 20)


def test_a_path_bytes_and_an_image_have_the_same_neighbours(retriever, query, result):
    for source in (str(query), query.read_bytes(), draw("harbor", 4321, 128)):
        assert retriever.search(source, 20).neighbours == result.neighbours


def test_neighbours_come_nearest_first_and_fit_the_catalogue(retriever, result):
    distances = [neighbour.distance for neighbour in result.neighbours]
    assert len(distances) == 20
    assert distances == sorted(distances)
    assert 0 < distances[0] <= distances[-1] < 2
    for neighbour in result.neighbours:
        entry = retriever.collection().entries[neighbour.row]
        assert (neighbour.id, neighbour.label) == (entry.id, entry.label)
        exact = np.linalg.norm(retriever.collection().index.vector(neighbour.row) - result.vector)
        assert neighbour.distance == pytest.approx(exact, abs=1e-3)


def test_every_bundled_scene_of_a_class_finds_itself_first(retriever):
    scenes = retriever.collection("scenes")
    first_of_class = {entry.label: row for row, entry in reversed(list(enumerate(scenes.entries)))}
    for row in list(first_of_class.values())[::3]:
        nearest = retriever.search(scenes.photo(row), 1, "scenes").neighbours[0]
        assert (nearest.row, nearest.photo) == (row, scenes.photo(row))
        assert nearest.distance < 0.02


def test_every_stored_vector_finds_itself_at_distance_0(retriever):
    for collection in retriever.collections.values():
        for row in range(0, len(collection.entries), 50):
            nearest = retriever.search_vector(collection.index.vector(row), 1, collection.name).neighbours[0]
            assert nearest.distance < 2e-3
            assert nearest.row == row


def test_a_known_vector_gives_the_same_as_its_image(retriever, result):
    again = retriever.search_vector(result.vector, 20)
    assert again.neighbours == result.neighbours
    assert set(again.seconds) == {"search"}
    assert set(result.seconds) == {"decode", "embed", "search"}


@pytest.mark.parametrize(("k", "count"), [(1, 1), (7, 7), (10**6, None)])
def test_k_neighbours_are_given_or_all(retriever, result, k, count):
    found = retriever.search_vector(result.vector, k, "scenes").neighbours
    total = len(retriever.collection("scenes").entries)
    assert len(found) == (count or total)
    assert len({neighbour.row for neighbour in found}) == len(found)


@pytest.mark.parametrize("k", [0, -3])
def test_k_below_1_is_refused(retriever, result, k):
    with pytest.raises(ValueError, match="at least 1"):
        retriever.search_vector(result.vector, k)


def test_an_unknown_collection_is_refused_with_the_known_ones(retriever, query):
    with pytest.raises(ValueError, match=r"'volcanoes'.*ucmerced, scenes"):
        retriever.search(query, 1, "volcanoes")


def test_an_image_that_cannot_be_read_is_refused(retriever):
    with pytest.raises(ImageError):
        retriever.search(b"no image")


def test_the_note_of_the_image_travels_with_the_result(retriever, tmp_path):
    frames = [draw("river", seed, 64) for seed in (1, 2)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    assert "an animation" in retriever.search(tmp_path / "film.gif", 1, "scenes").note


def test_votes_count_the_neighbours(result):
    assert sum(count for _, count in result.votes) == 20
    assert [count for _, count in result.votes] == sorted((count for _, count in result.votes), reverse=True)
    labels = [neighbour.label for neighbour in result.neighbours]
    assert dict(result.votes) == {label: labels.count(label) for label in labels}


def test_the_answer_as_json_has_the_documented_names(result):
    answer = json.loads(json.dumps(result.to_dict()))
    assert set(answer) == {"collection", "neighbours", "votes", "note", "seconds"}
    assert answer["collection"] == "ucmerced"
    first, nearest = answer["neighbours"][0], result.neighbours[0]
    assert first == {
        "id": nearest.id,
        "label": nearest.label,
        "distance": round(nearest.distance, 6),
        "photo": result.collection.entries[nearest.row].file,
    }
    assert answer["votes"] == [{"label": label, "count": count} for label, count in result.votes]


def test_photos_that_are_not_here_are_none(result):
    assert result.collection.missing_photos == len(result.collection.entries)
    assert {neighbour.photo for neighbour in result.neighbours} == {None}


def test_loading_can_be_limited_to_one_collection(retriever, tmp_path):
    alone = Retriever.load(SHIPPED, further=[], photos=tmp_path / "none", device="cpu")
    assert list(alone.collections) == ["ucmerced"]
    assert list(retriever.collections) == ["ucmerced", "scenes"]
    assert alone.embedder is retriever.embedder
    assert SHIPPED_SCENES.is_dir()


def test_importing_the_package_loads_neither_torch_nor_gradio():
    heavy = {"torch", "gradio", "huggingface_hub"}
    code = f"import sys, retrieval; print({heavy} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "set()", ran.stderr


def test_a_wide_image_is_said_to_be_searched_by_its_middle(retriever):
    wide = retriever.search(draw("river", 1).resize((512, 256)), 1)
    assert wide.note == "Of these 512 x 256 pixels, the square in the middle was searched."
    assert retriever.search(draw("river", 1), 1).note == ""


def test_a_folder_with_other_weights_loads_without_the_shipped_scenes(tmp_path):
    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in manifest["files"]:
        (folder / name).symlink_to(SHIPPED / name)
    manifest["model"]["preprocessing"]["size"] = 128
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert list(Retriever.load(folder).collections) == ["ucmerced"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_said():
    with pytest.raises(DeviceError, match=r"no CUDA GPU .*\.$"):
        Retriever.load(device="cuda")


def test_embedding_takes_what_searching_takes(retriever, query, result):
    grey = draw("harbor", 4321, 128).convert("L")
    vectors = retriever.embed([query, query.read_bytes(), grey])
    assert np.allclose(vectors[:2], result.vector, atol=1e-4)
    assert vectors.shape == (3, 2048)
