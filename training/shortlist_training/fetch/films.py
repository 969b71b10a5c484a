"""What all MovieLens formats share: ratings of films, titles that end in a year, genres joined by `|`."""

from pathlib import Path

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, ITEM_ID, RATING, TIMESTAMP
from shortlist_training.errors import FetchError

TITLE, GENRES, YEAR = "title", "genres", "year"
NO_GENRES = "(no genres listed)"


def clean_ratings(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return the four columns of a rating, from columns in that order, typed; rows in the order of the file.

    Raises:
        FetchError: A row lacks a value, or holds something that is no number.
    """
    frame = frame.rename(dict(zip(frame.columns, [CUSTOMER_ID, ITEM_ID, RATING, TIMESTAMP], strict=True)))
    typed = frame.select(
        pl.col(CUSTOMER_ID, ITEM_ID).cast(pl.String),
        pl.col(RATING).cast(pl.Float32, strict=False),
        pl.col(TIMESTAMP).cast(pl.Int64, strict=False),
    )
    check_complete(typed, path)
    return typed


def clean_films(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return item id, title, genres as a list (empty when none are given) and year, from the first three columns.

    Raises:
        FetchError: A row lacks one of the three.
    """
    names = dict(zip(frame.columns, [ITEM_ID, TITLE, GENRES], strict=False))
    films = frame.rename(names).with_columns(pl.col(ITEM_ID).cast(pl.String))
    check_complete(films.select(ITEM_ID, TITLE, GENRES), path)
    genres = pl.col(GENRES).str.split("|").list.eval(pl.element().filter(~pl.element().is_in(["", NO_GENRES])))
    year = pl.col(TITLE).str.extract(r"\((\d{4})\)\s*$").cast(pl.Int64)
    others = [name for name in films.columns if name not in (ITEM_ID, TITLE, GENRES)]
    return films.select(ITEM_ID, TITLE, genres, year.alias(YEAR), *others)


def check_complete(frame: pl.DataFrame, path: Path) -> None:
    """Refuse a table with a gap.

    Raises:
        FetchError: Naming the file and the row.
    """
    gaps = frame.select(pl.any_horizontal(pl.all().is_null()))[frame.columns[0]]
    index = gaps.arg_max()
    if index is not None and gaps[index]:
        raise FetchError(f"{path.name}, row {index + 1:,}: not as the format says: {frame.row(index)}")
