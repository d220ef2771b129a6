"""What anybody gets from the real page over the network: health, headers, sizes, names, and the log."""

import re
import subprocess
import sys

import httpx
import pytest
from gradio.routes import App
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from tests.hosting.conftest import PROJECT
from ui.hosting.gradio_routes import OpenRoutes, is_open
from ui.page import build_page
from ui.uploads import UploadStore

PAGES = ["/", "/ro"]


def test_health_is_told_to_those_who_ask_with_get_or_head(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer.headers["cache-control"] == "no-store"
    head = client.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post("/healthz").status_code == 405
    assert client.get("/ro/healthz").status_code == 404


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("encoding", "most"), [("br", 60_000), ("gzip", 82_000)])
def test_the_page_is_sent_compressed_and_once(client, path, encoding, most):
    with client.stream("GET", path, headers={"Accept-Encoding": encoding}) as answer:
        size = len(b"".join(answer.iter_raw()))
    assert answer.headers["content-encoding"] == encoding
    assert size == int(answer.headers["content-length"]) < most
    assert "private" in answer.headers["cache-control"]
    assert "Accept-Encoding" in answer.headers["vary"]
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]


def test_each_language_is_kept_for_itself(client):
    english, romanian = (client.get(path).headers["etag"] for path in PAGES)
    assert english != romanian
    assert client.get("/ro", headers={"If-None-Match": english}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/photos/scenes/harbor03/small", "/photos/scenes/harbor03/whole", "/maps/scenes", "/theme.css",
        "/export/neighbours.csv?collection=scenes&id=harbor03", "/config",
    ],
)  # fmt: skip
def test_what_a_browser_has_is_not_sent_again(client, path):
    first = client.get(path)
    assert first.status_code == 200
    again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_pictures_are_not_compressed_again(client):
    answer = client.get("/photos/scenes/harbor03/small", headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in answer.headers


def test_streams_of_events_come_as_they_happen_uncompressed(client):
    with client.stream(
        "GET", "/gradio_api/heartbeat/tried", headers={"Accept-Encoding": "br, gzip"}
    ) as stream:
        assert next(stream.iter_text()).startswith("data: ALIVE")
    assert "content-encoding" not in stream.headers


@pytest.mark.parametrize("path", [*PAGES, "/photos/scenes/harbor03/small", "/nowhere", "/gradio_api/info"])
def test_browsers_are_told_what_to_refuse(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'self' https://huggingface.co https://*.hf.space" in policy
    assert "x-frame-options" not in headers  # which cannot name others, and would keep the Hub's frame out


@pytest.mark.parametrize("path", PAGES)
def test_no_script_in_place_runs_but_the_pages_own(client, path):
    policy = client.get(path).headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)[1].split()
    assert "'unsafe-inline'" not in scripts
    assert sum(source.startswith("'sha256-") for source in scripts) >= 4


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:7860"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Host": "page.example", "X-Forwarded-Host": "evil.example"}, 421),
        ({"Host": "page.example"}, 200),
        ({"Host": "PAGE.example:8443"}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:7860"}, 200),
    ],
)
def test_the_page_is_not_served_under_another_sites_name(client, headers, status):
    answer = client.get("/config", headers=headers)
    assert answer.status_code == status
    if status == 421:
        assert "evil.example'. Whoever runs it can allow that: --allowed-host" in answer.text


def test_the_log_says_what_was_asked_for_but_not_by_whom_or_of_what(client, public):
    client.get("/photos/scenes/harbor03/small?v=secret")
    client.get("/brought/secret-name")
    client.get("/ro/export/neighbours.json?collection=scenes&id=harbor07&k=3")
    httpx.post(f"{public.address}/gradio_api/call/secret", json={"data": ["secret"]}, trust_env=False)
    client.get("/secret")
    client.get("/?id=secret&view=api")
    stamp = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} "
    for line in (
        r"GET /photos/\{collection\}/\{id\}/small 200 \d+ B \d+ ms$",
        r"GET /brought/\{name\} 404 \d+ B \d+ ms$",
        r"GET /export/neighbours\.json 200 \d+ B \d+ ms$",
        r"POST /gradio_api/call/\{name\} \d+ \d+ B \d+ ms$",
        r"GET other 404 \d+ B \d+ ms$",
        r"GET / 200 \d+ B \d+ ms$",
    ):
        assert re.search(stamp + line, public.log, re.MULTILINE), line
    lines = [line for line in public.log.splitlines() if re.match(stamp, line)]
    assert not [line for line in lines if re.search("secret|harbor|127.0.0.1", line)]


def test_figures_for_prometheus_name_routes_and_no_visitor(client):
    client.get("/photos/scenes/harbor09/small")
    client.get("/nowhere/secret")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'route="/photos/{collection}/{id}/small",status="200"' in answer.text
    assert 'route="other",status="404"' in answer.text
    for name in (
        "aerial_ready 1.0", "aerial_queue_waiting", "aerial_queue_running", "aerial_sessions",
        "aerial_uploads_kept", "aerial_upload_bytes", "aerial_request_seconds_bucket",
        'aerial_network{device="cpu",dtype="', "process_resident_memory_bytes",
    ):  # fmt: skip
        assert name in answer.text
    assert "secret" not in answer.text
    assert "harbor09" not in answer.text


