"""A base log, and what a server recorded since, as one log."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shortlist_bundle.columns import (
    AVAILABILITY_COLUMNS,
    CUSTOMER_ID,
    CUSTOMERS,
    EVENT,
    ID_COLUMNS,
    INTERACTIONS,
    ITEMS,
)
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.conversion import convert
from shortlist_training.log.interactions import CleanTable
from shortlist_training.log.raw_table import Part, RawTable
from shortlist_training.log.recorded import Recorded, customers_of, interactions_of, items_of
from shortlist_training.log.report import Dropped, Findings

LOG_OF_CHANGES = "the log of changes"


def recorded_tables(recorded: Recorded, folder: Path) -> dict[str, RawTable]:
    """Return what was recorded as raw tables; those of the contract that hold nothing are left out."""
    frames = {INTERACTIONS: interactions_of(recorded), CUSTOMERS: customers_of(recorded), ITEMS: items_of(recorded)}
    return {
        name: RawTable(name=name, frame=frame, parts=(Part(folder, frame.height),), is_text=False)
        for name, frame in frames.items()
        if frame is not None and frame.height
    }


def join(
    base: Mapping[str, CleanTable], tables: Mapping[str, RawTable], recorded: Recorded, findings: Findings
) -> dict[str, CleanTable]:
    """Lay what was recorded over the clean tables of a base log; columns and kinds stay those of the base.

    Args:
        base: clean tables.
        tables: what was recorded, for tables that the base has.
        recorded: the same, and who is forgotten.
        findings: told what is left out.
    """
    joined = {name: _without(name, table, recorded.forgotten, findings) for name, table in base.items()}
    for name, table in tables.items():
        _note_new_columns(base[name], table.frame, findings)
        if name == INTERACTIONS:
            joined[name] = _followed(joined[name], _main_event(joined[name].frame, table.frame))
        else:
            joined[name] = _replaced(joined[name], table.frame, keep=name == CUSTOMERS)
    findings.notes.append(
        f"{LOG_OF_CHANGES}: {len(recorded.events):,} events up to position {recorded.position}; "
        f"{len(recorded.forgotten):,} customers are forgotten"
    )
    findings.notes.extend(f"{LOG_OF_CHANGES} is damaged and read without {part}" for part in recorded.damaged)
    return joined


def _without(name: str, table: CleanTable, forgotten: set[str], findings: Findings) -> CleanTable:
    if not forgotten or CUSTOMER_ID not in table.frame.columns:
        return table
    gone = table.frame[CUSTOMER_ID].is_in(list(forgotten))
    if gone.any():
        reason = "the customer asked to be forgotten"
        findings.dropped.append(Dropped(table=name, reason=reason, rows=int(gone.sum()), example="not shown"))
    return CleanTable(table.frame.filter(~gone), table.kinds, table.reports)


def _followed(table: CleanTable, more: pl.DataFrame) -> CleanTable:
    """Return the interactions with further rows behind them."""
    rows = pl.DataFrame([_as(table, more, name) for name in table.frame.columns])
    return CleanTable(pl.concat([table.frame, rows]), table.kinds, table.reports)


def _main_event(base: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Name the log's main event where an event was recorded without its kind."""
    if EVENT not in base.columns:
        return more
    counts = base[EVENT].drop_nulls().value_counts(sort=True, name="rows").sort("rows", EVENT, descending=[True, False])
    return more.with_columns(pl.col(EVENT).fill_null(counts[EVENT][0])) if counts.height else more


def _replaced(table: CleanTable, newer: pl.DataFrame, *, keep: bool) -> CleanTable:
    """Return the described rows with newer ones in their place; with `keep`, columns that these lack stay."""
    frame = table.frame
    missing = [name for name in AVAILABILITY_COLUMNS if name in newer.columns and name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in missing)
    wide = CleanTable(frame, table.kinds, table.reports)
    rows = pl.DataFrame([_as(wide, newer, name) for name in frame.columns])
    key = frame.columns[0]
    if keep:
        known = [name for name in frame.columns[1:] if name not in newer.columns]
        if known:
            rows = rows.drop(known).join(frame.select(key, *known), on=key, how="left").select(frame.columns)
    others = frame.filter(~pl.col(key).is_in(rows[key].to_list()))
    return CleanTable(pl.concat([others, rows]), table.kinds, table.reports)


def _as(table: CleanTable, frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column in the type that the table has it in; nulls where it was not recorded."""
    dtype = table.frame.schema[name]
    if name not in frame.columns:
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, frame.height).alias(name)
    kind: ColumnKind | None = table.kinds.get(name)
    values = convert(frame[name], kind) if kind else frame[name]
    return values.cast(dtype, strict=False).alias(name)


def _note_new_columns(base: CleanTable, frame: pl.DataFrame, findings: Findings) -> None:
    contract = {*ID_COLUMNS.values(), *AVAILABILITY_COLUMNS}
    new = [
        name
        for name in frame.columns
        if name not in base.frame.columns and name not in contract and frame[name].null_count() < frame.height
    ]
    if new:
        findings.notes.append(
            f"{LOG_OF_CHANGES} has columns that the base log lacks, left out: {', '.join(sorted(new))}"
        )
