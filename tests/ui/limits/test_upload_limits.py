"""Uploads leave the disk room, and each visitor his share."""

import asyncio
import contextlib
import socket
import time
from pathlib import Path

import pytest
from gradio import routes
from starlette.testclient import TestClient

from tests.fakes.clock import Clock
from tests.fakes.event_loop import run
from ui.limits import upload_limits
from ui.limits.upload_limits import FOLDER_SECONDS, UploadLimits

GB = 1_000_000_000


@pytest.fixture
def folder(served, tmp_path):
    return tmp_path / "uploads"


@pytest.fixture
def limited(served):
    """The page's application with bounds of its own: 2,500 bytes in all."""
    return UploadLimits(served.page.app, lambda _: 10 * GB, 2_500, Clock(), least=1)


def upload(app, data=b"x" * 900, address="198.51.100.1", name="files"):
    client = TestClient(app, client=(address, 1))
    return client.post("/gradio_api/upload", files={name: ("photo.jpg", data)})


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_upload_is_kept_and_counted(limited, folder):
    (path,) = upload(limited).json()
    assert Path(path).read_bytes() == b"x" * 900
    assert limited.files.total == limited.files.share("198.51.100.1") == 900
    assert files(folder) == [Path(path)]


def test_a_file_that_comes_twice_is_there_and_counted_once(limited, folder):
    paths = [upload(limited).json() for _ in range(3)]
    assert paths[0] == paths[2]
    assert files(folder) == [Path(paths[0][0])]
    assert limited.files.total == 900


def test_who_brings_many_loses_his_own_and_all_together_are_bounded(limited, folder):
    (others,) = upload(limited, b"o" * 900, "203.0.113.9").json()
    for number in range(20):
        assert upload(limited, b"%03d" % number * 300).status_code == 200
    assert Path(others).is_file()
    assert sum(path.stat().st_size for path in files(folder)) <= 2_500


def test_an_upload_goes_when_its_time_is_up(limited, folder):
    upload(limited)
    limited.files.clock.now += FOLDER_SECONDS
    upload(limited, b"another")
    assert [path.read_bytes() for path in files(folder)] == [b"another"]


def test_a_request_that_says_it_is_too_long_is_refused_unread(limited, folder, monkeypatch):
    monkeypatch.setattr(upload_limits, "REQUEST_BYTES", 500)
    answer = upload(limited)
    assert answer.status_code == 413
    assert answer.text.startswith("This request is too large")
    assert not files(folder)


def test_a_request_that_does_not_say_it_is_read_so_far_and_leaves_nothing(limited, folder, monkeypatch):
    monkeypatch.setattr(upload_limits, "REQUEST_BYTES", 3_000)

    def parts():
        for number in range(10):
            yield b'--l\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
            yield b"%d" % number * 500 + b"\r\n"
        yield b"--l--\r\n"

    answer = TestClient(limited).post(
        "/gradio_api/upload", content=parts(), headers={"Content-Type": "multipart/form-data; boundary=l"}
    )
    assert answer.status_code == 413
    assert not files(folder)


def test_a_disk_that_is_nearly_full_is_left_alone(served, folder):
    app = UploadLimits(served.page.app, lambda _: upload_limits.LEAVE_FREE + 100)
    answer = upload(app)
    assert answer.status_code == 503
    assert answer.text.startswith("The server's disk is full")
    assert answer.headers["Retry-After"]
    assert not files(folder)


def test_a_file_under_another_name_is_not_left_on_the_disk(limited, folder):
    upload(limited, name="anything")
    assert not files(folder)


def test_a_file_that_gradio_refuses_is_not_left_on_the_disk(limited, folder):
    assert upload(limited, b"x" * 1001).status_code == 413  # more than the page's `max_file_size`
    assert not files(folder)
    assert limited.files.total == 0


@pytest.mark.parametrize(("name", "begins", "length"), [("a", "", 5000), ("a.tif", "II*\0", 900_000_000)])
def test_a_connection_that_breaks_leaves_nothing_on_the_disk(served, folder, name, begins, length):
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=l\r\n\r\n"
        f'--l\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n{begins}'
    )
    with socket.create_connection((served.page.server_name, served.page.server_port)) as connection:
        connection.sendall(head.encode() + b"x" * 800)
        assert_soon(lambda: files(folder))
    assert_soon(lambda: not files(folder))


