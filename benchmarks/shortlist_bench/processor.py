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
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    return (_kilobytes(rollup, "Private_Clean") + _kilobytes(rollup, "Private_Dirty")) / 1000


def _kilobytes(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(f"{file} does not say {name}")
