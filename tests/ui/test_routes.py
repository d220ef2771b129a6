"""What the page fetches: small pictures, files that are the result, and a sentence where there is none."""

import csv
import io
import json
import re
from dataclasses import asdict
from types import SimpleNamespace
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from examples.catalog import example_paths
from examples.map_views import map_views
from examples.scenes import draw
from retrieval.collections import previews
from retrieval.collections.cache import cache_folder
from retrieval.collections.collection import Collection
from retrieval.collections.photos import PROJECT
from retrieval.images import decode
from retrieval.query import Filters, PhotoRef, Query
from retrieval.retriever import SHIPPED_SCENES
from tests.fakes.clock import Clock
from ui.drawn import FILES
from ui.i18n import use_language
from ui.render import export
from ui.render.contact_sheet import contact_sheet
from ui.render.query_picture import query_picture, side_by_side
from ui.routes import PLACED, routes
from ui.thumbnails import MAP_EXAMPLE, PHOTO_EXAMPLE, SIDE
from ui.uploads import PREVIEW_PIXELS, Upload, UploadStore, preview_of
from ui.urls import export_url, photo_url, upload_url

EVIL = '"><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def brought(clock, examples):
    store = UploadStore(clock=clock)
    store.examples = examples
    return store


@pytest.fixture(scope="module")
def client(retriever, brought, examples):
    return TestClient(Starlette(routes=routes(retriever, brought, examples)))


@pytest.fixture(scope="module")
def mine(retriever, brought):
    """The name of a visitor's photo."""
    image = draw("harbor", 99)
    return brought.keep(Upload(retriever.embedder.embed([image])[0], preview_of(image)))


@pytest.fixture(scope="module")
def scenes(retriever):
    return retriever.collection("scenes")


def opened(answer):
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def sentence(answer, status=404):
    """The answer's words, which tell nothing of this server."""
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert re.match(r"[A-ZĂÂÎȘȚ].*\.$", answer.text), answer.text
    hide_paths(answer)
    return answer.text


def hide_paths(answer):
    told = answer.text + str(dict(answer.headers))
    for path in (PROJECT, cache_folder(), SHIPPED_SCENES):
        assert str(path) not in told


def test_every_photo_has_a_small_picture_of_its_own(client, retriever):
    for collection in retriever.collections.values():
        rows = range(0, len(collection.entries), 60)
        seen = set()
        for row in rows:
            answer = client.get(f"/{photo_url(collection, row)}")
            picture = opened(answer)
            assert picture.format == "WEBP"
            assert picture.size == (SIDE, SIDE) == (224, 224)
            assert len(answer.content) < 20_000
            assert answer.headers["content-type"] == "image/webp"
            assert "max-age" in answer.headers["cache-control"]
            hide_paths(SimpleNamespace(text="", headers=answer.headers))
            seen.add(answer.content)
        assert len(seen) == len(rows)


def test_the_whole_picture_is_the_photo_and_the_small_one_shows_the_same(client, scenes):
    for row in (0, 100):
        whole = client.get(f"/{photo_url(scenes, row, 'whole')}")
        assert whole.content == scenes.photo(row).read_bytes()
        small = opened(client.get(f"/{photo_url(scenes, row)}")).convert("RGB")
        shrunk = decode(scenes.photo(row)).image.resize(small.size)
        assert np.abs(np.asarray(small).astype(int) - np.asarray(shrunk)).mean() < 6


def test_a_preview_is_in_the_language_that_its_address_says(client, retriever):
    missing = retriever.collection("ucmerced")
    row = next(row for row, entry in enumerate(missing.entries) if entry.label == "beach")
    english = photo_url(missing, row, "whole")
    with use_language("ro"):
        romanian = photo_url(missing, row, "whole")
    assert english.endswith("&preview=en")
    assert romanian.endswith("&preview=ro")
    one, other = (opened(client.get(f"/{address}")).convert("RGB") for address in (english, romanian))
    assert one.size == other.size == (256, 256)
    assert not np.array_equal(np.asarray(one), np.asarray(other))
    plain = client.get(f"/{english.split('?')[0]}?preview=klingon")
    assert np.array_equal(np.asarray(opened(plain).convert("RGB")), np.asarray(one))


def test_addresses_of_photos_name_no_folder_and_are_relative(retriever):
    for collection in retriever.collections.values():
        for row in range(0, len(collection.entries), 100):
            address = photo_url(collection, row)
            assert re.fullmatch(r"photos/[a-z0-9-]+/[a-z0-9]+/small\?v=[0-9a-f]{8}(&preview=en)?", address)