def assert_soon(holds):
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("It did not come to be within five seconds.")


def test_what_is_kept_of_the_progress_of_uploads_is_bounded(limited, monkeypatch):
    monkeypatch.setattr(upload_limits, "MAX_PROGRESS", 5)
    client = TestClient(limited)
    for number in range(20):
        client.post(f"/gradio_api/upload?upload_id=id{number}", files={"files": ("a.jpg", b"x")})
    assert len(routes.file_upload_statuses._signals) == len(routes.file_upload_statuses._statuses) == 5


def test_all_else_passes_untouched(limited):
    with contextlib.closing(TestClient(limited)) as client:
        assert client.get("/config").status_code == 200


def announced(app, address, length, body=None, parts=()):
    """An upload that says it has so many bytes, and brings those parts and no more until `body` is set."""
    left = list(parts)

    async def receive():
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        await body.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "method": "POST", "path": "/gradio_api/upload", "root_path": "", "query_string": b"",
        "headers": [(b"content-length", str(length).encode())], "client": (address, 1),
    }  # fmt: skip
    statuses = []

    async def answered():
        await app(scope, receive, send)
        return statuses

    return asyncio.create_task(answered())


async def reads_all(scope, receive, send):
    """An application that reads a body."""
    if scope["type"] == "http":
        while (await receive())["type"] != "http.disconnect":
            pass


async def settle():
    for _ in range(50):
        await asyncio.sleep(0)


def test_what_is_announced_and_does_not_come_pushes_nobody_out(limited, folder):
    (others,) = upload(limited, b"o" * 900, "203.0.113.9").json()
    limited.app, real = reads_all, limited.app

    async def scene():
        never = asyncio.Event()
        tasks = [announced(limited, f"198.51.100.{number}", 249_999_999, never) for number in range(20)]
        await settle()
        assert Path(others).is_file()
        never.set()
        await asyncio.gather(*tasks)

    run(scene())
    limited.app = real
    assert upload(limited, b"more", "203.0.113.9").status_code == 200
    assert Path(others).is_file()


def test_who_brings_more_than_others_have_is_refused_and_they_lose_nothing(limited, folder):
    kept = [upload(limited, b"%d" % n * 700, f"203.0.113.{n}").json()[0] for n in range(3)]
    limited.app = reads_all

    async def scene():
        never = asyncio.Event()
        greedy = announced(limited, "198.51.100.1", 0, never, [b"x" * 900] * 3)
        await settle()
        assert greedy.result() == [503]

    run(scene())
    assert all(Path(path).is_file() for path in kept)
    assert not limited._coming


def test_of_one_visitor_a_few_uploads_come_at_a_time(limited):
    begun, ends = [], asyncio.Event()

    async def begins(scope, receive, send):
        begun.append(scope["client"][0])
        await ends.wait()

    limited.app = begins

    async def scene():
        tasks = [announced(limited, "198.51.100.1", 10) for _ in range(30)]
        await settle()
        tasks.append(announced(limited, "203.0.113.9", 10))
        await settle()
        assert begun == ["198.51.100.1"] * upload_limits.EACH_UPLOADS + ["203.0.113.9"]
        ends.set()
        await asyncio.gather(*tasks)

    run(scene())


def test_more_uploads_than_may_wait_are_refused_with_a_sentence(limited, monkeypatch):
    monkeypatch.setattr(limited._gate, "_waiting", 0)
    answer = upload(limited)
    assert answer.status_code == 429
    assert answer.text.startswith("Too many people are asking")
    assert answer.headers["Retry-After"]


def test_on_a_disk_that_is_nearly_full_the_greediest_makes_room(served, folder):
    def free(_):
        return upload_limits.LEAVE_FREE + 3200 - sum(path.stat().st_size for path in files(folder))

    app = UploadLimits(served.page.app, free, least=1)
    greedy = [upload(app, b"%03d" % number * 300).json()[0] for number in range(3)]
    (small,) = upload(app, b"o" * 200, "203.0.113.9").json()
    assert upload(app, b"n" * 600, "192.0.2.1").status_code == 200
    assert [Path(path).is_file() for path in [*greedy, small]] == [False, True, True, True]


