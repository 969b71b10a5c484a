"""For whom and for what a method works: customers by history, target items by popularity."""

from typing import Any

import numpy as np
import polars as pl

from shortlist_training.benchmark.judging import QUARTERS
from shortlist_training.evaluation.metrics import Figure

HISTORIES = ((0, 4), (5, 19), (20, 99), (100, None))
"""Events of a customer in the log: from, to."""


def history_slices(customers: pl.DataFrame) -> list[dict[str, Any]]:
    """Return nDCG and recall of customers by the length of their history; empty slices are left out."""
    slices = []
    for low, high in HISTORIES:
        chosen = customers.filter(pl.col("history").is_between(low, high if high is not None else 2**62))
        if len(chosen):
            name = f"{low}+" if high is None else f"{low}-{high}"
            figures = {metric: _figure(chosen[metric]) for metric in ("ndcg", "recall")}
            slices.append({"events": name, "customers": len(chosen), **figures})
    return slices


def item_slices(customers: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the recall of targets by quarters of the catalogue, the most popular first, and the targets in each."""
    slices = []
    for quarter in range(1, QUARTERS + 1):
        asked = customers.filter(pl.col(f"targets_{quarter}") > 0)
        if len(asked):
            recall = _figure(asked[f"hits_{quarter}"] / asked[f"targets_{quarter}"])
            targets = int(asked[f"targets_{quarter}"].sum())
            slices.append({"quarter": quarter, "customers": len(asked), "targets": targets, "recall": recall})
    return slices


def _figure(column: pl.Series) -> dict[str, float]:
    figure = Figure.of(column.to_numpy().astype(np.float64))
    return {"mean": figure.mean, "error": figure.error}
