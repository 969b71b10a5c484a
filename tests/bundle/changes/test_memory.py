"""The log in memory keeps what `ChangeLog` promises."""

from shortlist_bundle.changes.change import CustomerForgotten, EventRecorded, ItemDeleted
from shortlist_bundle.changes.log import START, ChangeLog, Outcome
from shortlist_bundle.changes.memory import MemoryLog


def event(name: str) -> EventRecorded:
    return EventRecorded(event_id=name, customer_id="anna", item_id="milk", timestamp=1.0)


def test_changes_come_back_in_order_behind_any_position():
    log: ChangeLog = MemoryLog()
    changes = [event("a"), ItemDeleted(item_id="milk"), CustomerForgotten(customer_id="anna")]
    assert log.newest() == START
    appended = log.append(changes)
    assert appended.outcomes == (Outcome.RECORDED,) * 3
    assert appended.position == log.newest()
    whole = log.read(START, limit=10)
    assert [change for _, change in whole] == changes
    assert log.read(whole[0][0], limit=1) == whole[1:2]
    assert log.read(appended.position, limit=10) == ()


def test_the_same_event_is_recorded_once():
    log = MemoryLog()
    assert log.append([event("a"), event("a"), event("b")]).outcomes == (
        Outcome.RECORDED,
        Outcome.DUPLICATE,
        Outcome.RECORDED,
    )
    again = log.append([event("b")])
    assert again.outcomes == (Outcome.DUPLICATE,)
    assert again.position == log.newest()
    assert len(log.read(START, limit=10)) == 2
