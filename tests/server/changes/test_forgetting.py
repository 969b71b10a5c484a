"""Who asked to be forgotten leaves the segments and the head; nobody else does."""

from shortlist_bundle.changes.change import CustomerDescribed, CustomerForgotten, EventRecorded, ItemUpserted, ListShown
from shortlist_bundle.changes.head import HEAD
from shortlist_bundle.changes.log import START, Outcome
from shortlist_bundle.changes.segments import SEGMENTS, segment_names
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.changes.sealing import seal_if_due
from shortlist_server.changes.settings import LogSettings

WHOLE = LogSettings(segment_bytes=100_000, segment_seconds=-1.0)
NAME = 'an"na é'
"""A customer whose id is escaped in the file."""


def event(name, customer):
    return EventRecorded(event_id=name, customer_id=customer, item_id="milk", timestamp=1.0)


def test_a_forgotten_customer_leaves_segments_and_head(tmp_path):
    log = DiskLog(tmp_path)
    # Another one's id that contains the name, and an attribute that is the name.
    other = [event("c1", f"{NAME}-2"), ItemUpserted(item_id="x", attributes={"maker": NAME})]
    shown = {"bundle_id": "b", "moment": 1.0, "item_ids": ("milk",), "chances": (0.5,), "novelty": (1.0,), "vector": ()}
    own = ListShown(impression_id="a", customer_id=NAME, **shown)
    other.append(ListShown(impression_id="b", customer_id=f"{NAME}-2", **shown))
    log.append([event("a1", NAME), own, event("b1", "bob"), *other])
    seal_if_due(tmp_path, WHOLE)
    log.append([event("b2", "bob")])
    seal_if_due(tmp_path, WHOLE)
    untouched = (tmp_path / SEGMENTS / segment_names(tmp_path)[1]).stat().st_mtime_ns
    described = CustomerDescribed(customer_id=NAME, features={"age": 30})
    log.append(
        [described, event("a2", NAME), CustomerForgotten(customer_id=NAME), event("a3", NAME), event("b3", "bob")]
    )
    newest = log.newest()
    seal_if_due(tmp_path, WHOLE)
    found = [change for _, change in log.read(START, limit=100)]
    forgotten = CustomerForgotten(customer_id=NAME)
    assert found == [event("b1", "bob"), *other, event("b2", "bob"), forgotten, event("a3", NAME), event("b3", "bob")]
    assert (tmp_path / SEGMENTS / segment_names(tmp_path)[1]).stat().st_mtime_ns == untouched
    assert log.newest() == newest
    assert not log.damaged
    # Their ids are no data of theirs, and what is sent again is still a duplicate.
    assert log.append([event("a1", NAME)]).outcomes == (Outcome.DUPLICATE,)
    log.close()
    assert b'"event_id":"a2"' not in (tmp_path / HEAD).read_bytes()
    # A head that is made anew finds the segments, though their first change may be gone.
    (tmp_path / HEAD).unlink()
    log = DiskLog(tmp_path)
    assert [change for _, change in log.read(START, limit=100)] == found
    log.close()


def test_a_segment_of_nobody_else_stays_as_an_empty_one(tmp_path):
    log = DiskLog(tmp_path)
    log.append([event("a1", "anna")])
    seal_if_due(tmp_path, WHOLE)
    log.append([CustomerForgotten(customer_id="anna")])
    seal_if_due(tmp_path, WHOLE)
    assert [change for _, change in log.read(START, limit=100)] == [CustomerForgotten(customer_id="anna")]
    log.close()
    (tmp_path / HEAD).unlink()
    log = DiskLog(tmp_path)
    assert [change for _, change in log.read(START, limit=100)] == [CustomerForgotten(customer_id="anna")]
    log.close()
