"""What a link is shown as: never with a visitor's photo, never by embedding, and never an error."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from examples.catalog import PREFIX
from ui.example_uploads import ExampleUploads
from ui.hosting.link_cards import LinkCards
from ui.routes import routes
from ui.uploads import Upload, UploadStore


@pytest.fixture
def cards(retriever, brought):
    return LinkCards(retriever, brought, lambda: "scenes")


def keep(brought, retriever, **more):
    vector = retriever.collection("scenes").index.vector(40)
    return brought.keep(Upload(vector, b"", **more))


def test_a_visitors_photo_is_neither_looked_up_nor_shown(cards, brought, retriever, monkeypatch):
    name = keep(brought, retriever, title="My house, by Jane")
    monkeypatch.setattr(type(retriever), "answer", lambda *_: pytest.fail("it was looked up"))
    for address in (f"collection=scenes&photo={name}", f"collection=scenes&id=harbor03&photo={name}"):
        card = cards.of(address)
        assert card.picture == "preview.jpg"
        assert not card.lasts
        assert "Jane" not in card.title + card.description
    assert cards.of(f"collection=scenes&photo={name}").description == (
        "The 12 photos most like a visitor's photo in Generated scenes. The link works for two hours at most."
    )


def test_an_example_is_shown_as_it_lasts(cards, brought, retriever):
    kept = brought.get(keep(brought, retriever, title="Example: harbor", in_sentence="an example of harbor"))
    brought._kept.keep(f"{PREFIX}harbor", (kept, None), 9_000, "")
    card = cards.of(f"collection=scenes&photo={PREFIX}harbor")
    assert card.title.startswith("Photos like an example of harbor \u2013 ")
    assert card.picture == f"preview.jpg?collection=scenes&photo={PREFIX}harbor"
    assert card.lasts
    assert card.description.startswith("The 12 nearest of 252 photos")


def test_an_example_that_is_not_made_yet_is_shown_as_the_page(retriever, monkeypatch):
    uploads = UploadStore()
    uploads.examples = examples = ExampleUploads(retriever)
    cards = LinkCards(retriever, uploads, lambda: "scenes")
    address = f"collection=scenes&photo={PREFIX}harbor&photo={PREFIX}beach"
    with monkeypatch.context() as patch:
        patch.setattr(type(retriever.embedder), "embed", lambda *_: pytest.fail("it was embedded"))
        assert cards.of(address) == cards.of(f"collection=scenes&photo={PREFIX}harbor") == cards.of_page()
        get_preview = TestClient(Starlette(routes=routes(retriever, uploads))).get
        own = get_preview("/preview.jpg").content
        assert get_preview(f"/preview.jpg?{address}").content == own
        assert get_preview(f"/brought/{PREFIX}harbor").status_code == 404
        refused = get_preview(f"/export/neighbours.csv?{address}")
        assert refused.status_code == 404
        assert "still being prepared" in refused.text
    examples.make(f"{PREFIX}harbor")
    examples.make(f"{PREFIX}beach")
    assert cards.of(address).picture.endswith(f"{PREFIX}beach")
    assert get_preview(f"/brought/{PREFIX}harbor").status_code == 200


def test_an_example_that_is_gone_is_shown_as_the_page(cards):
    assert cards.of(f"collection=scenes&photo={PREFIX}nowhere") == cards.of_page()


def test_without_an_answer_there_is_no_picture_of_one(cards):
    card = cards.of("collection=scenes&id=harbor03&max=0")
    assert card.picture == "preview.jpg"
    assert "No photo" in card.description


def test_nothing_is_embedded_and_it_takes_no_time(cards, retriever, monkeypatch):
    monkeypatch.setattr(type(retriever.embedder), "embed", lambda *_: pytest.fail("it was embedded"))
    address = "collection=ucmerced&k=100&" + "&".join(f"id=harbor{number:02d}" for number in range(20, 40))
    cards.of(address)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        cards.of(address)
        times.append(time.perf_counter() - started)
    assert np.median(times) < 0.1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["collection", "id", "photo", "k", "class", "max", "view", "in", "right", "x"]),
            st.text(max_size=30) | st.sampled_from(["scenes", "harbor03", "browse", "map", "12", "<script>"]),
        ),
        max_size=8,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_address_has_a_card(retriever, fields):
    cards = LinkCards(retriever, UploadStore(), lambda: "scenes")
    card = cards.of("&".join(f"{name}={value}" for name, value in fields))
    assert card.title
    assert card.description
    assert len(card.title) < 300
    assert len(card.description) < 1000


def test_an_example_of_a_map_is_shown_as_itself_in_its_layer(cards):
    card = cards.of("view=map&example=pipera-z20&layer=groups&in=scenes")
    assert card.title.startswith("Pipera")
    assert "Groups" in card.title
    assert card.description.endswith("mapped as a whole: Groups.")
    assert card.picture == f"preview.jpg?{card.address}"
    assert "example=pipera-z20&layer=groups" in card.address
    assert card.lasts
    assert cards.of("view=map&upload=example-map-pipera-z20&layer=groups&in=scenes") == card


def test_a_visitors_map_is_neither_shown_nor_named_nor_found(cards, brought, retriever):
    name = keep(brought, retriever, title="My house, by Jane")
    card = cards.of(f"view=map&upload={name}")
    assert card.title.startswith("A visitor's screenshot · Land use")
    assert card.description.endswith("The link works for two hours at most.")
    assert card.picture == "preview.jpg"
    assert not card.lasts
    assert "Jane" not in card.title + card.description


def test_a_map_that_is_not_there_is_shown_as_the_tab(cards):
    tab = cards.of("view=map")
    assert cards.of("view=map&example=atlantis").title == tab.title
    assert tab.picture == "preview.jpg"
