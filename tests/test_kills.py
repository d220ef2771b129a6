"""Jobs that are killed leave the old state or the new one: a dozen here, 200 by `make kills`."""

import subprocess
import sys

from retrieval.collections.photos import PROJECT


def test_a_dozen_kills_tear_nothing():
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "--rounds=12", "--seed=7"],
        cwd=PROJECT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("12 jobs were killed")
