"""The fuzzer finds what it looks for, and a few hundred of its cases find nothing."""

from __future__ import annotations

from benchmarks.fuzz.runner import run, run_one
from benchmarks.fuzz.worker import made

FAKES = "tests.fakes.fuzz_targets"


def test_a_few_hundred_cases_end_in_results_or_errors_with_a_name(tmp_path):
    tallies, _seconds = run(400, seed=1, workers=1)
    assert sum(tally.cases for tally in tallies.values()) >= 400
    assert all(tally.cases for tally in tallies.values())
    assert sum(tally.results for tally in tallies.values()) > 50
    assert sum(tally.named for tally in tallies.values()) > 50
    found = [finding for tally in tallies.values() for finding in tally.findings.values()]
    assert [(finding.target, finding.kind, finding.numbers) for finding in found] == []


def test_it_finds_crashes_hangs_and_what_takes_too_much(tmp_path):
    tallies, _seconds = run(8, seed=1, workers=1, module=FAKES, patience=5)
    kinds = {name: [*tally.findings] for name, tally in tallies.items()}
    assert kinds == {
        "good": [],
        "named": [],
        "nameless": ["ZeroDivisionError at the target's own check"],
        "crash": ["the process ended with -11"],
        "exit": ["the process ended with 3"],
        "hang": ["hangs for 5 s"],
        "memory": ["over 1 GB"],
        "too much memory": ["MemoryError at the target's own check"],
    }
    assert (tallies["good"].results, tallies["named"].named) == (1, 1)
    assert tallies["memory"].bytes > 10**9
    kept = tallies["crash"].findings["the process ended with -11"].keep(1, tmp_path, FAKES)
    assert (tmp_path / "crash-1-0.bin").read_bytes() == made(1, "crash", 0, FAKES)
    assert "crash-1-0.bin" in kept


def test_a_case_is_made_again_from_its_number(tmp_path):
    targets = "benchmarks.fuzz.targets"
    for name in ("png", "geotiff", "link", "address", "manifest"):
        assert made(0, name, 7, targets) == made(0, name, 7, targets) != made(1, name, 7, targets)
    told, trace = run_one("address", 0, 0, tmp_path)
    assert "address-0-0.bin" in told
    assert not trace
