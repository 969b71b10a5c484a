"""The small shop as its log went on after `planted`: new events, customers, items, and words in their tables."""

import numpy as np
import polars as pl
from planted import CATEGORIES, DAY, DAYS, SHOP_CONFIG, START, WORDS, customer_id, item_id, shop, write_shop

NEW_ITEMS = ("n0", "n1", "n2")
"""Two that are taken, and one that nobody has taken yet; all are cheese."""
NEW_CUSTOMERS = ("x0", "x1", "x2", "x3")
"""They like cheese, and one of them is of a town that nobody knew."""
LEFT = "c199"
"""A customer who asked to be forgotten."""
NEW_TOWN = "gorse"
CHEESE = WORDS.index("cheese")


def grown_shop(*, days=60, seed=5):
    """Return the tables after `days` more."""
    tables = shop()
    random = np.random.default_rng(seed)
    rows = []
    for number in range(199):
        rows += [(customer_id(number), _liked(random, number), _moment(day)) for day in random.uniform(0.5, days, 4)]
    for customer in NEW_CUSTOMERS:
        rows += [(customer, _cheese(random), START + (DAYS + float(day)) * DAY) for day in random.uniform(0.5, days, 8)]
    new = pl.DataFrame(rows, schema=["customer_id", "item_id", "timestamp"], orient="row").sort("timestamp")
    log = pl.concat([tables["interactions"], new]).filter(pl.col("customer_id") != LEFT)
    return {"interactions": log, "customers": _customers(tables["customers"]), "items": _items(tables["items"])}


def _moment(day):
    return START + (DAYS + float(day)) * DAY


def _liked(random, number):
    category = number % CATEGORIES
    if category == CHEESE and random.random() < 0.5:
        return NEW_ITEMS[random.integers(2)]
    return item_id(int(category + CATEGORIES * random.integers(9)))


def _cheese(random):
    return (
        NEW_ITEMS[random.integers(2)]
        if random.random() < 0.4
        else item_id(CHEESE + CATEGORIES * int(random.integers(9)))
    )


def _customers(before):
    new = pl.DataFrame({
        "customer_id": NEW_CUSTOMERS, "town": [WORDS_TOWN, WORDS_TOWN, NEW_TOWN, NEW_TOWN],
        "age": [30.0, None, 95.0, 40.0],
    })  # fmt: skip
    return pl.concat([before, new]).filter(pl.col("customer_id") != LEFT)


WORDS_TOWN = "cedar"
"""The town whose people like cheese."""


def _items(before):
    new = pl.DataFrame({
        "item_id": NEW_ITEMS, "category": ["cheese"] * 3, "price": [5.0, None, 20.0], "organic": [True, False, True],
        "tags": [["even", "raw"], ["raw"], ["raw"]], "title": ["the cheese of maker number 77 in a box"] * 3,
        "available_from": [None] * 3, "available_until": [None] * 3,
    }, schema=before.schema)  # fmt: skip
    return pl.concat([before, new])


def write_grown(folder, tables):
    """Write them as a folder of the data contract, with the configuration of the small shop."""
    return write_shop(folder, tables, SHOP_CONFIG)
