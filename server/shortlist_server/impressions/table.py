"""The lists that a log keeps, with what the scorer read of each item, as one Parquet file."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from shortlist_server.impressions.signals import ShownSignals

COLUMNS = {
    "impression_id": pl.String, "moment": pl.Float64, "bundle_id": pl.String, "customer_id": pl.String,
    "rank": pl.Int32, "item_id": pl.String, "score": pl.Float32, "propensity": pl.Float64,
}  # fmt: skip
"""Before the columns of the signals, which are named as in the bundle; `rank` counts from 0."""


def write_table(shown: Iterable[ShownSignals], out: Path) -> tuple[int, Counter[str]]:
    """Write one row for each item of each list whose signals are known.

    Returns:
        How many lists were written, and how many were not, by why.
    """
    parts, left, written = [], Counter[str](), 0
    for one in shown:
        if one.problem:
            left[one.problem] += 1
        else:
            parts.append(_rows(one))
            written += 1
    frame = pl.concat(parts, how="diagonal") if parts else pl.DataFrame(schema=COLUMNS)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    frame.write_parquet(partial)
    partial.replace(out)
    return written, left


def _rows(one: ShownSignals) -> pl.DataFrame:
    impression, count = one.impression, len(one.impression.item_ids)
    rows = {
        "impression_id": [impression.impression_id] * count,
        "moment": [impression.moment] * count,
        "bundle_id": [impression.bundle_id] * count,
        "customer_id": [impression.customer_id] * count,
        "rank": list(range(count)),
        "item_id": list(impression.item_ids),
        "score": list(impression.scores),
        "propensity": [impression.propensity(place) for place in range(count)],
    }
    signals = {name: one.signals[:, column] for column, name in enumerate(one.names)}
    return pl.DataFrame(rows, schema=COLUMNS).with_columns(pl.Series(name, own) for name, own in signals.items())
