import numpy as np
from small_logs import dataset_of

from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.reranking.fusion import fusion_reranker

SPEC = SignalSpec(half_lives=(1.0,), sources=("one", "two"), levels=("kind",), lately=(2,), unit=1.0)
DATASET = dataset_of(
    [("a", "x", 1.0), ("b", "y", 2.0)],
    customers={"customer_id": ["a", "b"], "age": [1.0, 2.0], "town": ["s", "s"]},
    items={"item_id": ["x", "y"], "kind": ["k", "l"]},
)


def logits(ranks):
    """Score candidates of which only the sources' rank signals differ, and everything else is noise."""
    signals = np.random.default_rng(0).normal(size=(2, len(ranks), len(SPEC.names))).astype(np.float32)
    for column, name in enumerate(("one:rank", "two:rank")):
        signals[..., SPEC.names.index(name)] = np.array(ranks)[:, column]
    rows = np.array([1, 2], np.int32)
    batch = CustomerBatch(
        rows=rows, features=DATASET.customer_features.take(rows), history=DATASET.events.take(rows), now=np.zeros(2)
    )
    items = np.tile(np.arange(len(ranks), dtype=np.int32) % 3, (2, 1))
    return fusion_reranker(DATASET, SPEC)(batch, np.zeros((2, 9), np.float32), items, signals)


def test_the_sum_of_the_ranks_decides():
    scores = logits([(1.0, 0.0), (0.6, 0.6), (0.0, 0.0), (1.0, 0.5)])
    assert scores.shape == (2, 4)
    assert np.argsort(-scores[0]).tolist() == [3, 1, 0, 2]
    np.testing.assert_allclose(scores[0], scores[1])


def test_untaught_probabilities_are_small():
    share = 1 / (1 + np.exp(-logits([(0.0, 0.0), (1.0, 1.0)])))
    assert (share < 0.2).all()
