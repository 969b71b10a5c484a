"""The log on disk: order, duplicates, segments, several processes, a full disk."""

import os
import threading

import pytest

from shortlist_bundle.changes.change import CustomerForgotten, EventRecorded, ItemDeleted
from shortlist_bundle.changes.head import Head
from shortlist_bundle.changes.log import START, Outcome
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_bundle.changes.segments import segment_names
from shortlist_bundle.errors import StorageError, StorageFull
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.changes.sealing import seal_if_due
from shortlist_server.changes.settings import LogSettings

AT_ONCE = LogSettings(segment_bytes=1)
"""Seals whatever there is."""


def event(name, customer="anna"):
    return EventRecorded(event_id=name, customer_id=customer, item_id="milk", timestamp=1.0)


def events(names):
    return [event(str(name)) for name in names]


@pytest.fixture
def log(tmp_path):
    log = DiskLog(tmp_path)
    yield log
    log.close()


def whole(log):
    return [change for _, change in read_all(log, START, log.newest(), page=7)]


def test_changes_come_back_in_order_from_segments_and_head(log):
    written = []
    for start in range(0, 40, 10):
        changes = [*events(range(start, start + 9)), ItemDeleted(item_id=str(start))]
        log.append(changes)
        written += changes
        if start < 30:
            assert seal_if_due(log.folder, AT_ONCE) >= 1
    assert len(segment_names(log.folder)) >= 3
    assert whole(log) == written
    positions = [position for position, _ in log.read(START, limit=100)]
    assert positions == sorted(set(positions))
    assert positions[-1] == log.newest()
    for behind in (0, 5, 9, 10, 25, 39):
        found = log.read(positions[behind], limit=3)
        assert [change for _, change in found] == written[behind + 1 : behind + 4]


def test_an_event_is_recorded_once_across_segments_and_restarts(tmp_path):
    log = DiskLog(tmp_path)
    assert log.append(events("aab")).outcomes == (Outcome.RECORDED, Outcome.DUPLICATE, Outcome.RECORDED)
    seal_if_due(tmp_path, AT_ONCE)
    assert log.append(events("bc")).outcomes == (Outcome.DUPLICATE, Outcome.RECORDED)
    log.close()
    log = DiskLog(tmp_path)
    again = log.append(events("abc"))
    assert again.outcomes == (Outcome.DUPLICATE,) * 3
    assert again.position == log.newest()
    assert [change.event_id for change in whole(log)] == ["a", "b", "c"]
    log.close()


def test_changes_without_an_id_are_no_duplicates(log):
    forgotten = CustomerForgotten(customer_id="anna")
    log.append([forgotten, forgotten])
    assert whole(log) == [forgotten, forgotten]


def test_ids_are_let_go_when_they_are_old_or_too_many(log):
    log.append(events("abc"))
    seal_if_due(log.folder, LogSettings(segment_bytes=1, most_ids=1))
    assert log.append(events("c")).outcomes == (Outcome.DUPLICATE,)
    assert log.append(events("b")).outcomes == (Outcome.RECORDED,)
    seal_if_due(log.folder, LogSettings(segment_bytes=1, id_seconds=-1.0))
    assert log.append(events("b")).outcomes == (Outcome.RECORDED,)


def test_what_another_process_writes_is_read(tmp_path):
    """Two logs of one folder stand for two processes: nothing is shared but the files."""
    one, other = DiskLog(tmp_path), DiskLog(tmp_path)
    first = one.append(events("a")).position
    assert other.newest() == first
    second = other.append(events("b")).position
    assert second > first
    assert [change.event_id for _, change in one.read(first, limit=10)] == ["b"]
    seal_if_due(tmp_path, AT_ONCE)
    assert [change.event_id for _, change in other.read(START, limit=10)] == ["a", "b"]
    assert other.append(events("a")).outcomes == (Outcome.DUPLICATE,)
    one.close()
    other.close()


def test_many_threads_of_two_logs_share_one_order(tmp_path):
    logs = [DiskLog(tmp_path), DiskLog(tmp_path)]

    def work(number):
        for batch in range(10):
            appended = logs[number % 2].append(events(f"{number}-{batch}-{row}" for row in range(5)))
            assert appended.outcomes == (Outcome.RECORDED,) * 5

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        seal_if_due(tmp_path, LogSettings(segment_bytes=500))
    for thread in threads:
        thread.join()
    found = [change.event_id for change in whole(logs[0])]
    assert len(found) == len(set(found)) == 300
    for number in range(6):
        own = [name for name in found if name.startswith(f"{number}-")]
        assert own == [f"{number}-{batch}-{row}" for batch in range(10) for row in range(5)]
    for log in logs:
        log.close()


def test_a_full_disk_writes_nothing_and_passes(log):
    log.append(events("a"))
    pages = log._head.connection.execute("PRAGMA page_count").fetchone()[0]
    log._head.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull, match="nothing was written"):
        log.append(events(range(1000)))
    assert [change.event_id for change in whole(log)] == ["a"]
    log._head.connection.execute("PRAGMA max_page_count = 1000000")
    assert set(log.append(events(range(1000))).outcomes) == {Outcome.RECORDED}


def test_a_segment_that_cannot_be_written_leaves_its_changes_in_the_head(log):
    log.append(events("abc"))
    (log.folder / "segments").write_text("in the way")
    with pytest.raises(StorageError):
        seal_if_due(log.folder, AT_ONCE)
    assert [change.event_id for change in whole(log)] == ["a", "b", "c"]


def test_commits_wait_for_the_disk(log):
    assert log._head.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert log._head.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_log_that_is_not_there_is_not_made_by_reading(tmp_path):
    with pytest.raises(StorageError, match="no log of changes"):
        Reader(tmp_path)
    assert not os.listdir(tmp_path)


def test_a_log_of_a_newer_release_is_refused(tmp_path):
    DiskLog(tmp_path).close()
    head = Head(tmp_path)
    head.connection.execute("PRAGMA user_version = 99")
    head.close()
    with pytest.raises(StorageError, match="format 99"):
        DiskLog(tmp_path)
