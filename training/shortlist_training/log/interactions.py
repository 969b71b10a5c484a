"""The table `interactions`: from its files to clean columns, in the order of the files."""

from dataclasses import dataclass

import polars as pl

from shortlist_bundle.columns import (
    CUSTOMER_ID,
    EVENT,
    INTERACTION_COLUMNS,
    ITEM_ID,
    ORDER_ID,
    RATING,
    TIMESTAMP,
    VALUE,
)
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.column_report import report_column
from shortlist_training.log.config import DataConfig
from shortlist_training.log.conversion import convert
from shortlist_training.log.feature_columns import IGNORED, check_overrides, drop_column, read_features
from shortlist_training.log.ids import read_ids
from shortlist_training.log.moments import read_moments
from shortlist_training.log.quantities import read_ratings, read_values
from shortlist_training.log.raw_table import RawTable
from shortlist_training.log.report import ColumnReport, Findings, Role


@dataclass(frozen=True, slots=True)
class CleanTable:
    """A table in its final types, the kinds of its features, and the report on every column of its files."""

    frame: pl.DataFrame
    kinds: dict[str, ColumnKind]
    reports: tuple[ColumnReport, ...]


def clean_interactions(table: RawTable, config: DataConfig, findings: Findings) -> CleanTable:
    """Check and convert every column; every row is kept.

    Raises:
        DataError: Where a value is not what the contract says.
    """
    check_overrides(table, config)
    used = [name for name in INTERACTION_COLUMNS if _is_used(table, name, config, findings)]
    columns = [_read(table, name, config, findings) for name in used]
    if VALUE not in used:
        columns.append(pl.Series(VALUE, [1.0], dtype=pl.Float32).new_from_index(0, table.frame.height).alias(VALUE))
    context = read_features(
        table, [name for name in table.frame.columns if name not in INTERACTION_COLUMNS], config, findings
    )
    reports = context.reports | {
        name: report_column(table.frame[name], _role(name, used))
        for name in INTERACTION_COLUMNS
        if name in table.frame.columns
    }
    ordered = sorted(columns, key=lambda column: INTERACTION_COLUMNS.index(column.name))
    frame = pl.DataFrame([*ordered, *context.values])
    return CleanTable(frame, context.kinds, tuple(reports[name] for name in table.frame.columns))


def _is_used(table: RawTable, name: str, config: DataConfig, findings: Findings) -> bool:
    if name not in table.frame.columns:
        return False
    if name in (CUSTOMER_ID, ITEM_ID):
        return True
    values = table.frame[name]
    empty = values.null_count() == len(values)
    if config.ignores(table.name, name) or empty:
        findings.dropped.append(drop_column(table, values, "no value at all" if empty else IGNORED))
        return False
    return True


def _role(name: str, used: list[str]) -> Role:
    if name in (CUSTOMER_ID, ITEM_ID):
        return Role.ID
    return Role.CONTRACT if name in used else Role.LEFT_OUT


def _read(table: RawTable, name: str, config: DataConfig, findings: Findings) -> pl.Series:
    if name in (CUSTOMER_ID, ITEM_ID):
        return read_ids(table, name)
    if name == TIMESTAMP:
        return read_moments(table, name, findings, required=True)
    if name == VALUE:
        return read_values(table, name, findings)
    if name == RATING:
        return read_ratings(table, name, config.rating_scale)
    if name in (EVENT, ORDER_ID):
        return convert(table.frame[name], ColumnKind.CATEGORY)
    raise ValueError(name)
