"""Fuzz all that reads a stranger's bytes: `make fuzz`, options in ARGS.

100,000 cases: images of every format, GeoTIFF tags, links of maps, addresses, and artifact folders, each in a
process that may end. A case may end in a result, or in an error that has a name and a sentence; in nothing
else, and not after more than 5 s or 1 GB. Each case is made of the seed, its target and its number, so that
`--target index --case 17` runs it again. What is found is kept as files.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.fuzz.runner import Finding, run, run_one


def main() -> int:
    """Run the command. Returns 1 where something was found."""
    arguments = _parse()
    if arguments.case is not None:
        kind, trace = run_one(arguments.target[0], arguments.case, arguments.seed, arguments.keep)
        print(kind, trace, sep="\n")
        return 0
    tallies, seconds = run(arguments.cases, arguments.seed, arguments.workers, arguments.target)
    print("| target    |   cases | results | named errors | found | worst s | worst MB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, tally in tallies.items():
        print(
            f"| {name:9} | {tally.cases:7,} | {tally.results:7,} | {tally.named:12,} | {tally.found:5,} "
            f"| {tally.seconds:7.2f} | {tally.bytes / 1e6:8.0f} |"
        )
    total = sum(tally.cases for tally in tallies.values())
    print(f"\n{total:,} cases in {seconds / 60:.1f} minutes, seed {arguments.seed}, {os.cpu_count()} CPUs.")
    findings = [finding for tally in tallies.values() for finding in tally.findings.values()]
    for finding in findings:
        _print(finding, arguments.seed, arguments.keep)
    print(f"{len(findings)} different findings." if findings else "Nothing was found.")
    return 1 if findings else 0


def _print(finding: Finding, seed: int, keep: Path) -> None:
    number = finding.numbers[0]
    run_again = f'make fuzz ARGS="--target {finding.target} --case {number} --seed {seed}"'
    kept = finding.keep(seed, keep)
    print(f"\n{finding.target}: {finding.kind} ({finding.count} cases; {kept}; again: {run_again})")
    if finding.traceback:
        print("    " + finding.traceback.strip()[-1500:].replace("\n", "\n    "))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000, help="how many in all (100,000)")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other cases (0)")
    parser.add_argument(
        "--workers", type=int, default=min(os.cpu_count() or 1, 8), help="processes (one a CPU)"
    )
    parser.add_argument("--target", action="append", help="only this one; may be repeated")
    parser.add_argument("--case", type=int, help="run this one case of the target, and say what came of it")
    parser.add_argument(
        "--keep", type=Path, default=Path("runs/fuzz"), help="where cases are kept (runs/fuzz)"
    )
    arguments = parser.parse_args()
    if arguments.case is not None and len(arguments.target or ()) != 1:
        parser.error("--case wants one --target")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
