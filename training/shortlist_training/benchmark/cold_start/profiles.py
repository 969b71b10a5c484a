"""Customers as a request describes them: features, and the newest few items."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle import columns as names
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.model import Model
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_training.features.table import encode_table


def strangers(model: Model, features: EncodedFeatures, history: Histories, as_of: NDArray[np.float64]) -> CustomerBatch:
    """Return B customers whom the model has not seen, as the server reads them from requests."""
    count = len(history)
    return CustomerBatch(
        rows=np.zeros(count, np.int32),
        features=features,
        history=history,
        now=model.clock.moments(as_of, history),
        context=model.context_encoder.empty(count) if model.context_encoder else None,
    )


def features_of(
    model: Model, table: pl.DataFrame | None, customers: list[str]
) -> tuple[EncodedFeatures, NDArray[np.bool_]]:
    """Return the customers' features as a model reads them, and who has any, bool [B]."""
    there = () if table is None else table.columns
    known = [column.name for column in model.customer_encoder.spec.columns if column.name in there]
    if table is None or not known:
        return model.customer_encoder.empty(len(customers)), np.zeros(len(customers), np.bool_)
    asked = pl.DataFrame({names.CUSTOMER_ID: customers}, schema={names.CUSTOMER_ID: pl.String})
    rows = asked.join(table, on=names.CUSTOMER_ID, how="left", maintain_order="left")
    described = rows.select(pl.any_horizontal(pl.col(known).is_not_null())).to_series()
    return encode_table(model.customer_encoder, rows), described.to_numpy()


def newest_items(history: Histories, length: int) -> Histories:
    """Return the newest `length` distinct items of each customer, each where it was taken last; item 0 is none."""
    kept = [
        _newest(history.items[a:b].tolist(), length) for a, b in zip(history.offsets, history.offsets[1:], strict=False)
    ]
    places = np.array(
        [start + place for start, own in zip(history.offsets, kept, strict=False) for place in own], np.int64
    )
    return Histories(
        offsets=np.cumsum([0, *map(len, kept)]).astype(np.int64),
        items=history.items[places],
        times=history.times[places],
        values=history.values[places],
    )


def _newest(items: list[int], length: int) -> list[int]:
    found: dict[int, int] = {}
    for place in reversed(range(len(items))):
        if len(found) == length:
            break
        if items[place]:
            found.setdefault(items[place], place)
    return sorted(found.values())
