import numpy as np
import pytest
from small_logs import two_camps

from shortlist_bundle.engine import Retriever
from shortlist_bundle.sources.own_past import OwnPast
from shortlist_bundle.sources.popularity import Popularity
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.embedding import EmbeddingCustomers
from shortlist_bundle.towers.layers import FeatureSum
from shortlist_training.config.run import RunConfig, SourcesConfig
from shortlist_training.progress import Silent
from shortlist_training.reranking import strangers
from shortlist_training.reranking.lists import make_lists, modes, source_lists
from shortlist_training.retrieval import batches
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import training_clock, window_batches
from shortlist_training.retrieval.counting import count_items, find_neighbours, half_lives
from shortlist_training.retrieval.retriever import signal_spec
from shortlist_training.split.plan import SplitKind, plan_split

DATASET = two_camps(items=30, length=9)
PLAN = plan_split(DATASET, SplitKind.LAST)
CLOCK = training_clock(DATASET, PLAN.scorer, typical=0.5)
NAMES = ("own_past", "two_tower", "item_cf", "embedding", "popularity")
CONFIG = RunConfig(sources=SourcesConfig(names=NAMES, min_customers=1))
DEPTHS = {"item_cf": 5, "popularity": 3, "two_tower": 2, "own_past": 4}


def counting_retriever(limits):
    """Build a retriever whose vectors are random: the counting sources do the work."""
    random = np.random.default_rng(0)
    items = random.normal(size=(DATASET.item_rows, 5)).astype(np.float32)
    mix = tuple(1.0 for _ in half_lives(DATASET))
    tower = CustomerTower(
        history_items=items[:, :4] * (np.arange(DATASET.item_rows) > 0)[:, None],
        position_weights=np.ones((1, 6), np.float32),
        mixes=np.eye(4, dtype=np.float32)[None],
        customer_ids=np.zeros((DATASET.customer_rows, 4), np.float32),
        features=FeatureSum(kernel=np.zeros((0, 4), np.float32), tables={}),
        inverse_temperature=5.0,
    )
    nobody = np.zeros((DATASET.customer_rows, 5), np.float32)
    counts = count_items(DATASET, limits)
    return Retriever(
        tower=tower,
        tower_items=ItemVectors(items),
        embedding=EmbeddingCustomers(customers=nobody, items=items, fold=np.eye(4, dtype=np.float32)),
        embedding_items=ItemVectors(items),
        counting={
            "own_past": OwnPast(mix=mix),
            "item_cf": find_neighbours(DATASET, limits, CONFIG.sources, mix=mix),
            "popularity": Popularity(counts, buckets=8),
        },
        counts=counts,
        signals=signal_spec(DATASET, CONFIG),
        level_codes=(),
    )


RETRIEVER = counting_retriever(PLAN.scorer.starts)


def lists(window=PLAN.scorer, *, seen_allowed=False, limit=1000, asked_again=0.0):
    return make_lists(
        DATASET, RETRIEVER, window, CLOCK, DEPTHS, seen_allowed=seen_allowed, limit=limit, seed=0, bar=Silent(),
        strangers=asked_again,
    )  # fmt: skip


def given_items(window, row):
    return set(window.given(DATASET.events, np.array([row])).items.tolist())


@pytest.mark.parametrize("seen_allowed", [True, False])
def test_candidates_are_those_of_the_sources_at_the_windows_start(seen_allowed):
    found = lists(seen_allowed=seen_allowed)
    assert len(found.targets.rows) == 40
    assert found.signals.shape == (*found.items.shape, len(RETRIEVER.signals.names))
    assert np.isfinite(found.signals).all()
    assert (found.signals[found.items > 0][:, 0] == seen_allowed).all()
    for row, items in zip(found.targets.rows, found.items, strict=True):
        shown = set(items[items > 0].tolist())
        assert len(shown) == np.count_nonzero(items)
        assert shown.isdisjoint(given_items(PLAN.scorer, row)) or seen_allowed
        assert given_items(PLAN.scorer, row) & shown or not seen_allowed


