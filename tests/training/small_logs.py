"""Small logs and datasets, built in memory."""

import numpy as np
import polars as pl

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.dataset.build import build_dataset
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.log import Log

KIND_OF = {pl.String: ColumnKind.CATEGORY, pl.Float64: ColumnKind.NUMBER, pl.Boolean: ColumnKind.FLAG}


def log_of(events, *, customers=None, items=None, repeats=True, columns=("customer_id", "item_id", "timestamp")):
    """Build a log from tuples, one value per name in `columns`; tables are dictionaries of columns."""
    frame = pl.DataFrame(events, schema=list(columns), orient="row")
    types = {"customer_id": pl.String, "item_id": pl.String, "timestamp": pl.Float64, "order_id": pl.String}
    types |= {"rating": pl.Float32, "value": pl.Float32}
    known = [name for name in columns if name in types]
    if "value" not in columns:
        frame = frame.with_columns(value=pl.lit(1.0))
    frame = frame.with_columns(pl.col(name).cast(types[name]) for name in known)
    context = frame.select(pl.exclude("value", *known))
    tables = {name: None if table is None else pl.DataFrame(table) for name, table in _tables(customers, items)}
    return Log(
        interactions=frame,
        customers=tables["customers"],
        items=tables["items"],
        columns={
            name: {} if table is None else _kinds(table) for name, table in (*tables.items(), ("interactions", context))
        },
        feedback=FeedbackKind.IMPLICIT,
        repeats=repeats,
        rating_scale=None,
        report=None,
    )


def _tables(customers, items):
    return (("customers", customers), ("items", items))


def _kinds(table):
    return {
        name: ColumnKind.CATEGORIES if isinstance(kind, pl.List) else KIND_OF[type(kind)]
        for name, kind in table.schema.items()
        if not name.endswith("_id") and not name.startswith("available_")
    }


def dataset_of(events, *, seed=0, context=(), **settings):
    return build_dataset(log_of(events, **settings), seed=seed, context=context)


def timeless(events, **settings):
    """Build a dataset from (customer, item) pairs."""
    return dataset_of(events, columns=("customer_id", "item_id"), **settings)


def two_camps(*, customers=40, items=20, length=6, seed=0, days=100, items_table=None):
    """Plant a pattern: even customers take even items, odd ones odd items, never the same one twice."""
    random = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        own = np.arange(customer % 2, items, 2)
        chosen = random.permutation(own)[: min(length, len(own) - 1)]
        times = np.sort(random.uniform(0, days, len(chosen)))
        events += [(f"c{customer:03}", f"i{item:03}", float(time)) for item, time in zip(chosen, times, strict=True)]
    return dataset_of(sorted(events, key=lambda event: event[2]), repeats=False, items=items_table)


def all_events(dataset):
    """Return the limits under which a fit may see everything."""
    return dataset.events.lengths


def ids_by_customer(dataset):
    """Return customer id -> list of item ids in the order of the dataset."""
    events = dataset.events
    return {
        dataset.customers.id(row): dataset.items.ids(events.items[events.offsets[row] : events.offsets[row + 1]])
        for row in range(1, dataset.customer_rows)
    }
