"""A link without a picture: what is said of it, what is kept, and what a browser may send in its place."""

import gradio as gr
import pytest

from retrieval.maps.links import MAX_LENGTH
from ui.panels.pasted_link import PastedLink, answer_to, kept_hints

GOOGLE = "https://www.google.com/maps/@44.43,26.1,19z"
SKIPPED = gr.skip()


@pytest.fixture
def pasted():
    with gr.Blocks():
        return PastedLink()


@pytest.mark.parametrize(
    ("link", "shows"),
    [
        (GOOGLE, "That link shows 44.43, 26.10 at zoom 19."),
        ("osm.org/#map=18/44.4268/26.1025", "That link shows 44.43, 26.10 at zoom 18."),
        ("geo:44.43,26.10?z=17", "That link shows 44.43, 26.10 at zoom 17."),
        (
            "https://www.google.com/maps/@44.43,26.1,1300m/data=!3m1!1e3",
            "That link shows 44.43, 26.10, 1,300 m from top to bottom.",
        ),
    ],
)
def test_of_a_maps_link_it_says_what_it_shows_and_what_to_do_and_keeps_it(pasted, click, link, shows):
    value = pasted.answer(click(link=f" {link} "))["value"]
    assert value["told"].startswith(shows + " A link has no picture in it: open it, take a screenshot")
    assert value["link"] == link
    assert kept_hints(value).link == link


def test_what_a_known_map_lacks_is_said_and_not_kept():
    for link, words in (
        ("https://maps.app.goo.gl/abc", "shortened link"),
        ("https://www.google.com/maps/@44.43,26.1,3a,75y,90h,90t/data=!3m1!1e1", "Street View"),
        ("https://www.google.com/maps/place/Bucharest/", "which place"),
    ):
        told, kept = answer_to(link)
        assert words in told
        assert "take a screenshot" in told
        assert kept == ""


@pytest.mark.parametrize(
    ("link", "is_too_far"),
    [
        ("https://www.google.com/maps/@44.42,26.03,15z", True),
        ("https://www.google.com/maps/@44.42,26.03,13z", True),
        ("https://www.google.com/maps/@44.42,26.03,16z", False),  # a sharp screen shows enough
        ("https://www.google.com/maps/@44.43,26.1,9000m/data=!3m1!1e3", True),
        ("https://www.google.com/maps/@44.43,26.1,2000m/data=!3m1!1e3", False),
    ],
)
def test_a_link_from_too_far_away_is_said_to_be_so_and_not_kept(pasted, click, link, is_too_far):
    value = pasted.answer(click(link=link))["value"]
    too_far = "That is too far away to search: zoom in to 18, 19 or 20, and copy the link again."
    assert value["told"].endswith(too_far) == is_too_far
    assert value["link"] == ("" if is_too_far else link)


@pytest.mark.parametrize(
    "link", ["https://photos.example/harbor.png", "http://example.org/", "https://127.0.0.1:7860/x.jpg"]
)
def test_another_link_gets_one_plain_sentence(pasted, click, link):
    value = pasted.answer(click(link=link))["value"]
    assert value["link"] == ""
    assert value["told"].startswith("This page opens no links")
    assert value["told"].count(". ") == 0


@pytest.mark.parametrize(
    "click_",
    [
        None, 7, "https://x", {}, {"link": None}, {"link": ["https://x"]}, {"link": {"a": 1}},
        {"link": "notes/today.txt"}, {"link": "https://" + "x" * MAX_LENGTH},
    ],
)  # fmt: skip
def test_whatever_else_comes_changes_nothing(pasted, click_):
    assert pasted.answer(click_) == SKIPPED


def test_it_can_be_put_away(pasted, click):
    assert pasted.answer(click(link=""))["value"] == {}
    assert pasted.used(screenshot=True)[pasted.note]["value"] == {}
    assert pasted.used(screenshot=False)[pasted.note] == SKIPPED


@pytest.mark.parametrize(
    "note",
    [
        None, 7, {}, {"link": ""}, {"link": 7}, {"link": "https://example.org"},
        {"link": GOOGLE + "x" * MAX_LENGTH}, {"link": "https://www.google.com/maps/@99.43,26.1,19z"},
    ],
)  # fmt: skip
def test_what_a_browser_made_up_says_no_scale(note):
    assert kept_hints(note) is None
