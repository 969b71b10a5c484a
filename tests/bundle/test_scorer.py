import numpy as np
import pytest
from arrays import batch_of, random_batch, random_engine
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.ratings import EmbeddingRating, FeatureRating
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.towers.layers import Dense, FeatureInput

RANDOM = np.random.default_rng(0)


def floats(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def test_the_split_first_layer_is_a_layer_over_everything_side_by_side():
    kernel, bias, last = floats(2 + 3 + 4, 5), floats(5), Dense(kernel=floats(5, 1), bias=floats(1), relu=False)
    customers, catalogue, signals = floats(6, 2), floats(11, 3), floats(6, 7, 4)
    items = RANDOM.integers(0, 11, (6, 7)).astype(np.int32)
    scorer = PairScorer(
        customer_layers=[],
        item_half=catalogue @ kernel[2:5],
        customer_kernel=kernel[:2],
        signal_kernel=kernel[5:],
        bias=bias,
        layers=[last],
        output=Output(sigmoid=False),
    )
    together = np.concatenate([np.repeat(customers[:, None], 7, axis=1), catalogue[items], signals], axis=2)
    expected = last(np.maximum(together @ kernel + bias, 0))[..., 0]
    assert scorer(customers, items, signals) == pytest.approx(expected, abs=1e-4)


def test_a_scorer_without_signals_needs_none():
    scorer = PairScorer(
        customer_layers=[Dense(kernel=np.eye(2, dtype=np.float32), bias=np.zeros(2, np.float32), relu=True)],
        item_half=np.array([[0, 0], [1, 2]], np.float32),
        customer_kernel=np.eye(2, dtype=np.float32),
        signal_kernel=np.zeros((0, 2), np.float32),
        bias=np.zeros(2, np.float32),
        layers=[Dense(kernel=np.ones((2, 1), np.float32), bias=np.zeros(1, np.float32), relu=False)],
        output=Output(sigmoid=False),
    )
    assert scorer(np.array([[3, -9]], np.float32), np.array([[1, 0]], np.int32)).tolist() == [[6, 3]]


@given(st.floats(-600, 600, width=32), st.floats(-5, 0), st.floats(1, 5))
def test_an_output_stays_within_its_scale(logit, low, high):
    score = float(Output(sigmoid=True, low=low, high=high)(np.array([logit], np.float32))[0])
    assert low - 1e-5 <= score <= high + 1e-5


def test_outputs_by_hand():
    logits = np.array([[0.0, np.log(3)]], np.float32)
    assert Output(sigmoid=False)(logits).tolist() == logits.tolist()
    assert Output(sigmoid=True)(logits)[0] == pytest.approx([0.5, 0.75])
    assert Output(sigmoid=True, low=1, high=5)(logits)[0] == pytest.approx([3, 4])
    assert Output(sigmoid=True)(logits).dtype == np.float32


def test_a_reranker_reads_features_encodings_and_clipped_signals():
    engine, batch = random_engine(), random_batch()
    reranker = engine.reranker
    vectors, items = floats(7, 5), RANDOM.integers(0, 31, (7, 4)).astype(np.int32)
    signals = floats(7, 4, len(engine.retriever.signals.names)) * 100
    customers = np.concatenate([reranker.feature_input(batch.features), vectors[:, :4]], axis=1)
    standard = np.clip((signals - reranker.signal_mean) * reranker.signal_scale, -8, 8)
    expected = reranker.scorer(customers, items, standard.astype(np.float32))
    assert reranker(batch, vectors, items, signals).tolist() == expected.tolist()


def test_an_embedding_rating_by_hand():
    model = EmbeddingRating(
        mean=3.0,
        customer_bias=np.array([0, 0.5], np.float32),
        item_bias=np.array([0, -1, 1], np.float32),
        customers=np.array([[0, 0], [1, 2]], np.float32),
        items=np.array([[0, 0], [0.25, 0.5], [4, 4]], np.float32),
        low=1.0,
        high=5.0,
    )
    ratings = model.predict(batch_of([[], []], customers=[1, 0]), np.array([[1, 2, 0], [1, 2, 0]], np.int32))
    # Known: 3 + 0.5 - 1 + 1.25; beyond the scale; the item unknown. Unknown customer: the item's bias alone.
    assert ratings.tolist() == [[3.75, 5, 3.5], [2, 4, 3]]
    assert ratings.dtype == np.float32


def test_a_feature_rating_reads_features_and_ids_and_stays_on_the_scale():
    batch = random_batch()
    features = FeatureInput(tables={"town": floats(4, 3), "tags": floats(5, 3)})
    scorer = PairScorer(
        customer_layers=[],
        item_half=floats(31, 4),
        customer_kernel=floats(8 + 2, 4),
        signal_kernel=np.zeros((0, 4), np.float32),
        bias=floats(4),
        layers=[Dense(kernel=floats(4, 1), bias=floats(1), relu=False)],
        output=Output(sigmoid=True, low=0, high=10),
    )
    ids, items = floats(7, 2), RANDOM.integers(0, 31, (7, 5)).astype(np.int32)
    model = FeatureRating(feature_input=features, customer_ids=ids, scorer=scorer, low=2.0, high=7.0)
    raw = scorer(np.concatenate([features(batch.features), ids[batch.rows]], axis=1), items)
    ratings = model.predict(batch, items)
    assert ratings == pytest.approx(np.clip(10 / (1 + np.exp(-raw)), 2, 7), abs=1e-5)
    assert ratings.dtype == np.float32
