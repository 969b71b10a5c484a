import numpy as np
import pytest
from small_logs import dataset_of, timeless

from shortlist_training.retrieval import batches
from shortlist_training.retrieval.batches import training_clock, window_batches
from shortlist_training.split.window import Window

DATASET = dataset_of(
    [("a", "x", 0.0), ("a", "y", 10.0), ("b", "x", 4.0), ("b", "y", 40.0), ("c", "x", 30.0), ("d", "x", 50.0)],
    customers={"customer_id": ["a", "b", "c", "d"], "age": [10.0, 20.0, 30.0, 40.0]},
)
# The first has gone without anything for 10 seconds, the second for 26; the third has no past, the fourth no question.
WINDOW = Window(
    starts=np.array([0, 1, 1, 0, 1]), stops=np.array([0, 2, 2, 1, 1]), as_of=np.array([0.0, 10.0, 30.0, 30.0, 50.0])
)


@pytest.mark.parametrize(("typical", "limit"), [(0.0, 10), (0.5, 18), (1.0, 26)])
def test_the_idle_limit_is_a_typical_gap_before_a_question(typical, limit):
    clock = training_clock(DATASET, WINDOW, typical=typical)
    assert (clock.has_times, clock.log_start, clock.log_end) == (True, 0, 50)
    assert clock.idle_limit == pytest.approx(limit)


def test_where_nobody_is_asked_about_the_whole_log_is_the_limit():
    nobody = Window(starts=np.zeros(5, np.int64), stops=np.zeros(5, np.int64), as_of=np.zeros(5))
    assert training_clock(DATASET, nobody, typical=0.5).idle_limit == 50


def test_a_log_without_times_has_a_clock_without_times():
    dataset = timeless([("a", "x"), ("a", "y")])
    window = Window(starts=np.array([0, 1]), stops=np.array([0, 2]), as_of=np.zeros(2))
    clock = training_clock(dataset, window, typical=0.5)
    assert (clock.has_times, clock.idle_limit) == (False, 0)


@pytest.mark.parametrize("cells", [1, 6, 10**6])
def test_customers_come_in_chunks_as_they_were_at_their_moments(monkeypatch, cells):
    monkeypatch.setattr(batches, "CHUNK_CELLS", cells)
    clock = training_clock(DATASET, WINDOW, typical=1.0)
    rows = np.array([3, 1, 2])
    parts = list(window_batches(DATASET, WINDOW, rows, clock))
    assert len(parts) == {1: 3, 6: 2, 10**6: 1}[cells]
    assert [row for _, batch in parts for row in batch.rows.tolist()] == [3, 1, 2]
    assert [n for where, _ in parts for n in range(where.start, where.stop)] == [0, 1, 2]
    assert [item for _, batch in parts for item in batch.history.items.tolist()] == [DATASET.items.row("x")] * 2
    assert [length for _, batch in parts for length in batch.history.lengths.tolist()] == [0, 1, 1]
    assert [now for _, batch in parts for now in batch.now.tolist()] == [30, 10, 30]
    ages = np.concatenate([batch.features.numbers[:, 0] for _, batch in parts])
    assert np.argsort(ages).tolist() == [1, 2, 0]


def test_the_context_of_a_question_is_that_of_the_first_event_asked_for():
    rows = [("a", "x", 0.0, 1.0), ("a", "y", 10.0, 2.0), ("b", "x", 5.0, 3.0), ("b", "y", 10.0, 4.0)]
    dataset = dataset_of(rows, columns=("customer_id", "item_id", "timestamp", "price"), context=("price",))
    window = Window(starts=np.array([0, 1, 0]), stops=np.array([0, 2, 2]), as_of=np.array([0.0, 10.0, 5.0]))
    clock = training_clock(dataset, window, typical=1.0)
    ((_, batch),) = window_batches(dataset, window, np.array([2, 1]), clock)
    whole = dataset.context_features.numbers
    assert batch.context.numbers.tolist() == whole[[2, 1]].tolist()
    assert batch.take(np.array([1])).context.numbers.tolist() == whole[[1]].tolist()


def test_no_customers_no_chunks():
    assert (
        list(window_batches(DATASET, WINDOW, np.zeros(0, np.int64), training_clock(DATASET, WINDOW, typical=1))) == []
    )
