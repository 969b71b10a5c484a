"""A program run as a process of its own, with what it took."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shortlist_training.errors import BenchmarkError

_REASON_LINES = 3
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a process took.

    Attributes:
        output: what it printed.
        seconds: from its start to its end, imports included.
        memory: the most that it held, in megabytes. On Linux a process counts from what its parent held.
    """

    output: str
    seconds: float
    memory: float


def run_child(
    command: Sequence[str],
    log: Path,
    *,
    minutes: float | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Took:
    """Run a program to its end.

    Args:
        command: program and arguments.
        log: file for its errors; its output goes beside it.
        minutes: after which it is killed.
        environment: variables beside those of this process.
        folder: where it runs, and leaves what it leaves; None: here.

    Raises:
        BenchmarkError: It failed; the message has the end of its errors.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    printed = log.with_suffix(".out")
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as errors, printed.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=output, stderr=errors, env={**os.environ, **(environment or {})}, cwd=folder
        )
    expired = threading.Event()

    def end() -> None:
        expired.set()
        process.kill()

    limit = threading.Timer(60 * minutes, end) if minutes else None
    if limit:
        limit.start()
    try:
        # Only `wait4` tells what this one process took, and not the largest of all so far.
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        if limit:
            limit.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchmarkError(f"after {minutes:g} minutes it was ended" if expired.is_set() else _reason(process, log))
    unit = 1 if sys.platform == "darwin" else 1024
    return Took(
        output=printed.read_text(encoding="utf-8", errors="replace"),
        seconds=time.monotonic() - started,
        memory=usage.ru_maxrss * unit / _MEGABYTE,
    )


def _reason(process: "subprocess.Popen[bytes]", log: Path) -> str:
    said = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if process.returncode < 0:
        said.append(f"ended by {signal.Signals(-process.returncode).name}")
    # Of a traceback the last line has the error; of a message for people every line may matter.
    last = said[-1:] if any(line.startswith("Traceback") for line in said) else said[-_REASON_LINES:]
    return " ".join(last) or f"it ended with {process.returncode} and said nothing"
