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
