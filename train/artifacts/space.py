"""The page as a Space of the Hugging Face Hub: its files, and the README that configures it."""

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
    "app.py", "ui", "retrieval", "assets", "examples/__init__.py", "examples/catalog.py",
    "examples/map_views.py", "examples/test_photos.csv", "examples/queries", "examples/screenshots",
    "examples/bucharest", "docs/*.md", "docs/page.webp", "docs/map.webp", "docs/views", "requirements.txt",
    README, NOTICE, "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
)  # fmt: skip

COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")  # the Hub's
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def space_files(artifacts: Address | None = None, files: Files | None = None, root: Path = PROJECT) -> Files:
    """The files of the page, for a Space.

    Args:
        artifacts: The repository and commit that the page loads in place of the shipped artifacts.
        files: The files of that repository.
        root: The project's folder.

    Raises:
        PublishError: If the README's front matter is wrong, or a file of the page is not tracked by Git.
    """
    tracked = _tracked(root)
    if artifacts:
        left_out = SHIPPED.relative_to(PROJECT).as_posix() + "/"
        tracked = [name for name in tracked if not name.startswith(left_out)]
    readme = (root / README).read_text(encoding="utf-8")
    check_front_matter(readme, root, tracked)
    if artifacts:
        readme = _preload(readme, artifacts, [name for name in files or {} if name not in (README, NOTICE)])
    return {**{name: root / name for name in tracked}, README: readme.encode()}


def check_front_matter(readme: str, root: Path, tracked: list[str]) -> None:
    """Check the YAML at the top of the README, which configures a Space.

    Raises:
        PublishError: If a field is wrong. The message names the first one, and what it has to be.
    """
    fields = _front_matter(readme).data.to_dict()
    pinned = re.search(
        r"^gradio==(\S+)", (root / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    tested = pinned[1] if pinned else "pinned in constraints.txt"
    python_version = fields.get("python_version")
    other, link = fields.get("license") == "other", str(fields.get("license_link"))
    rules = (
        ("title", isinstance(fields.get("title"), str), "a text"),
        ("sdk", fields.get("sdk") == "gradio", "gradio"),
        ("sdk_version", fields.get("sdk_version") == tested, f"{tested}, the release that is tested"),
        ("python_version", python_version in PYTHONS, f"one of {', '.join(PYTHONS)}, in quotation marks"),
        ("app_file", fields.get("app_file") in tracked, "a file that Git tracks"),
        ("license", isinstance(fields.get("license"), str), "a licence"),
        ("license_name", not other or isinstance(fields.get("license_name"), str), "a name, with 'other'"),
        (
            "license_link",
            not other or link in tracked or link.startswith("https://"),
            "a file that Git tracks, or an address, with 'other'",
        ),
        (
            "short_description",
            len(str(fields.get("short_description", ""))) <= 60,
            "of at most 60 characters",
        ),
        *(
            (name, fields.get(name, "red") in COLOURS, f"one of {', '.join(COLOURS)}")
            for name in ("colorFrom", "colorTo")
        ),
    )
    for name, fits, what in rules:
        if not fits:
            raise PublishError(
                f"{root / README}: the front matter's '{name}' is {fields.get(name)!r}, and has to be {what}."
            )


def _front_matter(readme: str) -> Any:  # noqa: ANN401 - the library's card
    from huggingface_hub import SpaceCard

    try:
        return SpaceCard(readme)
    except Exception as error:  # YAML and the library each raise their own
        raise PublishError(
            f"{README} begins with YAML that cannot be read ({reason(error)}): mend it."
        ) from error


def _preload(readme: str, artifacts: Address, names: list[str]) -> str:
    """The README of a Space that downloads files of a repository when it is built."""
    space = _front_matter(readme)
    space.data["models"] = [artifacts.repository]
    space.data["preload_from_hub"] = [
        f"{artifacts.repository} {','.join(sorted(names))} {artifacts.revision}"
    ]
    return str(space)


def _tracked(root: Path) -> list[str]:
    """The files of the page that Git tracks. Raises PublishError if one is untracked or missing."""
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