def test_where_room_cannot_be_made_nobody_loses_anything(served, folder):
    full = []
    app = UploadLimits(served.page.app, lambda _: 0 if full else 10 * GB)
    kept = [upload(app, b"%03d" % number * 300).json()[0] for number in range(3)]
    full.append(True)
    assert upload(app, b"o" * 200, "203.0.113.9").status_code == 503
    assert all(Path(path).is_file() for path in kept)


def test_one_request_brings_so_many_files_and_no_more(limited, folder, monkeypatch):
    monkeypatch.setattr(upload_limits, "REQUEST_FILES", 5)

    def brought(count):
        several = [("files", (f"{number}.jpg", b"%d" % number)) for number in range(count)]
        return TestClient(limited).post("/gradio_api/upload", files=several)

    assert len(brought(5).json()) == 5
    before = files(folder)
    answer = brought(6)
    assert answer.status_code == 400
    assert answer.text == "At most 5 files are taken at a time."
    assert files(folder) == before


def test_small_files_are_bounded_in_number(served, folder):
    app = UploadLimits(served.page.app, lambda _: 10 * GB, 10 * upload_limits.LEAST_BYTES, Clock())
    for number in range(30):
        assert upload(app, b"%d" % number).status_code == 200
    assert len(files(folder)) == len(app.files) <= 10
    assert len(served.page.upload_file_set) <= 10  # Gradio's own note of each


def test_a_raster_may_be_larger_than_other_images(limited, folder, monkeypatch):
    monkeypatch.setattr(upload_limits, "SMALL_BYTES", 300)
    for beginning in (b"II*\0", b"MM\0*", b"II+\0", b"\xff\x4f\xff\x51"):
        assert upload(limited, beginning + b"x" * 800).status_code == 200
    for beginning in (
        b"\xff\xd8\xff\xe0",
        b"II*",
        b"<VRTDataset",
        b"\x89PNG\r\n\x1a\n" + bytes(16) + b"\x10",
    ):
        answer = upload(limited, beginning + b"x" * 800)
        assert answer.status_code == 400
        assert answer.text.startswith("This file is too large: images of at most 25 MB are read")
    left = {path.read_bytes()[:4] for path in files(folder)}
    assert left <= {b"II*\0", b"MM\0*", b"II+\0", b"\xff\x4f\xff\x51"}


def test_what_a_file_is_shows_in_however_small_pieces_it_comes(limited, folder, monkeypatch):
    monkeypatch.setattr(upload_limits, "SMALL_BYTES", 300)

    def pieces(beginning):
        yield b'--l\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for byte in beginning:
            yield bytes([byte])
        yield b"x" * 800
        yield b"\r\n--l--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=l"}
    for beginning, status in ((b"II+\0", 200), (b"\x89PNG", 400)):
        client = TestClient(limited)
        answer = client.post("/gradio_api/upload", content=pieces(beginning), headers=headers)
        assert answer.status_code == status
    assert len(files(folder)) == 1


def test_small_images_of_a_request_are_bounded_together_and_rasters_are_not_counted(
    limited, folder, monkeypatch
):
    monkeypatch.setattr(upload_limits, "SMALL_TOGETHER", 700)

    def bring(*beginnings):
        together = [("files", (f"{number}", each + b"x" * 400)) for number, each in enumerate(beginnings)]
        return TestClient(limited).post("/gradio_api/upload", files=together)

    assert bring(b"II*\0", b"\x89PNG").status_code == 200
    kept = len(files(folder))
    answer = bring(b"\x89PNG", b"\xff\xd8\xff")
    assert answer.status_code == 400
    assert answer.text.startswith("This request is too large")
    assert len(files(folder)) == kept


def test_large_rasters_of_many_visitors_leave_room_for_photos(limited, folder):
    """Nobody pushes out who has no more than he brings; but a photo pushes out the largest."""
    rasters = [
        upload(limited, b"II*\0" + b"%03d" % number * 290, f"198.51.100.{number}") for number in range(12)
    ]
    assert {answer.status_code for answer in rasters[:2]} == {200}
    assert {answer.status_code for answer in rasters[2:]} == {503}
    assert limited.files.total == sum(path.stat().st_size for path in files(folder)) == 2 * 874
    for number in range(5):
        assert upload(limited, b"%03d" % number * 100, f"203.0.113.{number}").status_code == 200
        assert sum(path.stat().st_size for path in files(folder)) <= 2_500
