"""What a process has used: processor seconds and memory, as the system counts them."""

from pathlib import Path

NANO = 1e9


def processor_seconds(pid: int) -> float:
    """Return the processor seconds that all threads of a process have used, those that have ended left out."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            spent += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread ended between the two looks
    return spent / NANO


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS") / 1000


def private_megabytes(pid: int) -> float:
    """Return the memory that a process shares with no other."""
    return _rollup(pid, "Private_Clean", "Private_Dirty")


def private_dirty_megabytes(pid: int) -> float:
    """Return the part of it that the process has written: what it costs beside files that others could map as well."""
    return _rollup(pid, "Private_Dirty")


def shared_megabytes(pid: int) -> float:
    """Return the memory that a process shares with others, most of it files that they have mapped."""
    return _rollup(pid, "Shared_Clean", "Shared_Dirty")


def tree_of(pid: int) -> list[int]:
    """Return a process and everything that it has started and that still runs."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(one for child in found for one in tree_of(int(child)))]


def _rollup(pid: int, *names: str) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    return sum(_kilobytes(rollup, name) for name in names) / 1000


def _kilobytes(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(f"{file} does not say {name}")
