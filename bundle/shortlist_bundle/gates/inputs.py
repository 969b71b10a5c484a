"""What the bundles' models read: the customers' features and histories as each bundle's log ended."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.spec import NumberFit, ValuesFit
from shortlist_bundle.gates.divergence import number_drift, value_drift
from shortlist_bundle.gates.gate import Gate, at_most
from shortlist_bundle.gates.thresholds import Thresholds
from shortlist_bundle.model import Model

_MOST = 20_000
"""Customers looked at, spread evenly over all."""


def input_gates(live: Model, candidate: Model, limits: Thresholds) -> list[Gate]:
    """Return one gate: the feature whose distribution moved most, with the next ones in its note."""
    drifts = dict(sorted(_drifts(live, candidate), key=lambda pair: -pair[1]))
    if not drifts:
        return []
    others = ", ".join(f"{name} {drift:.3f}" for name, drift in list(drifts.items())[:4])
    return [at_most("drift of the input", 0.0, max(drifts.values()), limits.input_drift,
                    note=f"Jensen-Shannon, bits; {others}")]  # fmt: skip


def _drifts(live: Model, candidate: Model) -> Iterator[tuple[str, float]]:
    numbers, others = _numbers(live), _numbers(candidate)
    for name in numbers.keys() & others.keys():
        yield name, number_drift(numbers[name], others[name])
    values, more = _values(live), _values(candidate)
    for name in values.keys() & more.keys():
        yield name, value_drift(values[name], more[name])


def _numbers(model: Model) -> Mapping[str, NDArray[np.float64]]:
    """Return the columns of numbers, NaN where missing, in the log's own units, and what the histories are like."""
    rows = _customers(model)
    events = model.snapshot.events
    found = {"length of history": events.lengths[rows].astype(np.float64)}
    if model.clock.has_times:
        last = np.where(found["length of history"] > 0, events.offsets[rows + 1] - 1, -1)
        ages = model.clock.log_end - events.times[last] if len(events.times) else np.zeros(len(rows))
        found["time since the last event"] = np.where(last >= 0, ages, np.nan)
    block = model.snapshot.encoded.numbers[rows]
    fits = [(c.name, c.fit) for c in model.customer_encoder.spec.columns if isinstance(c.fit, NumberFit)]
    for place, (name, fit) in enumerate(fits):
        value, missing = block[:, 2 * place].astype(np.float64), block[:, 2 * place + 1] > 0
        # float32 would tell the same value apart that two fits have scaled differently.
        found[name] = np.where(missing, np.nan, np.round(value * fit.scale + fit.mean, 3))
    return found


def _values(model: Model) -> Mapping[str, list[str]]:
    """Return the first value of each column of categories, empty where there is none."""
    rows = _customers(model)
    found = {}
    for column in model.customer_encoder.spec.columns:
        if isinstance(column.fit, ValuesFit):
            names = ("", "other", *column.fit.values)
            found[column.name] = [names[code] for code in model.snapshot.encoded.bags[column.name][rows, 0].tolist()]
    return found


def _customers(model: Model) -> NDArray[np.int64]:
    count = len(model.customers) - 1
    return np.unique(np.linspace(1, count, min(count, _MOST)).astype(np.int64)) if count else np.zeros(0, np.int64)
