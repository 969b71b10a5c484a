"""A trial's figure: the same whenever it is measured, and blind to the window that is judged."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from small_logs import dataset_of, log_of, two_camps

from shortlist_training.config.toml import parse_config
from shortlist_training.errors import DataError
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.progress import Silent
from shortlist_training.split.plan import SplitKind
from shortlist_training.stages.windows import cut_windows
from shortlist_training.study.space import Space
from shortlist_training.study.trial import check_ranked, first_pair_measure

SMALL = """
[two_tower]
embedding_size = 8
history_length = 10
rounds = 1

[scorer]
hidden = [8]
rounds = 2
budget = 20
"""


def small(text=""):
    return parse_config(tomllib.loads(SMALL + text))


def figures(dataset, config, tried):
    measure = first_pair_measure(dataset, config, Silent())
    return [measure(Space(config).config(settings)) for settings in tried]


def with_other_items(dataset, window):
    """Return the log with other items taken in a window, by everybody."""
    events = dataset.events
    position = np.arange(len(events.items)) - events.offsets[events.owners]
    asked = (position >= window.starts[events.owners]) & (position < window.stops[events.owners])
    assert asked.sum() >= 40
    items = np.where(asked, events.items % (dataset.item_rows - 1) + 1, events.items).astype(events.items.dtype)
    return replace(dataset, events=replace(events, items=items))


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (SplitKind.LAST, {}),
        (SplitKind.TIME, {"two_tower.temperature": 0.1, "scorer.encodings": False, "sources.neighbours": 5}),
    ],
)
def test_the_window_that_is_judged_is_never_looked_at(kind, settings):
    dataset, config = two_camps(customers=60, items=30, length=10), small(f"[split]\nkind = '{kind.value}'\n")
    plan, _ = cut_windows(dataset, config.split)
    assert plan.kind is kind
    before = figures(dataset, config, [settings])
    assert before[0] > 0
    assert figures(with_other_items(dataset, plan.judge), config, [settings]) == before
    # The same in the window that is searched on shows.
    assert figures(with_other_items(dataset, plan.tune), config, [settings]) != before


@pytest.mark.slow
def test_a_figure_does_not_depend_on_what_was_measured_before():
    dataset, config = two_camps(customers=60, items=30, length=8), small()
    first, other, again = figures(dataset, config, [{}, {"scorer.dropout": 0.3, "two_tower.embedding_size": 4}, {}])
    assert first == again != other


def test_a_log_of_ratings_alone_is_refused():
    log = log_of([("a", "x", 1.0)])
    check_ranked(log)
    with pytest.raises(DataError, match=r"ratings alone.*feedback"):
        check_ranked(replace(log, feedback=FeedbackKind.RATINGS))


def test_a_log_too_small_for_a_tuning_window_is_refused():
    dataset = dataset_of([(f"c{n % 2}", f"i{n % 3}", float(n)) for n in range(4)])
    with pytest.raises(DataError, match="too small to search"):
        figures(dataset, small(), [{}])