def test_nothing_of_the_future_is_in_the_signals():
    """Customers who differ only after the window's start have the same lists."""
    found = lists()
    length = dict(zip(found.targets.rows.tolist(), found.signals[:, 0, 1].tolist(), strict=True))
    assert all(
        value == pytest.approx(np.log1p(PLAN.scorer.starts[row])) and value < np.log1p(DATASET.events.lengths[row])
        for row, value in length.items()
    )


@pytest.mark.parametrize("cells", [1, 31 * 7])
def test_the_size_of_the_chunks_changes_nothing(monkeypatch, cells):
    whole = lists(asked_again=0.5)
    monkeypatch.setattr(batches, "CHUNK_CELLS", cells)
    parts = lists(asked_again=0.5)
    assert parts.items.tolist() == whole.items.tolist()
    assert parts.ranks.tolist() == whole.ranks.tolist()
    present = whole.items > 0
    np.testing.assert_allclose(parts.signals[present], whole.signals[present], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(parts.vectors, whole.vectors, rtol=1e-4, atol=1e-5)


def test_strangers_come_behind_the_customers_and_bring_less(monkeypatch):
    monkeypatch.setattr(strangers, "FEWEST", 1)
    known, both = lists(), lists(asked_again=0.5)
    assert len(known.items) == 40
    assert len(both.items) == 60
    # Lists of strangers can be longer: their places that some sources have nothing for are handed on to others.
    width = known.items.shape[1]
    assert both.items[:40, :width].tolist() == known.items.tolist()
    assert both.labels[:40, :width].tolist() == known.labels.tolist()
    assert not both.items[:40, width:].any()
    length = known.signals[:, 0, 1]
    for row, items, signals, labels in zip(
        both.targets.rows[40:], both.items[40:], both.signals[40:], both.labels[40:], strict=True
    ):
        place = known.targets.rows.tolist().index(row)
        assert signals[0, 1] <= length[place] + 1e-6
        # Asked for the same, and not offered what they have really taken.
        wanted = known.targets.keys[known.targets.keys // known.targets.width == place] % known.targets.width
        assert items[labels > 0].tolist() == sorted(set(items.tolist()) & set(wanted.tolist()))
        assert set(items[items > 0].tolist()).isdisjoint(given_items(PLAN.scorer, row))
    assert (both.signals[40:, 0, 1] == 0).any()
    assert both.labels[40:].any()


def test_at_most_so_many_customers_are_asked_about():
    assert len(lists(limit=7).items) == 7


def test_every_source_alone_proposes_what_its_board_finds_best():
    alone, targets = source_lists(
        DATASET, RETRIEVER, PLAN.scorer, CLOCK, seen_allowed=False, depth=6, limit=1000, seed=0
    )
    assert tuple(alone) == CONFIG.sources.names
    assert all(items.shape == (len(targets.rows), 6) for items in alone.values())
    assert not alone["own_past"].any()
    found = lists()
    source = CONFIG.sources.names.index("item_cf")
    for row, items in enumerate(found.items):
        proposed = {int(rank): int(item) for item, rank in zip(items, found.ranks[row, :, source], strict=True)}
        best = [proposed[rank] for rank in range(5) if rank in proposed]
        assert best == [item for item in alone["item_cf"][row, :5].tolist() if item]


def test_what_may_be_shown():
    ((_, batch),) = window_batches(DATASET, PLAN.judge, np.arange(1, 4), CLOCK)
    everything = allowed_items(DATASET, batch, batch.now, seen_allowed=True)
    unseen = allowed_items(DATASET, batch, batch.now, seen_allowed=False)
    assert not everything[:, 0].any()
    assert everything[:, 1:].all()
    for row in range(3):
        assert set(np.flatnonzero(~unseen[row]).tolist()) == {0, *given_items(PLAN.judge, row + 1)}


def test_only_where_people_buy_again_are_there_two_modes():
    assert modes(True) == (True, False)
    assert modes(False) == (False,)
