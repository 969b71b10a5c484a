import time

import numpy as np
import pytest

from shortlist_training.fitting.rounds import fit_rounds
from shortlist_training.progress import Silent


class Weight:
    """Stands for a variable."""

    def __init__(self):
        self.value = 0

    def numpy(self):
        return self.value

    def assign(self, value):
        self.value = value


def run(figures=None, *, rounds=10, patience=2, deadline=None, seconds=0.0, earlier=None, last=None):
    """Train a weight that counts its steps, two batches of three a round."""
    weight = Weight()

    def step(batch):
        time.sleep(seconds)
        weight.value += 1
        return np.float32(len(batch))

    def batches(number):
        return iter([(np.zeros(2 + number),), (np.zeros(4 + number),)])

    remaining = iter(figures or ())
    record = fit_rounds(
        step,
        batches,
        rounds=rounds,
        weights=[weight],
        bar=Silent(),
        measure=(lambda: next(remaining)) if figures else None,
        patience=patience,
        deadline=deadline,
        earlier=earlier,
        last=last,
    )
    return record, weight.value


def test_a_fit_goes_on_from_where_it_was_paused():
    whole, _ = run([0.1, 0.3, 0.2, 0.5, 0.4], rounds=5)
    first, _ = run([0.1], rounds=5, last=1)
    assert (len(first.rounds), first.best, first.stopped) == (1, 1, "rounds")
    record, _ = run([0.3, 0.2, 0.5, 0.4], rounds=5, earlier=first)
    assert [(entry.loss, entry.figure) for entry in record.rounds] == [(e.loss, e.figure) for e in whole.rounds]
    assert (record.best, record.stopped) == (whole.best, whole.stopped)


def test_what_was_best_before_the_pause_is_kept():
    first, _ = run([0.9], rounds=5, last=1)
    record, weight = run([0.3, 0.2, 0.5], rounds=5, earlier=first)
    assert (record.best, record.stopped, len(record.rounds), weight) == (1, "figure", 3, 0)


def test_without_a_figure_every_round_is_trained_and_the_last_kept():
    record, steps = run(rounds=3)
    assert (steps, record.best, record.stopped) == (6, 3, "rounds")
    assert [entry.loss for entry in record.rounds] == [3, 4, 5]
    assert all(entry.figure is None for entry in record.rounds)
    assert record.figure is None


def test_it_stops_when_the_figure_gets_no_better_and_keeps_the_best():
    record, steps = run([0.1, 0.3, 0.3, 0.2, 0.9])
    assert (steps, record.best, record.stopped) == (4, 2, "figure")
    assert [entry.figure for entry in record.rounds] == [0.1, 0.3, 0.3, 0.2]
    assert record.figure == 0.3


def test_the_best_is_kept_when_the_rounds_run_out_too():
    record, steps = run([0.5, 0.6, 0.4], rounds=3)
    assert (steps, record.best, record.stopped) == (4, 2, "rounds")


def test_patience_counts_the_rounds_without_a_better_figure():
    record, _ = run([0.5, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1], rounds=9, patience=4)
    assert (len(record.rounds), record.best, record.stopped) == (9, 5, "figure")


def test_no_round_is_begun_that_would_end_after_the_deadline():
    record, _ = run(rounds=50, deadline=time.monotonic() + 0.25, seconds=0.03)
    assert record.stopped == "budget"
    assert 1 <= len(record.rounds) < 8
    record, _ = run(rounds=2, deadline=time.monotonic() - 1)
    assert (len(record.rounds), record.stopped) == (1, "budget")
    record, _ = run(rounds=1, deadline=time.monotonic() - 1)
    assert record.stopped == "rounds"


def test_a_round_without_batches_has_a_loss_of_zero():
    record = fit_rounds(
        lambda *batch: pytest.fail("there is nothing to step on"),
        lambda number: iter(()),
        rounds=2,
        weights=[],
        bar=Silent(),
    )
    assert [entry.loss for entry in record.rounds] == [0, 0]


@pytest.mark.parametrize(("deadline", "steps"), [(0.0, 1), (35.0, 4), (40.0, 4), (1e9, 10)])
def test_a_long_round_ends_with_the_step_that_meets_the_deadline(deadline, steps):
    now, taken = [0.0], []

    def step(batch):
        now[0] += 10.0
        taken.append(batch)
        return np.float32(1)

    record = fit_rounds(
        step,
        lambda number: iter([(np.zeros(1),)] * 10),
        rounds=1,
        weights=[],
        bar=Silent(),
        deadline=deadline,
        clock=lambda: now[0],
    )
    assert (len(taken), len(record.rounds)) == (steps, 1)
