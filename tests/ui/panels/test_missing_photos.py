"""What is said of photos that are not here, and their download from a stand-in for the Hub."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from retrieval.collections.collection import Collection
from retrieval.collections.photos import PROJECT
from retrieval.retriever import SHIPPED_SCENES
from tests.fakes.hub import INSIDE, Hub, zipped
from ui.i18n import use_language
from ui.panels.missing_photos import MissingPhotos

TITLE = "Generated scenes"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """It has the pictures of the generated scenes."""
    photos = SHIPPED_SCENES / "photos"
    pictures = {f"{INSIDE}/{path.relative_to(photos)}": path.read_bytes() for path in photos.rglob("*.webp")}
    with Hub(zipped(pictures)) as server:
        server.take_the_place(monkeypatch, tmp_path / "hub", chunk=1_000_000)
        monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
        yield server


@pytest.fixture
def scenes(hub, tmp_path):
    """The generated scenes, whose photos have to be downloaded."""
    collection = Collection(SHIPPED_SCENES, tmp_path / "none")
    collection.source = replace(collection.source, archive=hub.archive())
    return collection


def panel_of(collection):
    with gr.Blocks():
        return MissingPhotos(SimpleNamespace(collection=lambda name: {collection.name: collection}[name]))


class Progress:
    """Keeps what it was told."""

    def __init__(self):
        self.told = []

    def __call__(self, share, desc):
        self.told.append((share, desc))


def is_visible(update):
    return update["visible"]


def test_of_a_collection_whose_photos_are_all_here_nothing_is_said(retriever):
    group, line, _ = panel_of(retriever.collection("scenes")).show("scenes")
    assert not is_visible(group)
    assert line == ""


def test_photos_that_are_not_here_are_offered_for_download(scenes):
    panel = panel_of(scenes)
    group, line, button = panel.show("scenes")
    assert is_visible(group)
    assert is_visible(button)
    assert line.startswith(f"The 252 photos of {TITLE} are not on the computer")
    with use_language("ro"):
        _, romanian, _ = panel.show("scenes")
    assert romanian
    assert "not on the computer" not in romanian


def test_where_photos_cannot_be_downloaded_there_is_no_button(scenes, hub):
    scenes.source = replace(scenes.source, archive=None)
    panel = panel_of(scenes)
    group, line, button = panel.show("scenes")
    assert is_visible(group)
    assert not is_visible(button)
    assert "download" not in line
    assert panel.download("scenes", Progress()) == [group, line, button]
    assert hub.ranges == []


def test_a_download_brings_the_photos_and_says_how_far_it_is(scenes, hub):
    progress = Progress()
    group, line, _ = panel_of(scenes).download("scenes", progress)
    assert scenes.missing_photos == 0
    assert not is_visible(group)
    assert line == ""
    (first, asking), *moves = progress.told
    assert (first, asking) == (0, "asking for the photos")
    shares = [share for share, _ in moves]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    megabytes = len(hub.data) / 1e6
    assert moves[-1][1] == f"{megabytes:.0f} of {megabytes:.0f} MB"


def test_photos_that_are_here_are_not_fetched_again(scenes, hub):
    panel = panel_of(scenes)
    panel.download("scenes", Progress())
    progress = Progress()
    panel.download("scenes", progress)
    assert len(hub.ranges) == 1
    assert progress.told == []


def test_a_download_that_fails_says_why_below_what_it_said_before_and_can_be_tried_again(scenes, hub):
    panel = panel_of(scenes)
    _, before, _ = panel.show("scenes")
    hub.answers = [500]
    group, line, button = panel.download("scenes", Progress())
    said, trouble = line.split("\n\n")
    assert said == before
    assert trouble.startswith("**")
    assert trouble.endswith(".**")
    assert "500" in trouble
    assert str(PROJECT) not in line
    assert is_visible(group)
    assert is_visible(button)
    assert scenes.missing_photos == 252
    _, line, _ = panel.download("scenes", Progress())
    assert (line, scenes.missing_photos) == ("", 0)


def test_a_download_that_fails_is_told_in_romanian(scenes, hub):
    hub.answers = [404]
    progress = Progress()
    with use_language("ro"):
        _, line, _ = panel_of(scenes).download("scenes", progress)
    assert "404" in line
    assert "The photos could not" not in line
    assert progress.told[0][1] != "asking for the photos"
