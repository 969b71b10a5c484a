"""Rows are carried over by id, and what has come and gone is counted."""

import numpy as np
from grown import LEFT, NEW_CUSTOMERS, NEW_ITEMS

from shortlist_training.origin.rows import carried_rows


def test_rows_are_found_by_id(origin, dataset):
    rows = carried_rows(origin, dataset)
    for found, now, before in (
        (rows.customers, dataset.customers, origin.model.customers),
        (rows.items, dataset.items, origin.model.items),
    ):
        assert len(found) == len(now)
        assert found[0] == 0
        for row in range(1, len(now)):
            assert before.id(found[row]) == (now.id(row) if now.id(row) in before else "")


def test_what_has_grown_is_counted(news, origin):
    assert LEFT in origin.model.customers
    assert news.figures["customers"] == {"known": 204, "new": len(NEW_CUSTOMERS), "gone": 1}
    assert news.figures["items"] == {"known": 60, "new": len(NEW_ITEMS), "gone": 0}
    assert news.figures["values"] == {"customers.town": 1, "items.tags": 1}
    assert news.figures["unread_columns"] == []
    told = str(news)
    assert "4 new customers beside 204 (1 gone)" in told
    assert "3 new items beside 60 (0 gone)" in told
    assert "1 of customers.town, 1 of items.tags" in told


def test_old_and_new_events_are_told_apart(news, dataset, origin):
    before = origin.model.snapshot.events
    rows = carried_rows(origin, dataset).customers
    np.testing.assert_array_equal(news.seen, np.where(rows > 0, before.lengths[rows], 0))
    assert news.figures["events"] == {"seen": int(news.seen.sum()), "new": 199 * 4 + 4 * 8}
