import math
from dataclasses import replace

import numpy as np
import pytest
from arrays import SOURCES, batch_of, no_counts, random_batch, random_engine
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.merge import Candidates, merge
from shortlist_bundle.signals.pair import SignalSpec, pair_signals
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.scoreboard import SharedScores

SPEC = SignalSpec(half_lives=(10.0, 20.0), sources=("popularity",), levels=("aisle",), lately=(1,), unit=2.0)
CODES = np.array([0, 1, 1, 2], np.int32)
COUNTS = ItemCounts(
    edges=np.array([0.0, 25.0, 50.0]),
    cumulative=np.array([[0, 0, 0, 0], [0, 3, 1, 0], [0, 4, 6, 1]], np.float32),
    repeats=np.array([0, 0.5, 0.25, 0], np.float32),
    first_seen=np.array([0, 10.0, 20.0, 60.0]),
)
BOARD = SharedScores(
    groups=np.zeros(2, np.int64),
    table=np.array([[0, 4, 6, 1]], np.float32),
    orders=np.array([[2, 1, 3]], np.int32),
)
# The first customer took item 1 at 10 and 30, item 2 at 40; the second one nothing. Both are asked at 50.
BATCH = batch_of([[(1, 10), (1, 30), (2, 40)], []], now=50.0)


def signals_of(batch=BATCH, *, items, ranks=None, spec=SPEC, counts=COUNTS, codes=(CODES,), seen_allowed=True):
    items = np.array(items, np.int32)
    ranks = np.full((*items.shape, len(spec.sources)), -1) if ranks is None else np.array(ranks)
    raw = pair_signals(
        spec,
        batch=batch,
        seen_allowed=np.full(len(batch), seen_allowed),
        candidates=Candidates(items=items, ranks=ranks.astype(np.int16)),
        boards=[replace(BOARD, groups=np.zeros(len(batch), np.int64))] * len(spec.sources),
        past=past_of(batch, spec, np.arange(4)),
        level_pasts=[past_of(batch, spec, code) for code in codes],
        level_codes=codes,
        counts=counts,
    )
    assert raw.dtype == np.float32
    assert raw.shape == (*items.shape, len(spec.names))
    return [[dict(zip(spec.names, pair.tolist(), strict=True)) for pair in row] for row in raw]


def past_of(batch, spec, codes):
    things = codes[batch.history.items]
    return sum_up(batch.history, batch.now, spec.half_lives, things=things, width=int(codes.max()) + 1)


def test_the_names_are_distinct_and_match_the_last_axis():
    assert len(set(SPEC.names)) == len(SPEC.names)
    encoded = random_engine().retriever.encode(random_batch())
    retriever = random_engine().retriever
    candidates = merge([board.best(3, np.ones((7, 31), np.bool_))[0] for board in encoded.boards.values()])
    raw = retriever.pair_signals(encoded, candidates, np.ones(7, np.bool_))
    assert raw.shape == (*candidates.items.shape, len(retriever.signals.names))


def test_what_is_known_of_the_customer_alone():
    (first,), (second,) = signals_of(items=[[3], [3]])
    assert first["seen_allowed"] == 1
    assert first["history_length"] == pytest.approx(math.log(4))
    assert first["history_distinct"] == pytest.approx(math.log(3))
    assert first["idle"] == pytest.approx(math.log(1 + 10 / 2))
    assert [second[name] for name in ("history_length", "history_distinct", "idle")] == [0, 0, 0]
    assert signals_of(items=[[3], [3]], seen_allowed=False)[0][0]["seen_allowed"] == 0


def test_what_the_sources_say():
    (best, second, none), _ = signals_of(items=[[2, 1, 3], [1, 2, 3]], ranks=[[[0], [1], [-1]]] * 2)
    assert [pair["popularity:score"] for pair in (best, second, none)] == [6, 4, 1]
    assert best["popularity:rank"] == 1
    assert second["popularity:rank"] == pytest.approx(1 / math.log2(3))
    assert none["popularity:rank"] == 0


