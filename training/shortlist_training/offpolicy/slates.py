"""Logged slates and a policy's probabilities, read from Parquet or CSV and checked; see docs/data.md."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_training.errors import DataError
from shortlist_training.offpolicy.columns import (
    CUSTOMER,
    IMPRESSION,
    ITEM,
    LOG_COLUMNS,
    MARGINAL,
    MOMENT,
    POLICY_COLUMNS,
    POSITION,
    PROBABILITY,
    REWARD,
)
from shortlist_training.offpolicy.comparison import Comparison, Offers
from shortlist_training.offpolicy.recorded_slates import is_recorded, recorded_slates

MOST_POSITIONS = 1_000
SUM_TOLERANCE = 1e-3
"""Probabilities of a position may miss 1 by so much: those of Thompson sampling are counted."""
SLATE, CODE, CHOSEN, CHOSEN_MARGINAL = "__slate", "__code", "__chosen", "__chosen_marginal"


def read_comparison(log: Path, policy: Path) -> Comparison:
    """Read a log of slates, and what a policy would have shown in them.

    Args:
        log: a file, or a folder of them with any folders inside.
        policy: the same, of a policy's probabilities.

    Raises:
        DataError: A file or a column is missing, or holds what cannot be meant.
    """
    return compared(read_log(log), read_policy(policy), policy)


def read_log(log: Path, more: tuple[str, ...] = ()) -> pl.DataFrame:
    """Read a log of slates with the columns of `LOG_COLUMNS` and some more.

    Raises:
        DataError: See `read_comparison`.
    """
    shown = _checked(_read(log, (*LOG_COLUMNS, *more)), log, lowest=0.0, lowest_is_meant=False)
    if shown.select(IMPRESSION, POSITION).is_duplicated().any():
        raise DataError("a position of a slate is there twice", file=log, column=POSITION)
    return shown


def read_policy(policy: Path) -> pl.DataFrame:
    """Read a policy's probabilities, with the columns of `POLICY_COLUMNS`.

    Raises:
        DataError: See `read_comparison`.
    """
    offered = _checked(_read(policy, POLICY_COLUMNS), policy, lowest=0.0, lowest_is_meant=True)
    if offered.select(*POLICY_COLUMNS[:3]).is_duplicated().any():
        raise DataError("an item is offered twice at one position", file=policy, column=ITEM)
    return offered


def compared(shown: pl.DataFrame, offered: pl.DataFrame, policy: Path | None = None) -> Comparison:
    """Lay a log's slates and a policy's probabilities side by side; `policy` is the file to blame.

    Raises:
        DataError: The policy says nothing of some slates.
    """
    shown, offered = _coded(shown, offered, policy)
    own = _with_policy(shown, offered)
    return replace(_dense(own), offers=_offers(own, offered))


def _read(place: Path, needed: tuple[str, ...]) -> pl.DataFrame:
    if is_recorded(place):
        found = _typed(recorded_slates(place), place, list(needed))
        if not len(found):
            raise DataError("holds no impressions of anybody who may be judged on", file=place)
        return found
    files = sorted(file for file in place.rglob("*") if _kind(file)) if place.is_dir() else [place]
    if not files or not all(file.is_file() for file in files):
        remedy = "Give a Parquet or CSV file, or a folder that holds some"
        raise DataError("there is no such file" if not place.is_dir() else "holds no tables", file=place, remedy=remedy)
    parts = []
    for file in files:
        try:
            part = pl.read_parquet(file) if _kind(file) == "parquet" else pl.read_csv(file)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(f"cannot be read: {error}", file=file) from None
        missing = [name for name in needed if name not in part.columns]
        if missing:
            raise DataError(f"has no column {missing[0]!r}; it has {', '.join(part.columns)}", file=file)
        parts.append(_typed(part, file, [name for name in (*needed, MARGINAL) if name in part.columns]))
    found = pl.concat(parts, how="diagonal")
    if not len(found):
        raise DataError("holds no rows", file=place)
    return found


def _kind(file: Path) -> str:
    return {".parquet": "parquet", ".csv": "csv"}.get(file.suffix.lower(), "")


def _typed(part: pl.DataFrame, file: Path, names: list[str]) -> pl.DataFrame:
    types = {IMPRESSION: pl.String, ITEM: pl.String, CUSTOMER: pl.String, POSITION: pl.Int64}
    for name in names:
        try:
            part = part.with_columns(pl.col(name).cast(types.get(name, pl.Float64)))
        except pl.exceptions.PolarsError:
            wanted = "whole numbers" if name == POSITION else "numbers"
            raise DataError(f"must hold {wanted}, and holds {part[name].dtype}", file=file, column=name) from None
    return part.select(names)


def _checked(table: pl.DataFrame, place: Path, *, lowest: float, lowest_is_meant: bool) -> pl.DataFrame:
    """Refuse the first row that cannot be meant."""
    chances = [name for name in (PROBABILITY, MARGINAL) if name in table.columns]
    low = pl.all_horizontal([pl.col(name) >= lowest if lowest_is_meant else pl.col(name) > lowest for name in chances])
    bound = "0 to 1" if lowest_is_meant else "above 0 and up to 1"
    tests = {
        PROBABILITY: (low & pl.all_horizontal([pl.col(name) <= 1.0 + 1e-9 for name in chances]), f"must be {bound}"),
        POSITION: (pl.col(POSITION).is_between(0, MOST_POSITIONS - 1), f"must be 0 to {MOST_POSITIONS - 1}"),
        IMPRESSION: (pl.col(IMPRESSION).is_not_null(), "is empty"),
        ITEM: (pl.col(ITEM).is_not_null(), "is empty"),
    }
    if MOMENT in table.columns:
        tests[MOMENT] = (pl.col(MOMENT).is_finite(), "must be a moment in seconds")
    if REWARD in table.columns:
        table = table.with_columns(pl.col(REWARD).fill_null(0.0))
        tests[REWARD] = (pl.col(REWARD).is_finite(), "must be a finite number")
    for column, (test, problem) in tests.items():
        # NaN counts as larger than every number, and a missing value as false.
        bad = table.select((~test.fill_null(False)).arg_true()).to_series()
        if len(bad):
            raise DataError(problem, file=place, column=column, row=int(bad[0]) + 1)
    return table


def _coded(shown: pl.DataFrame, offered: pl.DataFrame, policy: Path | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number slates and items, each in the order of their ids; leave out slates that the log does not have."""
    slates = shown.select(pl.col(IMPRESSION).unique().sort()).with_row_index(SLATE)
    items = pl.concat([shown[ITEM], offered[ITEM]]).unique().sort().to_frame().with_row_index(CODE)
    unsaid = slates.join(offered, on=IMPRESSION, how="anti")
    if len(unsaid):
        problem = f"says nothing of {len(unsaid):,} of the {len(slates):,} impressions of the log"
        raise DataError(problem, file=policy, column=IMPRESSION)
    one, other = (table.join(slates, on=IMPRESSION).join(items, on=ITEM) for table in (shown, offered))
    return one, other


