"""Compiled loops are kept on disk: several processes at once, changed sources and damage never give wrong answers."""

import errno
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shortlist_bundle.compiled import compiled
from shortlist_bundle.machine_code import OverloadFiles

SORTED = """
import numpy as np
from shortlist_bundle.compiled import compiled

@compiled
def rising(values):
    copy = values.copy()
    copy.sort()
    return copy

@compiled
def places(values):
    return np.argsort(values)
"""

CALLEE = (
    "from shortlist_bundle.compiled import compiled\n\nLIMIT = 1\n\n@compiled\ndef step(value):\n    return value + 1\n"
)
CALLER = """
from callee import LIMIT, step
from shortlist_bundle.compiled import compiled

@compiled
def twice(value):
    return step(step(value)), LIMIT
"""


class Rooms:
    """Modules with compiled loops, run by fresh processes that share one folder for machine code."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept = folder, folder / "kept"

    def run(self, line: str) -> str:
        paths = [str(self.folder), *sys.path]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(self.kept), "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-B", "-c", line]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
        return done.stdout.strip()

    def files(self) -> list[Path]:
        return sorted(self.kept.rglob("*.nbc"))


@pytest.fixture
def rooms(tmp_path):
    return Rooms(tmp_path)


def test_what_two_processes_have_compiled_goes_together(rooms):
    # Numba numbers its helpers in the order they come up. Two numbers later, the sort inside `places` would have the
    # same name as the one inside `rising`, and a process that loads both would get values where it asked for places.
    (rooms.folder / "sorting.py").write_text(SORTED)
    later = "from numba.core.bytecode import FunctionIdentity as F; next(F._unique_ids); next(F._unique_ids); "
    line = "import numpy as np; from sorting import *; values = np.array([30, 10, 20]); "
    assert rooms.run(line + "print(rising(values).tolist())") == "[10, 20, 30]"
    assert rooms.run(later + line + "print(places(values).tolist())") == "[1, 2, 0]"
    assert rooms.run(line + "print(rising(values).tolist(), places(values).tolist())") == "[10, 20, 30] [1, 2, 0]"


def test_forked_processes_number_apart():
    first = "from shortlist_bundle.compiled import compiled; from numba.core.bytecode import FunctionIdentity as F; "
    # One call a process, for text and end of line could else come apart.
    forked = r"import os; child = os.fork(); os.write(1, b'%d\n' % next(F._unique_ids)); child and os.wait()"
    out = subprocess.run([sys.executable, "-c", first + forked], capture_output=True, text=True, check=True).stdout
    assert len(set(out.split())) == 2


def keep(files, keys, together):
    together.wait(60)
    for key in keys:
        files.save(key, f"code of {key}")


def test_processes_that_save_at_once_keep_everything(tmp_path):
    context = multiprocessing.get_context("spawn")
    keys, together = [[f"{owner}-{number}" for number in range(100)] for owner in range(2)], context.Barrier(2)
    files = OverloadFiles(tmp_path, "loop", keep)
    processes = [context.Process(target=keep, args=(files, own, together)) for own in keys]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert all(files.load(key) == f"code of {key}" for own in keys for key in own)
    files.flush()
    assert files.load("0-0") is None
    assert not list(tmp_path.iterdir())


def test_a_loop_follows_what_it_calls_and_the_constants_it_reads(rooms):
    (rooms.folder / "callee.py").write_text(CALLEE)
    (rooms.folder / "caller.py").write_text(CALLER)
    line = "from caller import twice; print(twice(5))"
    assert rooms.run(line) == "(7, 1)"
    (rooms.folder / "callee.py").write_text(CALLEE.replace("value + 1", "value + 100"))
    assert rooms.run(line) == "(205, 1)"
    (rooms.folder / "callee.py").write_text(CALLEE.replace("LIMIT = 1", "LIMIT = 9"))
    assert rooms.run(line) == "(7, 9)"


@pytest.mark.parametrize(
    "harm", [lambda raw: b"", lambda raw: raw[:-9], lambda raw: raw[:99] + bytes([raw[99] ^ 1]) + raw[100:]]
)
def test_damaged_machine_code_is_compiled_again(rooms, harm):
    (rooms.folder / "callee.py").write_text(CALLEE)
    line = "from callee import step; print(step(1), sum(step.stats.cache_hits.values()))"
    assert rooms.run(line) == "2 0"
    [path] = rooms.files()
    path.write_bytes(harm(path.read_bytes()))
    assert rooms.run(line) == "2 0"
    assert rooms.run(line) == "2 1"


def test_a_full_disk_does_not_cost_the_answer(monkeypatch, tmp_path):
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))

    @compiled
    def doubled(values):
        return values * 2

    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert doubled(np.array([1, 2])).tolist() == [2, 4]
