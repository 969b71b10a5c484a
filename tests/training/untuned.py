"""A retriever whose models know nothing, around counting sources with settings that nobody has tuned."""

import numpy as np

from shortlist_bundle.engine import Retriever
from shortlist_bundle.sources.own_past import OwnPast
from shortlist_bundle.sources.popularity import Popularity
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.embedding import EmbeddingCustomers
from shortlist_bundle.towers.layers import FeatureSum
from shortlist_training.config.run import RunConfig
from shortlist_training.retrieval.counting import count_items, find_neighbours
from shortlist_training.retrieval.retriever import signal_spec


def untuned(dataset, limits):
    spec = signal_spec(dataset, RunConfig())
    mix = tuple(1 / len(spec.half_lives) for _ in spec.half_lives)
    vectors = np.zeros((dataset.item_rows, 3), np.float32)
    nobody = np.zeros((dataset.customer_rows, 3), np.float32)
    counts = count_items(dataset, limits)
    return Retriever(
        tower=CustomerTower(
            history_items=vectors[:, :2],
            position_weights=np.ones((1, 3), np.float32),
            mixes=np.eye(2, dtype=np.float32)[None],
            customer_ids=nobody[:, :2],
            features=FeatureSum(kernel=np.zeros((0, 2), np.float32), tables={}),
            inverse_temperature=1.0,
        ),
        tower_items=ItemVectors(vectors),
        embedding=EmbeddingCustomers(customers=nobody, items=vectors, fold=np.eye(2, dtype=np.float32)),
        embedding_items=ItemVectors(vectors),
        counting={
            "own_past": OwnPast(mix=mix),
            "item_cf": find_neighbours(dataset, limits, RunConfig().sources, mix=mix),
            "popularity": Popularity(counts, buckets=8),
        },
        counts=counts,
        signals=spec,
        level_codes=(),
    )
