"""The page as a whole: how its events are put together."""

import copy
import json

import pytest

from examples.catalog import SCREENSHOTS
from retrieval.query import Query
from ui.manage.folders import OwnFolders
from ui.page import build_page
from ui.state import SearchState
from ui.uploads import UploadStore


@pytest.fixture(scope="module")
def page(retriever):
    return build_page(retriever, UploadStore())


def named(page, name):
    """The events whose handler has this name."""
    return [event for event in page.fns.values() if event.fn and event.fn.__name__ == name]


def test_the_page_is_small(page):
    assert len(page.blocks) <= 130
    assert len(page.fns) <= 110


@pytest.mark.parametrize("managed", [False, True])
def test_what_is_sent_of_the_page_is_plain_data(retriever, managed):
    folders = OwnFolders(retriever) if managed else None
    sent = build_page(retriever, UploadStore(), folders=folders).get_config_file()
    copy.deepcopy(sent)  # as Gradio does for each visitor
    json.dumps([each for each in sent["components"] if each["type"] != "state"])


def test_an_upload_raises_two_events(page):
    for field in named(page, "upload"):
        triggers = set(field.targets)
        raised = [event for event in page.fns.values() if triggers & set(event.targets)]
        followed = [event for event in page.fns.values() if event.trigger_after == field._id]
        assert len(raised) + len(followed) == 2
        assert [event.fn.__name__ for event in followed] == ["settle"]


def test_whatever_brings_a_file_puts_away_the_map_of_the_screenshot_before(page):
    uploads = [event for name in ("upload", "example") for event in named(page, name)]
    assert len(uploads) == 4
    (mapping,) = named(page, "map_searched")
    for event in uploads:
        assert set(mapping.outputs) <= set(event.outputs)
        assert len(event.outputs) == len(set(event.outputs))


def test_a_screenshot_that_is_to_be_read_again_waits_in_the_queue(page):
    (reading,) = named(page, "read")
    assert reading.queue is not False
    assert reading.concurrency_id == "search"
    (showing,) = [event for event in page.fns.values() if event.trigger_after == reading._id]
    assert (showing.fn.__name__, showing.queue) == ("show_read", False)


def test_the_number_of_neighbours_is_made_valid_before_it_is_sent(page):
    for event in named(page, "settle"):
        assert "Math.min(Math.max(typed, 1), 100)" in event.js


def test_each_event_of_the_page_is_hidden_from_programs(page):
    public = {event.api_name for event in page.fns.values() if event.api_visibility == "public"}
    assert public == {"search", "embed", "neighbours_of", "collections"}


def test_a_link_that_makes_a_screenshot_too_coarse_is_forgotten_with_it(page):
    upload = named(page, "upload")[0]
    note = next(block for block in page.blocks.values() if block.elem_id == "pasted-link")

    def brought(link):
        state = SearchState(Query("scenes"))
        given = str(SCREENSHOTS / "drumul-taberei-z18.webp"), {"told": "x", "link": link}
        return upload.fn(state, *given, None)

    for zoom in (14, 18):  # refused, and used
        assert brought(f"https://www.google.com/maps/@44.42,26.03,{zoom}z")[note]["value"] == {}
    assert "value" not in brought("")[note]
