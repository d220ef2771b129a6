"""Looks the pinned packages up among the known vulnerabilities, by pip-audit: `make audit`.

pip-audit counts a package that it could not look up as one without a fault, and where no service can be
reached it says 'No known vulnerabilities found'. This tells the two apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PINNED = Path(__file__).resolve().parent.parent / "constraints.txt"

#: What pip-audit asks, the first that answers: the package index, and the database of open-source faults.
SERVICES = ("pypi", "osv")

CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 2


def main() -> int:
    """Print what was found. Returns the exit status: one of the three above."""
    found: list[dict[str, Any]] = []
    for service in SERVICES:
        found = ask(service)
        if any("vulns" in package for package in found):
            break
    sentences, status = report(found)
    print("\n".join(sentences))
    return status


def ask(service: str) -> list[dict[str, Any]]:
    """What pip-audit says of each pinned package; nothing, if the service cannot be reached."""
    asked = subprocess.run(
        [
            sys.executable, "-m", "pip_audit", "--requirement", str(PINNED), "--no-deps", "--disable-pip",
            "--format", "json", "--progress-spinner", "off", "--vulnerability-service", service,
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
        return packages
    except (ValueError, KeyError):
        return []


def report(packages: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Sentences for whoever asked, and the exit status.

    Args:
        packages: Each with 'name', and 'version' and 'vulns', or 'skip_reason'.
    """
    audited = [package for package in packages if "vulns" in package]
    skipped = [package["name"] for package in packages if "vulns" not in package]
    if not audited:
        return [
            "Nothing was audited: no service can be reached from here that knows the packages of "
            f"{PINNED.name} (asked: {' and '.join(SERVICES)}). Run this where the network is open."
        ], NOT_AUDITED
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for package in audited
        for fault in package["vulns"]
    ]
    sentences = [
        f"{len(audited)} packages were looked up, {len(faults)} known vulnerabilities found.",
        *faults,
    ]
    if skipped:
        sentences.append(f"Not looked up, as the service does not know them: {', '.join(sorted(skipped))}.")
    if faults:
        return sentences, VULNERABLE
    return sentences, NOT_AUDITED if skipped else CLEAN


if __name__ == "__main__":
    sys.exit(main())
