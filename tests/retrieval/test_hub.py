"""Artifact folders on the Hub, read from a stand-in for it: fetched, checked, cached, and read without it."""

import json
import logging
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import huggingface_hub.constants
import pytest
from gradio_client import Client, handle_file

import app
from benchmarks.server import serve
from retrieval import ArtifactError
from retrieval.collections.artifacts import file_sha256
from retrieval.collections.collection import Collection
from retrieval.collections.hub import local_folder
from retrieval.collections.photos import PROJECT
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from tests.fakes.hub import HALF, READER, Hub

NAME = "someone/aerial"


@pytest.fixture
def folder(tmp_path):
    """An artifact folder with small files: what is in them does not matter here."""
    folder = tmp_path / "tiny"
    (folder / "photos" / "beach").mkdir(parents=True)
    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    sizes = {"model.safetensors": 150_000, "index.faiss": 50_000}
    for name in manifest["files"]:
        (folder / name).write_bytes(bytes(range(256)) * (sizes.get(name, 100) // 256))
    (folder / "photos" / "beach" / "beach00.png").write_bytes(b"a photo")
    manifest["files"] = {name: file_sha256(folder / name) for name in manifest["files"]}
    manifest["model"]["sha256"] = manifest["files"]["model.safetensors"]
    manifest["photos"] = {"bundled": "photos"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub() as server:
        server.take_the_place(monkeypatch, tmp_path / "cache")
        yield server


@pytest.fixture
def commit(hub, folder):
    """The folder is on the Hub, and other files are beside it."""
    return hub.add(NAME, folder, **{"README.md": b"# Card", "other.bin": bytes(1000)})


def failure(address):
    with pytest.raises(ArtifactError) as caught:
        local_folder(address)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text
    return text


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_of_this_machine_is_itself(tmp_path):
    assert local_folder(tmp_path) == local_folder(str(tmp_path)) == tmp_path


def test_what_the_manifest_names_is_fetched_and_nothing_else(hub, commit, folder):
    found = local_folder(f"hf://{NAME}@{commit}")
    assert contents(found) == contents(folder)
    assert found.name == commit


def test_a_pinned_folder_is_fetched_once(hub, commit):
    found = local_folder(f"hf://{NAME}@{commit}")
    hub.requests.clear()
    assert local_folder(f"hf://{NAME}@{commit}") == found
    assert not [each for each in hub.requests if "/resolve/" in each or "/large/" in each]


def test_without_photos_a_pinned_folder_costs_no_request(hub, folder):
    shutil.rmtree(folder / "photos")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"photos": {}}))
    commit = hub.add(NAME, folder)
    local_folder(f"hf://{NAME}@{commit}")
    hub.requests.clear()
    local_folder(f"hf://{NAME}@{commit}")
    assert hub.requests == []


def test_without_a_revision_the_commit_is_told(hub, commit, folder, caplog):
    assert local_folder(f"hf://{NAME}").name == commit
    assert f"name hf://{NAME}@{commit} to stay with it" in caplog.text
    caplog.clear()
    local_folder(f"hf://{NAME}@{commit}")
    assert caplog.text == ""


def test_a_pinned_folder_stays_when_the_branch_moves_on(hub, commit, folder):
    (folder / "photos" / "beach" / "beach00.png").write_bytes(b"another photo")
    later = hub.add(NAME, folder)
    photo = "photos/beach/beach00.png"
    assert (local_folder(f"hf://{NAME}@{commit}") / photo).read_bytes() == b"a photo"
    assert (local_folder(f"hf://{NAME}@main") / photo).read_bytes() == b"another photo"
    assert local_folder(Path(f"hf://{NAME}")).name == later  # Path takes one of the slashes


@pytest.mark.parametrize("revision", ["", "@main", "@{commit}"])
def test_when_the_hub_is_away_the_cache_answers(hub, commit, folder, revision):
    address = f"hf://{NAME}{revision.format(commit=commit)}"
    found = local_folder(address)
    hub.shutdown()
    hub.server_close()
    assert local_folder(address) == found
    assert contents(found) == contents(folder)


def test_when_the_hub_is_away_and_the_cache_is_empty_a_sentence_says_so(hub):
    hub.shutdown()
    hub.server_close()
    told = failure(f"hf://{NAME}")
    assert f"hf://{NAME}@main could not be fetched from {hub.address}" in told
    assert told.endswith("try again later.")


