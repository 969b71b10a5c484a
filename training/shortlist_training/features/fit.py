"""Feature columns of a table -> the `FeatureSpec` by which both sides encode them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features import values
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.numbers import raw_numbers
from shortlist_bundle.features.spec import ColumnFit, ColumnSpec, FeatureSpec, NumberFit, TextFit, ValuesFit

MAX_VALUES = 5000
MIN_COUNT = 2
MAX_LIST_WIDTH = 16
TAIL = 0.01
"""The share at either end that does not count towards mean and scale: one price of a million must not flatten all."""

_HUGE = 1e100
"""Statistics are taken within this, so that no square overflows."""


def fit_features(
    table: pl.DataFrame,
    kinds: Mapping[str, ColumnKind],
    *,
    max_values: int = MAX_VALUES,
    min_count: int = MIN_COUNT,
    text: TextFit | None = None,
) -> FeatureSpec:
    """Learn how to encode the columns in `kinds`; the same table gives the same spec, in any order of its rows.

    Args:
        table: One row per customer, item or event.
        kinds: Column -> what it holds, in the order of the encoding.
        max_values: At most so many values of a category get a code of their own.
        min_count: A value in fewer rows shares the code of the unseen ones, which is how that code gets trained.
        text: How texts are hashed.

    Raises:
        FeatureError: A column is absent, or a value is not of its kind.
    """
    for name in kinds:
        if name not in table.columns:
            raise FeatureError(name, f"is not a column of the table, which has {', '.join(table.columns)}")
    hashing = text or TextFit()

    def fit(name: str, kind: ColumnKind) -> ColumnFit:
        if kind is ColumnKind.TEXT:
            return hashing
        raw = table[name].to_list()
        if kind in (ColumnKind.CATEGORY, ColumnKind.CATEGORIES):
            return _fit_values(name, kind, raw, max_values, min_count)
        known = raw_numbers(name, kind, raw)
        return _fit_number(known[~np.isnan(known)], is_flag=kind is ColumnKind.FLAG)

    return FeatureSpec(tuple(ColumnSpec(name, kind, fit(name, kind)) for name, kind in kinds.items()))


def _fit_number(known: NDArray[np.float64], *, is_flag: bool) -> NumberFit:
    """Take mean and spread within the tails; clip later values to the range that was seen.

    Args:
        known: [B'], the values that are not missing, possibly none.
        is_flag: A rare flag must not be taken for a tail.
    """
    if not known.size:
        return NumberFit(mean=0.0, scale=1.0, low=0.0, high=0.0)
    low, high = float(known.min()), float(known.max())
    # Sorted, so that the rounding of the sums does not depend on the order of the rows.
    bounded = np.clip(np.sort(known), -_HUGE, _HUGE)
    inner = bounded if is_flag else np.clip(bounded, *_tails(bounded))
    # All but a few values may be equal; the few are then all there is to measure the spread with.
    spread = float(inner.std()) or float(bounded.std())
    # What is left of a constant column after rounding is no spread.
    scale = spread if spread > 1e-12 * float(np.abs(inner).max()) else 1.0
    return NumberFit(mean=float(inner.mean()), scale=scale, low=low, high=high)


def _tails(known: NDArray[np.float64]) -> tuple[float, float]:
    # Values of the column itself, outwards of the quantiles: a small table has no tails to cut.
    return float(np.quantile(known, TAIL, method="lower")), float(np.quantile(known, 1 - TAIL, method="higher"))


def _fit_values(name: str, kind: ColumnKind, raw: Sequence[object], max_values: int, min_count: int) -> ValuesFit:
    """Count each value once a row; the most frequent come first, those of equal count in the order of their text."""
    if kind is ColumnKind.CATEGORY:
        singles = (values.category(name, value) for value in raw)
        return ValuesFit(values=_frequent(filter(None, singles), max_values, min_count))
    rows = [set(values.categories(name, value)) for value in raw]
    width = max(map(len, rows), default=1)
    frequent = _frequent((value for row in rows for value in row), max_values, min_count)
    return ValuesFit(values=frequent, width=min(max(width, 1), MAX_LIST_WIDTH))


def _frequent(found: Iterable[str], max_values: int, min_count: int) -> tuple[str, ...]:
    counts = [(-count, value) for value, count in Counter(found).items() if count >= min_count]
    return tuple(value for _, value in sorted(counts)[:max_values])
