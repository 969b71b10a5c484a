import polars as pl
import pytest
from small_logs import log_of

from shortlist_training.demo.cast import (
    FAMILY,
    FAMILY_TYPES,
    SEED_TYPE,
    choose_cast,
    known_customer,
    latest_items,
    typical,
)

EVENTS = [
    ("often", "bread", 1), ("often", "milk", 2), ("often", "bread", 3), ("often", "tea", 4),
    ("twice", "milk", 5), ("twice", "bread", 6),
    ("once", "milk", 7),
]  # fmt: skip


def test_the_median_customer_is_asked_about():
    assert known_customer(log_of(EVENTS)) == "twice"


def test_among_those_who_are_described():
    customers = {"customer_id": ["once", "never"], "age": ["65+", "19-24"]}
    assert known_customer(log_of(EVENTS, customers=customers)) == "once"


def test_where_nobody_of_the_log_is_described_anybody_will_do():
    assert known_customer(log_of(EVENTS, customers={"customer_id": ["never"], "age": ["65+"]})) == "twice"


def test_the_latest_items_each_once():
    assert latest_items(log_of(EVENTS), "often") == ("tea", "bread", "milk")


def test_a_log_without_times_has_latest_items_too():
    pairs = [event[:2] for event in EVENTS]
    assert set(latest_items(log_of(pairs, columns=("customer_id", "item_id")), "often")) == {"tea", "bread", "milk"}


def test_a_stranger_is_like_most_and_took_what_most_take():
    customers = {"customer_id": ["often", "twice", "once"], "age": ["65+", "19-24", "65+"], "income": [1.0, 2.0, 9.0]}
    cast = choose_cast(log_of(EVENTS, customers=customers))

    assert cast.stranger.features == {"age": "65+", "income": 2.0}
    assert cast.stranger.items == ("milk", "bread", "tea")
    assert cast.seed == "milk"


def test_the_same_log_gives_the_same_cast():
    assert choose_cast(log_of(EVENTS)) == choose_cast(log_of(EVENTS))


def test_in_complete_journey_the_stranger_is_a_young_family():
    types = {"item_id": ["f1", "f2", "d", "w", "s"], "product_type": [FAMILY_TYPES[0], *FAMILY_TYPES, SEED_TYPE]}
    events = [("a", item, time) for time, item in enumerate(["f2", "f2", "f1", "d", "w", "s"])]
    customers = {"customer_id": ["a"], **{name: [value] for name, value in FAMILY.items()}}
    cast = choose_cast(log_of(events, items=types, customers=customers))

    assert cast.stranger.features == FAMILY
    assert cast.stranger.items == ("f2", "d", "w")
    assert cast.seed == "s"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["b", "a", "b", None], "b"),
        (["b", "a"], "a"),
        ([True, True, False], True),
        ([1.0, 2.0, 30.0], 2.0),
        ([["x"], ["y"]], None),
        ([None, None], None),
    ],
)
def test_a_typical_value(values, found):
    assert typical(pl.Series("column", values, strict=False)) == found
