"""The way in: an image of any kind gives the nearest photos, and importing it costs next to nothing."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from examples.map_pages.overlays import draw_overlays
from examples.scenes import draw
from retrieval import ImageError, Retriever
from retrieval.collections.embedding_map import position
from retrieval.collections.photos import PROJECT
from retrieval.errors import Message
from retrieval.filters import allowed, rank
from retrieval.images import decode
from retrieval.index import VectorIndex
from retrieval.maps.crops import Square, crop
from retrieval.maps.locate import GUESS_NEIGHBOURS, guess_square
from retrieval.maps.scale import ScaleError
from retrieval.query import MAX_NEIGHBOURS, Filters, PhotoRef, Query, QueryError
from retrieval.retriever import OTHER_CLASSES, PLOTTED, SHIPPED, SHIPPED_SCENES, UnknownCollectionError
from retrieval.runtime import DeviceError


@pytest.fixture(scope="module")
def image_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("query") / "query.png"
    draw("harbor", 4321, 128).save(path)
    return path


@pytest.fixture(scope="module")
def result(retriever, image_path):
    return retriever.search(image_path, 20)


def test_a_path_bytes_and_an_image_have_the_same_neighbours(retriever, image_path, result):
    for source in (str(image_path), image_path.read_bytes(), draw("harbor", 4321, 128)):
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
        assert nearest.distance < 0.05  # the index was computed in float32, the query in int8


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


def test_an_unknown_collection_is_refused_with_the_known_ones(retriever, image_path):
    with pytest.raises(ValueError, match=r"'volcanoes'.*ucmerced, scenes"):
        retriever.search(image_path, 1, "volcanoes")
    with pytest.raises(UnknownCollectionError) as refused:
        retriever.collection("volcanoes")
    assert refused.value.message == Message(
        "There is no collection '{name}': choose one of {names}.", name="volcanoes", names="ucmerced, scenes"
    )


def test_an_image_that_cannot_be_read_is_refused(retriever):
    with pytest.raises(ImageError):
        retriever.search(b"no image")


def test_the_note_of_the_image_travels_with_the_result(retriever, tmp_path):
    frames = [draw("river", seed, 64) for seed in (1, 2)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    result = retriever.search(tmp_path / "film.gif", 1, "scenes")
    assert result.notes == (Message("This is an animation: only the first picture was searched."),)
    assert result.note == result.to_dict()["note"] == str(result.notes[0])


def test_several_notes_come_one_after_the_other(retriever, tmp_path):
    frames = [draw("river", seed, 64).resize((128, 64)) for seed in (1, 2)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    seen = retriever.embed_image(tmp_path / "film.gif")
    assert seen.notes[1] == Message(
        "Of these {width} x {height} pixels, the square in the middle was searched.", width=128, height=64
    )
    assert seen.note == (
        "This is an animation: only the first picture was searched. "
        "Of these 128 x 64 pixels, the square in the middle was searched."
    )


def test_votes_count_the_neighbours(result):
    assert sum(count for _, count in result.votes) == 20
    assert [count for _, count in result.votes] == sorted((count for _, count in result.votes), reverse=True)
    labels = [neighbour.label for neighbour in result.neighbours]
    assert dict(result.votes) == {label: labels.count(label) for label in labels}


def test_the_answer_as_json_has_the_documented_names(result):
    answer = json.loads(json.dumps(result.to_dict()))
    names = {"collection", "neighbours", "votes", "verdict", "novelty", "is_novel", "note", "seconds"}
    assert set(answer) == names
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


def test_embedding_takes_what_searching_takes(retriever, image_path, result):
    grey = draw("harbor", 4321, 128).convert("L")
    vectors = retriever.embed([image_path, image_path.read_bytes(), grey])
    assert np.allclose(vectors[:2], result.vector, atol=1e-4)
    assert vectors.shape == (3, 2048)


def test_the_novelty_of_a_result_is_that_of_its_nearest_neighbour(result):
    calibration = result.collection.calibration
    nearest = result.neighbours[0].distance
    assert result.novelty == calibration.novelty(nearest)
    assert result.is_novel is calibration.is_novel(nearest)
    answer = result.to_dict()
    assert answer["novelty"] == pytest.approx(result.novelty, abs=1e-4)
    assert answer["is_novel"] is result.is_novel


def test_a_photo_of_the_collection_is_not_novel_and_its_opposite_is(retriever):
    collection = retriever.collection()
    known = retriever.search_vector(collection.index.vector(7), 1)
    assert (known.novelty, known.is_novel) == (0, False)
    away = retriever.search_vector(-collection.index.vector(7), 1)
    assert (away.novelty, away.is_novel) == (1, True)
    assert away.to_dict()["is_novel"] is True


def test_a_collection_without_a_calibration_judges_nothing(retriever, result, monkeypatch):
    monkeypatch.setattr(retriever.collection("scenes"), "calibration", None)
    found = retriever.search_vector(-result.vector, 1, "scenes")
    assert (found.novelty, found.is_novel) == (None, False)
    assert found.to_dict()["novelty"] is None


@pytest.fixture(scope="module")
def wide():
    """A screenshot of three scenes, two pixels for one of a photo; overlays leave the middle one clear."""
    view = Image.new("RGB", (1536, 640))
    for number, label in enumerate(("parkinglot", "harbor", "forest")):
        view.paste(draw(label, 12).resize((512, 640)), (512 * number, 0))
    rng = np.random.default_rng(5)
    return draw_overlays(view, rng, 0.15, keep_clear=(512, 0, 1024, 640))[0]


def test_a_screenshot_is_searched_at_its_scale(retriever, wide):
    whole = retriever.search(wide, 3)
    scaled = retriever.search(wide, 3, metres_per_pixel=0.1524)
    assert whole.note == "Of these 1536 x 640 pixels, the square in the middle was searched."
    assert scaled.note == "Of the picture, the square from (512, 64) to (1024, 576) was searched."
    assert scaled.notes == (
        Message(
            "Of the picture, the square from ({left}, {top}) to ({right}, {bottom}) was searched.",
            left=512,
            top=64,
            right=1024,
            bottom=576,
        ),
    )
    vector = retriever.embedder.embed([crop(wide, Square(768, 320, 512))])[0]
    assert np.allclose(scaled.vector, vector, atol=1e-4)
    assert set(scaled.seconds) == {"decode", "embed", "search"}
    again = retriever.search_vector(scaled.vector, 3)
    assert again.neighbours == scaled.neighbours


def test_a_finer_scale_takes_more_pixels_up_to_all_that_there_are(retriever, wide):
    assert "from (448, 0) to (1088, 640)" in retriever.search(wide, 1, metres_per_pixel=0.1).note
    assert "from (640, 192) to (896, 448)" in retriever.search(wide, 1, metres_per_pixel=0.3048).note


@pytest.mark.parametrize("metres", [0, -1, float("nan"), float("inf"), 5])
def test_a_scale_that_makes_no_sense_is_refused(retriever, wide, metres):
    with pytest.raises(ScaleError, match=r"above 0\.$|too coarse"):
        retriever.search(wide, 1, metres_per_pixel=metres)


def test_a_guess_without_what_tells_the_scale_is_the_square_whose_neighbours_are_nearest(
    retriever, wide, monkeypatch
):
    monkeypatch.setattr(retriever.embedder, "scale_probe", None)
    squares = [Square(768, 320, side) for side in (64, 200, 512)]
    for name in ("ucmerced", "scenes"):
        square, vector = guess_square(retriever.embedder, retriever.collection(name), wide, squares)
        means = [
            np.mean(
                [
                    neighbour.distance
                    for neighbour in retriever.search(crop(wide, each), GUESS_NEIGHBOURS, name).neighbours
                ]
            )
            for each in squares
        ]
        assert square == squares[int(np.argmin(means))]
        assert np.allclose(vector, retriever.embedder.embed([crop(wide, square)])[0], atol=1e-4)
    assert guess_square(retriever.embedder, retriever.collection(), wide, squares[1:2])[0] == squares[1]


# Queries


def stored(row, collection):
    return PhotoRef(collection.name, collection.entries[row].id)


ROWS = st.integers(0, 251)


@settings(max_examples=30, deadline=None)
@given(
    photos=st.lists(ROWS, min_size=1, max_size=4, unique=True),
    relevant=st.lists(ROWS, max_size=3, unique=True),
    irrelevant=st.lists(ROWS, max_size=3, unique=True),
    k=st.sampled_from([1, 12, MAX_NEIGHBOURS]),
    deduplicate=st.booleans(),
)
def test_what_is_looked_for_and_what_is_marked_wrong_is_never_an_answer(
    retriever, photos, relevant, irrelevant, k, deduplicate
):
    scenes = retriever.collection("scenes")
    query = Query(
        "scenes",
        tuple(stored(row, scenes) for row in photos),
        relevant=tuple(stored(row, scenes) for row in relevant),
        irrelevant=tuple(stored(row, scenes) for row in irrelevant),
        k=k,
        filters=Filters(deduplicate=deduplicate),
    )
    result = retriever.answer(query)
    rows = [each.row for each in result.neighbours]
    assert not set(rows) & {*photos, *irrelevant}
    assert len(rows) == k
    assert [each.distance for each in result.neighbours] == sorted(
        each.distance for each in result.neighbours
    )
    assert np.linalg.norm(result.vector) == pytest.approx(1, abs=1e-4)
    for each in result.neighbours:
        assert (each.id, each.label) == (scenes.entries[each.row].id, scenes.entries[each.row].label)
    assert (result.nearest, result.novelty, result.is_novel) == (None, None, False)


@settings(max_examples=30, deadline=None)
@given(
    photos=st.lists(ROWS, min_size=1, max_size=3, unique=True),
    irrelevant=st.lists(ROWS, max_size=3, unique=True),
    k=st.sampled_from([1, 12, 60]),
    most=st.integers(1, 30),
    classes=st.sampled_from([(), ("river",), ("harbor", "beach")]),
)
def test_other_classes_are_the_nearest_of_those_that_the_neighbours_are_not_of(
    retriever, photos, irrelevant, k, most, classes
):
    scenes = retriever.collection("scenes")
    query = Query(
        "scenes",
        tuple(stored(row, scenes) for row in photos),
        irrelevant=tuple(stored(row, scenes) for row in irrelevant),
        k=k,
        filters=Filters(classes),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retrieval.retriever.OTHER_CLASSES", most)
        result = retriever.answer(query)
    distances = np.linalg.norm(scenes.vectors - result.vector, axis=1)
    distances[[*photos, *irrelevant]] = np.inf  # no answers to the query
    seen = {each.label for each in result.neighbours}
    nearest = {
        label: min(distances[row] for row, entry in enumerate(scenes.entries) if entry.label == label)
        for label in set(scenes.labels) - seen
    }
    others = result.surroundings.other_classes
    labels = [each.label for each in others]
    assert len(labels) == len(set(labels)) == min(most, len(nearest))
    assert not seen & set(labels)
    expected = sorted(nearest.values())[:most]
    assert np.allclose([each.distance for each in others], expected, atol=2e-3)
    for each in others:
        entry = scenes.entries[each.row]
        assert (each.id, each.label, each.photo) == (entry.id, entry.label, scenes.photo(each.row))
        assert each.distance == pytest.approx(nearest[each.label], abs=2e-3)


def test_where_the_neighbours_are_of_all_classes_there_is_no_other_class(retriever, monkeypatch):
    scenes = retriever.collection("scenes")
    query = Query("scenes", (PhotoRef("scenes", "harbor03"),))
    assert len(retriever.answer(query).surroundings.other_classes) == OTHER_CLASSES
    monkeypatch.setattr("retrieval.retriever.OTHER_CLASSES", 99)
    of_none = retriever.answer(replace(query, filters=Filters(max_distance=0.0)))
    assert of_none.neighbours == []
    assert sorted(each.label for each in of_none.surroundings.other_classes) == scenes.labels
    of_all = retriever.answer(replace(query, k=len(scenes.entries)))
    assert sorted({each.label for each in of_all.neighbours}) == scenes.labels
    assert of_all.surroundings.other_classes == []


def test_the_photo_that_is_looked_for_is_of_no_other_class_where_its_own_may_be_no_answer(retriever):
    harbor = PhotoRef("scenes", "harbor03")
    query = Query("scenes", (harbor,), filters=Filters(("river",)))
    first, *_ = retriever.answer(query).surroundings.other_classes
    assert first.label == "harbor"
    assert first.id != harbor.id


@pytest.mark.parametrize("filters", [Filters(), Filters(("river", "harbor")), Filters((), 0.5, True)])
@pytest.mark.parametrize("k", [1, 12, MAX_NEIGHBOURS])
def test_what_is_plotted_begins_with_the_neighbours_and_goes_on_with_what_may_be_an_answer(
    retriever, filters, k
):
    scenes = retriever.collection("scenes")
    query = Query("scenes", (stored(40, scenes),), k=k, filters=filters)
    result = retriever.answer(query)
    plotted = result.surroundings.plotted
    expected = allowed(scenes, rank(scenes, result.vector), max(k, PLOTTED), filters, {40})
    assert plotted[: len(result.neighbours)] == result.neighbours
    assert [each.row for each in plotted] == expected.rows.tolist()
    assert [each.distance for each in plotted] == expected.distances.tolist()
    assert 40 not in expected.rows
    for each in plotted:
        entry = scenes.entries[each.row]
        assert (each.id, each.label, each.photo) == (entry.id, entry.label, scenes.photo(each.row))


def test_a_query_has_a_place_on_the_map_whatever_may_be_an_answer(retriever, monkeypatch):
    scenes = retriever.collection("scenes")
    query = Query("scenes", (stored(40, scenes),))
    result = retriever.answer(query)
    distances, rows, _ = rank(scenes, result.vector)
    assert result.surroundings.position == position(distances, rows, scenes.coordinates)
    assert result.surroundings.position == pytest.approx(scenes.coordinates[40].tolist(), abs=0.01)
    for filters in (Filters(("beach",)), Filters(max_distance=0.0)):
        refined = retriever.answer(replace(query, filters=filters))
        assert refined.surroundings.position == result.surroundings.position
    monkeypatch.setattr(scenes, "coordinates", None)
    assert retriever.answer(query).surroundings.position is None


def test_what_surrounds_a_known_vector_is_not_looked_for(retriever, result):
    assert retriever.search_vector(result.vector, 3).surroundings is None


HARBOR = PhotoRef("scenes", "harbor03")
RIVER, BEACH = PhotoRef("scenes", "river02"), PhotoRef("scenes", "beach05")


@pytest.mark.parametrize(
    "query",
    [
        Query("scenes", (HARBOR,)),
        Query("scenes", (HARBOR, PhotoRef("scenes", "harbor04")), k=MAX_NEIGHBOURS),
        Query("scenes", (HARBOR,), filters=Filters(("river", "beach"), 0.9, True)),
        Query("scenes", (HARBOR,), filters=Filters(max_distance=0.0)),
        Query("scenes", (HARBOR,), relevant=(RIVER,), irrelevant=(BEACH,)),
        Query("scenes", (HARBOR,), ("mine",), (RIVER,), (BEACH,), 3, Filters(("river",), 1.0, True)),
        Query("ucmerced", uploads=("mine",)),
    ],
    ids=["plain", "two photos", "filters", "no answer", "marks", "all", "upload"],
)
def test_the_index_is_searched_once_for_an_answer(retriever, result, monkeypatch, query):
    searches = []
    search = VectorIndex.search

    def counted(index, *arguments, **options):
        searches.append(index)
        return search(index, *arguments, **options)

    monkeypatch.setattr(VectorIndex, "search", counted)
    answered = retriever.answer(query, {"mine": result.vector})
    assert searches == [retriever.collection(query.collection).index]
    assert answered.surroundings.plotted[: len(answered.neighbours)] == answered.neighbours
    assert answered.surroundings.other_classes
    assert answered.surroundings.position


def test_a_photo_is_resolved_to_its_collection_and_row(retriever):
    for collection in retriever.collections.values():
        for row in (0, 40, len(collection.entries) - 1):
            assert retriever.resolve(stored(row, collection)) == (collection, row)
    for photo, told in (
        (PhotoRef("scenes", "etna"), "no photo 'etna' in Generated scenes"),
        (PhotoRef("volcanoes", "etna"), "no collection 'volcanoes'"),
    ):
        with pytest.raises(QueryError, match=told):
            retriever.resolve(photo)


def test_a_photo_marked_right_stays_an_answer_and_comes_nearer(retriever):
    scenes = retriever.collection("scenes")
    query = Query("scenes", (stored(40, scenes),), k=12)
    last = retriever.answer(query).neighbours[-1]
    marked = retriever.answer(replace(query, relevant=(PhotoRef("scenes", last.id),)))
    (again,) = (each for each in marked.neighbours if each.id == last.id)
    assert again.distance < last.distance - 0.01
    assert marked.neighbours.index(again) < 11


def test_without_marks_the_neighbours_of_a_photo_are_those_of_its_vector(retriever):
    scenes = retriever.collection("scenes")
    asked = retriever.answer(Query("scenes", (stored(40, scenes),), k=12))
    found = retriever.search_vector(scenes.index.vector(40), 13, "scenes")
    assert found.neighbours[0].row == 40
    assert asked.neighbours == found.neighbours[1:]


def test_a_photo_of_another_collection_leaves_nothing_out(retriever):
    scenes, first = retriever.collection("scenes"), retriever.collection()
    query = Query("scenes", (stored(7, first),), irrelevant=(stored(9, first),), k=MAX_NEIGHBOURS)
    result = retriever.answer(query)
    assert len(result.neighbours) == MAX_NEIGHBOURS
    assert result.collection is scenes
    assert result.nearest is None
    twin = replace(query, k=1, irrelevant=())
    nearest = scenes.index.search(first.index.vector(7)[None], 1)[1][0, 0]
    assert retriever.answer(twin).neighbours[0].row == nearest


def test_a_visitors_photo_is_as_unusual_as_its_nearest_says_whatever_may_be_an_answer(retriever, image_path):
    vector = retriever.embed([image_path])[0]
    query = Query("ucmerced", uploads=("mine",), k=5)
    plain = retriever.answer(query, {"mine": vector})
    assert plain.neighbours == retriever.search(image_path, 5).neighbours
    assert plain.nearest == plain.neighbours[0].distance
    assert plain.novelty == plain.collection.calibration.novelty(plain.nearest)
    others = tuple(label for label in plain.collection.labels if label != plain.neighbours[0].label)
    for filters in (Filters(others), Filters(max_distance=0.0), Filters(deduplicate=True)):
        refined = retriever.answer(replace(query, filters=filters), {"mine": vector})
        assert refined.nearest == pytest.approx(plain.nearest, abs=1e-6)
        assert refined.novelty == pytest.approx(plain.novelty, abs=1e-6)


def test_photos_together_have_the_mean_of_their_vectors(retriever, image_path):
    scenes = retriever.collection("scenes")
    vector = retriever.embed([image_path])[0]
    result = retriever.answer(Query("scenes", (stored(3, scenes),), ("mine",)), {"mine": vector})
    mean = vector + scenes.index.vector(3)
    assert np.allclose(result.vector, mean / np.linalg.norm(mean), atol=1e-5)
    assert result.novelty is None


def test_a_filtered_query_gives_only_what_may_be_an_answer(retriever):
    scenes = retriever.collection("scenes")
    query = Query("scenes", (stored(40, scenes),), k=MAX_NEIGHBOURS)
    farther = retriever.answer(query).neighbours[30].distance
    refined = retriever.answer(replace(query, filters=Filters(("beach", "harbor"), farther)))
    assert refined.neighbours
    assert {each.label for each in refined.neighbours} <= {"beach", "harbor"}
    assert max(each.distance for each in refined.neighbours) <= farther
    none = retriever.answer(replace(query, filters=Filters(max_distance=0.0)))
    assert (none.neighbours, none.votes) == ([], [])
    assert json.dumps(none.to_dict())


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (Query("scenes"), "This link does not say which photo is looked for."),
        (Query("scenes", relevant=(HARBOR,)), "This link does not say which photo is looked for."),
        (Query("volcanoes", (HARBOR,)), "no collection 'volcanoes': choose one of ucmerced, scenes"),
        (Query("scenes", (PhotoRef("scenes", "etna"),)), "no photo 'etna' in Generated scenes"),
        (Query("scenes", (PhotoRef("ucmerced", "etna"),)), "no photo 'etna' in UC Merced Land Use"),
        (Query("scenes", (PhotoRef("volcanoes", "etna"),)), "no collection 'volcanoes'"),
        (Query("scenes", (HARBOR,), relevant=(PhotoRef("scenes", "etna"),)), "no photo 'etna'"),
        (Query("scenes", (HARBOR,), irrelevant=(PhotoRef("scenes", "etna"),)), "no photo 'etna'"),
        (Query("scenes", uploads=("gone",)), "no longer here"),
        (Query("scenes", (HARBOR,), ("gone",)), "no longer here"),
        (
            Query("scenes", (HARBOR,), filters=Filters(("river", "volcano", "etna"))),
            "no class 'etna, volcano' in Generated scenes",
        ),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(retriever, query, told):
    with pytest.raises(QueryError) as refused:
        retriever.answer(query)
    assert told in str(refused.value)
    assert str(refused.value).endswith(".")


def test_what_is_seen_of_an_image_is_what_is_searched(retriever, image_path, result):
    seen = retriever.embed_image(image_path)
    assert np.allclose(seen.vector, result.vector, atol=1e-5)
    assert seen.image.size == (128, 128)
    assert (seen.notes, set(seen.seconds)) == (result.notes, {"decode", "embed"})
    again = retriever.embed_image(decode(image_path))
    assert np.array_equal(again.vector, seen.vector)
    assert (again.image.tobytes(), again.notes) == (seen.image.tobytes(), seen.notes)


def test_of_a_screenshot_the_square_is_seen(retriever, wide):
    seen = retriever.embed_image(wide, metres_per_pixel=0.1524)
    assert np.array_equal(np.asarray(seen.image), np.asarray(crop(wide, Square(768, 320, 512))))
    assert np.allclose(seen.vector, retriever.search(wide, 1, metres_per_pixel=0.1524).vector, atol=1e-5)


def test_the_answer_tells_no_folder_of_this_computer(retriever, result):
    scenes = retriever.collection("scenes")
    for each in (result, retriever.answer(Query("scenes", (stored(3, scenes),)))):
        told = json.dumps(each.to_dict())
        assert str(PROJECT) not in told
        assert str(scenes.folder) not in told
