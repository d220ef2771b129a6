"""The button that downloads photos, from a stand-in for the Hub to the thumbnails in the browser."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict

import pytest

from benchmarks.server import serve
from retrieval.retriever import SHIPPED_SCENES
from tests.fakes.hub import INSIDE, Hub, zipped

pytestmark = pytest.mark.browser


@pytest.fixture
def hub():
    """It has the pictures of the generated scenes."""
    photos = SHIPPED_SCENES / "photos"
    pictures = {f"{INSIDE}/{path.relative_to(photos)}": path.read_bytes() for path in photos.rglob("*.webp")}
    with Hub(zipped(pictures)) as server:
        yield server


@pytest.fixture
def elsewhere(tmp_path, hub):
    """The generated scenes as a collection whose pictures have to be downloaded."""
    folder = shutil.copytree(SHIPPED_SCENES, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("photos"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest |= {"name": "elsewhere", "photos": {"archive": asdict(hub.archive())}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_the_button_brings_the_photos_and_they_replace_the_previews(chromium, hub, elsewhere, tmp_path):
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": hub.address}
    options = ["--photos", str(tmp_path / "none"), "--collection", str(elsewhere)]
    with serve(*options, environment=environment) as server:
        page = chromium.new_page()
        page.goto(server.address)
        page.locator("#collection label", has_text="Generated scenes").click()
        page.locator("#examples .photo").nth(7).click()
        page.wait_for_selector("#neighbours img[src*='&preview=']")  # previews
        assert "can be downloaded" in page.locator("#missing").inner_text()
        page.locator("#fetch").click()
        page.wait_for_selector("#neighbours img:not([src*='&preview='])")
        page.wait_for_function(
            """() => { const all = [...document.querySelectorAll('#neighbours .tile:has(.caption b) img')];
               all.forEach(each => each.loading = 'eager');
               return all.length === 12 && all.every(each => each.complete && each.naturalWidth > 0
                                                             && !each.src.includes('&preview=')); }"""
        )
        page.wait_for_selector("#missing", state="hidden")
        page.reload()  # now all photos are at hand, and the page opens on them
        page.wait_for_selector("#collection input[value=elsewhere]:checked")
        page.close()
    assert hub.ranges == [None]