def _with_policy(shown: pl.DataFrame, offered: pl.DataFrame) -> pl.DataFrame:
    """Add the policy's probabilities of what was shown; 0 where it would not have shown it."""
    names = {PROBABILITY: CHOSEN, MARGINAL: CHOSEN_MARGINAL}
    wanted = [pl.col(name).alias(alias) for name, alias in names.items() if name in offered.columns]
    own = shown.join(offered.select(SLATE, POSITION, CODE, *wanted), on=[SLATE, POSITION, CODE], how="left")
    return own.with_columns(pl.col([alias for alias in names.values() if alias in own.columns]).fill_null(0.0))


def _dense(own: pl.DataFrame) -> Comparison:
    rows, columns = own[SLATE].to_numpy().astype(np.int64), own[POSITION].to_numpy()
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)

    def grid(name: str) -> NDArray[np.float64]:
        values = np.zeros(shape)
        values[rows, columns] = own[name].to_numpy()
        return values

    marginal = MARGINAL in own.columns and CHOSEN_MARGINAL in own.columns and not own[MARGINAL].null_count()
    return Comparison(
        shown=grid_of(shape, rows, columns),
        items=grid(CODE).astype(np.int64),
        rewards=grid(REWARD),
        logged=grid(PROBABILITY),
        new=grid(CHOSEN),
        logged_marginal=grid(MARGINAL) if marginal else None,
        new_marginal=grid(CHOSEN_MARGINAL) if marginal else None,
    )


def grid_of(shape: tuple[int, int], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which cells of a grid are there, bool of the shape."""
    there = np.zeros(shape, np.bool_)
    there[rows, columns] = True
    return there


def _offers(own: pl.DataFrame, offered: pl.DataFrame) -> Offers | None:
    """Return all that the policy might show, None where the probabilities of some position do not sum to 1."""
    asked = offered.join(own.select(SLATE, POSITION), on=[SLATE, POSITION], how="semi").sort(SLATE, POSITION, CODE)
    sums = own.select(SLATE, POSITION).join(
        asked.group_by(SLATE, POSITION).agg(pl.col(PROBABILITY).sum()), on=[SLATE, POSITION], how="left"
    )[PROBABILITY]
    if sums.null_count() or ((sums - 1.0).abs() > SUM_TOLERANCE).any():
        return None
    return Offers(
        slates=asked[SLATE].to_numpy().astype(np.int64),
        positions=asked[POSITION].to_numpy(),
        items=asked[CODE].to_numpy().astype(np.int64),
        probabilities=asked[PROBABILITY].to_numpy(),
    )
