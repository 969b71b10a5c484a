"""Fit every model on a small log, as often as asked, and print a digest of all weights each time."""

import hashlib
import sys

import keras
import numpy as np
import tensorflow as tf
from small_logs import all_events, two_camps

from shortlist_training.config.models import EmbeddingConfig, ScorerConfig, TwoTowerConfig
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Silent
from shortlist_training.reranking.fit import ScorerFit, new_scorer
from shortlist_training.reranking.lists import Lists
from shortlist_training.split.plan import plan_split


def fit_everything() -> str:
    keras.utils.set_random_seed(7)
    items = {"item_id": [f"i{n:03}" for n in range(20)], "camp": ["even", "odd"] * 10}
    dataset = two_camps(customers=12, items_table=items)
    limits = all_events(dataset)
    weights = []
    for full_softmax_items in (100, 0):
        config = TwoTowerConfig(
            embedding_size=8, batch_size=16, negatives=8, full_softmax_items=full_softmax_items, history_dropout=0.2
        )
        model = TwoTower(dataset, config, seed=1)
        TwoTowerFit(model, dataset, config, limits=limits, seed=1).run(Silent(), rounds=2, name="two-tower")
        weights += model.weights
    for objective in ("sampled_softmax", "bpr"):
        config = EmbeddingConfig(embedding_size=8, objective=objective, batch_size=16, negatives=8)
        model = EmbeddingModel(
            customer_rows=dataset.customer_rows,
            item_rows=dataset.item_rows,
            embedding_size=8,
            mean=0,
            spread=0.1,
            seed=1,
        )
        EmbeddingFit(model, dataset, config, limits=limits, seed=1).run(Silent(), rounds=2, name="embedding")
        weights += model.weights
    weights += scorer_weights(dataset)
    digest = hashlib.sha256()
    for weight in weights:
        digest.update(np.ascontiguousarray(weight.numpy()).tobytes())
    assert len(weights) > 30
    return digest.hexdigest()


def scorer_weights(dataset):
    random = np.random.default_rng(0)
    targets = window_targets(dataset.events, plan_split(dataset).judge, width=dataset.item_rows, only_new=True)
    count = len(targets.rows)
    lists = Lists(
        seen_allowed=False,
        targets=targets,
        vectors=random.normal(size=(count, 9)).astype(np.float32),
        item_vectors=random.normal(size=(dataset.item_rows, 9)).astype(np.float32),
        items=np.tile(np.arange(1, 21, dtype=np.int32), (count, 1)),
        ranks=np.zeros((count, 20, 1), np.int16),
        signals=random.normal(size=(count, 20, 3)).astype(np.float32),
    )
    config = ScorerConfig(batch_size=4, encodings=True)
    scorer = new_scorer(dataset, config, [lists], width=8, seed=1)
    ScorerFit(scorer, config, seed=1).run([lists], Silent(), rounds=2, name="scorer")
    return scorer.weights


if __name__ == "__main__":
    tf.config.experimental.enable_op_determinism()
    for _ in range(int(sys.argv[1])):
        print(fit_everything())
