"""A score taken apart is the score: nothing is lost and nothing invented."""

from dataclasses import replace

import numpy as np
import pytest
from arrays import ROWS, batch_of, random_batch, random_engine
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.contributions import Contributes, Contributions, VectorsContribute
from shortlist_bundle.reasons.history import contributions, pulls, shared
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources import item_cf as item_cf_module
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.popularity import Popularity
from shortlist_bundle.towers.autoencoder import AutoencoderCustomers

WIDTH = 7
WEIGHTS = np.random.default_rng(0).normal(size=(WIDTH, WIDTH)).astype(np.float32)
WEIGHTS[np.random.default_rng(1).random((WIDTH, WIDTH)) < 0.4] = 0
WEIGHTS[0] = WEIGHTS[:, 0] = 0
ROW, COLUMN = np.nonzero(WEIGHTS)
SPARSE = {
    "indptr": np.searchsorted(ROW, np.arange(WIDTH + 1)).astype(np.int64),
    "neighbours": COLUMN.astype(np.int32),
    "weights": WEIGHTS[ROW, COLUMN],
}
LISTS = st.lists(st.integers(0, WIDTH - 1), min_size=1, max_size=8)


def asked(rows, listed):
    batch = batch_of(rows)
    past = sum_up(batch.history, batch.now, (5.0, float("inf")), things=batch.history.items, width=WIDTH)
    return batch, past, np.tile(np.array(listed, np.int32), (len(rows), 1))


@given(ROWS, LISTS, st.integers(1, 8), st.sampled_from([0.5, 0.9, 1.0]), st.booleans())
def test_the_newest_items_add_up_to_the_board_s_scores(rows, listed, length, fade, by_moment):
    source = Newest(**SPARSE, length=length, fade=fade, by_moment=by_moment)
    batch, past, items = asked(rows, listed)
    found = source.contributions(batch, past, items)
    assert found.totals() == pytest.approx(source.scoreboard(batch, past).at(items), abs=1e-5)
    assert not found.rest.any()


