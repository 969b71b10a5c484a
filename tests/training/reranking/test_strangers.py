"""Known customers ask as somebody whom nobody has seen."""

import numpy as np
import pytest
from small_logs import dataset_of

from shortlist_bundle.state.clock import Clock
from shortlist_training.reranking.strangers import DESCRIBED, FEWEST, LENGTHS, Strangers
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

ROWS = [(f"c{n}", f"i{m}", 100.0 * m) for n in range(4) for m in range(2 * n + 1)]
CUSTOMERS = {"customer_id": [f"c{n}" for n in range(4)], "town": ["x", "y", "x", "y"], "age": [30.0, 40.0, None, 60.0]}
DATASET = dataset_of(ROWS, customers=CUSTOMERS)
CLOCK = Clock(has_times=True, log_start=0.0, log_end=1000.0, idle_limit=50.0)


@pytest.fixture
def batch():
    ends = DATASET.events.lengths
    window = Window(starts=ends, stops=ends, as_of=np.full(len(ends), 1000.0))
    ((_, batch),) = window_batches(DATASET, window, np.arange(1, 5), CLOCK)
    return batch


def ask(batch, lengths, described):
    strangers = Strangers(lengths=np.array(lengths), described=np.array(described))
    return strangers.ask(batch, np.full(4, 1000.0), clock=CLOCK, features=DATASET.customer_features)


def test_they_have_no_id_and_bring_the_newest_of_their_history(batch):
    asked = ask(batch, [0, 1, 2, 16], [True] * 4)
    assert not asked.rows.any()
    assert asked.history.lengths.tolist() == [0, 1, 2, 7]
    assert asked.history.items.tolist() == [
        *batch.history.take(np.array([1])).items[-1:], *batch.history.take(np.array([2])).items[-2:],
        *batch.history.take(np.array([3])).items,
    ]  # fmt: skip


def test_without_history_they_ask_now_and_else_soon_after_their_last_event(batch):
    assert ask(batch, [0, 1, 0, 2], [True] * 4).now.tolist() == [1000.0, 250.0, 1000.0, 650.0]


def test_what_they_do_not_say_of_themselves_is_not_known(batch):
    asked, empty = ask(batch, [1] * 4, [True, False, True, False]), DATASET.customer_encoder.empty(4)
    for row, whose in enumerate((batch.features, empty, batch.features, empty)):
        assert asked.features.numbers[row].tolist() == whose.numbers[row].tolist()
        for name, bag in asked.features.bags.items():
            assert bag[row][bag[row] > 0].tolist() == whose.bags[name][row][whose.bags[name][row] > 0].tolist()
    DATASET.customer_encoder.check(asked.features)


def test_all_lengths_are_drawn_and_half_are_described():
    drawn = Strangers.draw(7000, np.random.default_rng(0))
    assert set(drawn.lengths.tolist()) == set(LENGTHS)
    assert (drawn.lengths == 0).mean() == pytest.approx(LENGTHS.count(0) / len(LENGTHS), abs=0.03)
    assert drawn.described.mean() == pytest.approx(DESCRIBED, abs=0.03)
    part = drawn.take(slice(10, 20))
    assert part.lengths.tolist() == drawn.lengths[10:20].tolist()


def test_a_share_of_the_customers_asks_again_but_never_a_handful():
    counts = [Strangers.count(customers, 0.1) for customers in (0, 1, 19, FEWEST, 200, 6001)]
    assert counts == [0, 1, 19, FEWEST, FEWEST, 601]
    assert Strangers.count(6000, 0.0) == 0
