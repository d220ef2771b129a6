"""The pictures of links over the network: nothing of a visitor's in them, a few drawn at a time, and kept."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from examples.catalog import PREFIX
from examples.scenes import draw
from ui import drawn as drawn_pictures
from ui.i18n import use_language
from ui.render.preview_picture import SIZE
from ui.routes import ICON_SIDES, routes
from ui.uploads import Upload, UploadStore, preview_of
from ui.urls import preview_url

SEARCH = "collection=scenes&id=harbor03"


@pytest.fixture(scope="module")
def brought():
    return UploadStore()


@pytest.fixture(scope="module")
def client(retriever, brought):
    return TestClient(Starlette(routes=routes(retriever, brought)))


@pytest.fixture(scope="module")
def own(client):
    """The page's own picture."""
    return client.get("/preview.jpg").content


def keep(brought, retriever, name=None):
    image = draw("harbor", 4711)
    made = brought.keep(Upload(retriever.embed_image(image).vector, preview_of(image)))
    if name:  # as an example's
        kept = brought.get(made)
        brought._kept.keep(name, (kept, None), 10_000, "")
        return name
    return made


def opened(answer):
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.size) == ("JPEG", SIZE)
    return np.asarray(image.convert("RGB")).astype(int)


def test_a_search_has_a_picture_of_its_own(client, own):
    harbor = opened(client.get(f"/preview.jpg?{SEARCH}"))
    beach = opened(client.get("/preview.jpg?collection=scenes&id=beach03"))
    assert np.abs(harbor - beach).mean() > 10
    assert client.get(f"/preview.jpg?{SEARCH}").content != own


@pytest.mark.parametrize(
    "address",
    [
        "", "id=etna99&collection=scenes", "collection=nowhere&id=x", "k=many", "view=browse",
        "collection=scenes",
        "collection=scenes&photo=gone", "&".join(f"id=a{number}" for number in range(600)), "id=%00%ff",
        f"{SEARCH}&max=0",
    ],
)  # fmt: skip
def test_what_has_no_picture_gets_the_pages_own(client, own, address):
    answer = client.get(f"/preview.jpg?{address}")
    opened(answer)
    assert answer.content == own


def test_a_visitors_photo_is_in_no_picture(client, own, brought, retriever):
    name = keep(brought, retriever)
    for address in (f"collection=scenes&photo={name}", f"{SEARCH}&photo={name}"):
        assert client.get(f"/preview.jpg?{address}").content == own


def test_an_examples_photo_may_be(client, own, brought, retriever):
    name = keep(brought, retriever, f"{PREFIX}harbor")
    answer = client.get(f"/preview.jpg?collection=scenes&photo={name}")
    opened(answer)
    assert answer.content != own


def test_it_is_written_in_the_language_of_the_link(client, own):
    assert preview_url("") == "preview.jpg"
    with use_language("ro"):
        url = preview_url("")
    assert url == "preview.jpg?language=ro"
    assert client.get(f"/{url}").content != own
    assert client.get("/preview.jpg?language=xx").content == own


def test_a_picture_is_drawn_once(retriever, monkeypatch):
    drawn = []
    real = drawn_pictures.preview_of_search
    monkeypatch.setattr(
        drawn_pictures, "preview_of_search", lambda *given: drawn.append(given) or real(*given)
    )
    client = TestClient(Starlette(routes=routes(retriever, UploadStore())))
    assert client.get(f"/preview.jpg?{SEARCH}").content == client.get(f"/preview.jpg?{SEARCH}").content
    assert len(drawn) == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/favicon.ico", "image/x-icon"),
        ("/icon.svg", "image/svg+xml"),
        ("/apple-touch-icon.png", "image/png"),
        ("/apple-touch-icon-precomposed.png", "image/png"),
        *((f"/icon-{side}.png", "image/png") for side in ICON_SIDES),
    ],
)
def test_the_icon_is_there_for_each_who_asks(client, path, kind):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    if kind == "image/png":
        side = int("".join(filter(str.isdigit, path)) or 180)
        assert Image.open(io.BytesIO(answer.content)).size == (side, side)


def test_the_manifest_names_icons_that_are_there(client):
    answer = client.get("/manifest.json")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert manifest["name"] == "Aerial Image Retrieval"
    for icon in manifest["icons"]:
        assert client.get(f"/{icon['src']}").headers["content-type"].startswith(icon["type"])
    assert client.get("/icon-100000.png").status_code == 404


def test_an_example_of_a_map_has_its_own_picture_and_a_visitors_has_none(retriever, client, own, brought):
    pipera = opened(client.get("/preview.jpg?view=map&example=pipera-z20&layer=groups&in=scenes"))
    otopeni = opened(client.get("/preview.jpg?view=map&example=otopeni-z18"))
    assert np.abs(pipera - otopeni).mean() > 10
    for address in (f"view=map&upload={keep(brought, retriever)}", "view=map&example=atlantis"):
        assert client.get(f"/preview.jpg?{address}").content == own