@pytest.mark.parametrize("name", ["a/b", "a b", "ș?#&", EVIL, "..x", "a\\b"])
def test_a_photo_with_an_odd_id_is_fetched_by_its_address(name, retriever, brought):
    odd = Collection(SHIPPED_SCENES)
    odd.entries[3] = SimpleNamespace(**{**asdict(odd.entries[3]), "id": name})
    address = photo_url(odd, 3, "whole")
    assert not set(address) & set("\"'<> #")
    known = SimpleNamespace(resolve=lambda photo: (odd, {(odd.name, name): 3}[photo]))
    answer = TestClient(Starlette(routes=routes(known, brought))).get(f"/{address}")
    assert answer.status_code == 200
    assert answer.content == odd.photo(3).read_bytes()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("photos/volcanoes/etna00/small", "no collection 'volcanoes': choose one of ucmerced, scenes"),
        ("photos/scenes/etna00/small", "no photo 'etna00' in Generated scenes"),
        ("photos/scenes/harbor03/huge", "'small' and as 'whole', not as 'huge'"),
        (f"photos/scenes/{quote(EVIL, safe='')}/small", "There is no photo"),
        ("photos/scenes/..%2F..%2Fmanifest.json/whole", "There is no photo"),
        ("examples/etna", "no example 'etna'"),
        ("examples/..%2Fharbor", None),
        ("brought/etna", "no longer here"),
        ("maps/volcanoes", "no collection 'volcanoes'"),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(client, path, words):
    answer = client.get(f"/{path}")
    if words is None:  # no address of ours at all
        assert answer.status_code == 404
        hide_paths(answer)
    else:
        assert words in sentence(answer)


def test_examples_are_shown_small(client):
    names = [path.stem for path in example_paths()]
    assert len(names) > 5
    for name in names:
        answer = client.get(f"/examples/{name}")
        assert opened(answer).size == PHOTO_EXAMPLE
        assert len(answer.content) < 6_000
    for example in map_views().values():
        answer = client.get(f"/examples/{example.name}")
        assert opened(answer).size == MAP_EXAMPLE
        assert len(answer.content) < 10_000


def test_what_a_visitor_brought_is_shown_until_it_goes_and_kept_by_nobody_else(retriever, examples, clock):
    photos = UploadStore(clock=clock)
    client = TestClient(Starlette(routes=routes(retriever, photos, examples)))
    image = draw("river", 5)
    name = photos.keep(Upload(np.zeros(8, np.float32), preview_of(image)))
    answer = client.get(f"/{upload_url(name)}")
    assert opened(answer).size == (PREVIEW_PIXELS, PREVIEW_PIXELS)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "no-store"
    link = export_url("csv", Query("scenes", uploads=(name,)).address())
    photos.keep(Upload(retriever.embedder.embed([image])[0], b""))
    clock.now += 7200
    assert "deleted within two hours" in sentence(client.get(f"/{upload_url(name)}"))
    assert "deleted within two hours" in sentence(client.get(f"/{link}"))


def test_a_map_has_a_place_a_class_and_an_id_for_each_photo(client, retriever):
    for collection in retriever.collections.values():
        answer = client.get(f"/maps/{collection.name}")
        told = answer.json()
        assert told["ids"] == [entry.id for entry in collection.entries]
        assert [told["labels"][each] for each in told["classes"]] == [
            entry.label for entry in collection.entries
        ]
        assert np.allclose(told["places"], collection.coordinates, atol=1e-4)
        assert sorted(label for label, _, _ in told["names"]) == collection.labels
        assert answer.headers["cache-control"] == "no-cache"  # it may be made anew
        hide_paths(answer)


def test_a_collection_without_a_map_says_so(brought):
    collection = Collection(SHIPPED_SCENES)
    collection.coordinates = None
    known = SimpleNamespace(searched=lambda query: collection)
    client = TestClient(Starlette(routes=routes(known, brought)))
    assert sentence(client.get("/maps/scenes")) == "Generated scenes has no map."


QUERIES = [
    Query("scenes", (PhotoRef("scenes", "harbor03"),), k=5),
    Query("scenes", (PhotoRef("scenes", "harbor03"), PhotoRef("scenes", "beach01")), k=3),
    Query("scenes", (PhotoRef("ucmerced", "beach12"),), k=30),
    Query("ucmerced", (PhotoRef("scenes", "river01"),), irrelevant=(PhotoRef("ucmerced", "beach12"),)),
    Query(
        "scenes",
        (PhotoRef("scenes", "harbor03"),),
        relevant=(PhotoRef("scenes", "harbor04"),),
        filters=Filters(("beach", "river"), 1.3, True),
    ),
    Query("scenes", (PhotoRef("scenes", "harbor03"),), filters=Filters(max_distance=0.0001)),
]