def test_offline_the_cache_is_named(hub, commit, monkeypatch):
    found = local_folder(f"hf://{NAME}")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    hub.requests.clear()
    assert local_folder(f"hf://{NAME}") == found
    told = failure(f"hf://{NAME}@another")
    assert "HF_HUB_OFFLINE is set" in told
    assert huggingface_hub.constants.HF_HUB_CACHE in told
    assert hub.requests == []


def test_a_broken_connection_is_taken_up_where_it_broke(hub, commit, folder):
    hub.answers = [200, "half", "half", "half"]  # the smallest fits in a half
    with suppress(ArtifactError):  # the library's version 1 leaves the rest to the next call
        local_folder(f"hf://{NAME}@{commit}")
    assert contents(local_folder(f"hf://{NAME}@{commit}")) == contents(folder)
    assert f"bytes={HALF}-" in hub.ranges


def test_a_connection_that_breaks_for_good_is_told_and_the_next_call_goes_through(hub, commit, folder):
    hub.answers = [200] + [500] * 40
    assert "try again later" in failure(f"hf://{NAME}@{commit}")
    hub.answers.clear()
    assert contents(local_folder(f"hf://{NAME}@{commit}")) == contents(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "index.faiss", "manifest.json"])
@pytest.mark.parametrize("damage", [b"not what it was", b""])
def test_a_file_damaged_in_the_cache_is_fetched_again(hub, commit, folder, name, damage, caplog):
    found = local_folder(f"hf://{NAME}@{commit}")
    (found / name).resolve().write_bytes(damage)
    hub.ranges.clear()
    with caplog.at_level(logging.WARNING):
        assert local_folder(f"hf://{NAME}@{commit}") == found
    assert contents(found) == contents(folder)
    assert name in caplog.text
    assert len(hub.ranges) == (1 if name == "manifest.json" else 2)  # the manifest again, and what is damaged


def test_a_damaged_file_that_cannot_be_fetched_again_is_named(hub, commit):
    found = local_folder(f"hf://{NAME}@{commit}")
    (found / "index.faiss").resolve().write_bytes(b"not what it was")
    hub.shutdown()
    hub.server_close()
    told = failure(f"hf://{NAME}@{commit}")
    assert f"{found / 'index.faiss'} is damaged" in told
    assert "It could not be fetched again" in told


def test_a_checksum_that_is_wrong_on_the_hub_is_refused(hub, folder):
    (folder / "index.faiss").write_bytes(b"somebody else's")
    commit = hub.add(NAME, folder)
    told = failure(f"hf://{NAME}@{commit}")
    assert f"hf://{NAME}@{commit} does not hold together on the Hub either" in told
    assert "index.faiss is damaged" in told


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"schema": 1, "files": 7}'])
def test_a_manifest_that_is_none_is_refused(hub, text):
    hub.add(NAME, Path("none"), **{"manifest.json": text.encode()})
    assert "manifest.json" in failure(f"hf://{NAME}")


@pytest.mark.parametrize("bundled", ["..", "../..", "{here}/mine", "a/../../.."])
def test_a_manifest_cannot_lead_outside_of_its_folder(hub, folder, tmp_path, bundled):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "link").symlink_to(folder / "index.faiss")
    fields = json.loads((folder / "manifest.json").read_text())
    fields["photos"] = {"bundled": bundled.format(here=tmp_path)}
    (folder / "manifest.json").write_text(json.dumps(fields))
    assert "manifest.json: the field 'photos' does not fit" in failure(f"hf://{NAME}@{hub.add(NAME, folder)}")
    assert (tmp_path / "mine" / "link").is_symlink()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("hf://someone/nothing", "There is no model someone/nothing"),
        (f"hf://{NAME}@nowhere", f"{NAME} has no revision 'nowhere'"),
        (f"hf://{NAME}@{'0' * 40}", f"{NAME} has no revision '0000"),
        ("hf://someone/empty", "manifest.json is missing"),
        ("hf://someone/private", "set HF_TOKEN"),
    ],
)
def test_what_the_hub_does_not_have_is_said(hub, commit, address, words):
    hub.add("someone/empty", Path("none"), **{"README.md": b"nothing else"})
    hub.add("someone/private", Path("none"), **{"manifest.json": b"{}"})
    hub.repositories["model", "someone/private"].private = True
    assert words in failure(address)


def test_a_token_of_the_environment_opens_a_private_repository(hub, commit, monkeypatch):
    hub.repositories["model", NAME].private = True
    assert "set HF_TOKEN" in failure(f"hf://{NAME}@{commit}")
    monkeypatch.setenv("HF_TOKEN", READER)
    assert local_folder(f"hf://{NAME}@{commit}").name == commit


