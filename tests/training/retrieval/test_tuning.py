"""Settings are chosen by what a planted log rewards."""

import numpy as np
import pytest
from small_logs import dataset_of
from untuned import untuned

from shortlist_training.retrieval.batches import training_clock
from shortlist_training.retrieval.tuning import RECENT_BUCKETS, tuned, with_mix
from shortlist_training.split.plan import SplitKind, plan_split

DAYS = 240


def log_of_habits(*, fades, seed=0):
    """Plant habits: what people take again is what they took last (fades), or what they have taken most (does not)."""
    random = np.random.default_rng(seed)
    events = []
    for customer in range(30):
        old, new = random.permutation(40)[:2]
        for day in range(DAYS):
            if day % 4 == 0 and day < DAYS * 0.6:
                events.append((f"c{customer}", f"i{old:02}", float(day)))
            if day % 16 == 0 and day >= DAYS * 0.6:
                events.append((f"c{customer}", f"i{(new if fades else old):02}", float(day)))
            if not fades and day % 8 == 1 and day >= DAYS * 0.6:
                events.append((f"c{customer}", f"i{random.integers(40):02}", float(day)))
    return dataset_of(sorted(events, key=lambda event: event[2]))


def tuned_on(dataset):
    plan = plan_split(dataset, SplitKind.TIME)
    clock = training_clock(dataset, plan.scorer, typical=0.99)
    before = untuned(dataset, plan.tune.starts)
    return before, tuned(before, dataset, plan.tune, clock, seed=0)[0]


def test_a_past_that_fades_gets_a_short_half_life():
    _, after = tuned_on(log_of_habits(fades=True))
    assert after.counting["own_past"].mix[0] > 0
    assert after.counting["own_past"].mix[-1] == 0


def test_a_past_that_stays_gets_a_long_one():
    _, after = tuned_on(log_of_habits(fades=False))
    assert after.counting["own_past"].mix[-1] > 0
    assert after.counting["own_past"].mix[0] == 0


def test_every_mix_weighs_to_one_and_only_settings_change():
    before, after = tuned_on(log_of_habits(fades=True))
    for mix in (after.counting["own_past"].mix, after.counting["item_cf"].mix):
        assert sum(mix) == pytest.approx(1)
    assert after.counting["popularity"].buckets in RECENT_BUCKETS
    assert after.counting["item_cf"].weights is before.counting["item_cf"].weights
    assert after.tower is before.tower
    assert after.signals is before.signals


def test_popularity_looks_at_the_stretch_in_which_fashions_last():
    random = np.random.default_rng(1)
    # Every ten days another item is the fashion, and a few of all customers join it.
    events = [
        (f"c{customer}", f"i{day // 10:02}", day + 0.5)
        for day in range(DAYS)
        for customer in random.permutation(200)[:20]
    ]
    _, after = tuned_on(dataset_of(events))
    assert after.counting["popularity"].buckets == RECENT_BUCKETS[0]


def test_where_nobody_can_be_judged_nothing_breaks():
    dataset = dataset_of([("a", "x", 0.0), ("a", "y", 1.0), ("b", "x", 100.0)])
    _, after = tuned_on(dataset)
    assert after.counting["own_past"].mix == (0, 0, 0, 1)


def test_without_time_the_sources_stay_as_they_are():
    dataset = log_of_habits(fades=True)
    plan = plan_split(dataset, SplitKind.TIME)
    clock = training_clock(dataset, plan.scorer, typical=0.99)
    before = untuned(dataset, plan.tune.starts)
    after, chosen = tuned(before, dataset, plan.tune, clock, seed=0, hurried=lambda: True)
    assert after.counting == before.counting
    assert set(chosen) == set(before.counting)
    assert not any(chosen.values())


def test_another_mix_changes_the_mix_alone():
    dataset = log_of_habits(fades=True)
    source = untuned(dataset, dataset.events.lengths).counting["item_cf"]
    other = with_mix(source, (1.0, 0.0, 0.0, 0.0))
    assert other.mix == (1.0, 0.0, 0.0, 0.0)
    assert other.indptr is source.indptr
    assert other.neighbours is source.neighbours
    assert other.weights is source.weights
