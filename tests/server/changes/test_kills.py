"""A writer is killed at any moment: nothing that it acknowledged is lost, and nothing stands twice."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.changes.sealing import seal_if_due
from shortlist_server.changes.settings import LogSettings

WRITER = Path(__file__).with_name("writer.py")
BATCH = 20


def killed_writers(folder, kills, *, seed, early=False):
    """Kill writers, two at a time; return the ids that were acknowledged."""
    luck, acknowledged = random.Random(seed), []
    for kill in range(0, kills, 2):
        names = [f"w{kill}", f"w{kill + 1}"]
        mode = ["early"] if early else []
        writers = [
            subprocess.Popen([sys.executable, WRITER, folder, name, *mode], stdout=subprocess.PIPE, text=True)
            for name in names
        ]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        time.sleep(luck.uniform(0.0, 0.05))
        seal_if_due(folder, LogSettings(segment_bytes=40_000))
        for name, writer in zip(names, writers, strict=True):
            writer.kill()
            lines = writer.communicate()[0].splitlines(keepends=True)
            said = [int(line) for line in lines if line.endswith("\n")]
            acknowledged += [f"{name}-{number}-{row}" for number in said for row in range(BATCH)]
    return acknowledged


def ids_of(folder):
    reader = Reader(folder)
    try:
        return [change.event_id for _, change in read_all(reader, START, reader.newest())]
    finally:
        reader.close()


def check_nothing_is_lost(folder, kills, seed):
    acknowledged = killed_writers(folder, kills, seed=seed)
    found = ids_of(folder)
    assert len(acknowledged) > kills
    assert not set(acknowledged) - set(found)
    assert max(Counter(found).values()) == 1
    log = DiskLog(folder)
    assert not log.damaged
    log.close()


def test_ten_kills_lose_nothing(tmp_path):
    check_nothing_is_lost(tmp_path, 10, seed=1)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(tmp_path):
    check_nothing_is_lost(tmp_path, 200, seed=2)


def test_a_writer_that_acknowledges_too_early_is_found_out(tmp_path):
    """The negative control: what is said before the commit is lost sooner or later."""
    for attempt in range(10):
        folder = tmp_path / str(attempt)
        acknowledged = killed_writers(folder, 4, seed=attempt, early=True)
        if set(acknowledged) - set(ids_of(folder)):
            return
    pytest.fail("nothing was lost in 40 kills of a writer that acknowledges before it commits")
