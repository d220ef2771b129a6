"""Strangers' files are decoded in another process, which may hang, die or lie without harm."""

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from retrieval import decode_limits, untrusted
from retrieval.decode_limits import BUSY, EVENT_SECONDS, TOO_LONG_TOGETHER, WAIT_SECONDS, BusyError
from retrieval.decoder_worker import message_from_json, message_to_json
from retrieval.errors import Message
from retrieval.images import MAX_BYTES, TOO_DEMANDING, ImageError, decode
from retrieval.untrusted import SECONDS, UNAVAILABLE, DecoderPool, decode_untrusted
from tests.fakes import bombs
from tests.fakes.clock import Clock

PROJECT = Path(__file__).resolve().parents[2]

#: What a worker does first, in place of the real one.
READ = (
    "import os, struct, sys, time; os.write(1, b'ready\\n'); "
    "data = sys.stdin.buffer.read(struct.unpack('>I', sys.stdin.buffer.read(4))[0]); "
)


def png(size=(40, 30), colour="red"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def of_program(program, **options):
    """A pool whose workers are this program."""
    return DecoderPool(command=(sys.executable, "-c", program), **options)


def refused(pool, data=None):
    with pytest.raises(ImageError) as caught:
        pool.decode(data or png())
    return caught.value.message


TELL_THE_ENVIRONMENT = READ + (
    "import json; error = [' '.join(sorted(os.environ)), {}]; "
    "os.write(1, (json.dumps({'error': error}) + '\\n').encode()); time.sleep(60)"
)


def test_a_worker_knows_no_secret_of_the_server(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("SOME_PASSWORD", "secret")
    pool = of_program(TELL_THE_ENVIRONMENT)
    names = str(refused(pool)).split()
    pool.close()
    assert {"PATH", "PYTHONPATH"} <= set(names)
    assert not {"HF_TOKEN", "SOME_PASSWORD"} & set(names)
    assert len(names) < 20


@pytest.fixture
def pool():
    pool = DecoderPool(workers=1, seconds=60)
    yield pool
    pool.close()


def worker_of(pool):
    """The process id of an idle worker."""
    return pool._idle.queue[-1]._process.pid


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (30_000, 2), (256, 256), (700, 900)])
def test_the_pixels_come_back_as_they_are(size):
    samples = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "PNG")
    image = decode_untrusted(file.getvalue()).image
    assert (image.mode, image.size) == ("RGB", size)
    assert np.array_equal(np.asarray(image), samples)


def test_what_there_is_to_say_comes_back_too(tmp_path):
    keys = [1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32635, 3076, 0, 1, 9001]
    tags = [(33550, 12, 3, (0.5, 0.5, 0.0), True), (34735, 3, len(keys), keys, True)]
    path = tmp_path / "map.tif"
    tifffile.imwrite(path, np.zeros((8, 8, 3), np.uint8), photometric="rgb", metadata=None, extratags=tags)
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime")]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    for source in (path, str(path), path.read_bytes(), tmp_path / "film.gif", frames[1]):
        apart, here = decode_untrusted(source), decode(source)
        assert (apart.note, apart.metres_per_pixel) == (here.note, here.metres_per_pixel)
        assert apart.image.tobytes() == here.image.tobytes()


@pytest.mark.parametrize(
    "data",
    [b"", b"no image", b"\0\0\0\x18ftypheic\0\0\0\0", png()[:60], png((9000, 9000)), bytes(MAX_BYTES + 1)],
)
def test_an_error_is_that_of_decoding_here_with_its_values(data):
    with pytest.raises(ImageError) as here:
        decode(data)
    with pytest.raises(ImageError) as apart:
        decode_untrusted(data)
    assert apart.value.message == here.value.message


def test_a_message_is_the_same_after_the_journey():
    message = Message("{file}: {trouble}", file="a.png", trouble=Message("{size:.1f} MB", size=2.5))
    assert message_from_json(message_to_json(message)) == message


def test_a_missing_file_and_a_folder_are_refused_without_a_worker(tmp_path):
    for path in (tmp_path, tmp_path / "gone.png"):
        with pytest.raises(ImageError, match=path.name):
            decode_untrusted(path)


def test_a_worker_decodes_one_file_after_another(pool):
    pool.decode(png())
    first = worker_of(pool)
    refused(pool, b"no image")
    pool.decode(png())
    assert worker_of(pool) == first


def test_a_worker_that_was_killed_is_replaced(pool):
    pool.decode(png())
    first = worker_of(pool)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert pool.decode(png()).image.size == (40, 30)
    assert worker_of(pool) != first


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(pool):
    pool.decode(png())
    os.kill(worker_of(pool), signal.SIGSTOP)
    pool._seconds = 0.2
    assert refused(pool) == TOO_DEMANDING
    pool._seconds = 60
    assert pool.decode(png()).image.size == (40, 30)


@pytest.mark.parametrize(
    "answer",
    [
        "time.sleep(60)", "sys.exit(0)", "sys.exit(3)", "os.kill(os.getpid(), 11)",
        "os.close(1); time.sleep(60)",
        "os.write(1, b'{}\\n'); sys.exit()", "os.write(1, b'no JSON\\n'); sys.exit()",
        "os.write(1, bytes(300_000)); time.sleep(60)",
        "os.write(1, b'{\"size\": [1000000, 1000000]}\\n'); time.sleep(60)",
        "os.write(1, b'{\"size\": [-1, -1]}\\n'); time.sleep(60)",
        "os.write(1, b'{\"size\": [4, 4], \"note\": null, \"metres_per_pixel\": null}\\n1234'); sys.exit()",
    ],
)  # fmt: skip
def test_whatever_a_worker_does_a_sentence_is_the_worst(answer):
    pool = of_program(READ + answer, seconds=2 if "sleep" in answer else 60, workers=1)
    assert refused(pool) == TOO_DEMANDING
    assert pool._idle.queue == [None]  # nothing of it is left


