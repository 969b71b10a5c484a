"""Trial after trial: from the configuration as it is, within the budget, and on from where it was interrupted."""

import pytest
from planted_study import base, figure, journal, searched

from shortlist_training.errors import DataError
from shortlist_training.progress import Silent


class Said(Silent):
    """Keeps what is said."""

    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def interrupting(after):
    """Return a measure during which Ctrl-C is pressed, after so many whole trials."""
    left = [after]

    def measure(config):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return figure(config)

    return measure


def test_the_first_trial_is_the_configuration_as_it_is(tmp_path):
    tried = []
    found = searched(journal(tmp_path / "a"), lambda config: tried.append(config) or 0.5, most=2)
    assert tried[0] == base()
    assert tried[1] != base()
    # Nothing was better.
    assert (found.best, found.gain, found.config, found.changed) == (found.first, 0.0, base(), {})


def test_it_finds_what_is_better(tmp_path):
    found = searched(journal(tmp_path / "a"), minutes=40)
    assert found.gain > 0.05
    assert found.best.figure == figure(found.config) == max(trial.figure for trial in found.trials)
    assert found.changed["scorer.dropout"] == (0.1, found.config.scorer.dropout)


@pytest.mark.parametrize(("minutes", "trials"), [(0.5, 1), (1.0, 1), (1.9, 1), (2.0, 2), (5.5, 5)])
def test_it_keeps_to_the_budget_and_runs_the_first_trial_in_any_case(tmp_path, minutes, trials):
    found = searched(journal(tmp_path / "a"), minutes=minutes)
    assert (len(found.trials), found.stopped) == (trials, "budget")


def test_a_later_search_knows_how_long_trials_take(tmp_path):
    searched(journal(tmp_path / "a"), most=1)
    assert len(searched(journal(tmp_path / "a"), minutes=0.5).trials) == 1


def test_it_makes_as_many_trials_as_were_asked_for(tmp_path):
    found = searched(journal(tmp_path / "a"), most=3)
    assert (len(found.trials), found.stopped) == (3, "trials")
    assert len(searched(journal(tmp_path / "a"), most=2).trials) == 5


def test_in_parts_it_is_the_same_search(tmp_path):
    whole = searched(journal(tmp_path / "whole"), most=14)
    parts = searched(journal(tmp_path / "parts"), interrupting(4))
    assert (len(parts.trials), parts.stopped) == (4, "interrupted")
    searched(journal(tmp_path / "parts"), most=8)
    assert searched(journal(tmp_path / "parts"), most=2).trials == whole.trials


def test_nothing_is_found_where_the_first_trial_is_interrupted(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        searched(journal(tmp_path / "a"), interrupting(0))
    assert searched(journal(tmp_path / "a"), most=1).first.settings == journal(tmp_path / "a").space.start


def test_an_error_is_not_swallowed(tmp_path):
    def broken(config):
        raise MemoryError("too large")

    with pytest.raises(MemoryError, match="too large"):
        searched(journal(tmp_path / "a"), broken)


def test_it_says_how_it_goes(tmp_path):
    said = Said()
    searched(journal(tmp_path / "a"), lambda config: 0.25, most=2, progress=said)
    assert said.lines == [
        "trial 1: the configuration as it is",
        "trial 1: ndcg@20 0.2500 in 60 s (best: trial 1, 0.2500)",
        "trial 2",
        "trial 2: ndcg@20 0.2500 in 60 s (best: trial 1, 0.2500)",
        "stopped: as many trials as were asked for",
    ]


def unmeasurable(*numbers):
    """Return a measure that these trials, counted from 1, come to no figure with."""
    count = [0]

    def measure(config):
        count[0] += 1
        if count[0] in numbers:
            raise DataError("nothing that any source proposed")
        return figure(config)

    return measure


def test_settings_that_come_to_no_figure_are_passed_over(tmp_path):
    said = Said()
    found = searched(journal(tmp_path / "a"), unmeasurable(2, 4), most=5, progress=said)
    assert (len(found.trials), found.stopped) == (3, "trials")
    assert sum("passed over: nothing that any source proposed" in line for line in said.lines) == 2
    # They are not drawn again.
    whole = searched(journal(tmp_path / "b"), most=5)
    assert found.first.settings == whole.first.settings
    assert found.trials[1].settings != whole.trials[1].settings


def test_a_log_that_cannot_be_searched_is_told_at_once(tmp_path):
    with pytest.raises(DataError, match="nothing that any source proposed"):
        searched(journal(tmp_path / "a"), unmeasurable(1))
    assert len(searched(journal(tmp_path / "a"), most=1).trials) == 1
