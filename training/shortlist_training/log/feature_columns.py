"""The feature columns of a table: told apart, converted, measured."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from shortlist_bundle.columns import INTERACTIONS
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.errors import DataError
from shortlist_training.log.column_report import examples, missing_count, report_column
from shortlist_training.log.config import DataConfig
from shortlist_training.log.conversion import convert
from shortlist_training.log.inference import infer_kind
from shortlist_training.log.numbers import is_missing, read_numbers
from shortlist_training.log.raw_table import RawTable
from shortlist_training.log.report import ColumnReport, Dropped, Findings, Role
from shortlist_training.log.times import read_seconds
from shortlist_training.suggestion import did_you_mean

IGNORED = "ignored by the configuration"


@dataclass(slots=True)
class FeatureColumns:
    """Converted columns with their kinds, and a report on every column, also on those left out."""

    values: list[pl.Series] = field(default_factory=list)
    kinds: dict[str, ColumnKind] = field(default_factory=dict)
    reports: dict[str, ColumnReport] = field(default_factory=dict)


def check_overrides(table: RawTable, config: DataConfig) -> None:
    """Refuse a configured kind for a column that the table does not have.

    Raises:
        DataError: Naming the column and the nearest one.
    """
    for column in config.columns.get(table.name, {}):
        if column not in table.frame.columns:
            problem = f"[data.columns.{table.name}] names a column that is not in the table"
            raise table.error(problem, column=column, remedy=did_you_mean(column, table.frame.columns))


def read_features(table: RawTable, names: Iterable[str], config: DataConfig, findings: Findings) -> FeatureColumns:
    """Read the named columns as features; those of no use are left out, and the findings say so.

    Raises:
        DataError: A value is not of the kind that the configuration gives the column.
    """
    features = FeatureColumns()
    overrides = config.columns.get(table.name, {})
    role = Role.CONTEXT if table.name == INTERACTIONS else Role.FEATURE
    for name in names:
        values = table.frame[name]
        override = overrides.get(name)
        inference = infer_kind(values)
        kind, reason = (
            (None, IGNORED) if config.ignores(table.name, name) else (override or inference.kind, inference.reason)
        )
        features.reports[name] = report_column(values, role if kind else Role.LEFT_OUT, kind)
        if kind is None:
            findings.dropped.append(drop_column(table, values, reason))
            continue
        features.values.append(_converted(table, values, kind, findings))
        features.kinds[name] = kind
    return features


def drop_column(table: RawTable, values: pl.Series, reason: str) -> Dropped:
    """Return the record of a column that is left out; its rows are those that had a value."""
    shown = examples(values)
    rows = len(values) - missing_count(values)
    return Dropped(table=table.name, column=values.name, reason=reason, rows=rows, example=shown[0] if shown else "")


def _converted(table: RawTable, values: pl.Series, kind: ColumnKind, findings: Findings) -> pl.Series:
    converted = convert(values, kind)
    lost = converted.is_null() & ~values.is_null()
    if kind in (ColumnKind.NUMBER, ColumnKind.FLAG, ColumnKind.TIME) and lost.any():
        _explain_loss(table, values, lost, kind, findings)
    if kind is ColumnKind.TIME and (unit := read_seconds(values).unit):
        findings.notes.append(f"{table.name}.{values.name}: counts {unit}; turned into seconds")
    return converted


def _explain_loss(table: RawTable, values: pl.Series, lost: pl.Series, kind: ColumnKind, findings: Findings) -> None:
    """Refuse a value that cannot be read; "NA" and its like, NaN and infinity are missing, and a note says so."""
    infinite = read_numbers(values).is_infinite().fill_null(False)
    wrong = lost & ~is_missing(values) & ~infinite
    index = wrong.arg_max()
    if index is not None and wrong[index]:
        raise _unreadable(table, values, index, kind)
    words = values.filter(lost)
    words = words.filter(words.str.strip_chars() != "") if isinstance(words.dtype, pl.String) else words
    if len(words):
        findings.notes.append(
            f"{table.name}.{values.name}: {len(words):,} values such as '{words[0]}' count as missing"
        )


def _unreadable(table: RawTable, values: pl.Series, index: int, kind: ColumnKind) -> DataError:
    article = "a" if kind is not ColumnKind.FLAG else "a yes or no:"
    remedy = f"Correct it, or choose another kind in [data.columns.{table.name}]"
    return table.error(
        f"{values[index]!r} is not {article} {kind.value}", column=values.name, index=index, remedy=remedy
    )
