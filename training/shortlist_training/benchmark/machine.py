"""The machine and the libraries that figures were made with; nothing by which either could be found."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

LIBRARIES = ("shortlist", "numpy", "scipy", "polars", "tensorflow-cpu", "tensorflow", "keras", "faiss-cpu", "implicit")


def describe_machine() -> dict[str, Any]:
    """Return cores, memory, processor type, Python, and the versions of what counts."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": _memory_gb(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": dict(_versions()),
    }


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (OSError, ValueError):
        return None


def _versions() -> list[tuple[str, str]]:
    found = []
    for library in LIBRARIES:
        try:
            found.append((library, version(library)))
        except PackageNotFoundError:
            continue
    return found
