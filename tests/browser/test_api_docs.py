"""`docs/api.md` is run: each example, beside what the page says that it prints."""

from __future__ import annotations

import doctest
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "api.md"
SERVED_AT = "http://127.0.0.1:7860"

#: A block with a language; those without one say how to serve the page.
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A program and what it prints: '...' stands for anything, and one space for any."""

    language: str
    code: str
    printed: str


def blocks() -> list[tuple[str, str]]:
    return FENCED.findall(PAGE.read_text(encoding="utf-8"))


def examples() -> list[Example]:
    """Each program with the `text` block that has to come next."""
    found = blocks()
    following = [*found[1:], ("", "")]
    return [
        Example(language, code, printed if kind == "text" else "")
        for (language, code), (kind, printed) in zip(found, following, strict=True)
        if language in ("python", "sh")
    ]


def prints(example: Example, printed: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(example.printed, printed, flags)


def run(example: Example, address: str) -> subprocess.CompletedProcess[str]:
    assert SERVED_AT in example.code, "it would ask nobody"
    code = example.code.replace(SERVED_AT, address)
    program = [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code]
    if example.language == "sh":
        program = ["bash", "-euo", "pipefail", "-c", code]
    return subprocess.run(program, cwd=PROJECT, capture_output=True, text=True, timeout=120)


def test_every_block_is_run_or_says_what_one_prints():
    kinds = [language for language, _ in blocks()]
    assert set(kinds) == {"python", "sh", "text", "json"}
    assert PAGE.read_text(encoding="utf-8").count("```") == 2 * (len(kinds) + 1)  # and how to serve the page
    assert kinds.count("text") == len(examples())
    assert all(example.printed for example in examples())


@pytest.mark.parametrize("example", [pytest.param(each, id=each.language) for each in examples()])
def test_an_example_prints_what_the_page_says(page_url, example):
    if example.language == "sh" and shutil.which("curl") is None:
        pytest.skip("no curl on this machine (Debian: apt-get install curl)")
    ran = run(example, page_url)
    assert ran.returncode == 0, ran.stderr
    assert prints(example, ran.stdout), f"It printed:\n{ran.stdout}\nand not:\n{example.printed}"


def test_an_example_that_prints_something_else_is_noticed():
    example = Example("sh", "", 'harbor08 0.18...\n{"k": 1, ...}\n')
    assert prints(example, 'harbor08 0.18591\n{"k": 1, "votes": []}\n')
    assert not prints(example, 'harbor09 0.18591\n{"k": 1, "votes": []}\n')
    assert not prints(example, "harbor08 0.18591\n")
    assert not prints(example, "")


def test_the_configuration_names_the_server_of_tools(page_url):
    ((_, configuration),) = [block for block in blocks() if block[0] == "json"]
    (server,) = json.loads(configuration)["mcpServers"].values()
    assert server["url"].startswith(SERVED_AT)
    with urllib.request.urlopen(server["url"].replace(SERVED_AT, page_url)) as answer:
        assert "Model Context Protocol" in answer.read().decode()  # what it tells a browser


@pytest.mark.parametrize("endpoint", ["search", "embed", "neighbours_of", "collections"])
def test_every_endpoint_is_called_in_python_and_with_curl(endpoint):
    code = {
        kind: "".join(each.code for each in examples() if each.language == kind) for kind in ("python", "sh")
    }
    assert f'api_name="/{endpoint}"' in code["python"]
    assert f"call {endpoint} " in code["sh"]
