"""No event opens a file that was not uploaded, whoever calls it, or tells one such file from another."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from tests.fakes import event_loop
from tests.fakes.example_photo import example_path
from ui.components.uploaded_path import MAX_FILES, refuse_foreign_files
from ui.page import build_page
from ui.uploads import UploadStore

REFUSAL = (
    "This is not a file that was uploaded here: upload it first, and name the path that the upload answered."
)
META = [
    {},
    {"meta": {"_type": "gradio.FileData"}},
    {"meta": {"_type": "other"}},
    {"meta": None},
    {"url": "http://a"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of uploads."""
    place = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(place / "uploads"))
        (place / "uploads" / "mine").mkdir(parents=True)
        yield place / "uploads"


@pytest.fixture(scope="module")
def foreign(folder):
    """Paths that no upload has."""
    text, pipe = folder.parent / "secret.txt", folder / "mine" / "pipe"
    text.write_text("the server's own")
    os.mkfifo(pipe)
    os.mkfifo(folder.parent / "pipe")
    out, loop = folder / "mine" / "out.webp", folder / "mine" / "loop.webp"
    out.symlink_to(example_path("harbor"))
    loop.symlink_to(loop)
    paths = [
        example_path("harbor"), text, text.with_name("missing.png"), folder.parent, folder.parent / "pipe",
        folder, folder / "mine", folder / "mine" / "missing.png", folder / ".." / "secret.txt",
        pipe, out, loop, "/dev/zero", "/proc/self/environ", "", "file:///etc/hostname", "\0", "a" * 5000,
    ]  # fmt: skip
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def page(retriever, folder):
    return build_page(retriever, UploadStore())


@pytest.fixture(scope="module")
def told_by(page):
    """What an event answers, in the one session of a caller."""
    state = SessionState(page)

    def told(number, inputs):
        with pytest.raises(gr.Error) as refused:
            event_loop.run(page.process_api(page.fns[number], inputs, state=state))
        return refused.value.message

    return told


def test_each_event_refuses_foreign_files_in_each_of_its_inputs(page, foreign, told_by):
    payloads = [{"path": path} for path in foreign]
    payloads += [payloads[0] | meta for meta in META] + [[payloads[0]], {"files": [{"file": payloads[1]}]}]
    for number, event in page.fns.items():
        for place in range(len(event.inputs)):
            for payload in payloads:
                inputs = [None] * len(event.inputs)
                inputs[place] = payload
                assert told_by(number, inputs) == REFUSAL


def test_a_path_that_is_no_text_is_refused_as_well(page, told_by):
    number = next(number for number, event in page.fns.items() if event.api_name == "search")
    for path in (17, ["/etc/hostname"], {"path": "/etc/hostname"}, True, 0, ""):
        assert told_by(number, [{"path": path}, 3, "scenes", 0]) == REFUSAL


def test_an_address_without_gradios_mark_is_no_upload(page, told_by):
    number = next(number for number, event in page.fns.items() if event.api_name == "embed")
    assert told_by(number, [{"path": "http://127.0.0.1:9/photo.png"}, 0]) == REFUSAL


def test_an_event_that_names_many_files_is_refused_before_each_is_looked_at(told_by, folder, monkeypatch):
    path = folder / "mine" / "photo.webp"
    path.write_bytes(b"")
    looked_at = []
    follow = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda path: looked_at.append(path) or follow(path))
    refuse_foreign_files([[{"path": str(path)}] * MAX_FILES, {"path": None}])
    assert len(looked_at) == MAX_FILES + 1
    looked_at.clear()
    many = {"files": [{"path": str(path)}] * 24_000}
    assert told_by(0, [many]) == "These are too many files: bring at most 100 at a time."
    assert len(looked_at) == MAX_FILES + 1


@pytest.fixture(scope="module")
def address(page):
    _, address, _ = page.queue().launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, ssr_mode=False, enable_monitoring=False
    )
    yield address.rstrip("/")
    page.close()


def answered(address, number, data):
    """What the queue answers a caller who names an event by its number."""
    sent = {"data": data, "fn_index": number, "session_hash": "stranger"}
    request = urllib.request.Request(
        f"{address}/gradio_api/queue/join", json.dumps(sent).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()
    with urllib.request.urlopen(
        f"{address}/gradio_api/queue/data?session_hash=stranger", timeout=30
    ) as answer:
        for line in answer:
            if b"process_completed" in line:
                return json.loads(line.removeprefix(b"data:"))
    return None


def test_the_queue_answers_with_that_sentence_alone(page, address, foreign):
    takers = [
        (number, [isinstance(field, (gr.Image, gr.File, gr.UploadButton)) for field in event.inputs])
        for number, event in page.fns.items()
    ]
    takers = [(number, takes) for number, takes in takers if any(takes)]
    assert len(takers) == 6  # two of the API, four of the page
    for number, takes in takers:
        for path in foreign:
            for meta in META[:2]:
                answer = answered(
                    address, number, [{"path": path} | meta if each else None for each in takes]
                )
                assert not answer["success"]
                assert answer["output"]["error"] == REFUSAL
                assert set(answer["output"]) <= {"error", "visible", "duration", "title", "print_exception"}


def test_gradios_own_route_gives_out_uploads_only(address, foreign, folder):
    for path in foreign:
        if "\0" in path or not path.startswith("/") or path.startswith(str(folder)):
            continue
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/gradio_api/file={quote(path)}", timeout=20)
        assert refused.value.code == 403
    for path in (folder / "mine" / "out.webp", folder / "mine" / "missing.png", folder / "mine"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/gradio_api/file={quote(str(path))}", timeout=20)
        assert refused.value.code == 403
