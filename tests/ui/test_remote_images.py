"""Images behind an address come in with bounds: a server of this machine stands in for those of strangers."""

import asyncio
import base64
import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio import processing_utils
from starlette.applications import Starlette
from starlette.middleware import Middleware

from retrieval.images import MAX_BYTES
from tests.fakes import event_loop
from tests.fakes.example_photo import example_path
from ui import remote_images
from ui.components.uploaded_path import refuse_foreign_files
from ui.limits.upload_limits import LEAVE_FREE, UploadLimits
from ui.limits.visitors import asking
from ui.page import build_page
from ui.remote_images import bound_remote_images, fetch, is_public, public_address
from ui.uploads import UploadStore

PHOTO = example_path("harbor").read_bytes()


@contextmanager
def server(answer):
    """A server on this machine, which answers so; gives its address, and what it was asked and sent."""
    seen = SimpleNamespace(paths=[], hosts=[], sent=0, end=threading.Event())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.paths.append(self.path)
            seen.hosts.append(self.headers["Host"])
            try:
                answer(self, seen)
            except OSError:  # the caller has gone
                seen.end.set()

        def log_message(self, *_):
            pass

        def head(self, status=200, **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        seen.address = f"http://127.0.0.1:{serving.server_port}"
        seen.named = f"http://photos.example:{serving.server_port}"
        try:
            yield seen
        finally:
            seen.end.set()
            serving.shutdown()
            thread.join()


async def here(host, port):
    """Every name leads to this machine."""
    del host, port
    return "127.0.0.1"


def fetched(url, folder, **options):
    return event_loop.run(fetch(url, folder, **({"address_of": here} | options)))


def refused(url, folder, **options):
    """The sentence; and nothing is left on the disk."""
    with pytest.raises(gr.Error) as error:
        fetched(url, folder, **options)
    assert not list(folder.iterdir())
    return error.value.message


def photo(handler, seen):
    del seen
    handler.head()
    handler.wfile.write(PHOTO)


def test_an_image_is_fetched_from_the_address_that_was_checked_under_its_name(tmp_path):
    with server(photo) as seen:
        path = fetched(f"{seen.named}/harbor.webp?x=1", tmp_path)
    assert path.read_bytes() == PHOTO
    assert path.parent.parent == tmp_path
    assert seen.paths == ["/harbor.webp?x=1"]
    assert seen.hosts == [seen.named.removeprefix("http://")]


def test_no_more_than_an_image_may_have_is_taken(tmp_path):
    def endless(handler, seen):
        handler.head()
        while not seen.end.is_set():
            seen.sent += handler.wfile.write(bytes(1_000_000))

    with server(endless) as seen:
        assert "too large: at most 25 MB" in refused(seen.named, tmp_path)
        assert seen.end.wait(20)
    assert seen.sent < 2 * MAX_BYTES


def test_what_says_that_it_is_too_large_is_not_read(tmp_path):
    def large(handler, seen):
        handler.head(Content_Length=str(MAX_BYTES + 1))
        seen.end.wait(20)

    with server(large) as seen:
        assert "too large" in refused(seen.named, tmp_path)


def test_what_is_packed_is_not_unpacked(tmp_path):
    def bomb(handler, seen):
        del seen
        assert handler.headers["Accept-Encoding"] == "identity"
        handler.head(Content_Encoding="gzip")
        handler.wfile.write(gzip.compress(bytes(50_000_000)))

    with server(bomb) as seen:
        assert "sent packed" in refused(seen.named, tmp_path)


def test_a_server_that_trickles_is_left(tmp_path):
    def trickle(handler, seen):
        handler.head()
        while not seen.end.wait(0.02):
            seen.sent += handler.wfile.write(b"x")

    with server(trickle) as seen:
        assert "not there within 0.3 seconds" in refused(seen.named, tmp_path, seconds=0.3)
        assert seen.end.wait(20)
    assert seen.sent > 1  # each piece came in time


def test_an_address_may_lead_on_a_few_times_and_each_is_checked(tmp_path):
    asked = []

    async def noted(host, port):
        asked.append(host)
        if host == "private.example":
            raise OSError("private")
        return await here(host, port)

    def leads_on(handler, seen):
        if handler.path == "/photo":
            photo(handler, seen)
        elif handler.path == "/private":
            handler.head(302, Location="http://private.example/")
        elif handler.path == "/file":
            handler.head(302, Location="file:///etc/hostname")
        else:
            handler.head(302, Location="/photo" if handler.path == "/once" else "/round")

    with server(leads_on) as seen:
        assert fetched(f"{seen.named}/once", tmp_path, address_of=noted).read_bytes() == PHOTO
        assert asked == ["photos.example"] * 2
        for path, error in (("/private", OSError), ("/file", ValueError)):
            with pytest.raises(error):
                fetched(seen.named + path, tmp_path, address_of=noted)
        seen.paths.clear()
        with pytest.raises(ValueError, match="leads on"):
            fetched(f"{seen.named}/round", tmp_path)
    assert len(seen.paths) == 1 + remote_images.MAX_REDIRECTS


def test_nothing_is_fetched_onto_a_full_disk(tmp_path):
    with server(photo) as seen:
        assert "disk is full" in refused(seen.named, tmp_path, free=lambda _: LEAVE_FREE + MAX_BYTES - 1)
    assert not seen.paths


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.17.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
        "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:a00:1::1", "2001::1", "no address",
    ],
)  # fmt: skip
def test_addresses_that_not_everybody_can_reach_are_none(address):
    assert not is_public(address)


