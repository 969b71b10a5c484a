"""What a score owes to each group, where the cause is known."""

from dataclasses import replace

import numpy as np
import pytest
from arrays import SOURCES, random_batch, random_engine
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.reasons.occlusion import ENCODINGS, groups, score_changes
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.towers.layers import Dense

ENGINE = random_engine()
SPEC = ENGINE.retriever.signals
GROUPS = groups(SPEC)
PLACES = {name: place for place, name in enumerate(GROUPS)}


def asked(reranker, seed=0):
    """Return raw signals, the scores, and the changes of some lists."""
    encoded = ENGINE.retriever.encode(random_batch(seed))
    allowed = np.ones((7, 31), np.bool_)
    candidates = ENGINE.retrieve(encoded, allowed, seen_allowed=True, at_least=5)
    raw = ENGINE.retriever.pair_signals(encoded, candidates, np.ones(7, np.bool_))
    asked = {"batch": encoded.batch, "vectors": encoded.vectors, "items": candidates.items}
    scores = reranker(encoded.batch, encoded.vectors, candidates.items, raw)
    return asked, raw, scores, score_changes(reranker, SPEC, **asked, raw=raw)


def linear(*, signals=None, customers=None, items=None):
    """Return a reranker that adds up: what a group adds is then known exactly."""
    plain = ENGINE.reranker
    width = plain.scorer.customer_kernel.shape[0]

    def column(values, size):
        return np.zeros((size, 1), np.float32) if values is None else np.asarray(values, np.float32).reshape(size, 1)

    scorer = PairScorer(
        customer_layers=[],
        item_half=column(items, 31),
        customer_kernel=column(customers, width),
        signal_kernel=column(signals, len(SPEC.names)),
        bias=np.full(1, 1000, np.float32),  # so that the ReLU lets everything through
        layers=[Dense(kernel=np.ones((1, 1), np.float32), bias=np.full(1, -1000, np.float32), relu=False)],
        output=Output(sigmoid=True),
    )
    return replace(plain, scorer=scorer)


def test_every_signal_is_in_one_group():
    assert (
        "customer", *(f"source:{name}" for name in SOURCES), "own_history", "category_history", "item", "encodings",
    ) == GROUPS  # fmt: skip
    assert len(SPEC.groups) == len(SPEC.names)
    found = dict(zip(SPEC.names, SPEC.groups, strict=True))
    assert found["idle"] == "customer"
    assert found["item_cf:score"] == found["item_cf:rank"] == "source:item_cf"
    assert found["own:overdue"] == found["own:decayed_1"] == "own_history"
    assert found["kind:since"] == "category_history"
    assert found["item:trend_2"] == "item"


@pytest.mark.parametrize("planted", [name for name in GROUPS if name != ENCODINGS])
def test_the_group_that_was_planted_is_found(planted):
    """The scorer reads one group of signals alone: the whole change is that group's, and none of another's."""
    kernel = [3.0 if group == planted else 0.0 for group in SPEC.groups]
    asked_, raw, scores, changes = asked(linear(signals=kernel))
    standard = ENGINE.reranker.standardised(raw)
    there = asked_["items"] > 0
    expected = (standard * np.array(kernel, np.float32)).sum(axis=2)
    assert changes[..., PLACES[planted]][there] == pytest.approx(expected[there], abs=1e-2)
    assert scores[there] == pytest.approx(expected[there], abs=1e-2)
    others = np.delete(changes, PLACES[planted], axis=2)
    assert np.abs(others[there]).max() < 1e-2 < np.abs(expected[there]).max()


def test_the_encodings_are_the_customer_s_and_the_item_s_less_the_mean():
    width, encoded_width = 8, ENGINE.reranker.encoding_width
    kernel = np.concatenate([np.zeros(width), np.arange(1, encoded_width + 1)])
    half = np.linspace(-5, 5, 31)
    asked_, _, _, changes = asked(linear(customers=kernel, items=half))
    there = asked_["items"] > 0
    expected = (
        (asked_["vectors"][:, :encoded_width] @ kernel[width:])[:, None] + half[asked_["items"]] - half[1:].mean()
    )
    assert changes[..., PLACES[ENCODINGS]][there] == pytest.approx(expected[there], abs=1e-2)
    assert np.abs(changes[..., PLACES["customer"]][there]).max() < 1e-2


def test_the_customer_s_features_belong_to_the_customer():
    kernel = np.concatenate([np.arange(1.0, 9.0), np.zeros(ENGINE.reranker.encoding_width)])
    asked_, _, _, changes = asked(linear(customers=kernel))
    there = asked_["items"] > 0
    flat = ENGINE.reranker.feature_input(asked_["batch"].features) @ kernel[:8]
    expected = np.broadcast_to(flat[:, None], there.shape)
    assert changes[..., PLACES["customer"]][there] == pytest.approx(expected[there], abs=1e-2)
    assert np.abs(changes[..., PLACES[ENCODINGS]][there]).max() < 1e-2


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_a_change_is_the_score_less_the_score_without_the_group(seed):
    """The short cut through the first layer gives what scoring the hidden inputs from the start gives."""
    reranker = ENGINE.reranker
    asked_, raw, scores, changes = asked(reranker, seed)
    there = asked_["items"] > 0
    for group in ("source:item_cf", "own_history", "item"):
        own = np.array(SPEC.groups) == group
        hidden = np.where(own, reranker.signal_mean, raw)
        without = reranker(asked_["batch"], asked_["vectors"], asked_["items"], hidden.astype(np.float32))
        expected = (scores - without)[there]
        assert changes[..., PLACES[group]][there] == pytest.approx(expected, abs=1e-3)
    stranger = np.zeros_like(asked_["vectors"])
    average = replace(
        reranker,
        scorer=PairScorer(
            customer_layers=[],
            item_half=np.broadcast_to(reranker.scorer.item_half[1:].mean(axis=0), (31, 8)),
            customer_kernel=reranker.scorer.customer_kernel,
            signal_kernel=reranker.scorer.signal_kernel,
            bias=reranker.scorer.bias,
            layers=reranker.scorer.layers,
            output=reranker.scorer.output,
        ),
    )
    without = average(asked_["batch"], stranger, asked_["items"], raw)
    assert changes[..., PLACES[ENCODINGS]][there] == pytest.approx((scores - without)[there], abs=1e-3)
