import numpy as np
import pytest
from arrays import histories, lists, no_features, random_batch

from shortlist_bundle.state.batch import CustomerBatch


def test_take_returns_the_same_customers_in_the_order_asked_for():
    batch, index = random_batch(3), np.array([4, 2, 2])
    taken = batch.take(index)
    assert len(taken) == 3
    assert taken.rows.tolist() == batch.rows[index].tolist()
    assert taken.now.tolist() == batch.now[index].tolist()
    assert lists(taken.history) == [lists(batch.history)[row] for row in index]
    assert taken.features.numbers.tolist() == batch.features.numbers[index].tolist()
    assert taken.features.bags["tags"].tolist() == batch.features.bags["tags"][index].tolist()


@pytest.mark.parametrize("wrong", ["rows", "features", "history", "now", "context"])
def test_a_batch_with_a_part_missing_is_refused(wrong):
    parts = {
        "rows": np.zeros(2, np.int32),
        "features": no_features(2),
        "history": histories([[], []]),
        "now": np.zeros(2),
        "context": no_features(2),
    }
    shorter = {
        "rows": np.zeros(1, np.int32),
        "features": no_features(1),
        "history": histories([[]]),
        "now": np.zeros(1),
        "context": no_features(1),
    }
    with pytest.raises(ValueError, match="one row, history, moment, feature row and context per customer"):
        CustomerBatch(**(parts | {wrong: shorter[wrong]}))


def test_who_asks_the_same_of_a_history_is_given_the_same():
    batch = random_batch(5)
    asked = {"width": 31, "length": 4, "fade": 0.5, "by_moment": False}
    first = batch.voices(**asked)
    assert batch.voices(**asked) is first
    other = batch.voices(**asked | {"fade": 0.25})
    assert other[0].tolist() == first[0].tolist()
    assert (other[1] <= first[1]).all()
    assert (other[1] < first[1]).any()
