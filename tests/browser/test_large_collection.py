"""A collection with a fast index: the page says how much it finds, and an address asks for an area."""

import re

import pytest

from benchmarks.server import serve
from retrieval.collections.artifacts import CATALOGUE
from retrieval.collections.catalogue import read_catalogue
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from tests.browser.visitor import wait_for_result
from tests.fakes.large_folder import write_large
from tests.fakes.own_place import own_place

pytestmark = pytest.mark.browser

#: The row of 'harbor03' among the scenes.
ROW = [entry.id for entry in read_catalogue(SHIPPED_SCENES / CATALOGUE)].index("harbor03")
FIRST = read_catalogue(SHIPPED / CATALOGUE)[0].id


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    with own_place(tmp_path_factory.mktemp("large")) as place:
        made = write_large(place / "artifacts")
        with serve("--photos", str(place / "none"), "--collection", str(made)) as server:
            yield server.address


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def page(chromium, request):
    context = chromium.new_context(viewport={"width": request.param, "height": 844})
    tab = context.new_page()
    failures = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.set_default_timeout(15_000)
    yield tab
    context.close()
    assert not failures


def test_the_page_says_how_many_of_the_nearest_are_found(page, large):
    page.goto(f"{large}/?collection=large&id=harbor03-{ROW}")
    distances = wait_for_result(page)
    assert distances == sorted(distances)
    how = page.locator("#how-found").text_content()
    assert "2,520 photos searched" in how
    assert re.search(r"Not each of them is compared: of the 10 nearest, (9\d\.\d|100\.0)% are found\.", how)
    page.locator("#summary .info").hover()
    page.locator("#how-found").wait_for(state="visible")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_address_asks_for_an_area(page, large):
    page.goto(f"{large}/?collection=large&id=harbor03-{ROW}&area=25,44,26,46")
    wait_for_result(page)
    ids = page.locator("#neighbours .tile").evaluate_all("all => all.map(each => each.dataset.id)")
    assert all(500 <= int(each.rpartition("-")[2]) <= 600 for each in ids)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"collection=ucmerced&id={FIRST}&area=25,44,26,46", "does not say where its photos lie"),
        ("collection=large&id=harbor03-0&area=25,44,26,460", "An area is written as west, south, east"),
    ],
)
def test_an_area_that_cannot_be_is_refused_in_a_sentence(page, large, address, words):
    page.goto(f"{large}/?{address}")
    page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)
