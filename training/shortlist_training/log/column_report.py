"""Measuring one column for the data report."""

import polars as pl

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.report import ColumnReport, Role

EXAMPLES = 3
_LONGEST = 40


def report_column(values: pl.Series, role: Role, kind: ColumnKind | None = None) -> ColumnReport:
    """Measure a column as it came from the file."""
    missing = missing_count(values)
    return ColumnReport(
        name=values.name,
        role=role,
        kind=kind,
        missing=missing / max(len(values), 1),
        distinct=values.n_unique() - bool(missing) if _hashable(values) else 0,
        examples=examples(values),
    )


def missing_count(values: pl.Series) -> int:
    """Count null, "" and NaN."""
    if isinstance(values.dtype, pl.String):
        return int((values.is_null() | (values == "")).sum())
    return values.null_count() + (int(values.is_nan().sum() or 0) if values.dtype.is_float() else 0)


def examples(values: pl.Series) -> tuple[str, ...]:
    """Return the first few distinct values as text, shortened."""
    present = values.head(1000).drop_nulls()
    if present.is_empty():
        present = values.drop_nulls().head(EXAMPLES)
    seen = dict.fromkeys(str(value) for value in present.head(200).to_list() if value != "")
    return tuple(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" for text in list(seen)[:EXAMPLES])


def _hashable(values: pl.Series) -> bool:
    return not isinstance(values.dtype, pl.Object)
