"""Who waits is told his place in words, and who is refused is told why, in Chromium."""

import pytest

from tests.fakes import bounded_page
from ui.i18n import gettext as _
from ui.i18n import use_language
from ui.limits.queueing import LANES, Lane

pytestmark = pytest.mark.browser


@pytest.fixture
def work():
    return bounded_page.Work()


@pytest.fixture
def visit(chromium, monkeypatch, tmp_path):
    """Opens the page as somebody new."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    contexts = []

    def opened(served):
        contexts.append(chromium.new_context())
        tab = contexts[-1].new_page()
        tab.goto(served.address)
        tab.wait_for_selector("#search")
        return tab

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["en", "ro"])
def test_who_waits_is_told_his_place_and_then_served(visit, work, monkeypatch, language):
    with use_language(language):
        words = _("You are number {place} of {count} who wait.", place=1, count=1)
    monkeypatch.setitem(LANES, "search", Lane(running=1, waiting=1))
    with bounded_page.serve(work, language) as served:
        first, second = visit(served), visit(served)
        first.click("#search")
        assert work.begun.acquire(timeout=10)
        served.queue.event_queue_per_concurrency_id["search"].concurrency_limit = 1
        second.click("#search")
        second.wait_for_function(f"document.querySelector('#shown').innerText.includes('{words}')")
        assert "queue:" not in second.inner_text("#shown")
        third = visit(served)
        third.click("#search")
        third.wait_for_function("document.body.innerText.includes('Too many people are asking')")
        work.may_end.set()
        second.wait_for_function("!document.querySelector('#shown').innerText.includes('nothing')")
        assert len(work.order) == 2


def test_the_search_of_a_page_that_is_closed_is_not_done(visit, work, monkeypatch):
    monkeypatch.setitem(LANES, "search", Lane(running=1, waiting=5))
    with bounded_page.serve(work) as served:
        first, second, third = (visit(served) for _ in range(3))
        for number, tab in enumerate((first, second, third)):
            tab.click("#search")
            if number == 0:
                assert work.begun.acquire(timeout=10)
                served.queue.event_queue_per_concurrency_id["search"].concurrency_limit = 1
        third.wait_for_function("document.querySelector('#shown').innerText.includes('of 2 who wait')")
        second.context.close()
        third.wait_for_function("document.querySelector('#shown').innerText.includes('1 of 1 who wait')")
        work.may_end.set()
        third.wait_for_function("!document.querySelector('#shown').innerText.includes('nothing')")
        assert len(work.order) == 2
