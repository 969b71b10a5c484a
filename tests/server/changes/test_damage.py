"""Damage is found, set aside and named; the rest goes on."""

import logging
import os

import pytest

from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.head import HEAD
from shortlist_bundle.changes.log import START, Outcome
from shortlist_bundle.changes.segments import DAMAGED, SEGMENTS, segment_names
from shortlist_bundle.errors import ChangesDamaged
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.changes.sealing import seal_if_due
from shortlist_server.changes.settings import LogSettings

AT_ONCE = LogSettings(segment_bytes=1)


def events(names):
    return [EventRecorded(event_id=str(name), customer_id="anna", item_id="milk", timestamp=1.0) for name in names]


def ids(log, after=START):
    return [change.event_id for _, change in log.read(after, limit=1000)]


@pytest.fixture
def folder(tmp_path):
    """Return a log of two segments, a to e and f to j, and k and l in the head."""
    log = DiskLog(tmp_path)
    for names in ("abcde", "fghij"):
        log.append(events(names))
        assert seal_if_due(tmp_path, LogSettings(segment_bytes=10_000, segment_seconds=-1.0)) == 1
    log.append(events("kl"))
    log.close()
    return tmp_path


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_damaged_segment_is_set_aside_and_its_whole_changes_stay(folder, caplog):
    name = segment_names(folder)[0]
    path = folder / SEGMENTS / name
    before = path.read_bytes()
    flip(path, before.index(b'"event_id":"c"'))
    log = DiskLog(folder)
    with caplog.at_level(logging.ERROR):
        assert ids(log) == list("abdefghijkl")
    assert name in caplog.text
    assert "anna" not in caplog.text
    assert len(log.damaged) == 1
    (aside,) = os.listdir(folder / DAMAGED)
    assert aside.endswith(name)
    assert (folder / DAMAGED / aside).read_bytes() != before
    log.close()
    caplog.clear()
    log = DiskLog(folder)
    assert ids(log) == list("abdefghijkl")
    assert not log.damaged
    assert not caplog.text
    log.close()


def test_a_lost_segment_leaves_the_others(folder):
    (folder / SEGMENTS / segment_names(folder)[0]).unlink()
    log = DiskLog(folder)
    assert ids(log) == list("fghijkl")
    assert len(log.damaged) == 1
    log.close()


def test_a_damaged_change_of_the_head_is_left_out(folder):
    log = DiskLog(folder)
    log._head.connection.execute("UPDATE changes SET checksum = checksum + 1 WHERE position = ?", (log.newest(),))
    assert ids(log) == list("abcdefghijk")
    assert [part.file for part in log.damaged] == [HEAD]
    seal_if_due(folder, AT_ONCE)
    assert ids(log) == list("abcdefghijk")
    log.close()


def test_a_head_that_is_no_database_is_set_aside_and_ids_and_order_go_on(folder, caplog):
    log = DiskLog(folder)
    newest = log.newest()
    log.close()
    (folder / HEAD).write_bytes(b"not a database" * 1000)
    with caplog.at_level(logging.ERROR):
        log = DiskLog(folder)
    assert HEAD in caplog.text
    assert ids(log) == list("abcdefghij")
    assert log.append(events("em")).outcomes == (Outcome.DUPLICATE, Outcome.RECORDED)
    assert log.newest() > newest
    assert ids(log, newest) == ["m"]
    log.close()


def test_what_can_be_read_of_a_damaged_head_stays(folder):
    """Pages of the ids are wiped: the changes themselves are whole."""
    data = bytearray((folder / HEAD).read_bytes())
    # The schema of the segments becomes one that SQLite cannot read.
    place = data.index(b"CREATE TABLE segments")
    data[place : place + 12] = b"CREATE TABLX"
    (folder / HEAD).write_bytes(data)
    log = DiskLog(folder)
    assert ids(log)[:10] == list("abcdefghij")
    assert log.append(events("a")).outcomes == (Outcome.DUPLICATE,)
    log.close()


def test_a_lost_head_is_made_again(folder):
    (folder / HEAD).unlink()
    log = DiskLog(folder)
    assert ids(log) == list("abcdefghij")
    assert log.append(events("an")).outcomes == (Outcome.DUPLICATE, Outcome.RECORDED)
    log.close()


def test_a_damaged_head_in_use_is_not_moved(folder):
    log = DiskLog(folder)
    saved = (folder / HEAD).read_bytes()
    (folder / HEAD).write_bytes(b"not a database" * 1000)
    with pytest.raises(ChangesDamaged, match="end all servers"):
        DiskLog(folder)
    (folder / HEAD).write_bytes(saved)
    log.close()


def test_a_segment_that_cannot_be_set_aside_is_read_all_the_same(folder, caplog):
    path = folder / SEGMENTS / segment_names(folder)[0]
    flip(path, path.read_bytes().index(b'"event_id":"c"'))
    (folder / DAMAGED).write_text("in the way")
    log = DiskLog(folder)
    assert ids(log) == list("abdefghijkl")
    assert "could not be set aside" in caplog.text
    log.close()
