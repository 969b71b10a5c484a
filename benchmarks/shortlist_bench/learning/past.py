"""The log of the days before there was a server: customers on their own, and a shelf of bestsellers."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from shortlist_bench.learning.shoppers import Shoppers
from shortlist_bench.learning.world import START, World

SHELF = 10
Row = tuple[str, str, float]


def customer_id(number: int) -> str:
    """Return the id of a customer."""
    return f"customer-{number:03}"


def item_id(number: int) -> str:
    """Return the id of an item."""
    return f"item-{number:03}"


def number_of(item: str) -> int:
    """Return the number of an item's id."""
    return int(item.removeprefix("item-"))


def live_through_the_past(world: World, shoppers: Shoppers) -> list[Row]:
    """Return what was taken before the first day of the server."""
    rows: list[Row] = []
    counts = np.zeros(len(world.category))
    for day in range(world.size.past):
        shoppers.begin(day)
        shelf = np.argsort(-counts[: world.size.items], kind="stable")[:SHELF].tolist()
        for visit in world.visits(day):
            found = shoppers.visit(visit, shelf)
            taken = [*(shelf[place] for place in found.places), *found.own]
            np.add.at(counts, taken, 1)
            rows += [(customer_id(visit.customer), item_id(item), visit.moment) for item in taken]
    return rows


def attributes_of(world: World, item: int) -> dict[str, str | float]:
    """Return what is known of an item."""
    return {
        "category": f"category-{world.category[item]:02}",
        "brand": f"brand-{world.brand[item]}",
        "price": float(world.price[item]),
    }


def write_log(folder: Path, world: World, rows: Iterable[Row], items: Iterable[int]) -> None:
    """Write a log in the form of the data contract."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "interactions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("customer_id", "item_id", "timestamp"))
        writer.writerows((one, item, f"{moment:.3f}") for one, item, moment in rows)
    with (folder / "items.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("item_id", "category", "brand", "price"))
        writer.writerows((item_id(one), *attributes_of(world, one).values()) for one in items)


def moment_of_day(day: int) -> float:
    """Return when a day begins, epoch seconds."""
    return START + 86_400.0 * day
