"""What a short budget may take from the scorer that is published, and what it may not."""

import pytest

from shortlist_training.fitting.rounds import FitRecord, Round
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.ranking import SCORER_REFIT_SHARE, _rounds_to_publish


def first(best, seconds=10.0):
    rounds = tuple(Round(loss=1.0, figure=0.1, seconds=seconds) for _ in range(best + 2))
    return FitRecord(rounds=rounds, best=best, stopped="figure")


def left(seconds):
    """Return a budget of 10 minutes of which so many seconds are left for the scorer."""
    return TimeBudget(10.0, start=0.0, clock=lambda: 600.0 * SCORER_REFIT_SHARE - seconds)


@pytest.mark.parametrize(("best", "more", "rounds"), [(1, 1.0, 2), (5, 1.0, 5), (6, 3.0, 4), (9, 3.0, 6)])
def test_three_times_the_lists_are_gone_through_two_thirds_as_often(best, more, rounds):
    assert _rounds_to_publish(first(best), more, TimeBudget(None)) == rounds


@pytest.mark.parametrize(("seconds", "rounds"), [(1000.0, 4), (95.0, 3), (65.0, 2), (35.0, 1), (5.0, 1), (-300.0, 1)])
def test_rounds_are_counted_out_and_one_there_is_in_any_case(seconds, rounds):
    """A round over three times the lists takes 30 s."""
    assert _rounds_to_publish(first(6), 3.0, left(seconds)) == rounds