@pytest.mark.parametrize("query", QUERIES, ids=Query.address)
def test_what_is_saved_is_the_answer_to_the_query(client, retriever, brought, query):
    result = retriever.answer(query)
    answers = {
        kind: client.get(f"/{export_url(kind, query.address())}") for kind in FILES if kind not in PLACED
    }
    for kind, answer in answers.items():
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="neighbours.{kind}"'
        assert answer.headers["content-type"].startswith(FILES[kind])
    header, *rows = csv.reader(io.StringIO(answers["csv"].text))
    assert header == list(export.TABLE_HEADER)
    assert rows == [[str(cell) for cell in row] for row in export.table(result)]
    told = json.loads(answers["json"].text)
    assert told.pop("address") == query.address()
    assert told.pop("seconds").keys() == {"search"}
    assert told == {name: value for name, value in result.to_dict().items() if name != "seconds"}
    sheet = contact_sheet(result, query_picture(retriever, brought, query))
    assert answers["png"].content == sheet
    for kind in ("csv", "json"):
        hide_paths(answers[kind])


def test_a_search_with_a_visitors_photo_can_be_saved_too(client, retriever, brought, mine):
    query = Query("scenes", (PhotoRef("scenes", "river01"),), uploads=(mine,), k=4)
    result = retriever.answer(query, brought.vectors([mine]))
    assert client.get(f"/{export_url('csv', query.address())}").text == export.to_csv(result)
    alone = Query("scenes", uploads=(mine,), k=2)
    sheet = opened(client.get(f"/{export_url('png', alone.address())}")).convert("RGB")
    kept = brought.get(mine).image.resize((192, 192))
    shown = np.asarray(sheet.crop((12, 12, 204, 204))).astype(int)
    assert np.abs(shown - np.asarray(kept)).mean() < 6


def test_a_contact_sheet_of_several_photos_shows_each_of_them(retriever, brought, mine):
    query = Query("scenes", (PhotoRef("scenes", "river01"),), uploads=(mine,))
    picture = query_picture(retriever, brought, query)
    river = decode(retriever.collection("scenes").photo(retriever.resolve(query.stored[0])[1])).image
    expected = side_by_side([river, brought.get(mine).image])
    assert np.array_equal(np.asarray(picture), np.asarray(expected))


def test_a_link_without_a_collection_searches_the_first(client, retriever):
    name = retriever.collection().entries[5].id
    told = client.get(f"/export/neighbours.json?id={name}&k=2").json()
    assert told["collection"] == retriever.collection().name
    assert len(told["neighbours"]) == 2


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "does not say which photo"),
        ("collection=scenes&k=3", "does not say which photo"),
        ("collection=volcanoes&id=etna", "no collection 'volcanoes'"),
        ("collection=scenes&id=etna00", "no photo 'etna00' in Generated scenes"),
        ("collection=scenes&id=harbor03&right=etna00", "no photo 'etna00'"),
        ("collection=scenes&id=harbor03&wrong=volcanoes/etna", "no collection 'volcanoes'"),
        ("collection=scenes&id=harbor03&class=volcano", "no class 'volcano' in Generated scenes"),
        ("collection=scenes&id=harbor03&k=many", "k is 'many', and has to be a number"),
        ("collection=scenes&photo=etna", "deleted within two hours"),
        ("&".join(f"id=a{number}" for number in range(21)), "too many photos: 20 at most"),
    ],
)
def test_a_link_to_save_what_there_is_not_gets_a_sentence(client, kind, address, words):
    assert words in sentence(client.get(f"/export/neighbours.{kind}?{address}"))


def test_a_link_is_answered_in_its_language(client):
    with use_language("ro"):
        link = export_url("csv", "collection=scenes&id=etna00")
    assert link.endswith("&language=ro")
    told = sentence(client.get(f"/{link}"))
    assert "etna00" in told
    assert "There is no" not in told
    assert "language" not in export_url("csv", "collection=scenes&id=etna00")


def test_markup_in_a_link_is_answered_as_plain_text(client):
    answer = client.get("/export/neighbours.csv", params={"collection": "scenes", "id": EVIL})
    assert EVIL in sentence(answer)


def test_a_damaged_photo_is_saved_by_its_preview(brought, tmp_path, retriever):
    damaged = Collection(SHIPPED_SCENES)
    (tmp_path / "damaged.webp").write_bytes(b"rubbish")
    photo = damaged.photo
    damaged.photo = lambda row: tmp_path / "damaged.webp" if row == 3 else photo(row)
    known = SimpleNamespace(resolve=lambda photo: (damaged, 3))
    query = Query("scenes", (PhotoRef("scenes", damaged.entries[3].id),))
    shown = query_picture(known, brought, query)
    assert shown.size == (previews.SIZE, previews.SIZE)
    right = decode(photo(3)).image.resize(shown.size)
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(right)).mean() < 60


def test_other_kinds_of_files_are_not_there(client):
    assert client.get("/export/neighbours.exe?collection=scenes&id=harbor03").status_code == 404
    assert client.post("/photos/scenes/harbor03/small").status_code == 405
