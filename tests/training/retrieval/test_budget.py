import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_training.evaluation.targets import Targets
from shortlist_training.retrieval.budget import BLOCK, share_budget

CUSTOMERS, WIDTH = 30, 401


def targets_of(items):
    """Build targets of `CUSTOMERS` customers who all took `items`."""
    keys = [customer * WIDTH + item for customer in range(CUSTOMERS) for item in sorted(items)]
    sizes = np.full(CUSTOMERS, len(items), np.int64)
    return Targets(rows=np.arange(1, CUSTOMERS + 1), width=WIDTH, keys=np.array(keys, np.int64), sizes=sizes)


def lists_of(*items):
    return np.tile(np.array(items, np.int32), (CUSTOMERS, 1))


RIGHT = range(1, 41)
WRONG = range(101, 201)


def found(lists, depths):
    return set().union(*(lists[name][0, :depth].tolist() for name, depth in depths.items())) - {0}


def test_the_useful_source_gets_the_places():
    lists = {"useless": lists_of(*WRONG), "useful": lists_of(*RIGHT)}
    assert share_budget(lists, targets_of(RIGHT), budget=40) == {"useless": 0, "useful": 40}


def test_sources_that_find_different_things_share_the_budget():
    lists = {"first": lists_of(*range(1, 21)), "second": lists_of(*range(21, 41)), "useless": lists_of(*WRONG)}
    assert share_budget(lists, targets_of(RIGHT), budget=40) == {"first": 20, "second": 20, "useless": 0}


def test_a_source_that_only_repeats_gets_nothing():
    lists = {"first": lists_of(*RIGHT), "echo": lists_of(*RIGHT)}
    assert sorted(share_budget(lists, targets_of(RIGHT), budget=40).values()) == [0, 40]


def test_places_that_repeat_cost_nothing():
    """The second source begins with what the first has found, and goes on with what nobody else has."""
    lists = {"first": lists_of(*range(1, 21)), "second": lists_of(*range(1, 11), *range(21, 41))}
    depths = share_budget(lists, targets_of(RIGHT), budget=40)
    assert depths == {"first": 20, "second": 30}
    assert found(lists, depths) == set(RIGHT)


def test_a_block_without_a_find_does_not_hide_what_lies_behind_it():
    lists = {"deep": lists_of(*range(101, 111), *RIGHT), "useless": lists_of(*range(201, 301))}
    assert share_budget(lists, targets_of(RIGHT), budget=50) == {"deep": 50, "useless": 0}


def test_what_is_left_when_nobody_finds_more_goes_to_all_in_turn():
    """A few customers do not tell what others will want, and a place that stays empty helps nobody."""
    lists = {"useful": lists_of(*RIGHT, *range(41, 60)), "one": lists_of(*WRONG), "two": lists_of(*range(201, 215))}
    depths = share_budget(lists, targets_of(RIGHT), budget=100)
    assert depths == {"useful": 50, "one": 40, "two": 20}
    assert len(found(lists, depths)) >= 100


def test_the_budget_is_kept_to_a_block():
    lists = {"useful": lists_of(*range(1, 101)), "other": lists_of(*range(101, 201))}
    for budget in (1, 10, 25, 50):
        depths = share_budget(lists, targets_of(range(1, 201)), budget=budget)
        assert budget <= len(found(lists, depths)) < budget + BLOCK


def test_where_nothing_is_ever_found_nobody_gets_anything():
    lists = {"one": lists_of(*WRONG), "two": lists_of(*range(201, 301))}
    assert share_budget(lists, targets_of(RIGHT), budget=40) == {"one": 0, "two": 0}


def test_sources_without_lists_get_nothing():
    lists = {"empty": lists_of(), "nobody": lists_of(*[0] * 20), "useful": lists_of(*RIGHT)}
    assert share_budget(lists, targets_of(RIGHT), budget=99) == {"empty": 0, "nobody": 0, "useful": 40}
    assert share_budget({"empty": lists_of()}, targets_of(RIGHT), budget=9) == {"empty": 0}


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(1, 60), st.integers(1, 3))
def test_it_always_ends_and_never_goes_deeper_than_the_lists(data, budget, sources):
    one = st.lists(st.integers(0, 60), max_size=45, unique=True)
    lists = {f"s{n}": lists_of(*data.draw(one)) for n in range(sources)}
    depths = share_budget(lists, targets_of(data.draw(st.sets(st.integers(1, 60), min_size=1))), budget=budget)
    assert list(depths) == list(lists)
    for name, depth in depths.items():
        assert depth % BLOCK == 0
        assert depth < lists[name].shape[1] + BLOCK
