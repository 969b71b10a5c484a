"""The scorer's logits of any items."""

import numpy as np
from arrays import random_batch, random_engine

from shortlist_bundle.asked import asked_logits, shortlist

ENGINE = random_engine()


def asked(items, *, seen_allowed=True, batch=None):
    encoded = ENGINE.retriever.encode(random_batch() if batch is None else batch)
    candidates = shortlist(ENGINE, encoded, seen_allowed=seen_allowed)
    return encoded, candidates, *asked_logits(ENGINE, encoded, candidates, items, seen_allowed=seen_allowed)


def every_item(count):
    return np.tile(np.arange(1, 31, dtype=np.int32), (count, 1))


def test_items_of_the_shortlist_have_the_lists_own_logits():
    encoded, candidates, logits, proposed = asked(every_item(7))
    ranked = ENGINE.rerank(encoded, candidates, seen_allowed=True, k=30)
    for row in range(7):
        listed = ranked.items[row] > 0
        items = ranked.items[row][listed]
        np.testing.assert_array_equal(np.flatnonzero(proposed[row]) + 1, np.sort(items))
        np.testing.assert_allclose(logits[row, items - 1], ranked.scores[row][listed], rtol=1e-5)
    assert not proposed.all()


def test_a_logit_does_not_depend_on_what_else_is_asked_nor_on_the_order():
    every, flags = asked(every_item(7))[2:]
    some = np.tile(np.array([9, 2, 30, 9], np.int32), (7, 1))
    logits, proposed = asked(some)[2:]
    np.testing.assert_allclose(logits, np.take_along_axis(every, some - 1, axis=1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(proposed, np.take_along_axis(flags, some - 1, axis=1))


def test_where_seen_items_are_not_listed_they_are_scored_all_the_same():
    encoded, candidates, logits, proposed = asked(every_item(7), seen_allowed=False)
    seen = encoded.seen()[:, 1:]
    assert seen.any()
    assert not (proposed & seen).any()
    assert np.isfinite(logits).all()
    assert not np.take_along_axis(encoded.seen(), candidates.items, axis=1)[candidates.items > 0].any()


def test_nobody_and_nothing_are_fine():
    batch = random_batch(count=2)
    logits, proposed = asked(np.zeros((2, 0), np.int32), batch=batch)[2:]
    assert logits.shape == proposed.shape == (2, 0)