def test_figures_and_log_are_there_only_where_they_are_asked_for(start):
    page = start()
    address = page.ready()
    assert httpx.get(f"{address}/metrics", trust_env=False).status_code == 404
    assert "/metrics" not in page.log


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--root-path", "aerial", "is no path: give one such as /aerial"),
        ("--root-path", "https://example.org/aerial", "is no path"),
        ("--root-path", "/a b", "is no path"),
        ("--root-path", "/aerial?x=1", "is no path"),
        ("--frame-ancestor", "example.org", "is no origin: give one such as https://example.org"),
        ("--frame-ancestor", "https://a.example; script-src *", "is no origin"),
        ("--port", "99999", "is no port: give a number from 1 to 65535"),
        ("--port", "0", "is no port"),
    ],
)
def test_an_option_that_does_not_fit_is_refused_with_a_sentence(option, value, words):
    run = subprocess.run(
        [sys.executable, "app.py", option, value], cwd=PROJECT, capture_output=True, text=True
    )
    assert run.returncode == 2
    assert words in run.stderr


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/deep_link?session_hash=x", "/gradio_api/runs", "/gradio_api/run-history/buckets",
        "/gradio_api/dev/reload", "/gradio_api/proxy=https://evil.example/", "/gradio_api/vibe-code",
        "/gradio_api/stream/a/b/1/playlist.m3u8", "/ro/gradio_api/deep_link?session_hash=x", "/monitoring",
        "/monitoring/key", "/logout", "/gradio_api/profiling/summary",
    ],
)  # fmt: skip
def test_what_of_gradio_nobody_needs_is_closed(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("mcp", [False, True])
def test_what_gradios_page_of_the_api_asks_for_in_vain_says_nothing(mcp):
    """A 404 would be an error in the console. Of tools Gradio tells, where there are any."""
    asks = TestClient(OpenRoutes(PlainTextResponse("of Gradio"), mcp=mcp))
    assert asks.get("/monitoring/summary").json() == {"functions": {}}
    assert asks.get("/gradio_api/mcp/schema").text == ("of Gradio" if mcp else "[]")


@pytest.mark.parametrize("before", ["", "/ro"])
def test_that_holds_on_the_public_page_too(client, before):
    assert client.get(f"{before}/monitoring/summary").json() == {"functions": {}}
    assert len(client.get(f"{before}/gradio_api/mcp/schema").json()) >= 1


def test_each_route_of_gradio_is_known_to_be_open_or_closed(retriever):
    """A new release of Gradio may bring others: then say which they are."""
    app = App.create_app(build_page(retriever, UploadStore()), mcp_server=True)
    paths = {re.sub(r"[{}]", "", path).rstrip("/") for path in app.openapi()["paths"]}
    in_api = {path for path in paths if path.startswith("/gradio_api/")}
    closed = {path.removeprefix("/gradio_api/") for path in in_api if not is_open(path)}
    kinds = (
        "custom_component", "component_server", "deep_link", "dev/", "file/", "process_recording", "proxy=",
        "queue/status", "run-history", "runs", "stream", "undo-vibe-edit", "vibe-",
    )  # fmt: skip
    assert [path for path in closed if not path.startswith(kinds)] == []
    assert len(in_api) - len(closed) >= 18
    assert {path for path in paths - in_api if not is_open(path)} == {
        "/monitoring", "/monitoring/summary", "/monitoring/key", "/login", "/logout",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/", "https://photos.example/a.png", "HTTPS://photos.example/",
        "hTTp:photos.example",
        "https%3A//photos.example/", "%68ttps://photos.example/", "https:%2F%2Fphotos.example/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "/ro"])
def test_the_page_passes_on_no_other_sites_files(client, address, before):
    answer = client.get(f"{before}/gradio_api/file={address}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_a_proxy_may_leave_the_path_on(start):
    page = start("--metrics", GRADIO_ROOT_PATH="/aerial")
    address = page.ready()
    with httpx.Client(base_url=address, trust_env=False) as asks:
        for path in ("/healthz", "/aerial/healthz", "/aerial/photos/scenes/harbor03/small", "/aerial/"):
            assert asks.get(path).status_code == 200, path
        assert 'lang="en"' in asks.get("/aerial/").text
        assert "fotografii" in asks.get("/aerial/ro").text
        assert "fotografii" in asks.get("/ro").text
        assert asks.get("/metrics").status_code == 200
        for path in ("/aerial/metrics", "/aerial/aerial/metrics", "/aerialmetrics", "/aerial/ro/metrics"):
            assert asks.get(path).status_code == 404, path
