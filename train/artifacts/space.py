"""The page as a Space of the Hugging Face Hub: its files, and the README that builds it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from retrieval.collections.hub import Address, reason
from retrieval.collections.photos import PROJECT
from retrieval.retriever import SHIPPED
from train.artifacts.model_card import NOTICE, README
from train.artifacts.publish import Files, PublishError

#: What the page needs, as Git knows it, and the documents that its README links: no tests, no training, no
#: programs that draw or measure.
APP = (
    "app.py", "ui", "retrieval", "assets", "examples/__init__.py", "examples/catalog.py", "examples/queries",
    "examples/screenshots", "examples/bucharest", "docs/*.md", "docs/page.webp", "docs/map.webp",
    "docs/views", "requirements.txt", README, NOTICE, "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md",
)  # fmt: skip

COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")  # the Hub's
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def space_files(artifacts: Address | None = None, files: Files | None = None, root: Path = PROJECT) -> Files:
    """The files of the page, for a Space.

    Args:
        artifacts: The repository and commit that the page is to load in place of the shipped artifacts.
        files: What is in it.
        root: The project.

    Raises:
        PublishError: If the README's front matter does not fit, or Git does not know the project's files.
    """
    tracked = _tracked(root)
    if artifacts:
        left_out = SHIPPED.relative_to(PROJECT).as_posix() + "/"
        tracked = [name for name in tracked if not name.startswith(left_out)]
    readme = (root / README).read_text(encoding="utf-8")
    check_front_matter(readme, root, tracked)
    if artifacts:
        readme = _preloading(
            readme, artifacts, [name for name in files or {} if name not in (README, NOTICE)]
        )
    return {**{name: root / name for name in tracked}, README: readme.encode()}


def check_front_matter(readme: str, root: Path, tracked: list[str]) -> None:
    """Check the YAML at the top of the README, by which a Space is built.

    Raises:
        PublishError: Names the first field that does not fit, and what it has to be.
    """
    front = _front_matter(readme).data.to_dict()
    pinned = re.search(
        r"^gradio==(\S+)", (root / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    tested = pinned[1] if pinned else "pinned in constraints.txt"
    python = front.get("python_version")
    other, link = front.get("license") == "other", str(front.get("license_link"))
    rules = (
        ("title", isinstance(front.get("title"), str), "a text"),
        ("sdk", front.get("sdk") == "gradio", "gradio"),
        ("sdk_version", front.get("sdk_version") == tested, f"{tested}, the release that is tested"),
        ("python_version", python in PYTHONS, f"one of {', '.join(PYTHONS)}, in quotation marks"),
        ("app_file", front.get("app_file") in tracked, "a file that Git tracks"),
        ("license", isinstance(front.get("license"), str), "a licence"),
        ("license_name", not other or isinstance(front.get("license_name"), str), "a name, with 'other'"),
        (
            "license_link",
            not other or link in tracked or link.startswith("https://"),
            "a file that Git tracks, or an address, with 'other'",
        ),
        ("short_description", len(str(front.get("short_description", ""))) <= 60, "of at most 60 characters"),
        *(
            (name, front.get(name, "red") in COLOURS, f"one of {', '.join(COLOURS)}")
            for name in ("colorFrom", "colorTo")
        ),
    )
    for name, fits, what in rules:
        if not fits:
            raise PublishError(
                f"{root / README}: the front matter's '{name}' is {front.get(name)!r}, and has to be {what}."
            )


def _front_matter(readme: str) -> Any:  # noqa: ANN401 - the library's card
    from huggingface_hub import SpaceCard

    try:
        return SpaceCard(readme)
    except Exception as error:  # YAML and the library each raise their own
        raise PublishError(
            f"{README} begins with YAML that cannot be read ({reason(error)}): mend it."
        ) from error


def _preloading(readme: str, artifacts: Address, names: list[str]) -> str:
    """The README of a Space that has files of a repository on its disk when it starts."""
    space = _front_matter(readme)
    space.data["models"] = [artifacts.repository]
    space.data["preload_from_hub"] = [
        f"{artifacts.repository} {','.join(sorted(names))} {artifacts.revision}"
    ]
    return str(space)


def _tracked(root: Path) -> list[str]:
    """The files of the page that Git tracks; one that it does not would be missing in the Space."""
    tracked = _git_lists(root, "--cached")
    for name in tracked:
        if not (root / name).is_file():
            raise PublishError(
                f"{root / name} is missing, and Git tracks it: restore it, or commit its removal."
            )
    if forgotten := _git_lists(root, "--others", "--exclude-standard"):
        raise PublishError(f"Git does not track {root / forgotten[0]}: commit it, or move it away.")
    return tracked


def _git_lists(root: Path, *which: str) -> list[str]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", *which, "--", *APP],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise PublishError(
            f"Git cannot list the files of {root}, and only those that it tracks are published: "
            "publish from a checkout."
        ) from error
    return [name for name in listed.stdout.split("\0") if name]
