"""A trial is begun if one of the usual length would end within the budget."""

import pytest
from planted_study import Clock

from shortlist_training.study.pace import Pace


@pytest.mark.parametrize(
    ("gone", "seconds", "allowed"),
    [
        (0.0, [], True),
        (1e9, [], True),
        (60.0, [60.0], True),
        (61.0, [60.0], False),
        (60.0, [1.0, 60.0, 900.0], True),
        (60.0, [1.0, 61.0, 61.0], False),
        (120.0, [0.0], True),
        (120.1, [0.0], False),
    ],
)
def test_one_more_trial(gone, seconds, allowed):
    clock = Clock()
    pace = Pace(2.0, clock)
    clock.now += gone
    assert pace.allows(seconds) is allowed
