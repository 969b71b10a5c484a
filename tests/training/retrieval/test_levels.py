import numpy as np
from small_logs import dataset_of

from shortlist_training.retrieval.levels import choose_levels


def dataset(**columns):
    count = len(next(iter(columns.values())))
    items = {"item_id": [f"i{n:03}" for n in range(count)], **columns}
    return dataset_of([("a", "i000", 1.0)], items=items)


def words(values, count=100):
    return [f"w{n % values}" for n in range(count)]


def test_columns_that_group_items_are_levels_finest_first():
    names, codes = choose_levels(dataset(aisle=words(6), brand=words(20), id_like=words(60), flag_like=words(2)))
    assert names == ("brand", "aisle")
    assert [len(set(code[1:].tolist())) for code in codes] == [20, 6]
    assert all(code.dtype == np.int32 and code[0] == 0 for code in codes)


def test_a_column_that_most_items_lack_is_none():
    sparse = [word if n % 3 == 0 else None for n, word in enumerate(words(10))]
    half = [word if n % 2 == 0 else None for n, word in enumerate(words(11))]
    assert choose_levels(dataset(sparse=sparse, half=half))[0] == ("half",)


def test_there_are_at_most_four_and_equals_come_in_the_order_of_their_names():
    columns = {f"column {n}": words(10) for n in (5, 1, 4, 2, 3)}
    assert choose_levels(dataset(**columns))[0] == ("column 1", "column 2", "column 3", "column 4")


def test_lists_and_numbers_are_no_levels():
    tags = [[word, "all"] for word in words(6)]
    assert choose_levels(dataset(tags=tags, price=[float(n) for n in range(100)])) == ((), ())


def test_without_features_there_are_none():
    assert choose_levels(dataset_of([("a", "x", 1.0)])) == ((), ())
