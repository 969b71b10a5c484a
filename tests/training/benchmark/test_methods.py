import pytest

from shortlist_training.benchmark.methods import parse_methods
from shortlist_training.errors import BenchmarkError

PEERS = {"ease": False, "ials": True}


def test_nothing_said_means_everything():
    assert [method.name for method in parse_methods([], [], PEERS)] == ["shortlist", "ease", "ials"]


def test_sources_and_budgets_are_read_off_the_name():
    alone, short, both = parse_methods(["shortlist:two_tower", "shortlist@5", "shortlist@2.5:linear"], [], PEERS)
    assert (alone.ours, alone.source, alone.budget) == (True, "two_tower", None)
    assert (short.source, short.budget) == (None, 5.0)
    assert (both.source, both.budget) == ("linear", 2.5)


def test_each_budget_adds_a_method_once():
    names = [method.name for method in parse_methods(["shortlist@5"], [5.0, 0.5], PEERS)]
    assert names == ["shortlist@5", "shortlist@0.5"]


def test_one_run_is_enough_where_chance_plays_no_part():
    counted, factors = parse_methods(["ease", "ials"], [], PEERS)
    assert counted.seeds((3, 4)) == (0,)
    assert factors.seeds((3, 4)) == (3, 4)


@pytest.mark.parametrize(("name", "hint"), [("eaze", "Did you mean 'ease'"), ("shortlist@soon", "'soon'")])
def test_a_name_that_is_none_is_refused(name, hint):
    with pytest.raises(BenchmarkError, match=hint):
        parse_methods([name], [], PEERS)