def test_public_addresses_are():
    assert is_public("8.8.8.8")
    assert is_public("2606:4700:4700::1111")


def test_this_machine_is_refused_by_each_of_its_names(monkeypatch):
    for name in ("127.0.0.1", "localhost", "::1", "0", "127.1", "2130706433"):
        with pytest.raises(OSError):
            event_loop.run(public_address(name, 80))
    assert event_loop.run(public_address("cdn-lfs.hf.co", 443)) is None
    monkeypatch.setattr(remote_images, "_look_up", lambda host, port: ["10.0.0.1", "::1"])
    for name in ("evilhf.co", "hf.co.example", "photos.example"):
        with pytest.raises(OSError):
            event_loop.run(public_address(name, 443))
    monkeypatch.setattr(remote_images, "_look_up", lambda host, port: ["10.0.0.1", "8.8.8.8"])
    assert event_loop.run(public_address("photos.example", 443)) == "8.8.8.8"


@pytest.fixture
def page(retriever, tmp_path, monkeypatch):
    """The page, with the bounds on uploads around it, whose downloads go to this machine."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for name in ("save_base64_to_cache", "async_ssrf_protected_download"):
        monkeypatch.setattr(processing_utils, name, getattr(processing_utils, name))
    built = build_page(retriever, UploadStore())
    built.app = Starlette(middleware=[Middleware(UploadLimits)])
    built.app.middleware_stack = built.app.build_middleware_stack()
    return built


def test_what_is_fetched_counts_among_the_visitors_uploads(page, tmp_path, monkeypatch):
    monkeypatch.setattr(remote_images.fetch, "__defaults__", (here, *remote_images.fetch.__defaults__[1:]))

    async def both():
        asking.set("198.51.100.7")
        first = await processing_utils.async_ssrf_protected_download(f"{seen.named}/a", str(tmp_path))
        sent = f"data:image/webp;base64,{base64.b64encode(PHOTO).decode()}"
        return [first, await asyncio.to_thread(processing_utils.save_base64_to_cache, sent, str(tmp_path))]

    with server(photo) as seen:
        paths = event_loop.run(both())
    files = remote_images.uploads_of(page)
    assert files.share("198.51.100.7") == files.total == 2 * len(PHOTO)
    assert all(files.get(path) for path in paths)
    assert set(paths) <= page.upload_file_set


def test_a_page_is_bounded_once_however_often_it_is_built(page):
    write = processing_utils.save_base64_to_cache.__wrapped__
    bound_remote_images(page)
    assert processing_utils.save_base64_to_cache.__wrapped__ is write


def test_events_of_the_page_take_no_addresses():
    address = {"path": "http://photos.example/a.png", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(gr.Error, match="not a file that was uploaded"):
        refuse_foreign_files([address])
    refuse_foreign_files([address], addresses=True)


def test_an_endpoint_says_what_is_wrong_with_an_address(page, monkeypatch):
    monkeypatch.setattr(remote_images.fetch, "__defaults__", (here, 0.3, lambda _: 10**12))
    embed = next(event for event in page.fns.values() if event.api_name == "embed")

    def told(url):
        with pytest.raises(gr.Error) as error:
            file = {"path": url, "meta": {"_type": "gradio.FileData"}}
            event_loop.run(page.process_api(embed, [file, 0]))
        return error.value.message

    def answer(handler, seen):
        if handler.path == "/slow":
            seen.end.wait(20)
        elif handler.path == "/large":
            handler.head(Content_Length=str(MAX_BYTES + 1))
        else:
            handler.head(404)

    with server(answer) as seen:
        assert "not there within 0.3 seconds" in told(f"{seen.named}/slow")
        assert "at most 25 MB" in told(f"{seen.named}/large")
        assert "could not be fetched" in told(f"{seen.named}/missing")
        assert "could not be fetched" in told("http://[/")
