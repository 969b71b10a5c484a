"""A publish that fails leaves nothing; one that is killed leaves nothing that anybody would read."""

import errno
import os
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

from shortlist_bundle.errors import BundleNotFound, Conflict, NonFinite, StorageError, StorageFull
from shortlist_bundle.files import BundleContents, list_versions, open_bundle, storage, write_bundle

from .conftest import contents


class Step:
    """Count the calls that make a publish durable, and do something at one of them."""

    def __init__(self, monkeypatch, at, action):
        self.count = 0
        for name in ("fsync", "rename"):
            monkeypatch.setattr(os, name, self.wrapped(getattr(os, name), at, action))

    def wrapped(self, original, at, action):
        def step(*arguments):
            self.count += 1
            if self.count == at:
                action()
            return original(*arguments)

        return step


# In a process of its own, which forks one writer per step: this one may have threads that do not survive a fork.
KILLED = """
import os, sys
import numpy as np
from shortlist_bundle.files import BundleContents, write_bundle

def dying(original):
    def step(*arguments):
        global left
        left -= 1
        if not left:
            os._exit(9)
        return original(*arguments)
    return step

contents = BundleContents(
    arrays={"items/vectors": np.zeros((7, 3)), "items/vocabulary/offsets": np.arange(8), "flags": np.zeros(2, bool)},
    documents={"features": {}, "policy": {}}, blobs={"index/items.faiss": bytes(100)}, report={"timings": {}})
os.fsync, os.rename = dying(os.fsync), dying(os.rename)
for left in range(1, int(sys.argv[2]) + 1):
    child = os.fork()
    if not child:
        write_bundle(f"{sys.argv[1]}/{left}", "m", contents, version="one")
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def no_room():
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def steps_of_a_publish(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        counting = Step(patched, 0, None)
        write_bundle(tmp_path / "counting", "m", contents())
    return counting.count


def versions(root):
    try:
        return [info.version for info in list_versions(root, "m")]
    except BundleNotFound:
        return []


def test_a_full_disk_at_any_step_leaves_nothing(tmp_path, monkeypatch):
    total = steps_of_a_publish(tmp_path, monkeypatch)
    assert total > 10
    for at in range(1, total + 1):
        root = tmp_path / str(at)
        with monkeypatch.context() as patched:
            Step(patched, at, no_room)
            with pytest.raises(StorageFull, match=r"No space left.*nothing was published"):
                write_bundle(root, "m", contents(), version="one")
        assert versions(root) == []
        assert not list(root.glob("m/.unfinished-*"))
        assert write_bundle(root, "m", contents(), version="one").version == "one"


def test_a_kill_at_any_step_leaves_the_old_or_the_new(tmp_path, monkeypatch):
    total = steps_of_a_publish(tmp_path, monkeypatch)
    arguments = [sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path), str(total)]
    told = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["9"] * total
    outcomes = set()
    for at in range(1, total + 1):
        root = tmp_path / str(at)
        outcomes.add(tuple(versions(root)))
        for version in versions(root):
            open_bundle(root, "m", version)
        write_bundle(root, "m", contents(), version="two")
        open_bundle(root, "m", "two")
    assert outcomes == {(), ("one",)}


def test_other_refusals_of_the_file_system_are_told_apart(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        write_bundle(tmp_path / "file", "m", contents())
    assert not isinstance(caught.value, StorageFull)


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    Step(monkeypatch, 5, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bundle(tmp_path, "m", contents())
    assert os.listdir(tmp_path / "m") == []


def test_a_part_that_cannot_be_kept_leaves_nothing(tmp_path):
    good = contents()
    bad = BundleContents(arrays={**good.arrays, "zz": np.array([np.nan])})
    with pytest.raises(NonFinite, match="zz"):
        write_bundle(tmp_path, "m", bad)
    assert os.listdir(tmp_path / "m") == []


def test_what_dead_writers_left_is_ignored_and_removed_after_an_hour(tmp_path):
    old, fresh = tmp_path / "m" / ".unfinished-old", tmp_path / "m" / ".unfinished-fresh"
    for folder in (old, fresh):
        (folder / "items").mkdir(parents=True)
        (folder / "items" / "x.npy").write_bytes(b"half")
    long_ago = time.time() - 4000
    for path in (*old.rglob("*"), old):
        os.utime(path, (long_ago, long_ago))
    assert versions(tmp_path) == []
    write_bundle(tmp_path, "m", contents(), version="one")
    assert versions(tmp_path) == ["one"]
    assert not old.exists()
    assert fresh.exists()


def test_a_living_writer_of_hours_is_left_alone(tmp_path):
    folder = tmp_path / "m" / ".unfinished-slow"
    folder.mkdir(parents=True)
    (folder / "big.npy").write_bytes(b"still growing")
    os.utime(folder, (0, 0))
    write_bundle(tmp_path, "m", contents())
    assert folder.exists()


def test_a_version_is_readable_by_whom_the_umask_allows(tmp_path):
    before = os.umask(0o022)
    try:
        ref = write_bundle(tmp_path, "m", contents())
    finally:
        os.umask(before)
    assert stat.S_IMODE(ref.path.stat().st_mode) == 0o755
    assert stat.S_IMODE((ref.path / "manifest.json").stat().st_mode) == 0o644


def test_a_lock_that_is_held_is_waited_for_and_then_a_conflict(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "LOCK_SECONDS", 0.05)
    (tmp_path / "m").mkdir()
    with storage.locked(tmp_path / "m"), pytest.raises(Conflict, match="'m'"):
        write_bundle(tmp_path, "m", contents(), version="one")
    assert versions(tmp_path) == []
    write_bundle(tmp_path, "m", contents(), version="one")
