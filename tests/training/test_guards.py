"""Nothing of the future is seen: where it is pure chance no list beats popularity, and a leak would show.

Customers have tastes until the first window of the training begins. What is taken from there on is dealt out anew among
those who take something: what is popular stays popular, and nobody can know more of such a future than that.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from small_logs import dataset_of

from shortlist_training.config.models import EmbeddingConfig, ScorerConfig, TwoTowerConfig
from shortlist_training.config.run import RunConfig, SplitConfig
from shortlist_training.evaluation.engine_lists import engine_lists
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.progress import Silent
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.run import seed_everything
from shortlist_training.split.plan import SplitPlan
from shortlist_training.split.window import Window, window_mask
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.first_pair import fit_first_pair
from shortlist_training.stages.scorer import engine_of
from shortlist_training.stages.windows import cut_windows

CUSTOMERS, ITEMS, KINDS, EVENTS, K = 300, 600, 6, 16, 10
CONFIG = RunConfig(
    embedding=EmbeddingConfig(embedding_size=32),
    two_tower=TwoTowerConfig(embedding_size=16, temperature=0.2, history_length=20, rounds=2),
    scorer=ScorerConfig(hidden=(16, 8), rounds=4, learning_rate=0.01, budget=40),
)
SPLITS = ["time", "last"]


def tastes(seed=0):
    """Return a log of customers who take mostly items of their kind, some of which are taken more than others."""
    random = np.random.default_rng(seed)
    size = ITEMS // KINDS
    share = 1.0 / np.arange(2, size + 2)
    events = []
    for customer in range(CUSTOMERS):
        kinds = np.where(random.random(EVENTS) < 0.9, customer % KINDS, random.integers(0, KINDS, EVENTS))
        items = kinds * size + random.choice(size, EVENTS, p=share / share.sum())
        times = np.sort(random.uniform(0, 360, EVENTS))
        events += [(f"c{customer:03}", f"i{item:03}", time) for item, time in zip(items, times, strict=True)]
    return dataset_of(sorted(events, key=lambda event: event[2]), repeats=True)


def with_chance_for_a_future(dataset, plan, seed=1):
    """Deal out what was taken in each window among its events."""
    random, events = np.random.default_rng(seed), dataset.events
    items, place = events.items.copy(), np.arange(len(events.items)) - events.offsets[events.owners]
    for window in plan.windows:
        asked = (place >= window.starts[events.owners]) & (place < window.stops[events.owners])
        items[asked] = random.permutation(items[asked])
    return replace(dataset, events=replace(events, items=items))


@dataclass(frozen=True)
class Gain:
    """How far the whole list's nDCG is above that of popularity, paired by customer."""

    mean: float
    error: float


def gains(dataset, split):
    """Train the first pair by the product's own path, and return its gain in each mode, all items and new ones."""
    config = replace(CONFIG, split=SplitConfig(kind=split))
    seed_everything(config)
    plan, clock = cut_windows(dataset, config.split)
    judge = honest(plan.judge)
    pair = fit_first_pair(dataset, plan, clock, config, Silent(), TimeBudget(None))
    engine = engine_of(dataset, with_counts(pair.retriever, dataset, judge.starts), pair.scorer, pair.depths)
    found = {}
    for mode, seen_allowed in (("all", True), ("new", False)):
        targets = window_targets(dataset.events, judge, width=dataset.item_rows, only_new=not seen_allowed)
        if not len(targets.rows):
            continue
        with Silent().stage("", 0) as bar:
            lists = engine_lists(
                engine, dataset, plan.judge, clock, targets, seen_allowed=seen_allowed, k=K, depth=K, bar=bar
            )
        popular = popularity(dataset, judge, targets, seen_allowed=seen_allowed)
        gain = np.subtract(*(ranking_metrics(one, targets, (K,))[f"ndcg@{K}"] for one in (lists.ranked, popular)))
        found[mode] = Gain(mean=gain.mean(), error=gain.std(ddof=1) / np.sqrt(len(gain)))
    return found


def honest(window):
    """Return the window as it was cut, whatever a leak makes of windows later."""
    return Window(starts=window.starts.copy(), stops=window.stops.copy(), as_of=window.as_of.copy())


def popularity(dataset, window, targets, *, seen_allowed):
    """Return what had been taken most before the window, counted here and by nothing of ours."""
    events = dataset.events
    before = window_mask(window, events)
    order = np.argsort(-np.bincount(events.items[before], minlength=dataset.item_rows), kind="stable")
    lists = np.zeros((len(targets.rows), K), np.int32)
    for place, row in enumerate(targets.rows):
        seen = events.items[before & (events.owners == row)]
        lists[place] = order[~np.isin(order, [0] if seen_allowed else [0, *seen])][:K]
    return lists


@pytest.fixture(scope="module")
def log():
    return tastes()


@pytest.fixture(scope="module", params=SPLITS)
def split(request):
    return request.param


@pytest.fixture(scope="module")
def chance(log, split):
    plan, _ = cut_windows(log, SplitConfig(kind=split))
    return with_chance_for_a_future(log, plan)


def test_tastes_that_stay_are_found(log, split):
    """The guard below has something to lose: as the log was, the whole list is far ahead of popularity."""
    for mode, gain in gains(log, split).items():
        assert gain.mean > 0.1, mode
        assert gain.mean > 5 * gain.error, mode


def test_a_future_of_pure_chance_is_not_foreseen(chance, split):
    for mode, gain in gains(chance, split).items():
        assert gain.mean < 2 * gain.error, mode


def fitted_one_window_too_far(patch):
    """Let the retriever learn from what it will be asked for."""
    patch.setattr(SplitPlan, "given", property(lambda plan: plan.judge.stops))


def asked_with_the_answer(patch):
    """Let every request know the events that it asks for."""
    patch.setattr(Window, "given", lambda window, events, rows: events.slice(rows, 0 * rows, window.stops[rows]))


@pytest.mark.parametrize(
    ("split", "leak"),
    [
        ("time", fitted_one_window_too_far),
        ("last", asked_with_the_answer),
        pytest.param("last", fitted_one_window_too_far, marks=pytest.mark.slow),
        pytest.param("time", asked_with_the_answer, marks=pytest.mark.slow),
    ],
    indirect=["split"],
)
def test_a_leak_would_show(chance, split, leak, monkeypatch):
    """The guard above can fail: seen through either hole, the same future of chance is far ahead of popularity."""
    leak(monkeypatch)
    gain = gains(chance, split)["all"]
    assert gain.mean > 0.1
    assert gain.mean > 5 * gain.error


def test_chance_takes_what_was_taken(log, chance, split):
    """What is dealt out is the same as before, window by window, and nothing else changes."""
    plan, _ = cut_windows(log, SplitConfig(kind=split))
    before, after = log.events, chance.events
    for window in plan.windows:
        was, now = (np.sort(window.asked(events, window.rows).items) for events in (before, after))
        np.testing.assert_array_equal(was, now)
    given = window_mask(plan.windows[0], before)
    np.testing.assert_array_equal(before.items[given], after.items[given])
    assert (before.items != after.items).mean() > 0.05
