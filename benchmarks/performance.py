"""Write docs/performance.md from the records in docs/performance: `make performance`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks import records
from benchmarks.query import GFLOP, OURS, SECONDS, VISITORS

Rows = list[Sequence[str]]

TARGET = records.RECORDS.with_suffix(".md")


def main() -> None:
    """Write the page."""
    query, runtimes = records.read("query"), records.read("runtimes")
    parts = [_head(), *_query(query), *_runtimes(runtimes)]
    TARGET.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(TARGET)


def _head() -> str:
    return """# Performance

Written by `make performance` from the records in [performance](performance), which `make bench` and
`make bench-runtimes` write. Machines differ, and so does what else they do: compare ratios. What is compared
took turns in one run; where a ratio is of the least times, other load changes it least."""


def _query(figures: dict[str, Any]) -> list[str]:
    stages, page, tiles = figures["stages"], figures["page"], figures["map"]
    ours, whole = stages[OURS], stages["whole"]
    allowed = 1.15 * ours["least_ms"] + 5
    computing = f"{page['ready_s']:.1f}, of which {page['ready_cpu_s']:.1f} of computing"
    aims: Rows = [
        ("our forward, of torchvision's eager one", "0.35, better 0.20", f"{ours['least_ratio']:.2f}"),
        ("a whole query, least ms", f"{allowed:.1f}: 1.15 of our forward and 5", f"{whole['least_ms']:.1f}"),
        (f"{tiles['tiles']} tiles of a map, s", "3", f"{tiles['seconds']:.1f}"),
        ("start to ready, s", "5", computing),
        ("peak memory, MB", "800", f"{page['peak_mb']}"),
        ("torch is loaded", "no", "yes" if page["torch"] else "no"),
    ]
    rows: Rows = [
        (stage, f"{row['median_ms']:.1f}", f"{row['least_ms']:.1f}", f"{row['least_ratio']:.2f}")
        for stage, row in stages.items()
    ]
    limits: Rows = [
        (kind, f"{row['gflops']:.0f}", f"{row['limit_ms']:.1f}") for kind, row in figures["products"].items()
    ]
    together: Rows = [
        (limit, f"{row['per_second']:.0f}", f"{row['p95_ms']:.0f}")
        for limit, row in figures["together"].items()
    ]
    return [
        f"## A query\n\n{_machine(figures)}\nThe network runs in {figures['dtype']}.",
        _table(("", "aim: at most", "measured"), aims),
        _table((f"{figures['queries']} queries", "median ms", "least ms", "least, of torchvision's"), rows),
        f"`/search` over HTTP, with upload and queue: {page['search_ms']:.0f} ms (median).",
        f"The limit: an image is {GFLOP} GFLOP, which at the rate of large matrix products alone takes",
        _table(("torch, computed in", "GFLOP/s", "ms an image"), limits),
        f"{VISITORS} threads that embed an image each, over and over, for {SECONDS:.0f} s. A batch is what "
        "waited while another\nran; a lone image never waits. A CPU gets as many images at once as it has "
        "cores, 8 at most, a GPU 32.",
        _table(("images a batch, at most", "images a second", "95th percentile, ms"), together),
    ]


def _runtimes(figures: dict[str, Any]) -> list[str]:
    one, eight = figures["batches_of_1"], figures["batches_of_8"]
    times: Rows = [
        (name, f"{one[name]['least_ms']:.1f}", f"{one[name]['ratio']:.2f}", f"{eight[name]['least_ms']:.1f}")
        for name in one
    ]
    head = ("least of all rounds", "ms an image", "of torch's", "ms an image in batches of 8")
    return [
        f"## Which runtime\n\n{_machine(figures)}",
        _table(head, times),
        QUALITY,
        *(_quality(part, figures[part]) for part in ("validation", "test")),
        CHOICE.format(left_out=", ".join(f"`{layer}`" for layer in figures["left_out"])),
    ]


QUALITY = """\
What queries of each runtime find in the shipped index, which torch computed in float32. 'Moved' is how far a
photo's vector is from the one in float32 (mean, most), 'nearest' by how much the distance to its nearest
neighbour differs, 'unlike' the share that is said to resemble nothing in the collection: of the photos
(wrongly), and of pictures that are no aerial photos."""

CHOICE = """\
Shipped is int8 with {left_out} left in bfloat16 or float32, chosen by the
validation photos. These layers are left out because vectors then move less, and because the sums of the first
one overflow on CPUs without VNNI. The ranges of the layers' inputs are in `assets/ucmerced/int8.json`;
`python -m train quantize` measures them with 200 training photos. Weights without ranges run in bfloat16
where the CPU has it, else in float32. Nothing is converted or cached: the graph is built from the weights at
each start, in a fraction of a second. Where OpenVINO is not installed, torch stands in."""


def _quality(part: str, found: dict[str, dict[str, float]]) -> str:
    rows: Rows = [
        (
            name,
            f"{row['P@1']:.4f}",
            f"{row['mAP']:.4f}",
            f"{row['moved_mean']:.4f}, {row['moved_most']:.3f}",
            f"{row['nearest_mean']:.4f}",
            f"{row['called_unlike']:.1%}, {row['strangers_called_unlike']:.1%}",
        )
        for name, row in found.items()
    ]
    return _table((f"{part} photos", "P@1", "mAP", "moved", "nearest", "unlike"), rows)


def _machine(figures: dict[str, Any]) -> str:
    machine = figures["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    instructions = ", ".join(machine["instructions"]) or "no vector instructions that are known"
    return (
        f"{machine['processor']}, {machine['cores']} cores ({instructions}),\n{machine['memory_gb']} GB; "
        f"load average after the run {machine['load']}; Python {machine['python']}, {versions}."
    )


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
