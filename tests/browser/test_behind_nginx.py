"""The page at a path of a site: through Debian's nginx, with the very configuration of docs/deploy.md."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from benchmarks.server import PROJECT, serve
from tests.browser.visitor import follow, ids, upload
from tests.hosting.test_page_head import Head

pytestmark = pytest.mark.browser

PHOTO = PROJECT / "examples" / "queries" / "harbor.webp"

CONFIGURATION = """
daemon off; worker_processes 1; pid {place}/nginx.pid; error_log {place}/error.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
{server}
}}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """'http://127.0.0.1:PORT' of nginx, which serves the page at /aerial/."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no nginx: .ci/run has to install it.")
        pytest.skip("no nginx on this machine (Debian: apt-get install nginx-light)")
    place = tmp_path_factory.mktemp("nginx")
    place.chmod(0o755)
    environment = {
        "AERIAL_CACHE": str(place / "cache"), "GRADIO_TEMP_DIR": str(place / "uploads"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }  # fmt: skip
    options = ("--root-path", "/aerial", "--metrics", "--photos", str(place / "none"))
    with serve(*options, environment=environment) as page:
        block = re.search(r"```nginx\n(.*?)```", (PROJECT / "docs" / "deploy.md").read_text(), re.DOTALL)[1]
        port = free_port()
        server = block.replace("listen 80;", f"listen 127.0.0.1:{port};")
        server = server.replace("http://127.0.0.1:7860/", f"{page.address}/")
        assert f"127.0.0.1:{port}" in server
        assert page.address in server
        configuration = place / "nginx.conf"
        # The workers of a root's nginx are another user's, who may not enter the tests' folders.
        user = "user root;" if os.getuid() == 0 else ""
        configuration.write_text(user + CONFIGURATION.format(place=place, server=server))
        process = subprocess.Popen(
            [nginx, "-c", str(configuration), "-e", str(place / "error.log")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            for _ in range(200):
                if process.poll() is not None:
                    raise AssertionError(process.communicate()[0].decode())
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def get(address: str, **options) -> httpx.Response:
    return httpx.get(address, trust_env=False, timeout=60, **options)


def test_the_page_is_there_in_each_language(site):
    page = get(f"{site}/aerial/")
    assert page.status_code == 200
    assert f'"root":"{site}/aerial"' in page.text.replace("\\/", "/")
    assert get(f"{site}/aerial").headers["location"] == f"{site}/aerial/"
    romanian = get(f"{site}/aerial/ro")
    assert "fotografii" in romanian.text
    assert get(f"{site}/aerial/ro/?k=3").headers["location"].endswith("/ro?k=3")
    health = get(f"{site}/aerial/healthz")
    assert (health.status_code, health.text) == (200, "ready\n")


def test_figures_are_kept_from_the_public(site):
    for path in (
        "metrics",
        "aerial/metrics",
        "./metrics",
        "/metrics",
        "%6detrics",
        "ro/metrics",
        "metrics?a",
    ):
        assert get(f"{site}/aerial/{path}").status_code == 403, path
    for path in ("aerialmetrics", "metrics/", "metrics%00", "metrics;", "METRICS"):
        assert get(f"{site}/aerial/{path}").status_code in (400, 404), path


def test_pictures_and_files_are_fetched_below_the_path(site):
    small = get(f"{site}/aerial/photos/scenes/harbor03/small")
    assert small.headers["content-type"] == "image/webp"
    again = get(
        f"{site}/aerial/photos/scenes/harbor03/small", headers={"If-None-Match": small.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    saved = get(f"{site}/aerial/export/neighbours.csv?collection=scenes&id=harbor03&k=3")
    assert len(saved.text.splitlines()) == 4
    assert get(f"{site}/aerial/maps/scenes").json()["labels"]


@pytest.mark.parametrize("path", ["/aerial/", "/aerial/ro"])
def test_a_link_is_shown_by_its_address_there(site, path):
    sent = get(f"{site}{path}?collection=scenes&id=harbor03", headers={"Cookie": ""})
    found = Head(sent.text)
    assert found["og:url"] == found.href("canonical") == f"{site}{path}?collection=scenes&id=harbor03"
    assert found["og:image"].startswith(f"{site}/aerial/preview.jpg?collection=scenes&id=harbor03")
    picture = Image.open(io.BytesIO(get(found["og:image"]).content))
    assert (picture.format, picture.size) == ("JPEG", (1200, 630))
    for rel in ("icon", "apple-touch-icon", "manifest"):
        for link in found.links[rel]:
            assert get(f"{site}{link['href']}").status_code == 200


def test_a_view_is_opened_by_its_address_there(site, chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 844})
    tab = context.new_page()
    tab.goto(f"{site}/aerial/ro?view=browse&in=scenes&class=harbor")
    tab.wait_for_selector("#browse-grid .tile[data-id^=harbor]")
    tab.locator("#browse-grid .tile .photo").first.click()
    tab.wait_for_selector("#neighbours [data-kind=answer]")
    tab.go_back()
    tab.wait_for_url("**/aerial/ro?view=browse&in=scenes&class=harbor")
    context.close()


def test_a_program_searches_through_it(site):
    page = Client(f"{site}/aerial/", verbose=False)
    answer = page.predict(image=handle_file(PHOTO), k=3, collection="scenes", api_name="/search")
    assert [each["label"] for each in answer["neighbours"]] == ["harbor"] * 3


def test_events_come_as_they_happen(site):
    with httpx.stream(
        "GET", f"{site}/aerial/gradio_api/heartbeat/tried", trust_env=False, timeout=5
    ) as stream:
        assert next(stream.iter_text()).startswith("data: ALIVE")


def test_a_file_that_the_page_refuses_with_a_sentence_gets_that_far(site):
    sent = httpx.post(
        f"{site}/aerial/gradio_api/upload", files={"files": ("large.png", bytes(30_000_000))},
        trust_env=False, timeout=60,
    )  # fmt: skip
    assert sent.status_code == 200


@pytest.mark.parametrize(("path", "words"), [("/aerial/", "harbor"), ("/aerial/ro", "port")])
def test_a_visitor_searches_and_saves(site, chromium, path, words):
    context = chromium.new_context(viewport={"width": 1280, "height": 844})
    tab = context.new_page()
    failures: list[str] = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.on("console", lambda said: failures.append(said.text) if "Content Security" in said.text else None)
    tab.on("response", lambda answer: failures.append(answer.url) if _fails(answer, site) else None)
    tab.goto(f"{site}{path}")
    tab.wait_for_selector("#neighbours .tile")
    upload(tab, PHOTO)
    tab.wait_for_selector("#neighbours [data-kind=answer]")
    assert words in tab.locator("#summary").inner_text()
    brought = tab.locator("#trail img[src*=brought]").first.get_attribute("src")
    assert brought.startswith("brought/")
    follow(tab, 0)
    assert len(ids(tab)) == 12
    tab.reload()
    tab.wait_for_selector("#neighbours [data-kind=answer]")
    tab.locator("#save button.label-wrap").click()
    csv = tab.locator("a[href*='neighbours.csv']").first.get_attribute("href")
    assert tab.evaluate("async href => (await fetch(href)).status", csv) == 200
    assert tab.url.startswith(f"{site}{path}?")
    context.close()
    assert failures == []


def _fails(answer, site: str) -> bool:
    return answer.status >= 400 or not answer.url.startswith(f"{site}/aerial/")
