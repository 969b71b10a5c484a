"""Small histories, batches and engines, built by hand."""

import numpy as np
from hypothesis import strategies as st

from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.reranker import Reranker
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.own_past import OwnPast
from shortlist_bundle.sources.popularity import ItemCounts, Popularity
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.embedding import EmbeddingCustomers
from shortlist_bundle.towers.layers import Dense, FeatureInput, FeatureSum, unit

SOURCES = ("own_past", "two_tower", "item_cf", "embedding", "popularity", "content")

EVENT = st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(1, 3))
ROWS = st.lists(st.lists(EVENT, max_size=6).map(lambda events: sorted(events, key=lambda event: event[1])), max_size=5)
"""Customers as lists of (item, time, value), oldest first."""


def histories(rows):
    """Build histories from lists of (item, time, value) or (item, time)."""
    flat = [(*event, 1.0)[:3] for row in rows for event in row]
    return Histories(
        offsets=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        items=np.array([item for item, _, _ in flat], np.int32),
        times=np.array([time for _, time, _ in flat], np.float64),
        values=np.array([value for _, _, value in flat], np.float32),
    )


def lists(table):
    """Take histories apart into lists of (item, time, value)."""
    events = list(zip(table.items.tolist(), table.times.tolist(), table.values.tolist(), strict=True))
    return [events[a:b] for a, b in zip(table.offsets[:-1], table.offsets[1:], strict=True)]


def no_features(count):
    return EncodedFeatures(np.zeros((count, 0), np.float32), {})


def batch_of(rows, *, now=100.0, customers=None, features=None):
    """Build a batch from lists of events, all asked at `now` unless it is a list."""
    return CustomerBatch(
        rows=np.zeros(len(rows), np.int32) if customers is None else np.array(customers, np.int32),
        features=no_features(len(rows)) if features is None else features,
        history=histories(rows),
        now=np.broadcast_to(np.asarray(now, np.float64), len(rows)).copy(),
    )


def no_counts(width):
    return ItemCounts(
        edges=np.zeros(2),
        cumulative=np.zeros((2, width), np.float32),
        repeats=np.zeros(width, np.float32),
        first_seen=np.zeros(width),
    )


def random_engine(seed=0, *, items=30, customers=6):
    """Build an engine of random weights over a log of 100 seconds: every part is there, nothing is trained."""
    random = np.random.default_rng(seed)
    width = 4

    def floats(*shape):
        return random.normal(size=shape).astype(np.float32)

    def table(*shape):
        values = floats(*shape)
        values[0] = 0
        return values

    half_lives, levels = (10.0, 40.0), ("kind",)
    spec = SignalSpec(half_lives=half_lives, sources=SOURCES, levels=levels, lately=(1, 2), unit=1.0)
    embedding_items = table(items + 1, width + 1)
    known = table(customers + 1, width + 1)
    known[1:, -1] = 1
    similar = np.triu(random.random((items + 1, items + 1)) < 0.2, 1)
    similar[0] = False
    similar |= similar.T
    neighbours = np.nonzero(similar)[1].astype(np.int32)
    cumulative = np.concatenate([np.zeros((1, items + 1)), random.integers(0, 9, (10, items + 1)).cumsum(axis=0)])
    counted = np.random.default_rng([seed, 1])
    item_cf = ItemCf(
        indptr=np.concatenate([[0], np.cumsum(similar.sum(axis=1))]).astype(np.int64),
        neighbours=neighbours,
        weights=counted.random(len(neighbours)).astype(np.float32),
        mix=(0.5, 0.5),
    )
    counts = ItemCounts(
        edges=np.linspace(0, 100, 11),
        cumulative=cumulative.astype(np.float32),
        repeats=counted.random(items + 1).astype(np.float32),
        first_seen=counted.uniform(0, 50, items + 1),
    )
    retriever = Retriever(
        tower=CustomerTower(
            history_items=table(items + 1, width),
            position_weights=np.exp(floats(2, 5)),
            mixes=floats(2, width, width),
            customer_ids=table(customers + 1, width),
            features=FeatureSum(kernel=floats(2, width), tables={"town": table(4, width), "tags": table(5, width)}),
            inverse_temperature=5.0,
        ),
        tower_items=ItemVectors(table(items + 1, width + 1)),
        embedding=EmbeddingCustomers(customers=known, items=embedding_items, fold=floats(width, width)),
        embedding_items=ItemVectors(embedding_items),
        counting={
            "own_past": OwnPast(mix=(0.5, 0.5)),
            "item_cf": item_cf,
            "popularity": Popularity(counts, buckets=2),
            "content": Content(ItemVectors(_content(seed, items)), mix=(0.25, 0.75)),
        },
        counts=counts,
        signals=spec,
        level_codes=(np.concatenate([[0], random.integers(0, 5, items)]).astype(np.int32),),
    )
    customer_width, hidden, signals = 2 + 3 + 3, 8, len(spec.names)
    reranker = Reranker(
        feature_input=FeatureInput(tables={"town": table(4, 3), "tags": table(5, 3)}),
        encoding_width=width,
        signal_mean=floats(signals),
        signal_scale=np.abs(floats(signals)),
        scorer=PairScorer(
            customer_layers=[],
            item_half=floats(items + 1, hidden),
            customer_kernel=floats(customer_width + width, hidden),
            signal_kernel=floats(signals, hidden) / 4,
            bias=floats(hidden),
            layers=[
                Dense(kernel=floats(hidden, 4), bias=floats(4), relu=True),
                Dense(kernel=floats(4, 1), bias=floats(1), relu=False),
            ],
            output=Output(sigmoid=True),
        ),
    )
    depths = {True: dict.fromkeys(SOURCES, 4), False: dict.fromkeys(SOURCES, 3)}
    return Engine(retriever, reranker, depths=depths)


def _content(seed, items):
    """Draw unit vectors; every third item is like the one before it, and item 7 is like none."""
    vectors = np.random.default_rng([seed, 2]).normal(size=(items + 1, 3)).astype(np.float32)
    vectors[3::3] = vectors[2:-1:3]
    vectors[[0, min(7, items)]] = 0
    return unit(vectors)


def random_batch(seed=0, *, count=7, items=30, customers=6):
    """Draw customers, known and unknown, with and without history and features, who fit `random_engine`."""
    random = np.random.default_rng(seed)
    rows = [
        sorted(((int(item), float(time)) for item, time in random.integers(0, [items + 1, 90], (length, 2))), key=_time)
        for length in random.integers(0, 9, count)
    ]
    features = EncodedFeatures(
        random.normal(size=(count, 2)).astype(np.float32),
        {
            "town": random.integers(0, 4, (count, 1)).astype(np.int32),
            "tags": random.integers(0, 5, (count, 3)).astype(np.int32),
        },
    )
    return batch_of(
        rows,
        now=random.uniform(90, 110, count),
        customers=random.integers(0, customers + 1, count),
        features=features,
    )


def _time(event):
    return event[1]
