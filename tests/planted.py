"""A small invented shop whose customers have tastes, and the bundles that tests share.

Run as a program, it trains them: `planted.py FOLDER`. TensorFlow then stays out of the processes that only serve.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

CUSTOMERS, ITEMS, CATEGORIES = 200, 60, 6
SILENT = 5
"""Customers of the table who have never taken anything."""
START, DAYS, DAY = 1_483_228_800.0, 360, 86_400.0
"""The shop opens on the first day of 2017, and its log ended years ago."""
EVENTS = 30
TOWNS = ("ash", "birch", "cedar", "dale", "elm", "firth")
WORDS = ("apple", "bread", "cheese", "drink", "egg", "fish")
NEVER_TAKEN = "i059"
GONE, COMING = "i057", "i058"
"""Items that could be had until the middle of the log, and that can be had long after it."""

CONFIG = """\
[run]
seed = 7

[two_tower]
embedding_size = 16
history_length = 20
rounds = 4
batch_size = 128

[embedding]
embedding_size = 8
rounds = 3
batch_size = 256
negatives = 64

[scorer]
hidden = [16, 8]
rounds = 4
budget = 30
"""

SHOP_CONFIG = f"""{CONFIG}
[policies.varied]
diversity = {{ method = "mmr", strength = 0.6, caps = {{ category = 3 }} }}
"""
"""The shop's items have a category, those of other logs may not."""


def customer_id(number):
    return f"c{number:03}"


def item_id(number):
    return f"i{number:03}"


def category_of(number):
    return number % CATEGORIES


def favourites(number):
    """Return the two categories that a customer mostly takes from; the first is the one of the town."""
    return number % CATEGORIES, (number // CATEGORIES + 3) % CATEGORIES


def shop(*, seed=0, customers=CUSTOMERS, events=EVENTS):
    """Return the tables: most takings are of favourite categories, and many are taken again."""
    random = np.random.default_rng(seed)
    rows = [row for number in range(customers) for row in _takings(random, number, events)]
    log = pl.DataFrame(rows, schema=["customer_id", "item_id", "timestamp"], orient="row").sort("timestamp")
    return {"interactions": log, "customers": _customers(random, customers), "items": _items(random)}


def _takings(random, number, events):
    own = []
    for moment in np.sort(random.uniform(0, DAYS * DAY, events)):
        if own and random.random() < 0.4:
            item = own[random.integers(len(own))]
        else:
            liked = favourites(number)[int(random.random() < 0.3)]
            category = liked if random.random() < 0.85 else random.integers(CATEGORIES)
            item = int(category + CATEGORIES * random.integers(ITEMS // CATEGORIES))
        gone = item_id(item) == GONE and moment > DAYS * DAY / 2
        if item_id(item) not in (NEVER_TAKEN, COMING) and not gone:
            own.append(item)
            yield customer_id(number), item_id(item), START + float(moment)


def _customers(random, customers):
    known = random.random((customers, 2)) < 0.7
    town = [TOWNS[favourites(n)[0]] if known[n, 0] else None for n in range(customers)]
    age = [float(20 + 10 * (n % 5)) if known[n, 1] else None for n in range(customers)]
    silent = [f"silent-{n}" for n in range(SILENT)]
    return pl.DataFrame(
        {
            "customer_id": [*map(customer_id, range(customers)), *silent],
            "town": [*town, *TOWNS[:SILENT]],
            "age": [*age, *[30.0] * SILENT],
        }
    )


def _items(random):
    numbers = range(ITEMS)
    middle, later = START + DAYS * DAY / 2, START + 2 * DAYS * DAY
    return pl.DataFrame(
        {
            "item_id": [item_id(n) for n in numbers],
            "category": [WORDS[category_of(n)] for n in numbers],
            "price": [None if n % 11 == 0 else round(float(random.uniform(1, 9)), 2) for n in numbers],
            "organic": [bool(n % 3 == 0) for n in numbers],
            "tags": [
                [tag for tag, size in (("even", 2), ("third", 3), ("fifth", 5)) if n % size == 0] for n in numbers
            ],
            "title": [f"the {WORDS[category_of(n)]} of maker number {n // CATEGORIES} in a box" for n in numbers],
            "available_from": [later if item_id(n) == COMING else None for n in numbers],
            "available_until": [middle if item_id(n) == GONE else None for n in numbers],
        }
    )


def drifting(*, seed=0, customers=300, events=44, days=390):
    """Return a shop whose customers change their taste four times a year, each on days of their own, while makers
    come and go."""
    random = np.random.default_rng(seed)
    makers = np.arange(ITEMS // CATEGORIES)
    rows = []
    for number in range(customers):
        birthday = random.uniform(0, DAYS)
        for day in np.sort(random.uniform(0, days, events)):
            season = int(4 * (day + birthday) / DAYS)
            liked = (number + season) % CATEGORIES if random.random() < 0.8 else random.integers(CATEGORIES)
            in_fashion = np.exp(-(((makers / len(makers) - day / days) * 2.5) ** 2))
            maker = random.choice(makers, p=in_fashion / in_fashion.sum())
            rows.append((customer_id(number), item_id(int(liked + CATEGORIES * maker)), START + day * DAY))
    log = pl.DataFrame(rows, schema=["customer_id", "item_id", "timestamp"], orient="row").sort("timestamp")
    return {"interactions": log, "items": _items(random).select("item_id", "category")}


def write_shop(folder, tables, config=SHOP_CONFIG):
    """Write the tables as a folder of the data contract."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    (folder / "shortlist.toml").write_text(config)
    return folder


def train_folder(folder, bundles, name="default", **settings):
    """Train on a folder of the data contract as `shortlist train` does, without a word."""
    from shortlist_training.commands.configuration import configured
    from shortlist_training.log import read_log
    from shortlist_training.progress import Silent
    from shortlist_training.run import train

    config = replace(configured(folder, None), **settings)
    return train(read_log(folder, config.data), config, bundles, Silent(), name=name)


def make_bundles(root):
    """Train what tests share."""
    train_folder(write_shop(root / "shop", shop()), root / "bundles")


if __name__ == "__main__":
    make_bundles(Path(sys.argv[1]))
