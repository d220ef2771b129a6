"""Links to a search in Chromium."""

from __future__ import annotations

import re

import pytest

from examples.scenes import draw
from tests.browser.visitor import (
    fields,
    follow,
    ids,
    on_phones_too,
    open_at,
    refine,
    upload,
    wait_for_result,
)

pytestmark = pytest.mark.browser


@on_phones_too
def test_a_link_brings_back_a_search_in_another_browser(page, page_url, chromium):
    open_at(page, page_url, "collection=scenes&id=runway02&k=7&class=freeway&class=runway&distinct=1")
    page.locator("#trail .share").click()
    assert "brings back this search" in page.locator("#trail .life").inner_text()
    link = page.locator("#trail .address").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    another = chromium.new_context().new_page()
    another.goto(link)
    another.wait_for_selector("#neighbours [data-kind=answer]")
    assert ids(another) == ids(page)
    assert len(ids(page)) == 7
    refine(another)
    assert another.locator("#k input[type=number]").input_value() == "7"
    assert another.locator("#distinct input").is_checked()
    assert "freeway" in another.locator("#classes").inner_text()
    another.context.close()


def test_a_link_to_an_uploaded_photo_says_how_long_it_lives(page, chromium, tmp_path):
    path = tmp_path / "harbor.png"
    draw("harbor", 4711).save(path)
    upload(page, path)
    distances = wait_for_result(page)
    page.locator("#trail .share").click()
    assert re.search(r"works until \d\d:\d\d UTC", page.locator("#trail .life").inner_text())
    another = chromium.new_context().new_page()
    another.goto(page.locator("#trail .address").input_value())
    assert wait_for_result(another) == distances
    another.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")
    another.context.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("collection=scenes&id=harbor99&k=12", "There is no photo 'harbor99' in Generated scenes"),
        ("collection=nowhere&id=harbor00", "There is no collection 'nowhere'"),
        ("collection=scenes&photo=abc", "The photo of this link is no longer here"),
        ("collection=scenes&id=harbor00&k=many", "k is 'many', and has to be a number"),
        ("collection=scenes&id=harbor00&class=volcano", "There is no class 'volcano'"),
    ],
)
def test_a_link_to_what_there_is_not_is_explained_on_the_first_view(page, page_url, address, sentence):
    page.goto(f"{page_url}/?{address}")
    page.wait_for_selector("#trouble")
    assert sentence in page.locator("#trouble").inner_text()
    page.wait_for_selector("#neighbours [data-kind=photos]")
    follow(page, 1)  # everything works from there
    assert not page.locator("#trouble").is_visible()


def test_what_else_is_in_an_address_stays_there(page, page_url):
    page.goto(f"{page_url}/?__theme=dark")
    page.wait_for_selector("#neighbours .tile")
    follow(page, 1)
    assert fields(page)["__theme"] == ["dark"]
