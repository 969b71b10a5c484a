import numpy as np
import pytest
from small_logs import dataset_of

from shortlist_training.config.run import SplitConfig
from shortlist_training.stages.tuning_window import TuningWindow
from shortlist_training.stages.windows import cut_windows


def window_of(rows, **settings):
    dataset = dataset_of(rows)
    plan, clock = cut_windows(dataset, SplitConfig(kind="last"))
    return dataset, TuningWindow(dataset, plan.tune, clock, **settings)


def answer(dataset, item):
    """Return a space in which everybody wants one item."""
    items = np.zeros((dataset.item_rows, 1), np.float32)
    items[dataset.items.row(item)] = 1
    return items, lambda batch: np.ones((len(batch), 1), np.float32)


def test_the_figure_is_the_ndcg_of_new_items():
    # The event before the last is what is asked for: x for all but one.
    rows = [(c, item, float(n)) for c in "abc" for n, item in enumerate([*"pqrs", "y" if c == "c" else "x", "z"])]
    dataset, window = window_of(rows)
    # Second place is worth 1 / log2(3).
    assert window.measure(*answer(dataset, "x")) == pytest.approx((2 + 1 / np.log2(3)) / 3)
    assert window.measure(*answer(dataset, "y")) == pytest.approx((1 + 2 / np.log2(3)) / 3)


def test_what_was_taken_before_is_not_asked_for():
    rows = [(c, item, float(n)) for c in "abc" for n, item in enumerate([*"pqrp", "p" if c == "c" else "x", "z"])]
    _, window = window_of(rows)
    assert len(window.targets.rows) == 2


def test_where_nothing_is_new_to_anybody_repeats_are_asked_for():
    rows = [(c, item, float(n)) for c in "abc" for n, item in enumerate("pqpqpqpq")]
    dataset, window = window_of(rows)
    assert not window.only_new
    assert window.measure(*answer(dataset, "p")) > 0.5


def test_where_nobody_can_be_asked_the_figure_is_zero():
    dataset, window = window_of([("a", "x", 1.0), ("b", "y", 2.0)])
    assert window.measure(*answer(dataset, "x")) == 0.0
