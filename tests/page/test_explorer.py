"""Exploring a collection in Chromium, wide and narrow: the trail, refining, browsing, links, keys."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from benchmarks.explorer import first_view
from examples.scenes import draw
from retrieval.question import Question, Refinement, Stored
from tests.page.visitor import (
    ask_for,
    follow,
    give,
    ids,
    labels,
    open_tab,
    refine,
    upload,
    wait_for_query,
    wait_for_result,
)

pytestmark = pytest.mark.browser

#: For what a phone shows and does no differently.
wide = pytest.mark.parametrize("page", [1280], ids=["wide"], indirect=True)


def open_at(page, page_url: str, address: str) -> None:
    """Open a link to a search, and wait for its answer."""
    page.goto(f"{page_url}/?{address}")
    page.wait_for_selector("#neighbours [data-kind=answer]")


def fields(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


# The trail


def test_a_click_on_a_neighbour_searches_with_it(page, retriever):
    start = follow(page, 1)
    assert len(wait_for_result(page)) == 12
    chosen = follow(page, 3)
    found = ids(page)
    assert chosen not in found
    expected = retriever.ask(Question("scenes", (Stored("scenes", chosen),)))
    assert found == [each.id for each in expected.neighbours]
    assert fields(page) == {"collection": ["scenes"], "id": [chosen], "k": ["12"]}
    assert start != chosen


@wide
def test_the_browsers_buttons_and_the_pages_go_back_and_forward(page):
    first, second = follow(page, 0), follow(page, 5)
    answer = ids(page)
    page.go_back()
    wait_for_query(page, first)
    page.locator("#trail .back").click()
    page.wait_for_selector("#neighbours [data-kind=photos]")
    assert page.locator("#trail .back").is_disabled()
    page.go_forward()
    wait_for_query(page, first)
    page.locator("#trail .forward").click()
    wait_for_query(page, second)
    assert page.locator("#trail .forward").is_disabled()
    assert ids(page) == answer


@wide
def test_the_trail_shows_where_one_was_and_a_click_goes_there(page):
    first = follow(page, 2)
    follow(page, 1)
    follow(page, 1)
    crumbs = page.locator("#trail .crumbs button")
    assert crumbs.count() == 4
    assert crumbs.nth(3).get_attribute("aria-current") == "step"
    assert crumbs.nth(1).get_attribute("aria-label").startswith(first)
    crumbs.nth(1).click()
    wait_for_query(page, first)
    assert crumbs.nth(1).get_attribute("aria-current") == "step"
    follow(page, 4)  # another way from there: what came after is forgotten, as in the browser
    assert crumbs.count() == 3


@wide
def test_a_reload_keeps_the_search_and_the_trail(page):
    follow(page, 2)
    chosen = follow(page, 1)
    answer = ids(page)
    page.reload()
    wait_for_query(page, chosen)
    assert ids(page) == answer
    assert page.locator("#trail .crumbs button").count() == 3


@wide
def test_a_random_start_is_a_photo_of_the_collection(page, retriever):
    page.locator("#trail .random").click()
    page.wait_for_selector("#neighbours [data-kind=answer]")
    page.wait_for_function("() => new URLSearchParams(location.search).has('id')")
    (chosen,) = fields(page)["id"]
    assert chosen in {entry.id for entry in retriever.collection("scenes").entries}
    wait_for_query(page, chosen)


@wide
def test_of_several_quick_clicks_on_neighbours_the_last_counts(page):
    follow(page, 0)
    tiles = page.locator("#neighbours .tile")
    wanted = tiles.nth(7).get_attribute("data-id")
    page.evaluate(
        """async () => { const photos = [...document.querySelectorAll('#neighbours .photo')];
             for (const place of [3, 5, 2, 7]) { // as quickly as a hand clicks
               photos[place].click();
               await new Promise(done => setTimeout(done, 80));
             } }"""
    )
    wait_for_query(page, wanted)
    page.wait_for_timeout(700)  # nothing late may come after it
    assert fields(page)["id"] == [wanted]


@wide
def test_one_comes_back_to_an_uploaded_photo(page, tmp_path):
    path = tmp_path / "harbor.png"
    draw("harbor", 4711).save(path)
    upload(page, path)
    distances = wait_for_result(page)
    follow(page, 4)
    page.go_back()
    page.wait_for_function("() => new URLSearchParams(location.search).has('photo')")
    page.wait_for_function("() => document.querySelector('#query-line').innerText === ''")
    assert wait_for_result(page) == distances
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")


@wide
def test_from_an_airfield_one_walks_to_a_harbor(page):
    page.locator("#neighbours .tile[data-id^=runway] .photo").click()
    others = "[...document.querySelectorAll('#others .tile')].map(each => each.dataset.id).join()"
    before = ""
    for _ in range(4):
        page.wait_for_function(f"before => ![before, ''].includes({others})", arg=before)
        before = page.evaluate(others)
        kinds = before.split(",")
        harbors = [place for place, name in enumerate(kinds) if name.startswith("harbor")]
        place = harbors[0] if harbors else len(kinds) - 1  # the most different
        page.locator("#others .photo").nth(place).click()
        wait_for_query(page, kinds[place])
        if harbors:
            break
    assert labels(page).count("harbor") > 6
    assert page.locator("#trail .crumbs button").count() >= 3


# Refining


def test_only_the_chosen_classes_are_answers(page):
    follow(page, 5)
    refine(page)
    page.locator("#classes input").fill("harb")
    page.locator("#classes").get_by_role("option", name="harbor").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('class') === 'harbor'")
    page.wait_for_function(
        """() => { const all = [...document.querySelectorAll('#neighbours .caption span')];
           return all.length && all.every(each => each.innerText === 'harbor'); }"""
    )
    assert len(ids(page)) == 12


@wide
def test_a_largest_distance_leaves_out_what_is_farther(page, page_url, retriever):
    question = Question("scenes", (Stored("scenes", "airplane03"),), k=40)
    near = [each for each in retriever.ask(question).neighbours if each.distance <= 0.25]
    assert 0 < len(near) < 40
    open_at(page, page_url, "collection=scenes&id=airplane03&k=40")
    refine(page)
    page.locator("#farthest input[type=number]").fill("0.25")
    page.locator("#farthest input[type=number]").press("Enter")
    page.wait_for_function("() => new URLSearchParams(location.search).get('max') === '0.25'")
    page.wait_for_function(
        "count => document.querySelectorAll('#neighbours .caption b').length === count", arg=len(near)
    )
    page.locator("#farthest input[type=number]").fill("0.01")
    page.locator("#farthest input[type=number]").press("Enter")
    page.wait_for_function("() => document.querySelector('#summary').innerText.includes('No photo is left')")
    assert ids(page) == []


@wide
def test_near_duplicates_are_hidden_and_counted(page, page_url, retriever):
    stored = Stored("ucmerced", "chaparral21")
    distinct = retriever.ask(Question("ucmerced", (stored,), refinement=Refinement(distinct=True)))
    assert distinct.duplicates > 0
    open_at(page, page_url, "collection=ucmerced&id=chaparral21&k=12")
    refine(page)
    page.locator("#distinct input").check()
    page.wait_for_function(
        "() => document.querySelector('#summary').innerText.includes('near-duplicates are hidden')"
    )
    assert f"{distinct.duplicates} near-duplicates" in page.locator("#summary").inner_text()
    assert ids(page) == [each.id for each in distinct.neighbours]


def test_marked_neighbours_change_the_answer_and_the_wrong_ones_go(page):
    follow(page, 8)
    tiles = page.locator("#neighbours .tile")
    right, wrong = tiles.nth(0).get_attribute("data-id"), tiles.nth(6).get_attribute("data-id")
    before = ids(page)
    assert not page.locator("#neighbours .marks").is_visible()
    tiles.nth(0).locator(".right").click()
    tiles.nth(6).locator(".wrong").click()
    assert tiles.nth(0).locator(".right").get_attribute("aria-pressed") == "true"
    assert "1 right, 1 wrong" in page.locator("#neighbours .marks").inner_text()
    page.locator("#neighbours .again").click()
    page.wait_for_function("() => new URLSearchParams(location.search).has('wrong')")
    assert fields(page)["right"] == [right]
    assert fields(page)["wrong"] == [wrong]
    page.wait_for_function("id => !document.querySelector(`#neighbours [data-id='${id}']`)", arg=wrong)
    assert "one marked right, one marked wrong" in page.locator("#query-line").inner_text()
    assert ids(page) != before
    page.go_back()
    page.wait_for_function("() => !new URLSearchParams(location.search).has('wrong')")
    page.wait_for_selector(f"#neighbours [data-id='{wrong}']")
    assert ids(page) == before


@wide
def test_marks_can_be_taken_back_before_searching(page):
    follow(page, 8)
    page.locator("#neighbours .tile").nth(1).locator(".wrong").click()
    page.locator("#neighbours .marks .clear").click()
    assert not page.locator("#neighbours .marks").is_visible()
    assert page.locator("#neighbours [aria-pressed=true]").count() == 0


def test_several_photos_at_once_are_looked_for_together(page, tmp_path):
    paths = [tmp_path / "harbor.png", tmp_path / "beach.png"]
    for path in paths:
        draw(path.stem, 4711).save(path)
    page.locator("#anywhere input[type=file]").set_input_files(paths)
    page.wait_for_function("() => document.querySelector('#query-line')?.innerText.includes('2 photos')")
    ask_for(page, "24")
    wait_for_result(page, 24)
    assert {"harbor", "beach"} <= set(labels(page))
    assert len(fields(page)["photo"]) == 2
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")


# Why


def test_why_shows_both_photos_what_makes_them_alike_and_how_near_that_is(page):
    follow(page, 10)
    tile = page.locator("#neighbours .tile").nth(1)
    distance = tile.locator(".caption b").inner_text()
    tile.locator(".why").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert tile.get_attribute("data-id") in dialog.locator("h2").inner_text()
    assert distance in dialog.locator(".lines").inner_text()
    assert re.search(r"of pairs of different classes \d", dialog.locator(".lines").inner_text())
    page.wait_for_function(
        """() => [...document.querySelectorAll('dialog[open] .heat')]
                   .every(each => !each.hidden && each.naturalWidth > 0)"""
    )
    assert distance in dialog.locator(".neighbour .photo").get_attribute("alt")
    assert dialog.locator(".chart svg").get_attribute("aria-label")
    dialog.locator(".toggle input").uncheck()
    assert not dialog.locator(".heat").first.is_visible()


@wide
def test_in_the_dialog_arrows_go_on_and_escape_gives_the_focus_back(page):
    follow(page, 10)
    second = page.locator("#neighbours .tile").nth(1).get_attribute("data-id")
    page.locator("#neighbours .tile").nth(0).locator(".why").click()
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("id => document.querySelector('dialog h2').innerText.includes(id)", arg=second)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.evaluate("document.activeElement.className") == "why"
    page.keyboard.press("Enter")  # and the same can be opened again
    page.wait_for_selector("dialog[open]")


@wide
def test_from_the_dialog_one_searches_with_the_neighbour(page):
    follow(page, 10)
    chosen = page.locator("#neighbours .tile").nth(2).get_attribute("data-id")
    page.locator("#neighbours .tile").nth(2).locator(".why").click()
    page.locator("dialog[open] .follow").click()
    wait_for_query(page, chosen)


@wide
def test_without_the_photos_the_dialog_says_what_it_cannot_show(page, page_url):
    open_at(page, page_url, "collection=ucmerced&id=harbor03&k=12")
    page.locator("#neighbours .tile").nth(0).locator(".why").click()
    page.wait_for_function(
        "() => document.querySelector('dialog .told').innerText.includes('are not on the computer')"
    )
    assert "distance" in page.locator("dialog .lines").inner_text()


# Understanding


def test_a_result_is_drawn_as_distances_classes_and_a_place_on_the_map(page):
    follow(page, 3)
    page.locator("#understand button.label-wrap").click()
    page.wait_for_selector("#understand figure.distances svg")
    assert page.locator("#understand figure.distances .own").count() >= 10
    assert page.locator("#understand figure.distances .limit").count() == 2  # a line, and what it is
    assert "beach" in page.locator("#understand table.bars tbody").inner_text()
    page.locator("#result-map").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelectorAll('#result-map .dots circle').length === 252")
    assert page.locator("#result-map .found circle").count() == 12
    assert page.locator("#result-map .query circle").count() == 1
    follow(page, 1)  # and it follows the search
    page.wait_for_function("() => document.querySelectorAll('#result-map .found circle').length === 12")


def test_the_map_zooms_shows_a_photo_and_searches_with_it(page):
    open_tab(page, "Browse")
    page.wait_for_function("() => document.querySelectorAll('#browse-map .dots circle').length === 252")
    whole = float(page.locator("#browse-map svg").get_attribute("viewBox").split()[2])
    page.locator("#browse-map svg").focus()
    page.keyboard.press("+")
    zoomed = float(page.locator("#browse-map svg").get_attribute("viewBox").split()[2])
    assert zoomed < whole
    page.locator("#browse-map .zoom .all").click()
    assert float(page.locator("#browse-map svg").get_attribute("viewBox").split()[2]) == whole
    dot = page.locator("#browse-map .dots circle").nth(100)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_selector("#browse-map .card:not([hidden])")
    page.wait_for_function("() => document.querySelector('#browse-map .card img').naturalWidth > 0")
    page.mouse.click(x, y)
    named = page.locator("#browse-map .card p").inner_text().split(" · ")[1]
    page.locator("#browse-map .card button").click()
    wait_for_query(page, named)
    assert page.get_by_role("tab", name="Search").get_attribute("aria-selected") == "true"


# Browsing


def test_the_collection_is_browsed_by_class(page):
    open_tab(page, "Browse")
    page.wait_for_selector("#browse-grid .tile")
    assert page.locator("#browse-grid .tile").count() == 21
    page.locator("#browse-class input").click()
    page.get_by_role("option", name="river").click()
    page.wait_for_function("() => document.querySelectorAll('#browse-grid .tile').length === 12")
    chosen = page.locator("#browse-grid .tile").nth(4).get_attribute("data-id")
    assert chosen.startswith("river")
    page.locator("#browse-grid .photo").nth(4).click()
    wait_for_query(page, chosen)


@wide
def test_a_photo_of_another_collection_is_searched_in_its_own(page):
    open_tab(page, "Browse")
    page.locator("#browse-collection label", has_text="UC Merced").click()
    page.wait_for_selector("#browse-grid .photo img[src^='photos/ucmerced/']")
    chosen = page.locator("#browse-grid .tile").nth(3).get_attribute("data-id")
    page.locator("#browse-grid .photo").nth(3).click()
    wait_for_query(page, chosen)
    assert fields(page)["collection"] == ["ucmerced"]
    assert page.locator("#collection input:checked").get_attribute("value") == "ucmerced"


def test_why_results_look_wrong_is_told_with_what_was_measured(page, retriever):
    open_tab(page, "wrong")
    page.wait_for_selector("#reasons h2", state="visible")
    text = page.locator("#reasons").inner_text()
    protocols = retriever.collection().manifest.results["protocols"]
    assert f"{100 * protocols['shift-train']['overall']['P@1']:.1f} %" in text
    assert page.locator("#reasons section").count() == 6
    assert page.locator("#reasons .measured").count() >= 4


# Sharing


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


@wide
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
@wide
def test_a_link_to_what_there_is_not_is_explained_on_the_first_view(page, page_url, address, sentence):
    page.goto(f"{page_url}/?{address}")
    page.wait_for_selector("#trouble")
    assert sentence in page.locator("#trouble").inner_text()
    page.wait_for_selector("#neighbours [data-kind=photos]")
    follow(page, 1)  # everything works from there
    assert not page.locator("#trouble").is_visible()


@wide
def test_what_else_is_in_an_address_stays_there(page, page_url):
    page.goto(f"{page_url}/?__theme=dark")
    page.wait_for_selector("#neighbours .tile")
    follow(page, 1)
    assert fields(page)["__theme"] == ["dark"]


# Keys


@wide
def test_photos_are_walked_marked_and_followed_by_keys(page):
    follow(page, 1)
    page.locator("#neighbours .photo").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    focused = "document.activeElement.closest('.tile').dataset.id"
    assert page.evaluate(focused) == ids(page)[1]
    page.keyboard.press("ArrowDown")
    columns = page.evaluate(
        """() => { const all = [...document.querySelectorAll('#neighbours .tile')];
                   return all.filter(each => each.offsetTop === all[0].offsetTop).length; }"""
    )
    assert page.evaluate(focused) == ids(page)[1 + columns]
    page.keyboard.press("End")
    assert page.evaluate(focused) == ids(page)[-1]
    page.keyboard.press("+")
    assert page.locator("#neighbours .tile").last.locator(".right").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#neighbours [aria-pressed=true]").count() == 0
    page.keyboard.press("w")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    chosen = ids(page)[0]
    page.keyboard.press("Enter")
    wait_for_query(page, chosen)
    assert page.evaluate(focused) == ids(page)[0]  # the focus stays among the photos


@wide
def test_a_slash_goes_to_the_class_filter_and_not_while_one_types(page):
    page.keyboard.press("/")
    page.wait_for_function("() => document.activeElement.closest('#classes')")
    page.keyboard.type("a/b")
    assert page.locator("#classes input").input_value() == "a/b"


@wide
def test_the_focus_is_seen(page):
    follow(page, 1)
    page.locator("#neighbours .photo").first.focus()
    page.keyboard.press("ArrowRight")
    style = "getComputedStyle(document.activeElement)"
    assert page.evaluate(f"[{style}.outlineStyle, parseFloat({style}.outlineWidth)]") == ["solid", 3]


# Looks


def test_nothing_jumps_while_an_answer_comes(page):
    page.evaluate(
        """() => { window.shifts = [];
           new PerformanceObserver(list => list.getEntries().forEach(each => {
             if (!each.hadRecentInput) window.shifts.push(each.value);
           })).observe({ type: 'layout-shift', buffered: false }); }"""
    )
    follow(page, 1)
    page.wait_for_timeout(800)
    page.evaluate("() => window.shifts.length = 0")
    follow(page, 2)
    page.wait_for_timeout(1000)
    assert sum(page.evaluate("window.shifts")) < 0.1  # 'good' by Core Web Vitals


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(chromium, page_url, scheme):
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.goto(page_url)
    page.wait_for_selector("#neighbours .tile img")
    assert violations(page) == []
    follow(page, 1)
    for panel in ("#refine", "#understand", "#save", "#bucharest"):
        page.locator(f"{panel} button.label-wrap").click()
    page.locator("#trail .share").click()
    page.locator("#neighbours .right").nth(1).click()
    page.locator("#result-map").scroll_into_view_if_needed()
    page.wait_for_selector("#result-map .dots circle")
    page.wait_for_timeout(500)  # for what fades in
    assert violations(page) == []
    page.locator("#neighbours .why").nth(1).click()
    page.wait_for_selector("dialog[open] .heat:not([hidden])")
    assert violations(page) == []
    page.keyboard.press("Escape")
    for name in ("Browse", "Whole map", "How good", "wrong"):
        open_tab(page, name)
        page.wait_for_timeout(500)
        assert violations(page) == [], name
    page.close()


def violations(page) -> list[str]:
    """What axe complains of: the rule, and where. Gradio's own violations would have to be listed here."""
    return [
        f"{each['id']}: {node['target']} {node['html'][:100]}"
        for each in Axe().run(page).response["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
@pytest.mark.parametrize("path", ["", "ro"])
def test_no_view_scrolls_sideways(chromium, page_url, width, path):
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{page_url}/{path}?collection=scenes&id=storagetanks04&k=12")
    page.wait_for_selector("#neighbours [data-kind=answer]")
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(fits)
    for panel in ("#refine", "#understand", "#save", "#bucharest"):
        if page.locator(panel).is_visible():
            page.locator(f"{panel} button.label-wrap").click()
    page.locator("#trail .share").click()
    page.locator("#result-map").scroll_into_view_if_needed()
    page.wait_for_selector("#result-map .dots circle")
    assert page.evaluate(fits)
    page.locator("#neighbours .why").first.click()
    page.wait_for_selector("dialog[open]")
    assert page.evaluate(fits)
    dialog = "document.querySelector('dialog[open]')"
    assert page.evaluate(f"{dialog}.scrollWidth <= {dialog}.clientWidth")
    page.keyboard.press("Escape")
    count = page.locator("[role=tab]").count()
    for number in range(count):
        page.evaluate("number => document.querySelectorAll('[role=tab]')[number].click()", number)
        page.wait_for_timeout(300)
        assert page.evaluate(fits), page.locator("[role=tab]").nth(number).inner_text()
    page.close()


def test_the_first_view_is_light(chromium, page_url):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    weight = first_view(context, page_url)
    assert 50_000 < weight < 200_000
    context.close()


@wide
def test_the_plots_come_after_the_photos(page):
    follow(page, 1)
    page.wait_for_function("() => document.querySelector('#neighbours [data-kind=answer]')")
    page.locator("#understand button.label-wrap").click()
    page.wait_for_selector("#understand figure.distances")  # drawn for the search that is shown


# The other language


def test_the_page_speaks_romanian_and_keeps_the_search(page):
    follow(page, 3)
    before = ids(page)
    page.locator("#header a[hreflang=ro]").click()
    page.wait_for_selector("#neighbours [data-kind=answer]")
    assert urlsplit(page.url).path == "/ro"
    assert page.evaluate("document.documentElement.lang") == "ro"
    assert ids(page) == before
    assert "Vecini din clasa" in page.locator("#summary").inner_text()
    assert labels(page)[0] == "plajă"
    page.locator("#neighbours .why").first.click()
    page.wait_for_function(
        "() => document.querySelector('dialog[open] .lines')?.innerText.includes('Distanța')"
    )
    page.keyboard.press("Escape")
    page.locator("#header a[hreflang=en]").click()
    page.wait_for_function("() => document.querySelector('#summary')?.innerText.includes('neighbours are')")
    assert urlsplit(page.url).path == "/"


@wide
def test_a_bad_file_is_explained_in_romanian(page, page_url, tmp_path):
    page.goto(f"{page_url}/ro")
    page.wait_for_selector("#neighbours .tile")
    bad = tmp_path / "notes.txt"
    bad.write_text("some notes")
    give(page, bad, "drop")
    page.wait_for_selector("#trouble")
    assert "imagine" in page.locator("#trouble").inner_text()
    assert "image" not in re.sub("imagine", "", page.locator("#trouble").inner_text())
