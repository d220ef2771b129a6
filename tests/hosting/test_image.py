"""What the Dockerfile copies is enough for the page, and may be read only: tried without Docker."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from tests.hosting.conftest import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")

#: 'nobody' on most systems; who this is must not matter.
STRANGER = 65534


@pytest.fixture
def image():
    """A folder with what the image has, which the user that runs it may read and not write."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    copied = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE.split("FROM")[-1], re.MULTILINE)
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True).stdout.split()
    for line in copied:
        *sources, target = line.split()
        for source in sources:
            to = place / "app" / (target if len(sources) == 1 else source)
            if (PROJECT / source).is_dir():
                for name in tracked or pytest.skip("this is not a git checkout"):
                    if name.startswith(f"{source}/"):
                        (place / "app" / name).parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(PROJECT / name, place / "app" / name)
            else:
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(PROJECT / source, to)
    for path in place.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for folder in ("tmp", "cache"):
        (place / folder).mkdir(mode=0o777)
        (place / folder).chmod(0o777)
    yield place
    for path in [place, *place.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(place)


def as_a_stranger(place: Path) -> list[str]:
    """What runs a command without the right to write in the image.

    Root may write anywhere; without that power he is a stranger in files that are another's. (The Python that
    runs the tests may lie where only he can go, so he stays who he is.)
    """
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv on this machine, and root may write anywhere")
    for path in [place / "app", *(place / "app").rglob("*")]:
        os.chown(path, STRANGER, STRANGER)
    without = "-dac_override,-dac_read_search,-fowner,-chown,-setuid,-setgid"
    return ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}", "--"]


def variables(place: Path) -> dict[str, str]:
    """Those of the image, in this folder."""
    given = dict(
        re.findall(r"\b([A-Z][A-Z_]+)=(\S+)", re.search(r"^ENV (.*?[^\\])$", DOCKERFILE, re.M | re.S)[1])
    )
    for name, value in given.items():
        given[name] = re.sub("^/(tmp|cache)", rf"{place}/\1", value)
    kept = {name: value for name, value in os.environ.items() if name in ("NO_PROXY", "LANG", "PATH")}
    return given | kept | {
        "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(free_port()),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }  # fmt: skip


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_the_page_runs_from_what_is_copied_without_writing_there(image):
    process = subprocess.Popen(
        [*as_a_stranger(image), sys.executable, "-c", UNWRITABLE, "--device", "cpu"],
        cwd=image / "app", env=variables(image), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = ""
    try:
        assert process.stdout is not None
        started = time.monotonic()
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            line = process.stdout.readline()
            assert line, said
            assert time.monotonic() - started < 120
            said += line
        with httpx.Client(base_url=found.group(), trust_env=False) as asks:
            while asks.get("/healthz").status_code != 200:
                assert time.monotonic() - started < 120
                time.sleep(0.05)
            assert asks.get("/photos/scenes/harbor03/small").status_code == 200
            assert asks.get("/").status_code == 200
            answer = asks.post("/gradio_api/upload", files={"files": ("photo.webp", b"RIFF")})
            assert answer.json()[0].startswith(f"{image}/tmp/uploads/")
        assert subprocess.run(health_check(found.group()), env=variables(image)).returncode == 0
    finally:
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=40)[0]
    assert process.returncode == 0
    assert "Traceback" not in said
    assert (
        subprocess.run(health_check(found.group()), env=variables(image), capture_output=True).returncode != 0
    )


#: Sees that the test is one: nothing of the image may be written.
UNWRITABLE = """
import sys
try:
    open("ui/written", "w")
except PermissionError:
    pass
else:
    sys.exit("the image can be written to")
sys.path.insert(0, "")
import app
app.run()
"""


def health_check(address: str) -> list[str]:
    code = re.search(r'CMD \["python", "-c", "(.*)"\]', DOCKERFILE)[1]
    assert "http://127.0.0.1:7860" in code
    return [sys.executable, "-c", code.replace("http://127.0.0.1:7860", address)]


def test_the_image_runs_without_rights_and_names_no_registry():
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["python:${PYTHON}-slim"] * 2
    assert "://" not in DOCKERFILE.replace("http://127.0.0.1:7860", "")


def test_what_is_copied_is_not_ignored():
    allowed = {
        line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    sources = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert sources == allowed
    assert all((PROJECT / source).exists() for source in sources)
