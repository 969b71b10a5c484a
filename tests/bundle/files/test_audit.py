"""The audit log: everything that moved an alias, in order, whole whatever a crash left behind."""

import json
import threading

import pytest

from shortlist_bundle.errors import BundleNotFound
from shortlist_bundle.files import (
    BundleContents,
    list_aliases,
    promote,
    read_audit,
    record,
    rollback,
    way_back,
    withdraw,
    write_bundle,
)


@pytest.fixture
def root(tmp_path):
    for version in ("one", "two"):
        write_bundle(tmp_path, "default", BundleContents(documents={"policy": {"name": version}}), version=version)
    return tmp_path


def events(root):
    return [
        (entry["event"], entry["alias"], entry["previous"], entry["version"])
        for entry in read_audit(root, "default").entries
    ]


def test_every_move_is_written(root):
    promote(root, "default", "one")
    promote(root, "default", "two", audit={"by": "test"})
    promote(root, "default", "two")
    assert way_back(root, "default") == ("two", "one")
    rollback(root, "default")
    promote(root, "default", "two", alias="canary")
    assert withdraw(root, "default").current is None
    assert list_aliases(root, "default") == {"stable": "one"}
    assert events(root) == [
        ("promote", "stable", None, "one"),
        ("promote", "stable", "one", "two"),
        ("rollback", "stable", "two", "one"),
        ("promote", "canary", None, "two"),
        ("withdraw", "canary", "two", None),
    ]
    assert read_audit(root, "default").entries[1]["by"] == "test"


def test_what_is_not_there_cannot_be_withdrawn(root):
    with pytest.raises(BundleNotFound, match="'canary'"):
        withdraw(root, "default")


def test_a_line_that_a_crash_cut_off_harms_no_other(root):
    record(root, "default", "first")
    path = root / "default" / "audit.jsonl"
    with path.open("ab") as file:
        file.write(b'{"event": "torn", "ver')
    record(root, "default", "last")
    found = read_audit(root, "default")
    assert [entry["event"] for entry in found.entries] == ["first", "last"]
    assert found.damaged == 1


def test_what_is_too_long_for_a_line_is_cut_and_says_so(root):
    record(root, "default", "judged", gates=[{"note": "x" * 100_000}], forced=False)
    (entry,) = read_audit(root, "default").entries
    assert entry["event"] == "judged"
    assert entry["cut"] is True
    assert entry["forced"] is False


def test_writers_do_not_tear_each_others_lines(root):
    threads = [
        threading.Thread(target=lambda n=n: [record(root, "default", "e", n=n, text="x" * 5_000) for _ in range(20)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_audit(root, "default")
    assert len(found.entries) == 80
    assert not found.damaged
    assert all(json.dumps(entry) for entry in found.entries)
