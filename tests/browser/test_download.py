"""Photos that come by themselves while the page is served, from a stand-in for the Hub to the browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.server import serve
from tests.fakes.hub import INSIDE, REVISION, Answer, Hub, zipped
from tests.fakes.pretend_photos import program, write_pretend

pytestmark = pytest.mark.browser


@pytest.fixture
def pretend(tmp_path):
    """A collection whose photos have to be fetched; what the hub has of it; and the list of test photos."""
    folder = tmp_path / "pretend"
    listed = write_pretend(folder)
    photos = {f"{INSIDE}/{path.relative_to(folder / 'photos')}": path.read_bytes()
              for path in (folder / "photos").rglob("*.webp")}  # fmt: skip
    return folder, zipped(photos), listed


@pytest.fixture
def hub(pretend, monkeypatch):
    """It sends half of what is asked for, and the rest when `go_on` is set."""
    folder, data, _ = pretend
    with Hub(data) as server:
        server.go_on = threading.Event()
        write = Answer.reply

        def reply(answer, content=b"", status=200, **headers):
            half = len(content) // 2 if answer.command == "GET" and len(content) > 100_000 else 0
            if not half or server.go_on.is_set():
                write(answer, content, status, **headers)
                return
            write(answer, content[:half], status, **{"Content-Length": len(content), **headers})
            server.go_on.wait(60)
            with suppress(OSError):  # who asked has ended
                answer.wfile.write(content[half:])

        monkeypatch.setattr(Answer, "reply", reply)
        lose_photos(folder, asdict(server.archive()))
        yield server
        server.go_on.set()


def lose_photos(folder, archive):
    """Take the photos out of an artifact folder, which says where they are fetched from."""
    shutil.rmtree(folder / "photos")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["photos"] = {"archive": archive}
    (folder / "manifest.json").write_text(json.dumps(manifest))


#: A neighbour that is shown with its photo, and not as a preview.
REAL = "#neighbours img[src^='photos/pretend/']:not([src*='preview='])"

#: In small pieces: the library's own are larger than all that these tests fetch.
PIECES = "from huggingface_hub import constants; constants.DOWNLOAD_CHUNK_SIZE = 10_000\n"


def served(folder, listed):
    """What Python runs, and the options; UC Merced's photos are asked for as well, and the hub has none."""
    flag, code = program(listed)
    return [flag, PIECES + code], ["--photos", str(folder / "none"), "--collection", str(folder)]


def wait_until(happened, seconds=60):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("width", [1280, 390])
def test_photos_come_by_themselves_and_the_page_shows_them(chromium, hub, pretend, tmp_path, width):
    folder, _, listed = pretend
    runs, options = served(folder, listed)
    options += ["--collection", "assets/scenes"]
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": hub.address}
    with serve(*options, environment=environment, download=True, program=runs) as server:
        page = chromium.new_page(viewport={"width": width, "height": 844})
        page.goto(server.address)
        caption = page.locator("#examples .caption")
        page.wait_for_function(
            "() => /until the photos are here: [1-9]\\d? %/.test("
            "document.querySelector('#examples .caption')?.innerText)",
            timeout=60_000,
        )
        page.wait_for_selector("#neighbours [data-kind=answer]")  # of a drawn scene, meanwhile
        assert page.locator("#collection input:checked").get_attribute("value") == "scenes"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        hub.go_on.set()
        page.wait_for_function(
            "() => document.querySelector('#examples .caption')?.innerText?.includes('a new dozen')",
            timeout=60_000,
        )
        assert page.locator("#examples .photo").count() == 12
        page.wait_for_selector("#collection input[value=pretend]:checked")  # the start is one of them
        page.wait_for_selector(REAL)
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "fetching" in request.url else None)
        page.wait_for_timeout(4000)
        assert asked == []  # it looks no longer than it has to
        assert caption.inner_text() == "Photos to try, a new dozen each day"
        page.close()


def test_what_a_visitor_looks_at_stays_when_photos_come(chromium, hub, pretend, tmp_path):
    folder, _, listed = pretend
    runs, options = served(folder, listed)
    options += ["--collection", "assets/scenes"]
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": hub.address}
    with serve(*options, environment=environment, download=True, program=runs) as server:
        page = chromium.new_page()
        page.goto(f"{server.address}/?collection=pretend&id=harbor03&k=12")
        page.wait_for_selector("#summary h3:has-text('Blurred previews')")
        page.wait_for_selector("#neighbours img[src*='preview=']")
        hub.go_on.set()
        page.wait_for_selector(
            "#neighbours img[src^='photos/pretend/']:not([src*='preview='])", timeout=60_000
        )
        assert page.locator("#summary h3").count() == 0
        assert page.locator("#query-line").inner_text().startswith("harbor03")
        assert "id=harbor03" in page.url
        page.close()


def test_without_a_network_the_page_says_so_in_one_line_and_goes_on(chromium, pretend, tmp_path):
    folder, _, listed = pretend
    archive = {"repository": "owner/name", "revision": REVISION, "file": "photos.zip", "folder": INSIDE}
    lose_photos(folder, archive | {"sha256": "0" * 64, "bytes": 1000})
    runs, options = served(folder, listed)
    options += ["--collection", "assets/scenes"]
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": "http://127.0.0.1:9"}
    with serve(*options, environment=environment, download=True, program=runs) as server:
        page = chromium.new_page()
        page.goto(server.address)
        page.wait_for_selector("#neighbours [data-kind=answer]")
        page.wait_for_function(
            "() => document.querySelector('#examples .caption')?.innerText"
            " === 'Drawn scenes, as the photos are not here'",
            timeout=60_000,
        )
        page.locator("#examples .photo").first.click()
        page.wait_for_selector("#query img")
        page.close()


def test_the_end_comes_at_once_and_the_next_start_goes_on(hub, pretend, tmp_path):
    folder, _, listed = pretend
    runs, options = served(folder, listed)
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": hub.address}
    with serve(*options, environment=environment, download=True, program=runs) as server:
        part = tmp_path / "cache" / "downloads" / "pretend"
        wait_until(lambda: sum(each.stat().st_size for each in part.glob("*.zip")) >= 100_000)
        os.kill(server.pid, signal.SIGTERM)
        state = Path(f"/proc/{server.pid}/stat")
        wait_until(lambda: "Z" in state.read_text().rsplit(")", 1)[1].split()[:1], 10)
    (left,) = part.glob("*.zip")
    size = left.stat().st_size
    assert size >= 100_000
    hub.go_on.set()
    with serve(*options, environment=environment, download=True, program=runs):
        target = tmp_path / "cache" / "photos" / "pretend"
        wait_until(target.is_dir)
    assert f"bytes={size}-" in hub.ranges