def test_the_own_past_of_an_item():
    (taken, other, never), _ = signals_of(items=[[1, 2, 3]] * 2)
    assert (taken["own:taken"], never["own:taken"]) == (1, 0)
    assert taken["own:count"] == pytest.approx(math.log(3))
    decayed = 2**-4 + 2**-2
    assert taken["own:decayed_0"] == pytest.approx(math.log1p(decayed))
    assert taken["own:share_0"] == pytest.approx(math.sqrt(decayed / (decayed + 0.5)))
    assert other["own:share_0"] == pytest.approx(math.sqrt(0.5 / (decayed + 0.5)))
    assert taken["own:since"] == pytest.approx(math.log1p(20 / 2))
    assert taken["own:gap"] == pytest.approx(math.log1p(20 / 2))
    assert taken["own:overdue"] == pytest.approx(math.log1p(20 / 20))
    assert (other["own:gap"], other["own:overdue"]) == (0, 0)
    assert all(never[name] == 0 for name in SPEC.names if name.startswith("own:"))


def test_the_own_past_of_a_category():
    (of_one, of_two, never), _ = signals_of(items=[[1, 2, 3]] * 2)
    # Items 1 and 2 are of one category, taken at 10, 30 and 40.
    for pair in (of_one, of_two):
        assert pair["aisle:share"] == 1
        assert pair["aisle:since"] == pytest.approx(math.log1p(10 / 2))
        assert pair["aisle:overdue"] == pytest.approx(math.log1p(10 / 15))
    assert [never[f"aisle:{name}"] for name in ("share", "since", "overdue")] == [0, 0, 0]


def test_what_everybody_does_with_an_item():
    (first, second, late), _ = signals_of(items=[[1, 2, 3]] * 2)
    assert first["item:takings"] == pytest.approx(math.log(5))
    # One of four takings fell into the newest of two buckets, five of six for the other item.
    assert first["item:trend_1"] == pytest.approx(math.log((1 + 1) / (2 + 1)))
    assert second["item:trend_1"] == pytest.approx(math.log((5 + 1) / (3 + 1)))
    assert first["item:repeats"] == 0.5
    assert first["item:age"] == pytest.approx(math.log1p(40 / 2))
    assert late["item:age"] == 0


def test_nothing_after_now_is_counted():
    ((pair,),) = signals_of(batch_of([[]], now=49.0), items=[[2]])
    assert pair["item:takings"] == pytest.approx(math.log(2))


def test_an_item_has_no_trend_when_the_log_is_no_longer_than_what_counts_as_recent():
    spec = replace(SPEC, lately=(1, 8))
    ((pair,),) = signals_of(batch_of([[]], now=30.0), items=[[1]], spec=spec)
    assert (pair["item:trend_1"], pair["item:trend_8"]) == (0, 0)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.floats(-1e12, 1e12), st.booleans())
def test_every_signal_is_finite_for_anybody_at_any_moment(seed, now, seen_allowed):
    retriever = random_engine().retriever
    batch = random_batch(seed)
    batch = replace(batch, now=np.full(len(batch), now))
    encoded = retriever.encode(batch)
    lists = [board.best(4, np.ones((len(batch), 31), np.bool_))[0] for board in encoded.boards.values()]
    raw = retriever.pair_signals(encoded, merge(lists), np.full(len(batch), seen_allowed))
    assert np.isfinite(raw).all()


def test_without_times_or_history_every_signal_is_finite():
    spec = SignalSpec(half_lives=(float("inf"),), sources=SOURCES[:1], levels=(), lately=(), unit=1.0)
    for rows in ([[]], [[(1, 0), (1, 0), (2, 0)]]):
        batch = batch_of(rows, now=0.0)
        (pairs,) = signals_of(batch, items=[[0, 1, 3]], spec=spec, counts=no_counts(4), codes=())
        assert all(math.isfinite(value) for pair in pairs for value in pair.values())
    assert pairs[1]["own:decayed_0"] == pytest.approx(math.log(3))
    assert (pairs[1]["own:since"], pairs[1]["own:gap"]) == (0, 0)
