"""What is done to answers on their way: what is whole, and may be kept, gets an ETag and is compressed."""

import gzip

import brotli
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.hosting import answers
from ui.hosting.answers import Answers, chosen_encoding, etag_matches
from ui.hosting.security import SecurityHeaders

TEXT = "A text, and again a text. " * 100
PAGE = '<script src="own.js"></script><script>one()</script><SCRIPT data-x>two()\r\n</SCRIPT><p>'


@pytest.fixture
def client(tmp_path):
    (tmp_path / "photo.webp").write_bytes(b"RIFF" * 300)
    made = {
        "text": lambda request: PlainTextResponse(TEXT),
        "short": lambda request: PlainTextResponse("short"),
        "json": lambda request: JSONResponse([TEXT]),
        "page": lambda request: Response(PAGE * 20, media_type="text/html"),
        "failed": lambda request: PlainTextResponse(TEXT, 500),
        "private": lambda request: PlainTextResponse(TEXT, headers={"Cache-Control": "no-store"}),
        "large": lambda request: PlainTextResponse("x" * (answers.LARGEST + 1)),
        "encoded": lambda request: Response(
            gzip.compress(TEXT.encode()), media_type="text/plain", headers={"Content-Encoding": "gzip"}
        ),
        "stream": lambda request: StreamingResponse(iter([TEXT, TEXT]), media_type="text/event-stream"),
        "photo": lambda request: FileResponse(tmp_path / "photo.webp", headers={"Cache-Control": "public"}),
        "gradio_api/file=x.html": lambda request: Response(PAGE, media_type="text/html"),
        "own": lambda request: Response("", headers={"Content-Security-Policy": "x", "ETag": '"own"'}),
    }
    routes = [Route(f"/{name}", endpoint) for name, endpoint in made.items()]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Answers, SecurityHeaders())]))


@pytest.mark.parametrize("name", ["text", "json", "page"])
@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_whole_texts_are_compressed_and_the_same_when_read(client, name, encoding):
    plain = client.get(f"/{name}", headers={"Accept-Encoding": "identity"})
    with client.stream("GET", f"/{name}", headers={"Accept-Encoding": encoding}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == encoding
    assert len(sent) < len(plain.content) / 4
    read = gzip.decompress(sent) if encoding == "gzip" else brotli.decompress(sent)
    assert read == plain.content
    assert answer.headers["etag"] == plain.headers["etag"]


@pytest.mark.parametrize("name", ["failed", "private", "large", "stream"])
def test_what_cannot_be_kept_passes_as_it_is(client, name):
    answer = client.get(f"/{name}", headers={"Accept-Encoding": "gzip, br", "If-None-Match": "*"})
    assert "etag" not in answer.headers
    assert "content-encoding" not in answer.headers
    assert len(answer.content) >= len(TEXT)


@pytest.mark.parametrize("name", ["short", "photo", "encoded", "own"])
def test_what_is_small_or_encoded_is_not_compressed_again(client, name):
    with client.stream("GET", f"/{name}", headers={"Accept-Encoding": "br"}) as answer:
        list(answer.iter_raw())
    assert answer.headers.get("content-encoding") == ("gzip" if name == "encoded" else None)


@pytest.mark.parametrize("name", ["text", "photo", "page", "own"])
def test_what_a_browser_has_is_answered_without_a_body(client, name):
    first = client.get(f"/{name}")
    again = client.get(f"/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "content-length" not in again.headers
    for field in ("etag", "cache-control", "content-security-policy"):
        assert again.headers.get(field) == first.headers.get(field)


def test_a_part_of_a_file_can_be_asked_for(client):
    part = client.get("/photo", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_the_scripts_of_a_page_are_allowed_one_by_one(client):
    policy = client.get("/page").headers["content-security-policy"]
    # printf 'one()' | openssl dgst -sha256 -binary | base64; and of 'two()\n', as browsers read CR LF
    assert "'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='" in policy
    assert "'sha256-KUcSpvSxT6ZpY6acqJ+PnKqVvcJP86bOsmFTj6jYNDk='" in policy
    assert policy.count("'sha256-") == 2
    assert "sha256" not in client.get("/gradio_api/file=x.html").headers["content-security-policy"]
    assert "sandbox" in client.get("/gradio_api/file=x.html").headers["content-security-policy"]
    assert client.get("/own").headers["content-security-policy"] == "x"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", None), ("identity", None), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=0.5, br;q=0", "gzip"), ("*", "br"), ("*;q=0", None), ("br;q=x, gzip", "gzip"),
        ("GZIP ; q=1", "gzip"), ("gzip;q=0", None),
    ],
)  # fmt: skip
def test_the_encoding_is_one_that_the_browser_accepts(accepted, encoding):
    assert chosen_encoding([accepted] if accepted else []) == encoding


@pytest.mark.parametrize(
    ("named", "matches"),
    [(['"a"'], True), (['W/"a"'], True), (['"b", "a"'], True), (['"b"', '"a"'], True), (["*"], True),
     (['"b"'], False), (["a"], False), ([], False)],
)  # fmt: skip
def test_etags_are_compared_as_browsers_write_them(named, matches):
    assert etag_matches('W/"a"', named) is matches
