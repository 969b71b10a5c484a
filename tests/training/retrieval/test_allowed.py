"""Lists of the past hold what the server would have allowed then."""

from dataclasses import replace

import numpy as np
import pytest
from small_logs import dataset_of, log_of

from shortlist_training.dataset.catalogue import build_catalogue
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window
from shortlist_training.stages.tuning_window import TuningWindow

ROWS = [("a", "always", 10.0), ("a", "old", 20.0), ("b", "always", 10.0), ("b", "new", 110.0)]
ITEMS = {
    "item_id": ["always", "new", "old"],
    "available_from": [None, 100.0, None],
    "available_until": [None, None, 100.0],
}


def asked(dataset, as_of):
    ends = dataset.events.lengths
    window = Window(starts=ends, stops=ends, as_of=np.array([0.0, *as_of]))
    ((_, batch),) = window_batches(dataset, window, np.arange(1, 3), dataset_clock(dataset))
    return batch, window.as_of[batch.rows]


def dataset_clock(dataset):
    from shortlist_bundle.state.clock import Clock

    start, end = dataset.span()
    return Clock(has_times=dataset.has_times, log_start=start, log_end=end, idle_limit=1000.0)


def shown(dataset, as_of, *, seen_allowed=True):
    mask = allowed_items(dataset, *asked(dataset, as_of), seen_allowed=seen_allowed)
    return [dataset.items.ids(np.flatnonzero(row)) for row in mask]


@pytest.mark.parametrize(
    ("moment", "there"),
    [(99.0, ["always", "old"]), (100.0, ["always", "new"]), (500.0, ["always", "new"])],
)
def test_what_could_be_had_is_allowed(moment, there):
    dataset = dataset_of(ROWS, items=ITEMS)
    assert shown(dataset, [moment, 99.0]) == [there, ["always", "old"]]
    catalogue = build_catalogue(log_of(ROWS, items=ITEMS), dataset.items)
    served = catalogue.available(moment)
    served[0] = False
    assert dataset.items.ids(np.flatnonzero(served)) == there


def test_what_was_taken_is_not():
    dataset = dataset_of(ROWS, items=ITEMS)
    assert shown(dataset, [50.0, 200.0], seen_allowed=False) == [[], []]
    assert shown(dataset, [200.0, 50.0], seen_allowed=False) == [["new"], ["old"]]


def test_without_ends_or_without_times_all_can_always_be_had():
    assert dataset_of(ROWS).availability is None
    assert dataset_of([row[:2] for row in ROWS], columns=("customer_id", "item_id"), items=ITEMS).availability is None
    assert shown(dataset_of(ROWS), [50.0, 50.0]) == [["always", "new", "old"]] * 2


def test_nobody_is_shown_oneself():
    dataset = replace(dataset_of(ROWS), oneself=np.array([0, 2, 0], np.int32))
    assert shown(dataset, [1.0, 1.0]) == [["always", "old"], ["always", "new", "old"]]


def test_the_tuning_window_asks_for_what_could_be_had():
    dataset = dataset_of(ROWS, items=ITEMS)
    ends = dataset.events.lengths
    window = Window(starts=np.maximum(ends - 1, 0), stops=ends, as_of=np.array([0.0, 20.0, 110.0]))
    tuning = TuningWindow(dataset, window, dataset_clock(dataset), depth=3)
    items = np.ones((dataset.item_rows, 1), np.float32)
    lists, _ = tuning.best(items, lambda batch: np.ones((len(batch), 1), np.float32))
    assert [dataset.items.ids(row[row > 0]) for row in lists] == [["old"], ["new"]]
