"""What is taken away is gone, and the rest is as it was."""

import numpy as np
import pytest
from small_logs import dataset_of

from shortlist_training.benchmark.ablations.taking import (
    without_customer_features,
    without_item_features,
    without_signals,
    without_source,
)
from shortlist_training.config.models import ScorerConfig
from shortlist_training.evaluation.targets import Targets
from shortlist_training.models.scorer import feature_width
from shortlist_training.reranking.fit import new_scorer
from shortlist_training.reranking.lists import Lists

COLUMNS = {"customer_id": ["a", "b"], "town": ["ash", "elm"], "age": [3.0, 4.0]}
DATASET = dataset_of(
    [(customer, item, float(n)) for n, (customer, item) in enumerate([("a", "x"), ("b", "y"), ("a", "y"), ("b", "z")])],
    customers=COLUMNS,
    items={"item_id": ["x", "y", "z"], "kind": ["k", "k", "l"]},
)


def lists():
    """Two customers, three candidates each, two sources; by hand.

    The first source alone proposes item 1 to the first customer, both propose item 2, the second alone item 3; item 3
    of the second customer was proposed by nobody, and filled up.
    """
    return Lists(
        seen_allowed=True,
        targets=Targets(rows=np.array([1, 2]), width=4, keys=np.array([1, 4 + 2]), sizes=np.array([1, 1])),
        vectors=np.zeros((2, 3), np.float32),
        item_vectors=np.ones((4, 3), np.float32),
        items=np.array([[1, 2, 3], [2, 3, 0]], np.int32),
        ranks=np.array([[[0, -1], [1, 0], [-1, 1]], [[0, 0], [-1, -1], [-1, -1]]], np.int16),
        signals=np.random.default_rng(0).normal(1000, 3, (2, 3, 4)).astype(np.float32),
    )


def test_a_signal_that_is_taken_away_says_nothing_to_the_scorer():
    before = lists()
    after = without_signals(before, [1, 3])
    scorer = new_scorer(DATASET, ScorerConfig(), [after], width=2, seed=0)
    assert (scorer.standardise(after.signals)[..., [1, 3]] == 0).all()
    np.testing.assert_array_equal(after.signals[..., [0, 2]], before.signals[..., [0, 2]])
    assert (lists().signals == before.signals).all()


def test_a_source_takes_its_signals_and_what_nobody_else_proposed_with_it():
    first = without_source(lists(), 0, [0])
    assert first.items.tolist() == [[0, 2, 3], [2, 3, 0]]
    assert first.ranks[..., 0].max() == -1
    assert (first.signals[..., 0] == 0).all()
    second = without_source(lists(), 1, [1])
    assert second.items.tolist() == [[1, 2, 0], [2, 3, 0]]


def test_a_target_that_only_one_source_had_found_is_lost_with_it():
    assert lists().labels.sum(axis=1).tolist() == [1, 1]
    assert without_source(lists(), 0, [0]).labels.sum(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("without", "gone", "kept"),
    [
        (without_customer_features, "customer_input", "item_input"),
        (without_item_features, "item_input", "customer_input"),
    ],
)
def test_columns_of_one_side_are_gone_from_the_scorer(without, gone, kept):
    scorer = new_scorer(without(DATASET), ScorerConfig(), [lists()], width=2, seed=0)
    assert feature_width(getattr(scorer, gone)) == 0
    assert feature_width(getattr(scorer, kept)) > 0
