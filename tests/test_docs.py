"""What the documents name is there: files by their paths, functions and classes by their names."""

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("retrieval", "ui", "train", "examples", "benchmarks")
    for path in (PROJECT / folder).rglob("*")
    if path.suffix in (".py", ".js")
)


@pytest.mark.parametrize("name", sorted(path.name for path in (PROJECT / "docs").glob("*.md")))
def test_links_lead_to_files(name):
    text = (PROJECT / "docs" / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []


def test_the_architecture_names_what_is_there():
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\n]+)`", text))
    named -= {name for name in named if name.startswith("/")}
    files = {name for name in named if re.fullmatch(r"[\w/]+/|[\w/.]+\.(py|js|toml|md|po)", name)}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True
    ).stdout.splitlines()
    there = "".join(f"/{name}\n" for name in [*listed, "ui/i18n/CODE/messages.po"])
    assert [name for name in files if f"/{name}" not in there] == []
    functions = {name for name in named if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", name)} - files
    defined = set(re.findall(r"(?:def|class) (\w+)", CODE)) | set(re.findall(r"^ *(\w+)\s*[:=]", CODE, re.M))
    modules = {path.stem for path in PROJECT.rglob("*.py")} | {"retrieval", "ui", "train", "examples"}
    unknown = [name for name in functions if name.split(".")[-1] not in defined | modules]
    foreign = {"follow", "travel", "len", "gr.I18n"}  # events of scripts, and what is Python's and Gradio's
    assert set(unknown) <= foreign


def test_every_module_says_in_its_first_line_what_it_is():
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=PROJECT, capture_output=True, text=True)
    names = [name for name in listed.stdout.split() if not name.startswith("tests/")]
    first = {
        name: (PROJECT / name).read_text(encoding="utf-8")[:3] for name in names if (PROJECT / name).exists()
    }
    assert [name for name, start in first.items() if start != '"""'] == []


def test_the_readme_is_short_and_leads_to_the_documents():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 130
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (PROJECT / link).exists()] == []
    assert {"docs/architecture.md", "docs/figures.md", "CONTRIBUTING.md"} <= set(links)
