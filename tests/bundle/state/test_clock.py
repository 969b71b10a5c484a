import json

import numpy as np
from arrays import histories

from shortlist_bundle.state.clock import Clock

CLOCK = Clock(has_times=True, log_start=100.0, log_end=1000.0, idle_limit=50.0)


def moments(rows, *as_of, clock=CLOCK):
    return clock.moments(np.array(as_of, np.float64), histories(rows)).tolist()


def test_a_moment_inside_the_log_is_taken_as_it_is():
    assert moments([[(1, 300)], []], 320, 500) == [320, 500]


def test_a_customer_who_was_idle_for_long_is_answered_as_at_the_idle_limit():
    assert moments([[(1, 300)], [(1, 300), (2, 400)]], 900, 900) == [350, 450]


def test_nobody_is_answered_later_than_the_log_knows():
    assert moments([[], [(1, 990)], [(1, 999)]], 1e9, 1e9, 1e9) == [1050, 1040, 1049]


def test_nobody_is_answered_before_the_log_began_or_before_the_last_event():
    assert moments([[], [(1, 300)]], 5, 200) == [100, 300]


def test_events_after_the_end_of_the_log_carry_the_moment_with_them():
    assert moments([[(1, 2000)]], 3000) == [2000]


def test_an_empty_history_between_others_keeps_its_own_moment():
    assert moments([[], [(1, 300)], [], [(2, 310)], []], 700, 700, 700, 700, 700) == [700, 350, 700, 360, 700]


def test_without_any_event_the_moments_are_clipped_only():
    assert moments([[], []], 500, 5000) == [500, 1050]
    assert moments([]) == []


def test_without_times_every_moment_is_zero():
    clock = Clock(has_times=False, log_start=0.0, log_end=0.0, idle_limit=0.0)
    assert moments([[(1, 0)], []], 77, 1e9, clock=clock) == [0, 0]


def test_a_clock_survives_json():
    assert Clock.from_json(json.loads(json.dumps(CLOCK.to_json()))) == CLOCK
