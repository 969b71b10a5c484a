"""Stages get shares of a run's time."""

import time

import pytest

from shortlist_training.stages.budget import TimeBudget


def test_without_a_budget_nothing_ends():
    budget = TimeBudget(None)
    assert budget.until(0.5) is None
    assert budget.rounds(12, 1e9, until=0.1) == 12


def test_a_share_is_counted_from_the_start_of_the_run():
    assert TimeBudget(2.0, start=100.0).until(0.25) == 130.0


@pytest.mark.parametrize(("seconds", "rounds"), [(1.0, 12), (10.0, 5), (40.0, 1), (1e9, 1), (0.0, 12)])
def test_as_many_rounds_as_fit_and_at_least_one(seconds, rounds):
    budget = TimeBudget(2.0, start=time.monotonic() - 5.0)
    # 60 of 120 seconds are this stage's, 5 are gone.
    assert budget.rounds(12, seconds, until=0.5) == rounds


def test_a_budget_that_is_used_up_leaves_one_round():
    assert TimeBudget(1.0, start=time.monotonic() - 600.0).rounds(12, 1.0, until=1.0) == 1


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self, now=0.0):
        self.now = now

    def __call__(self):
        return self.now


def test_a_share_is_over_by_the_clock_it_was_given():
    clock = Hand(100.0)
    budget = TimeBudget(1.0, start=100.0, clock=clock)
    assert not budget.over(0.5)
    clock.now = 130.0
    assert budget.over(0.5)
    assert not budget.over(0.75)
    assert not TimeBudget(None, clock=clock).over(0.0)


def test_as_much_is_done_as_there_is_time_for_and_a_fewest_in_any_case():
    clock = Hand()
    budget = TimeBudget(1.0, start=0.0, clock=clock)
    assert budget.count(1000, 0.1, until=0.5, fewest=50) == 300
    clock.now = 29.0
    assert budget.count(1000, 0.1, until=0.5, fewest=50) == 50
    assert budget.count(20, 0.1, until=0.5, fewest=50) == 20
    assert TimeBudget(None).count(1000, 9e9, until=0.1, fewest=1) == 1000
