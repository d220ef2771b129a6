"""The class filter closes, keys work from the start, a touch screen reads of none, figures keep margins."""

from __future__ import annotations

import re

import pytest

from tests.browser.visitor import follow, on_phones_too, open_tab, refine

pytestmark = pytest.mark.browser

LISTED = "#classes [role=option]"
FOCUSED = "document.activeElement.closest('#neighbours .tile')?.dataset.id ?? null"


@pytest.fixture
def phone(chromium, page_url):
    """A tab on a touch screen."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(page_url)
    tab.wait_for_selector("#neighbours .tile")
    yield tab
    context.close()


def tokens(page) -> list[str]:
    return page.locator("#classes .token").all_inner_texts()


# The class filter


@on_phones_too
def test_with_a_mouse_the_class_filter_closes_after_a_choice_and_opens_again(page):
    follow(page, 1)
    refine(page)
    for count in (1, 2):
        page.locator("#classes input").click()
        page.locator(LISTED).nth(3 * count).click()
        page.wait_for_selector(LISTED, state="detached")
        page.wait_for_function(
            "count => document.querySelectorAll('#classes .token').length === count", arg=count
        )
        assert page.locator("#classes input").is_visible()  # what it stands in stays open
    page.wait_for_function(
        """names => { const found = [...document.querySelectorAll('#neighbours .caption span')];
                      return found.length && found.every(each => names.includes(each.innerText)); }""",
        arg=tokens(page),
    )


def test_by_touch_it_closes_too(phone):
    phone.locator("#neighbours .photo").nth(1).tap()
    phone.wait_for_selector("#neighbours [data-kind=answer]")
    refine(phone)
    for count in (1, 2):
        phone.locator("#classes input").tap()
        phone.locator(LISTED).nth(3 * count).tap()
        phone.wait_for_selector(LISTED, state="detached")
        phone.wait_for_function(
            "count => document.querySelectorAll('#classes .token').length === count", arg=count
        )


def test_with_keys_it_closes_keeps_the_focus_and_goes_on(page):
    follow(page, 1)
    page.keyboard.press("/")
    page.wait_for_function("() => document.activeElement.closest('#classes')")
    for count, typed in ((1, "ArrowDown"), (2, "ArrowDown")):
        page.keyboard.press(typed)
        page.wait_for_selector(LISTED)
        page.keyboard.press("Enter")
        page.wait_for_selector(LISTED, state="detached")
        page.wait_for_function(
            "count => document.querySelectorAll('#classes .token').length === count", arg=count
        )
        assert page.evaluate("document.activeElement.closest('#classes') !== null")
    page.locator("#classes input").click()  # and a mouse opens it where the focus has stayed
    page.wait_for_selector(LISTED)


# Keys from the start


@on_phones_too
def test_the_first_thing_that_tab_reaches_leads_to_the_results(page):
    page.keyboard.press("Tab")
    link = page.locator("#skip a")
    assert page.evaluate("document.activeElement.closest('#skip') !== null")
    assert link.inner_text() == "Skip to the results"
    box = link.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {FOCUSED} !== null")
    assert page.evaluate(FOCUSED) == page.locator("#neighbours .tile").first.get_attribute("data-id")
    assert "#" not in page.url


def test_from_another_tab_it_leads_there_too(page):
    open_tab(page, "Accuracy")
    page.locator("#skip a").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {FOCUSED} !== null")


@pytest.mark.parametrize("key", ["ArrowDown", "ArrowRight"])
def test_right_after_the_start_an_arrow_goes_to_the_first_photo(page, key):
    page.keyboard.press(key)
    tiles = page.locator("#neighbours .tile")
    assert page.evaluate(FOCUSED) == tiles.first.get_attribute("data-id")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == tiles.nth(1).get_attribute("data-id")


def test_arrows_are_no_keys_of_the_page_in_a_field_in_a_dialog_and_far_down(page):
    follow(page, 1)
    refine(page)
    field = page.locator("#k input[type=number]")
    before = float(field.input_value())
    field.focus()
    for _ in range(20):  # as the panel opens, Gradio gives it the values that it had, see `type_in`
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(200)
        if float(field.input_value()) > before:
            break
    assert float(field.input_value()) == before + 1
    page.keyboard.press("Escape")
    page.locator("#neighbours .why").first.click()
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) is None or page.evaluate(
        "document.activeElement.closest('dialog') !== null"
    )
    page.keyboard.press("Escape")
    open_tab(page, "Accuracy")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 900)")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") > 900  # it scrolls, as anywhere


# Touch


def test_a_touch_screen_reads_of_no_keys(phone):
    assert phone.evaluate("matchMedia('(hover: none)').matches")
    told = phone.locator("body").inner_text()
    assert not re.search(r"Ctrl|Keys:|Enter\b|\barrows?\b", told)
    words = phone.locator("#query [data-testid=upload-text] h2").evaluate(
        "each => [getComputedStyle(each).fontSize, getComputedStyle(each, '::after').content]"
    )
    assert words == ["0px", '"Tap to choose a photo or take one"']
    phone.locator("#neighbours .photo").first.tap()
    phone.wait_for_selector("#neighbours [data-kind=answer]")
    assert not re.search(r"Ctrl|Keys:|\barrows\b", phone.locator("body").inner_text())


def test_with_a_mouse_one_reads_of_both(page):
    told = page.locator("body").inner_text()
    assert "Ctrl+V" in told
    assert "Keys: arrows" in told
    assert "Tap to" not in told


# The details under an answer


@on_phones_too
def test_what_an_answer_is_made_of_keeps_the_margins_and_can_be_read(page):
    follow(page, 3)
    for panel in ("#understand", "#save"):
        page.locator(f"{panel} button.label-wrap").click()
        page.wait_for_selector(f"{panel} :is(figure.distances svg, table)", state="visible")
        page.wait_for_timeout(300)
        margins = page.evaluate(
            """panel => { const within = document.querySelector(panel).getBoundingClientRect();
                const drawn = `${panel} :is(figure, figure svg, figcaption, .atlas, a, #table)`;
                return [...document.querySelectorAll(drawn)]
                  .map(each => each.getBoundingClientRect()).filter(box => box.width)
                  .map(box => Math.min(box.left - within.left, within.right - box.right)); }""",
            panel,
        )
        assert len(margins) >= 3
        assert min(margins) >= 8
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        sideways = page.locator(panel).evaluate(
            """panel => [panel, ...panel.querySelectorAll('*')]
                 .filter(each => each.scrollWidth > each.clientWidth + 1 && !each.closest('#table')
                                 && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX))
                 .map(each => each.outerHTML.slice(0, 80))"""
        )
        assert sideways == []
        if panel == "#understand":
            sizes = page.evaluate(
                """() => [...document.querySelectorAll('#understand .chart svg text')].map(each => {
                     const drawn = each.ownerSVGElement;
                     const scale = drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width;
                     return scale * parseFloat(getComputedStyle(each).fontSize); })"""
            )
            assert len(sizes) >= 5
            assert min(sizes) >= 11  # pixels
        if page.viewport_size["width"] < 500:
            page.keyboard.press("Escape")  # a sheet
            page.wait_for_timeout(200)
