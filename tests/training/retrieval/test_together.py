import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_training.retrieval import together
from shortlist_training.retrieval.together import TogetherLists, TogetherTable, count_together, most_takers


def log_of_pairs(*, customers=30, items=15, events=250, seed=0):
    random = np.random.default_rng(seed)
    # Popular items and unpopular ones, customers of little and of much.
    chosen = (random.random((events, 2)) ** 2 * (customers, items)).astype(int)
    return dataset_of([(f"c{customer:02}", f"i{item:02}", float(n)) for n, (customer, item) in enumerate(chosen)])


def brute_force(dataset):
    taken = np.zeros((dataset.customer_rows, dataset.item_rows))
    taken[dataset.events.owners, dataset.events.items] = 1
    taken = taken[:, 1:]
    return taken.T @ (taken / np.sqrt(np.maximum(taken.sum(axis=1, keepdims=True), 1)))


def counted(dataset, monkeypatch, *, lists, **limits):
    monkeypatch.setattr(together, "TABLE", 0 if lists else 1000)
    for name, value in limits.items():
        monkeypatch.setattr(together, name, value)
    return count_together(dataset, all_events(dataset))


@pytest.mark.parametrize("lists", [False, True], ids=["table", "lists"])
def test_joint_takings_are_those_of_the_definition(monkeypatch, lists):
    dataset = log_of_pairs()
    chosen, found = counted(dataset, monkeypatch, lists=lists)
    assert isinstance(found, TogetherLists if lists else TogetherTable)
    right = brute_force(dataset)[np.ix_(chosen - 1, chosen - 1)]
    every = np.arange(len(chosen))
    assert found.diagonal == pytest.approx(right.diagonal(), abs=1e-5)
    assert found.among(every[None])[0] == pytest.approx(right, abs=1e-5)


def test_lists_and_table_name_the_same_neighbours(monkeypatch):
    dataset = log_of_pairs()
    (chosen, table), (_, lists) = (counted(dataset, monkeypatch, lists=kind) for kind in (False, True))
    every = np.arange(len(chosen))
    one, other = table.nearest(every, 4), lists.nearest(every, 4)
    assert one[0].tolist() == other[0].tolist()
    assert one[1] == pytest.approx(other[1], abs=1e-5)
    assert (one[0] != every[:, None]).all()


def test_an_item_with_few_companions_has_gaps(monkeypatch):
    rows = [("a", "x", 1.0), ("a", "y", 2.0), ("b", "z", 3.0), ("b", "u", 4.0), ("b", "v", 5.0)]
    dataset = dataset_of(rows)
    chosen, lists = counted(dataset, monkeypatch, lists=True)
    x = int(np.flatnonzero(chosen == dataset.items.row("x"))[0])
    others, _ = lists.nearest(np.array([x]), 3)
    assert np.count_nonzero(others >= 0) == 1
    assert chosen[others[0, 0]] == dataset.items.row("y")
    among = lists.among(others)
    assert not among[0, 1:].any()
    assert not among[0, :, 1:].any()


def test_of_a_long_history_an_even_selection_is_counted(monkeypatch):
    rows = [("long", f"i{n:03}", float(n)) for n in range(100)] + [("short", "i000", 1.0), ("short", "i001", 2.0)]
    dataset = dataset_of(rows)
    _, lists = counted(dataset, monkeypatch, lists=True, LONGEST=10)
    lengths = sorted(np.diff(lists.borders))
    assert lengths[-2:] == [2, 10]


def test_of_many_takers_an_even_selection_stands_for_all(monkeypatch):
    random = np.random.default_rng(0)
    # Everybody takes one of two popular items, a share of them a companion too.
    rows = [(f"c{n:04}", f"p{n % 2}", 1.0) for n in range(2000)]
    rows += [(f"c{n:04}", "q", 2.0) for n in range(2000) if random.random() < (0.6 if n % 2 else 0.3)]
    dataset = dataset_of(rows)
    chosen, whole = counted(dataset, monkeypatch, lists=True)
    _, part = counted(dataset, monkeypatch, lists=True, MOST_TAKERS=200)
    every = np.arange(len(chosen))[None]
    assert part.among(every)[0] == pytest.approx(whole.among(every)[0], rel=0.2)
    assert part.diagonal == pytest.approx(whole.diagonal)


def test_of_a_heavy_log_fewer_takers_speak():
    assert most_takers(np.full(1000, 20), np.full(2000, 10)) == together.MOST_TAKERS
    heavy = most_takers(np.full(100_000, 500), np.full(30_000, 1700))
    assert together.FEWEST_TAKERS <= heavy < together.MOST_TAKERS
