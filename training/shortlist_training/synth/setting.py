"""What an invented setting consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import polars as pl

NEW_CUSTOMERS = "new/new_customers"
"""Customers who are not in the log, with their features."""
TRUTH = "new/truth"
"""What the planted preferences say: `customer_id`, `item_id`, `rating` and, where ratings hide an order, `score`."""


class RatingsKind(Enum):
    """Where the ratings come from: chance, or preferences that can be found again."""

    NOISE = "noise"
    PLANTED = "planted"


@dataclass(frozen=True, slots=True)
class Setting:
    """A log, its configuration, and the answers beside it, as tables by the name of their file."""

    tables: Mapping[str, pl.DataFrame]
    config: str