@pytest.fixture
def hostile(monkeypatch):
    """Files take all the time that they get, and then the next is read; seconds pass at once."""
    clock = Clock()
    tried = []

    def decode(worker, data, seconds, square):
        tried.append(seconds)
        clock.now += seconds
        raise ImageError(TOO_DEMANDING)

    monkeypatch.setattr(decode_limits, "monotonic", clock)
    monkeypatch.setattr(untrusted._Worker, "decode", decode)
    return tried


def test_the_files_of_an_event_share_a_budget(hostile):
    with decode_limits.one_budget():
        for outcome in (TOO_DEMANDING, TOO_LONG_TOGETHER, TOO_LONG_TOGETHER, TOO_LONG_TOGETHER):
            with pytest.raises(ImageError) as caught:
                decode_untrusted(png())
            assert caught.value.message == outcome
    assert hostile == [SECONDS, EVENT_SECONDS - SECONDS]
    for _ in range(3):  # of events of their own each has its own
        with pytest.raises(ImageError):
            decode_untrusted(png())
    assert hostile[2:] == [SECONDS] * 3


def test_an_event_waits_once_for_all_its_files(monkeypatch):
    clock = Clock()

    class Full:
        def acquire(self, timeout):
            clock.now += timeout
            waited.append(timeout)
            return False

    waited = []
    monkeypatch.setattr(decode_limits, "monotonic", clock)
    monkeypatch.setattr(decode_limits, "_places", Full())
    with decode_limits.one_budget():
        for _ in range(3):
            with pytest.raises(BusyError) as caught:
                decode_untrusted(png())
            assert caught.value.message == BUSY
    assert waited == [WAIT_SECONDS, 0, 0]


def test_a_jpeg_in_a_tiff_may_have_few_scans_as_well():
    assert decode_untrusted(bombs.tiff_of_scans(10)).image.size == (64, 64)
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode_untrusted(bombs.tiff_of_scans(30))


def test_memory_is_limited():
    pool = DecoderPool(workers=1, seconds=60, memory=130_000_000)
    assert refused(pool, png((6000, 6000))) == TOO_DEMANDING
    assert pool.decode(png()).image.size == (40, 30)
    pool.close()


@pytest.mark.parametrize(
    "command", [("/no/such/program",), (sys.executable, "-c", "import sys; sys.exit(1)")]
)
def test_without_workers_no_file_is_decoded(command):
    assert refused(DecoderPool(command=command)) == UNAVAILABLE


def test_a_file_waits_for_a_worker_no_longer_than_it_should():
    pool = of_program(READ + "time.sleep(60)", workers=1, seconds=60, wait_seconds=0.05)
    waiting = threading.Thread(target=refused, args=(pool,))
    waiting.start()
    while pool._idle.qsize():
        time.sleep(0.001)
    assert refused(pool) == BUSY
    pool.close()  # the one at work as well
    waiting.join(20)
    assert not waiting.is_alive()


def test_many_threads_get_each_its_own():
    pool, sizes = DecoderPool(workers=2, seconds=60, wait_seconds=60), {}

    def visit(number):
        sizes[number] = {pool.decode(png((20 + number, 10))).image.size for _ in range(5)}

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == {number: {(20 + number, 10)} for number in range(8)}
    assert pool._idle.qsize() == 2
    pool.close()


SERVER = """
import sys, time
from retrieval import untrusted
untrusted.decode_untrusted(sys.argv[1])
try:
    print(untrusted._pool._idle.queue[-1]._process.pid, flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_the_server_however_it_ends_and_say_nothing(tmp_path, how):
    (tmp_path / "photo.png").write_bytes(png())
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "photo.png")], cwd=PROJECT, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    worker = int(server.stdout.readline())
    os.killpg(server.pid, how)  # as a terminal's Ctrl+C, which all of its programs get
    out, err = server.communicate(timeout=60)  # the end of both pipes: so of the worker as well
    assert (out, err) == ("interrupted\n" if how == signal.SIGINT else "", "")
    for _ in range(2000):
        if not _runs(worker):
            break
        time.sleep(0.01)
    assert not _runs(worker)


def _runs(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_forked_process_has_workers_of_its_own(tmp_path):
    program = """
import os, sys
from retrieval.untrusted import decode_untrusted
decode_untrusted(sys.argv[1])
child = os.fork()
for _ in range(20):
    assert decode_untrusted(sys.argv[1]).image.size == (40, 30)
if child:
    assert os.waitpid(child, 0)[1] == 0
else:
    os._exit(0)
"""
    (tmp_path / "photo.png").write_bytes(png())
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "photo.png")], cwd=PROJECT, check=True, timeout=120
    )


def test_a_worker_loads_no_more_than_it_needs():
    program = "import retrieval.decoder_worker, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert "PIL.Image" in loaded
    assert not {"torch", "faiss", "gradio", "scipy", "retrieval.retriever"} & set(loaded)


def test_the_page_decodes_only_photos_of_this_machine_itself():
    """Those of collections, and examples. What visitors bring goes through `decode_untrusted`."""
    decoding = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "ui").rglob("*.py")
        if re.search(r"^from retrieval\.images import .*\bdecode\b", path.read_text(), re.MULTILINE)
    }
    assert decoding == {"ui/thumbnails.py", "ui/example_uploads.py", "ui/render/preview_picture.py"}
