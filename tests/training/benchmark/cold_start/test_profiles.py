import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from small_logs import dataset_of

from shortlist_bundle.state.cold_start import cold_start
from shortlist_bundle.state.histories import Histories
from shortlist_training.benchmark.cold_start.profiles import features_of, newest_items


def histories(rows):
    flat = [item for row in rows for item in row]
    return Histories(
        offsets=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        items=np.array(flat, np.int32),
        times=np.arange(len(flat), dtype=np.float64),
        values=np.ones(len(flat), np.float32),
    )


def test_of_a_history_the_newest_distinct_items_stay_in_order():
    found = newest_items(histories([[4, 1, 2, 0, 1, 3], [], [5]]), 2)
    assert found.items.tolist() == [1, 3, 5]
    assert found.offsets.tolist() == [0, 2, 2, 3]
    assert found.times.tolist() == [4.0, 5.0, 6.0]


@given(st.lists(st.lists(st.integers(0, 4), max_size=8), max_size=4), st.integers(0, 5))
def test_no_item_stays_twice_and_none_too_many(rows, length):
    found = newest_items(histories(rows), length)
    for row, a, b in zip(rows, found.offsets, found.offsets[1:], strict=False):
        kept = found.items[a:b].tolist()
        assert len(set(kept)) == len(kept) == min(length, len(set(row) - {0}))
        assert (np.diff(found.times[a:b]) > 0).all()


def test_who_has_no_feature_is_not_described():
    dataset = dataset_of(
        [("a", "x", 1.0)], customers={"customer_id": ["a", "b", "c", "d"], "town": ["t", "t", None, "t"]}
    )

    class Known:
        customer_encoder = dataset.customer_encoder

    table = pl.DataFrame({"customer_id": ["b", "c"], "town": ["t", None]})
    features, described = features_of(Known, table, ["c", "b", "stranger"])
    assert described.tolist() == [False, True, False]
    assert (features.bags["town"][:, 0] > 0).tolist() == [False, True, False]
    assert not features_of(Known, None, ["b"])[1].any()


def test_the_path_names_what_is_known():
    assert cold_start(features=False, history=False) == "cold_start:nothing_known"
    assert cold_start(features=True, history=True, needs=True) == "cold_start:features+history+needs"