@given(ROWS, LISTS, st.sampled_from([1, 2, 100]))
def test_the_neighbours_of_the_strongest_items_add_up_to_the_board_s_scores(rows, listed, limit):
    source = ItemCf(**SPARSE | {"weights": np.abs(SPARSE["weights"])}, mix=(0.5, 0.5))
    batch, past, items = asked(rows, listed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item_cf_module, "HISTORY_ITEMS", limit)
        found = source.contributions(batch, past, items)
        scores = source.scoreboard(batch, past).at(items)
    assert found.totals() == pytest.approx(scores, abs=1e-5)
    assert np.bincount(found.keys // WIDTH, minlength=1).max(initial=0) <= limit


@given(ROWS, LISTS, st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.5, 1.0]))
def test_an_autoencoder_s_history_adds_up_to_its_inner_products(rows, listed, norm, fade):
    random = np.random.default_rng(2)
    history_items, decoded = random.normal(size=(2, WIDTH, 3)).astype(np.float32)
    history_items[0] = decoded[0] = 0
    customers = AutoencoderCustomers(history_items=history_items, norm=norm, length=5, fade=fade, by_moment=False)
    batch, past, items = asked(rows, listed)
    found = customers.contributions(batch, past, decoded[items])
    assert found.totals() == pytest.approx(np.einsum("bd,bkd->bk", customers(batch, past), decoded[items]), abs=1e-5)


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(0, 3))
def test_every_source_of_an_engine_adds_up(seed, engine_seed):
    retriever = random_engine(engine_seed).retriever
    encoded = retriever.encode(random_batch(seed))
    items = np.random.default_rng(seed).integers(1, retriever.item_count + 1, (7, 5)).astype(np.int32)
    found = contributions(retriever, encoded, items)
    assert set(found) == set(encoded.boards) - {"own_past", "popularity"}
    for name, one in found.items():
        scores = encoded.boards[name].at(items)
        # Single precision, and the scores of random weights are of any size.
        assert one.totals() == pytest.approx(scores, abs=1e-5 * max(1.0, float(np.abs(scores).max()))), name


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_shares_sum_to_one_for_every_item_and_source(seed):
    retriever = random_engine().retriever
    encoded = retriever.encode(random_batch(seed))
    items = np.random.default_rng(seed).integers(1, retriever.item_count + 1, (7, 5)).astype(np.int32)
    for name, own in pulls(retriever, encoded, items, most=50).items():
        parts = contributions(retriever, encoded, items)[name]
        rising = np.zeros(items.shape, np.bool_)
        np.logical_or.at(rising, parts.keys // parts.width, parts.amounts > 0)
        rising |= parts.rest > 0
        total = own.history + own.rest
        assert total == pytest.approx(rising.astype(float), abs=1e-5), name
        assert own.shares.sum(axis=2) == pytest.approx(own.history, abs=1e-5), name
        assert (own.shares >= 0).all()
        assert (np.diff(own.shares, axis=2) <= 1e-7).all()
        assert ((own.items > 0) == (own.shares > 0)).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_a_customer_alone_has_the_reasons_of_the_batch(seed):
    retriever, batch = random_engine().retriever, random_batch(seed)
    items = np.random.default_rng(seed).integers(1, retriever.item_count + 1, (7, 5)).astype(np.int32)
    together = pulls(retriever, retriever.encode(batch), items)
    for row in range(len(batch)):
        alone = pulls(retriever, retriever.encode(batch.take(np.array([row]))), items[[row]])
        for name, own in alone.items():
            assert own.items[0].tolist() == together[name].items[row].tolist(), name
            assert own.shares[0] == pytest.approx(together[name].shares[row], abs=1e-5), name


def test_shares_by_hand():
    # Two customers: one with voices 2 and 4, of which 4 speaks against the second item; one without a history.
    parts = Contributions(
        width=10,
        keys=np.array([2, 4, 5], np.int64),
        amounts=np.array([[3, 1], [1, -1], [1, 1]], np.float32),
        rest=np.array([[-2, 2], [0, 4]], np.float32),
    )
    found = shared(parts, most=2)
    assert found.items.tolist() == [[[2, 4], [2, 5]], [[0, 0], [0, 0]]]
    assert found.shares[0, 0] == pytest.approx([0.6, 0.2])
    assert found.shares[0, 1] == pytest.approx([0.25, 0.25])
    assert found.history.tolist() == [[1, 0.5], [0, 0]]
    assert found.rest.tolist() == [[0, 0.5], [0, 1]]
    assert parts.totals().tolist() == [[3, 3], [0, 4]]


def test_a_part_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 voices"):
        Contributions(
            width=3, keys=np.array([1, 2]), amounts=np.zeros((1, 2), np.float32), rest=np.zeros((1, 2), np.float32)
        )


def test_a_source_without_contributions_has_no_such_reasons():
    retriever = random_engine().retriever
    assert isinstance(retriever.counting["item_cf"], Contributes)
    assert isinstance(retriever.embedding, VectorsContribute)
    assert not isinstance(retriever.counting["popularity"], Contributes)
    assert not isinstance(Popularity(retriever.counts, buckets=1), Contributes)


def test_of_a_learnt_vector_what_the_fold_does_not_explain_is_rest():
    retriever = random_engine().retriever
    encoded = retriever.encode(batch_of([[(3, 1)]], customers=[2], features=random_batch(count=1).features))
    items = np.array([[4, 9]], np.int32)
    found = contributions(retriever, encoded, items)["embedding"]
    by_hand = retriever.embedding_items.vectors[3, :-1] @ retriever.embedding.fold
    assert found.amounts[0] == pytest.approx(retriever.embedding_items.vectors[items[0], :-1] @ by_hand, abs=1e-5)
    assert np.abs(found.rest).min() > 1e-3


def test_a_context_is_no_history():
    engine = random_engine()
    tower = engine.retriever.tower
    pushed = replace(tower, context=replace(tower.features, tables={}))
    batch = random_batch(3, count=2)
    batch = replace(batch, context=replace(batch.features, bags={}))
    vectors = engine.retriever.tower_items.vectors[np.array([[1, 2], [3, 4]])]
    past = engine.retriever.encode(batch).past
    found = pushed.contributions(batch, past, vectors)
    scores = np.einsum("bd,bkd->bk", pushed(batch.rows, batch.features, batch.history, batch.context), vectors)
    assert found.totals() == pytest.approx(scores, abs=1e-4)
    assert not np.allclose(found.rest, tower.contributions(batch, past, vectors).rest)
