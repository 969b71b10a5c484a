"""What a peer sees of a task: the log, the catalogue, and which lists are wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]


class PeerError(Exception):
    """Say why a peer cannot be fitted to a task."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A log of E events by M customers over a catalogue of N items, sorted by customer and then by time.

    Attributes:
        data: folder of the tables, for peers that want more than is here.
        customers: [M] ids; a customer's row is its place.
        items: [N] ids; an item's row is its place.
        owners: [E] customer row of each event.
        taken: [E] item row of each event.
        times: [E] epoch seconds; None where the log has none, and the order of events then means nothing.
        orders: [E] what was taken together has the same number; None where the log does not say.
        parts: part of the task -> whether items that the customer has taken may be in its lists.
        k: length of the lists.
    """

    data: Path
    customers: Sequence[str]
    items: Sequence[str]
    owners: Ints
    taken: Ints
    times: NDArray[np.float64] | None
    orders: Ints | None
    parts: Mapping[str, bool]
    k: int

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """Who has taken what, once or more often: float32 [M, N] of ones."""
        shape = (len(self.customers), len(self.items))
        pairs = np.unique(self.owners * shape[1] + self.taken)
        ones = np.ones(len(pairs), np.float32)
        return sparse.csr_matrix((ones, (pairs // shape[1], pairs % shape[1])), shape=shape)

    def moments(self) -> NDArray[np.float64]:
        """Return the times, for a peer that cannot do without.

        Raises:
            PeerError: The log has none.
        """
        if self.times is None:
            raise PeerError("the log has no times, and this method needs them")
        return self.times


def read_task(data: Path, parts: Mapping[str, bool], k: int) -> Task:
    """Read the tables of a task; events of items outside the catalogue are left out."""
    log = pl.read_parquet(data / "interactions.parquet").with_columns(pl.col("customer_id", "item_id").cast(pl.String))
    customers = log["customer_id"].unique().sort()
    items = _catalogue(data, log)
    log = log.with_columns(
        owner=log["customer_id"].replace_strict(customers, range(len(customers)), return_dtype=pl.Int64),
        taken=log["item_id"].replace_strict(items, range(len(items)), default=None, return_dtype=pl.Int64),
    ).drop_nulls("taken")
    by = ["owner", "timestamp"] if "timestamp" in log.columns else ["owner"]
    log = log.sort(by, maintain_order=True)
    return Task(
        data=data,
        customers=customers.to_list(),
        items=items.to_list(),
        owners=log["owner"].to_numpy(),
        taken=log["taken"].to_numpy(),
        times=_seconds(log["timestamp"]) if "timestamp" in log.columns else None,
        orders=log["order_id"].rank("dense").cast(pl.Int64).to_numpy() if "order_id" in log.columns else None,
        parts=dict(parts),
        k=k,
    )


def _catalogue(data: Path, log: pl.DataFrame) -> pl.Series:
    file = data / "items.parquet"
    table = pl.read_parquet(file, columns=["item_id"]) if file.exists() else log
    return table["item_id"].cast(pl.String).unique().sort()


def _seconds(column: pl.Series) -> NDArray[np.float64]:
    if column.dtype.is_temporal():
        column = column.dt.epoch("s")
    return column.cast(pl.Float64).to_numpy()
