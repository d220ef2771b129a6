"""'Your folders' in the browser: a folder is added, watched, stopped, gone on with, searched and removed."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import httpx
import pytest

from benchmarks.server import serve
from tests.browser.visitor import held, on_phones_too, open_tab, upload, wait_for_result
from tests.browser.visitor import opened as opened_tab
from tests.fakes.large_photos import padded
from tests.fakes.mixed_folder import PHOTOS, enlarge, scene, write_photos, write_troubles
from tests.fakes.own_place import own_place
from tests.fakes.small_network import write_small_network

pytestmark = pytest.mark.browser

MANY = 600  # photos: enough to be seen on the way, and stopped


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with own_place(tmp_path_factory.mktemp("own")) as folder:
        write_small_network(folder)
        enlarge(write_photos(folder / "many", [f"flight/{each}.jpg" for each in range(MANY)]))
        yield folder


@pytest.fixture
def empty(place):
    """No folder was added as yet."""
    shutil.rmtree(place / "cache" / "collections", ignore_errors=True)
    return place


@pytest.fixture
def managed(empty):
    with serve("--artifacts", str(empty / "first"), "--manage") as server:
        yield server


@pytest.fixture
def opened(chromium, managed, request):
    """Opens tabs of the page at 'Your folders'; no script of the page may fail."""
    failures: list[str] = []
    contexts = []

    def opens(width, scheme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, has_touch=width < 500
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(30_000)
        tab.on("pageerror", lambda error: failures.append(str(error)))
        show(tab, managed.address)
        return tab

    yield opens
    for context in contexts:
        context.close()
    assert failures == []


def show(page, address):
    page.goto(f"{address}/?view=folders")
    wait_for_folders(page)


def wait_for_folders(page):
    page.wait_for_selector("#folder-path :is(input, textarea)", state="visible")
    page.wait_for_function("() => new URLSearchParams(location.search).get('view') === 'folders'")
    assert opened_tab(page) == "folders"


def open_folders(page):
    open_tab(page, "Your folders")
    wait_for_folders(page)


def add(page, folder: Path | str, title: str = "") -> None:
    page.wait_for_timeout(500)  # Gradio gives the fields their first values as the tab opens
    page.locator("#folder-path :is(input, textarea)").fill(str(folder))
    if title:
        page.locator("#folder-title :is(input, textarea)").fill(title)
    page.get_by_role("button", name="Add this folder").click()


def ended(page) -> str:
    page.wait_for_selector(".own-folders .ended", state="visible", timeout=90_000)
    return page.locator(".own-folders .ended").inner_text()


def in_the_middle(page) -> None:
    page.wait_for_function(
        "Number(document.querySelector('.own-folders .track').getAttribute('aria-valuenow')) > 5",
        timeout=60_000,
    )


def choices(page) -> str:
    open_tab(page, "Search")
    return page.locator("#collection").inner_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_folder_is_added_and_searched_without_a_restart(opened, managed, empty, tmp_path, width):
    images = write_photos(tmp_path / "photos")
    troubles = write_troubles(images)
    page = opened(width)
    assert "No folder was added yet." in page.locator(".own-folders").inner_text()
    add(page, images, "Summer")
    page.wait_for_selector(".own-folders .job", state="visible")
    assert page.locator(".own-folders .job h3").inner_text() == "Reading Summer"
    told = ended(page)
    assert f"'Summer' is ready: {len(PHOTOS)} photos" in told
    assert f"{len(troubles)} files were left out" in told
    report = empty / "cache" / "collections" / "summer" / "left-out.csv"
    assert str(report) in told
    assert report.is_file()
    assert "is ready" in page.locator(".own-folders [role=status]").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#folder-path :is(input, textarea)").input_value() == ""

    assert "Summer (6)" in choices(page)
    page.locator("#collection label", has_text="Summer").click()
    upload(page, images / "IMG 1.tif")
    page.wait_for_function("document.querySelector('#neighbours .tile')?.dataset.id === 'IMG 1.tif'")
    assert wait_for_result(page, len(PHOTOS))[0] < 0.05
    found = httpx.get(f"{managed.address}/photos/summer/IMG%201.tif/small")
    assert found.status_code == 200

    open_tab(page, "Browse")
    page.locator("#browse-collection label", has_text="Summer").click()
    page.wait_for_function("document.querySelector('#browse-line').innerText.includes('Nobody labelled')")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_photo_of_more_than_an_upload_may_have_is_added_and_shown(opened, managed, tmp_path, width):
    images = write_photos(tmp_path / "photos")
    scene(11, 512).save(images / "drone.jpg")
    padded(images / "drone.jpg")
    page = opened(width)
    add(page, images, "Flight")
    told = ended(page)
    assert f"'Flight' is ready: {len(PHOTOS) + 1} photos" in told
    assert "left out" not in told
    page.goto(f"{managed.address}/?collection=flight&id=upper.JPG")
    wait_for_result(page, len(PHOTOS))
    assert page.locator("#neighbours .tile[data-id='drone.jpg'] img").count() == 1
    sent = httpx.get(f"{managed.address}/photos/flight/drone.jpg/whole")
    assert (sent.headers["content-type"], len(sent.content) < 1_000_000) == ("image/webp", True)


def test_it_is_there_after_a_restart_and_its_link_works(chromium, empty, tmp_path):
    images = write_photos(tmp_path / "lasting")
    page = chromium.new_page()
    with serve("--artifacts", str(empty / "first"), "--manage") as server:
        show(page, server.address)
        add(page, images)
        ended(page)
    with serve("--artifacts", str(empty / "first"), "--manage") as server:
        show(page, server.address)
        page.locator(".own-folders li", has_text="lasting").get_by_role("link", name="Search in it").click()
        page.wait_for_function("document.querySelector('#collection :checked')?.value === 'lasting'")
        page.wait_for_selector("#neighbours img[src*='photos/lasting/']")
        assert "collection=lasting" in page.url
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_work_survives_a_reload_is_stopped_and_goes_on(opened, managed, place, width):
    page = opened(width)
    add(page, place / "many")
    in_the_middle(page)
    line = page.locator(".own-folders .job .line").inner_text()
    assert f"of {MANY} photos" in line
    assert "a second" in line
    assert "left" in line
    track = page.locator(".own-folders [role=progressbar]")
    assert track.get_attribute("aria-label") == "Progress"
    assert f"of {MANY} photos" in track.get_attribute("aria-valuetext")

    show(page, managed.address)
    page.wait_for_selector(".own-folders .job", state="visible")
    other = opened(1280, "dark")
    other.wait_for_selector(".own-folders .job", state="visible")
    add(other, place / "first")
    other.wait_for_selector("#folder-trouble strong")
    assert "one folder is read at a time" in other.locator("#folder-trouble").inner_text()

    page.get_by_role("button", name="Stop").click()
    assert "'many': stopped. What was read is kept" in ended(page)
    assert "stopped" in ended(other)
    assert "many" not in choices(page)

    open_folders(page)
    row = page.locator(".own-folders li", has_text="many")
    assert "not finished" in row.inner_text()
    row.get_by_role("button", name="Go on").click()
    page.wait_for_selector(".own-folders .job", state="visible")
    open_tab(page, "Browse")  # the choices know it, whatever tab is open
    page.wait_for_selector("#browse-collection label:has-text('many')", timeout=90_000)
    open_folders(page)
    assert f"'many' is ready: {MANY} photos" in ended(page)


def test_a_killed_job_is_said_and_the_page_lives_on(opened, managed, place):
    page = opened(1280)
    add(page, place / "many")
    in_the_middle(page)
    (job,) = [pid for pid in children(managed.pid) if b"--progress=json" in command(pid)]
    os.kill(job, signal.SIGKILL)
    assert "The work was ended from outside" in ended(page)
    page.locator(".own-folders li").get_by_role("button", name="Go on").click()
    page.wait_for_selector(".own-folders .job", state="visible")
    page.get_by_role("button", name="Stop").click()
    ended(page)
    assert httpx.get(f"{managed.address}/healthz").text == "ready\n"


def children(pid: int) -> list[int]:
    """The processes that one has started."""
    numbers = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal()]
    return [number for number in numbers if parent(number) == pid]


def parent(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended
        return None
    return int(status.split("PPid:")[1].split()[0])


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_the_end_of_the_page_ends_the_job(chromium, empty):
    page = chromium.new_page()
    with serve("--artifacts", str(empty / "first"), "--manage") as server:
        show(page, server.address)
        add(page, empty / "many")
        in_the_middle(page)
        (job,) = [pid for pid in children(server.pid) if b"--progress=json" in command(pid)]
    assert not Path(f"/proc/{job}").exists()
    assert (empty / "cache" / "collections" / "many.unfinished").is_dir()
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_folder_is_brought_up_to_date_and_removed(opened, empty, tmp_path, width):
    images = write_photos(tmp_path / "changing")
    page = opened(width)
    add(page, images, "Changing")
    ended(page)
    (images / "upper.JPG").unlink()
    write_photos(images, ["new.png"], first=30)
    row = page.locator(".own-folders li", has_text="Changing")
    row.get_by_role("button", name="Update").click()
    page.wait_for_selector(".own-folders .job", state="visible")
    assert "6 photos; 1 new, 0 changed, 1 gone" in ended(page)

    choices(page)
    page.locator("#collection label", has_text="Changing").click()
    page.wait_for_selector("#neighbours .tile[data-id='new.png']")
    open_folders(page)
    row.get_by_role("button", name="Remove from the page: Changing").click()
    assert "The photos stay where they are." in row.inner_text()
    row.get_by_role("button", name="Keep: Changing").click()
    row.get_by_role("button", name="Remove from the page: Changing").click()
    row.get_by_role("button", name="Remove: Changing").click()
    page.wait_for_selector(".own-folders .none", state="visible")
    assert "Changing" not in choices(page)
    page.wait_for_function("document.querySelector('#collection :checked')?.value === 'first'")
    page.wait_for_selector("#neighbours .tile[data-id='2019/IMG 1.jpg']")
    assert len(list(images.rglob("*.*"))) == len(PHOTOS)
    assert not (empty / "cache" / "collections" / "changing").exists()


def test_a_fault_is_said_beside_the_field(opened):
    page = opened(390)
    add(page, "photos")
    page.wait_for_selector("#folder-trouble strong")
    assert "type the whole path" in page.locator("#folder-trouble").inner_text()
    assert page.locator("#folder-path :is(input, textarea)").input_value() == "photos"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_tab_has_an_address_and_a_click_on_it_counts_however_quick(opened, managed, width):
    page = opened(width)
    page.reload()
    wait_for_folders(page)
    page.wait_for_function("() => document.title.startsWith('Your folders')")
    open_tab(page, "Browse")
    page.go_back()
    wait_for_folders(page)
    page.go_forward()
    page.wait_for_function("() => new URLSearchParams(location.search).get('view') === 'browse'")
    with held(page, "**/gradio_api/run/**"):
        open_tab(page, "Search")
        open_tab(page, "Browse")
        open_tab(page, "Your folders")
    page.wait_for_timeout(1500)  # a late answer would have done its harm
    wait_for_folders(page)

    page.goto("about:blank")
    with held(page, "**/gradio_api/run/**"):  # the start's own answer, too
        page.goto(managed.address)
        page.wait_for_selector("#tabs [role=tab]")
        open_folders(page)
    page.wait_for_timeout(1500)
    wait_for_folders(page)


@on_phones_too
def test_without_the_option_there_is_no_such_tab_and_its_link_opens_the_start(page, page_url):
    assert "Your folders" not in page.locator("#tabs").inner_text()
    page.goto(f"{page_url}/?view=folders")
    page.wait_for_selector("#neighbours [data-kind=answer]")
    assert opened_tab(page) == "search"
    assert "--manage" in page.locator("#trouble").inner_text()
    page.wait_for_function("() => location.search === ''")
