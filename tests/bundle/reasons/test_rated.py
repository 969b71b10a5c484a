"""What a predicted rating is made of, where the cause is known."""

from dataclasses import replace

import numpy as np
import pytest
from arrays import histories, random_batch
from hypothesis import given
from hypothesis import strategies as st
from small_models import CUSTOMERS, ITEMS, RATINGS, embedding_ratings

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.reasons.rated import GROUPS, explain_ratings
from shortlist_bundle.state.batch import CustomerBatch

KNOWN = random_batch(0).features
MODELS = {name: make() for name, make in RATINGS.items()}
LISTS = st.lists(st.integers(1, ITEMS), min_size=1, max_size=8, unique=True)


def batch_of(rows):
    return CustomerBatch(
        rows=np.array(rows, np.int32),
        features=KNOWN.take(np.array(rows)),
        history=histories([[] for _ in rows]),
        now=np.full(len(rows), 100.0),
    )


def changes(model, rows, items):
    listed = np.tile(np.array(items, np.int32), (len(rows), 1))
    found = explain_ratings(model, batch_of(rows), listed, item_rows=ITEMS + 1)
    assert found.score_groups == GROUPS
    return listed, dict(zip(GROUPS, np.moveaxis(found.score_changes, 2, 0), strict=True))


@pytest.mark.parametrize("kind", RATINGS)
@given(rows=st.lists(st.integers(0, CUSTOMERS), min_size=1, max_size=4), items=LISTS)
def test_base_and_parts_sum_to_the_rating(kind, rows, items):
    model = MODELS[kind]
    listed, found = changes(model, rows, items)
    base = model.parts(batch_of(rows), listed).base
    np.testing.assert_allclose(base + sum(found.values()), model.unclipped(batch_of(rows), listed), atol=1e-4)


@pytest.mark.parametrize("kind", RATINGS)
def test_the_customer_s_part_is_the_same_for_every_item_and_the_item_s_for_every_customer(kind):
    _, found = changes(MODELS[kind], [1, 2, 3], [4, 9, 17])
    assert np.ptp(found["customer"], axis=1) == pytest.approx(0, abs=1e-6)
    assert np.ptp(found["item"], axis=0) == pytest.approx(0, abs=1e-6)
    assert np.abs(found["taste"]).max() > 0.01


def test_what_was_planted_is_found_and_nothing_else():
    nothing = embedding_ratings()
    nothing = replace(
        nothing,
        customer_bias=np.zeros_like(nothing.customer_bias),
        item_bias=np.zeros_like(nothing.item_bias),
        customers=np.zeros_like(nothing.customers),
    )
    one = embedding_ratings(seed=1)
    for group, planted in {
        "customer": {"customer_bias": one.customer_bias},
        "item": {"item_bias": one.item_bias},
        "taste": {"customers": one.customers},
    }.items():
        _, found = changes(replace(nothing, **planted), [1, 2], [3, 5])
        assert np.abs(found.pop(group)).min() > 0
        assert all(not other.any() for other in found.values())


@pytest.mark.parametrize("kind", RATINGS)
def test_of_somebody_of_whom_nothing_is_known_the_item_alone_tells(kind):
    features = EncodedFeatures(np.zeros_like(KNOWN.numbers), {n: np.zeros_like(bag) for n, bag in KNOWN.bags.items()})
    blank = replace(batch_of([0]), features=features.take(np.array([0])))
    parts = MODELS[kind].parts(blank, np.array([[3, 5]], np.int32))
    assert parts.customer == pytest.approx(0, abs=1e-5)
    assert parts.together == pytest.approx(0, abs=1e-5)
    assert np.abs(parts.item).min() > 1e-3


def test_what_was_taken_is_told():
    batch = replace(batch_of([1]), history=histories([[(4, 10.0), (9, 20.0), (4, 30.0)]]))
    found = explain_ratings(MODELS["embedding"], batch, np.array([[4, 5]], np.int32), item_rows=ITEMS + 1)
    assert found.takings.counts.tolist() == [[2, 0]]
    assert found.takings.since[0, 0] == pytest.approx(70.0)
    assert (found.sources, dict(found.pulls)) == ((), {})
