"""The benchmark of many visitors still plays them: once, with few."""

import json
import os
import subprocess
import sys

from benchmarks.load import AIMS, judged
from benchmarks.process_tree import descendants, memory
from retrieval.collections.photos import PROJECT


def test_two_visitors_are_played_and_every_aim_is_judged(tmp_path):
    record = tmp_path / "load.json"
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", "--visitors=2", "--seconds=2", "--think=0.1", "--calls=20",
         f"--record={record}"],
        cwd=PROJECT, capture_output=True, text=True,
        env={**os.environ, "GRADIO_TEMP_DIR": str(tmp_path / "uploads")},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(record.read_text())
    assert {"open", "upload", "search", "look-up", "picture"} <= figures["steps"].keys()
    assert figures["errors"] == figures["refusals"] == 0
    assert figures["aims"].keys() == AIMS.keys()
    assert figures["memory MB"]["after"]["workers"] > 10  # processes that decode files
    for aim in AIMS:
        (line,) = [line for line in ran.stdout.splitlines() if line.startswith(f"| {aim} |")]
        assert ("not met" in line) is not figures["aims"][aim]["met"]


def test_what_is_over_an_aim_or_was_not_measured_does_not_meet_it():
    moments = [{"server": 500.0, "workers": 40.0}, {"server": 520.0, "workers": 130.0}]
    figures = {
        "errors": 1, "refusals": 0, "steps": {"search": {"p95": 4.9}},
        "memory MB": dict(zip(("before", "after", "after calls"), [*moments, moments[1]], strict=True)),
    }  # fmt: skip
    aims = judged(figures)
    assert [each["met"] for each in aims.values()] == [False, True, True, False, False, True]
    assert aims["growth of memory with the visitors, MB"]["measured"] == 110


def test_memory_is_also_that_of_processes_which_a_process_started():
    program = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        (child,) = descendants(process.pid)
        assert descendants(os.getpid()).count(child) == 1
        held = memory(process.pid)
        assert held["server"] > 1
        assert held["workers"] > 1
        process.communicate()
