"""The command `app.py`, and what a hosted page reads of this repository."""

import re
import subprocess
import sys
from pathlib import Path

import gradio as gr
import pytest

import app
from retrieval import Retriever

PROJECT = Path(__file__).resolve().parents[1]


def test_help_lists_the_options_without_loading_the_network():
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "app.py", "--help"], cwd=PROJECT, capture_output=True, text=True
    )
    assert run.returncode == 0
    for option in (
        "--host",
        "--port",
        "--collection",
        "--photos",
        "--artifacts",
        "--device",
        "--share",
        "--mcp",
        "--download",
        "--no-download",
        "--root-path",
        "--allowed-host",
        "--frame-ancestor",
        "--access-log",
        "--metrics",
        "--drain-seconds",
    ):
        assert option in run.stdout
    imported = {line.split("|")[-1].strip() for line in run.stderr.splitlines()}
    assert "retrieval" in imported  # the list is that of imports
    assert not imported & {"torch", "gradio"}


@pytest.mark.parametrize("option", ["--artifacts", "--collection"])
def test_a_folder_without_artifacts_is_named(option, tmp_path, capsys):
    assert app.main([option, str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert str(tmp_path) in told
    assert "Traceback" not in told


def test_a_space_fetches_the_photos_by_itself(monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert app.parser().parse_args([]).download is False
    monkeypatch.setenv("SPACE_ID", "owner/name")
    assert app.parser().parse_args([]).download is True
    assert app.parser().parse_args(["--no-download"]).fetch is False


def test_photos_come_while_the_page_is_served_if_nothing_is_said(monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    options = app.parser().parse_args([])
    assert (options.fetch, options.download) == (True, False)
    with pytest.raises(SystemExit):
        app.parser().parse_args(["--download", "--no-download"])


def test_the_front_matter_fits_what_was_tested():
    front = dict(
        re.findall(r"^(\w+): (.+)$", (PROJECT / "README.md").read_text().split("---")[1], re.MULTILINE)
    )
    assert f"gradio=={front['sdk_version']}" in (PROJECT / "constraints.txt").read_text().split()
    assert (PROJECT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60  # what the Hub allows


def test_the_repository_holds_no_picture_but_its_own():
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    pictures = [
        name
        for name in listed.stdout.splitlines()
        if re.search(r"\.(webp|png|jpe?g|tiff?|avif|gif|bmp)$", name)
    ]
    own = (
        "assets/scenes/photos/",
        "examples/queries/",
        "examples/screenshots/",
        "docs/page.webp",
        "docs/map.webp",
        "docs/montages/",
        "docs/views/",
        "ui/static/banner.webp",
    )
    assert [name for name in pictures if not name.startswith(own)] == []
    drawings = [name for name in listed.stdout.splitlines() if name.endswith(".svg")]
    assert [name for name in drawings if "<image" in (PROJECT / name).read_text()] == []


def test_the_state_of_few_sessions_is_kept(retriever, monkeypatch):
    """Each call of the API leaves a session of half a megabyte; Gradio would keep ten thousand."""
    launched = {}
    monkeypatch.setattr(Retriever, "load", lambda *_, **__: retriever)
    monkeypatch.setattr(gr.Blocks, "launch", lambda page, **options: launched.update(options))
    assert app.main(["--no-download"]) == 0
    assert 100 <= launched["state_session_capacity"] <= 500