def test_an_unknown_token_is_said_and_not_shown(hub, commit, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_nonsense")
    told = failure(f"hf://{NAME}@{commit}")
    assert "does not know your token" in told
    assert "nonsense" not in told


@pytest.mark.parametrize(
    "address",
    [
        "hf://",
        "hf://name",
        "hf://a/b/c",
        "hf://a/b@",
        "hf://a/b@c@d",
        "hf://a b/c",
        "hf://-a/b..c",
        "hf:x",
        "hf:///a/b",
    ],
)
def test_what_is_no_address_is_said_with_the_form_of_one(hub, address):
    assert "hf://OWNER/NAME@REVISION" in failure(address)
    assert hub.requests == []


@pytest.mark.parametrize("option", ["--artifacts", "--collection"])
def test_the_command_says_what_is_wrong_with_an_address(option, hub, capsys):
    assert app.main([option, "hf://someone/nothing"]) == 1
    assert "There is no model someone/nothing" in capsys.readouterr().err


def test_the_variable_names_the_artifacts_of_a_hosted_page(monkeypatch):
    monkeypatch.delenv("AERIAL_ARTIFACTS", raising=False)
    assert app.parser().parse_args([]).artifacts == str(SHIPPED)
    monkeypatch.setenv("AERIAL_ARTIFACTS", f"hf://{NAME}")
    assert app.parser().parse_args([]).artifacts == f"hf://{NAME}"
    assert app.parser().parse_args(["--artifacts", "mine"]).artifacts == "mine"


@pytest.fixture
def harbors(tmp_path):
    """The generated scenes, with the pictures of one class."""
    folder = tmp_path / "scenes"
    shutil.copytree(SHIPPED_SCENES / "photos" / "harbor", folder / "photos" / "harbor")
    for path in SHIPPED_SCENES.glob("*.*"):
        shutil.copyfile(path, folder / path.name)
    return folder


def test_photos_stay_links_into_the_cache_and_are_found_there(hub, harbors, tmp_path):
    """So they are on the disk once, and a cache that cannot be written to is as good."""
    found = local_folder(f"hf://{NAME}@{hub.add(NAME, harbors)}")
    photo = found / "photos" / "harbor" / "harbor00.webp"
    assert photo.is_symlink()
    before = sorted((path, path.lstat().st_mtime_ns) for path in found.rglob("*"))
    local_folder(f"hf://{NAME}@{found.name}")
    assert sorted((path, path.lstat().st_mtime_ns) for path in found.rglob("*")) == before
    collection = Collection(found, gpu=False, elsewhere=True)
    row = collection.row("harbor00")
    assert collection.checked_photo(row) == photo
    (photo.parent / "harbor01.webp").unlink()
    for outside in (tmp_path / "blobs" / "private.webp", tmp_path / "cache" / "elsewhere" / "blobs" / "a"):
        outside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(harbors / "photos" / "harbor" / "harbor01.webp", outside)
        photo.with_name("harbor01.webp").symlink_to(outside)  # another repository's, or nobody's
        assert Collection(found, gpu=False, elsewhere=True).photo(collection.row("harbor01")) is None
        photo.with_name("harbor01.webp").unlink()


def test_the_page_has_artifacts_and_pictures_from_the_hub_and_without_it_from_the_cache(tmp_path, harbors):
    """In processes that know only the variables HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE."""
    cache = {"HF_HOME": str(tmp_path / "hf"), "AERIAL_CACHE": str(tmp_path / "cache")}
    with Hub() as hub:
        artifacts = f"hf://someone/ucmerced@{hub.add('someone/ucmerced', SHIPPED)}"
        scenes = f"hf://someone/scenes@{hub.add('someone/scenes', harbors)}"
        get = "from retrieval.collections.hub import local_folder as get"
        code = f"{get}; get({artifacts!r}); print(get({scenes!r}))"
        got = python(code, cache | {"HF_ENDPOINT": hub.address})
    photo = Path(got) / "photos" / "harbor" / "harbor00.webp"
    assert "someone--scenes/snapshots" in got
    away = cache | {"HF_HUB_OFFLINE": "1"}
    with serve("--artifacts", artifacts, "--collection", scenes, environment=away) as server:
        client = Client(server.address, verbose=False)
        found = client.predict(handle_file(photo), 1, "scenes", api_name="/search")["neighbours"]
        shown = httpx.get(f"{server.address}/photos/scenes/harbor00/whole")
    assert (found[0]["id"], found[0]["distance"] < 0.05) == ("harbor00", True)
    assert shown.content == (harbors / "photos/harbor/harbor00.webp").read_bytes()


def python(code, environment):
    """What a Python process of its own prints."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()
