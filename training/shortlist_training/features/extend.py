"""An encoding that was learnt before, grown by what a newer table holds: codes and scales keep their meaning."""

from dataclasses import replace

import polars as pl

from shortlist_bundle.features.spec import ColumnFit, ColumnSpec, FeatureSpec, NumberFit, ValuesFit
from shortlist_training.features.fit import MAX_VALUES, fit_features


def extend_features(before: FeatureSpec, table: pl.DataFrame) -> FeatureSpec:
    """Return the spec with the values of the table added behind those it knows.

    Numbers keep their mean and scale, and may lie further out than before; a category that has become frequent enough
    gets a code after all others, up to 5,000 of them; one that is gone keeps its own. Columns that the spec does not
    know are not read.

    Args:
        before: what weights were learnt with.
        table: one row per customer, item or event, with every column of the spec.

    Raises:
        FeatureError: A column is absent, or a value is not of its kind.
    """
    found = fit_features(table, {column.name: column.kind for column in before.columns})
    grown = zip(before.columns, found.columns, strict=True)
    return FeatureSpec(tuple(ColumnSpec(old.name, old.kind, _grown(old.fit, new.fit)) for old, new in grown))


def _grown(before: ColumnFit, found: ColumnFit) -> ColumnFit:
    match before, found:
        case NumberFit(), NumberFit():
            # A column that said nothing has taught nothing: its scale is still free.
            if before.low == before.high:
                return found
            return replace(before, low=min(before.low, found.low), high=max(before.high, found.high))
        case ValuesFit(), ValuesFit():
            known = set(before.values)
            new = [value for value in found.values if value not in known][: max(MAX_VALUES - len(known), 0)]
            return ValuesFit(values=(*before.values, *new), width=max(before.width, found.width))
    return before
