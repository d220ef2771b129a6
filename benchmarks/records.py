"""What benchmarks measured, as JSON beside the documents, with the machine that it was measured on."""

from __future__ import annotations

import json
import os
import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.server import PROJECT

RECORDS = PROJECT / "docs" / "performance"
#: Of what the CPU offers, this is what the network's speed hangs on.
FLAGS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
PACKAGES = ("torch", "torchvision", "openvino", "onnxruntime", "nncf", "numpy", "gradio")


def machine() -> dict[str, Any]:
    """What figures depend on: the processor, its cores and instructions, memory, load, versions."""
    processor = _read("/proc/cpuinfo")
    flags = re.search(r"^flags\s*:(.*)$", processor, re.M)
    name = re.search(r"^model name\s*:\s*(.*)$", processor, re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", _read("/proc/meminfo"), re.M)
    return {
        "processor": name[1] if name else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "instructions": [flag for flag in FLAGS if flags and flag in flags[1].split()],
        "memory_gb": round(int(memory[1]) / 1e6) if memory else None,
        "load": round(os.getloadavg()[0], 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
    }


def write(name: str, figures: dict[str, Any], folder: Path = RECORDS) -> Path:
    """Write a record. Returns its path."""
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine(), **figures}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read(name: str, folder: Path = RECORDS) -> dict[str, Any]:
    """What `write` wrote."""
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # not Linux
        return ""


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
