"""Rows of the new log <-> rows of the bundle, by id; and what has come and gone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.spec import FeatureSpec, ValuesFit
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.origin.opening import Origin

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRows:
    """Where each row of the new log stood in the bundle.

    Attributes:
        customers: int32 [M + 1], the bundle's row of each customer; 0 for a new one, and for nobody.
        items: int32 [N + 1], likewise.
    """

    customers: Rows
    items: Rows


def carried_rows(origin: Origin, dataset: Dataset) -> CarriedRows:
    """Return where the customers and items of a log stood in the bundle."""
    model = origin.model
    return CarriedRows(
        customers=_rows(dataset.customers, model.customers),
        items=_rows(dataset.items, model.items),
    )


def _rows(new: Vocabulary, old: Vocabulary) -> Rows:
    return old.rows(new.ids(range(len(new))))


def growth(origin: Origin, dataset: Dataset, rows: CarriedRows) -> dict[str, Any]:
    """Return how many customers and items are known, new and gone, and new values by column, as plain JSON."""
    model = origin.model
    encoders = {"customers": dataset.customer_encoder, "items": dataset.item_encoder}
    if dataset.context_encoder:
        encoders["interactions"] = dataset.context_encoder
    values = {
        f"{table}.{name}": count
        for table, encoder in encoders.items()
        for name, count in _new_values(origin.specs[table], encoder.spec).items()
    }
    return {
        "customers": _counted(rows.customers, model.customers),
        "items": _counted(rows.items, model.items),
        "values": values,
    }


def _counted(rows: Rows, old: Vocabulary) -> dict[str, int]:
    known = int(np.count_nonzero(rows))
    return {"known": known, "new": len(rows) - 1 - known, "gone": len(old) - 1 - known}


def _new_values(before: FeatureSpec, now: FeatureSpec) -> dict[str, int]:
    """Return how many values have got a code, for the columns where any has."""
    found = {}
    for old, new in zip(before.columns, now.columns, strict=True):
        if isinstance(old.fit, ValuesFit) and isinstance(new.fit, ValuesFit):
            found[new.name] = len(new.fit.values) - len(old.fit.values)
    return {name: count for name, count in found.items() if count}
