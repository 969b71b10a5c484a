"""Whom and what the demo asks about: a known customer, one nobody has seen, and an item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, ITEM_ID, TIMESTAMP
from shortlist_training.log import Log

LATEST = 5
BROUGHT = 3
FAMILY = {
    "age": "25-34",
    "marital_status": "Married",
    "household_size": "3",
    "household_comp": "2 Adults Kids",
    "kids_count": "1",
}
"""A young family, as Complete Journey describes one."""
FAMILY_TYPES = ("BABY FOOD - BEGINNER", "BABY DIAPERS", "BABY SPRING WATERS")
SEED_TYPE = "GROUND COFFEE"
TYPE = "product_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A customer who is described in the request and known from nowhere else."""

    features: Mapping[str, Any]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Whom the demo asks about.

    Attributes:
        customer: id of a customer of the log.
        latest: what they took last, newest first.
        stranger: a new customer.
        seed: the item whose neighbours are asked for.
    """

    customer: str
    latest: tuple[str, ...]
    stranger: Stranger
    seed: str


def choose_cast(log: Log) -> Cast:
    """Choose from a log, the same every time."""
    customer, new = known_customer(log), stranger(log)
    seed = most_taken(log, TYPE, SEED_TYPE) or new.items[0]
    return Cast(customer=customer, latest=latest_items(log, customer), stranger=new, seed=seed)


def known_customer(log: Log) -> str:
    """Return the customer with the median number of events, among those described where some are."""
    counts = log.interactions.group_by(CUSTOMER_ID).len().sort("len", CUSTOMER_ID)
    described = counts if log.customers is None else counts.join(log.customers, on=CUSTOMER_ID, how="semi")
    candidates = described if described.height else counts
    return str(candidates.sort("len", CUSTOMER_ID)[CUSTOMER_ID][candidates.height // 2])


def latest_items(log: Log, customer: str) -> tuple[str, ...]:
    """Return what a customer took last, newest first and each item once; without times, any of it."""
    own = log.interactions.filter(pl.col(CUSTOMER_ID) == customer)
    if TIMESTAMP in own.columns:
        own = own.sort(TIMESTAMP, maintain_order=True)
    return tuple(own[ITEM_ID].reverse().unique(maintain_order=True).head(LATEST))


def stranger(log: Log) -> Stranger:
    """Return a young family where the log is Complete Journey, else someone of the most common features and tastes."""
    items = tuple(most_taken(log, TYPE, kind) for kind in FAMILY_TYPES)
    known = log.columns.get("customers", {})
    if all(items) and FAMILY.keys() <= known.keys():
        return Stranger(features=FAMILY, items=items)
    features = {} if log.customers is None else {name: typical(log.customers[name]) for name in known}
    popular = log.interactions.group_by(ITEM_ID).len().sort("len", ITEM_ID, descending=True)[ITEM_ID]
    return Stranger(
        features={name: value for name, value in features.items() if value is not None},
        items=tuple(popular.head(BROUGHT)),
    )


def most_taken(log: Log, column: str, value: str) -> str:
    """Return the most taken item whose column has the value, empty if there is none."""
    if log.items is None or column not in log.items.columns:
        return ""
    alike = log.items.filter(pl.col(column) == value)
    counts = log.interactions.join(alike, on=ITEM_ID, how="semi").group_by(ITEM_ID).len()
    return str(counts.sort("len", ITEM_ID, descending=True)[ITEM_ID][0]) if counts.height else ""


def typical(values: pl.Series) -> Any:
    """Return the median of numbers, and the most common of anything else; None for lists and empty columns."""
    present = values.drop_nulls()
    if present.is_empty() or present.dtype.is_nested():
        return None
    return present.median() if present.dtype.is_float() else present.mode().sort()[0]
