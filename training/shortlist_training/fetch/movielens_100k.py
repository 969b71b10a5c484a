"""The format of MovieLens-100k: u.data, u.item, u.user, u.genre."""

from pathlib import Path

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, CUSTOMERS, INTERACTIONS, ITEMS
from shortlist_training.errors import FetchError
from shortlist_training.fetch.data_set import Tables
from shortlist_training.fetch.films import GENRES, check_complete, clean_films, clean_ratings

_BEFORE_GENRES = ("item_id", "title", "release_date", "video_release_date", "url")
_USERS = (CUSTOMER_ID, "age", "gender", "occupation", "zip_code")


def read_u_files(folder: Path) -> Tables:
    """Read the four files; the columns of genres become one list, and the empty column and the URL are left out.

    Raises:
        FetchError: A file is not as the format says.
    """
    ratings, users = folder / "u.data", folder / "u.user"
    return {
        INTERACTIONS: clean_ratings(_read(ratings, "\t", 4), ratings),
        ITEMS: _read_items(folder),
        CUSTOMERS: _read_users(users),
    }


def _read(path: Path, separator: str, columns: int) -> pl.DataFrame:
    text = path.read_bytes().decode("iso-8859-1")
    frame = pl.read_csv(text.encode(), separator=separator, has_header=False, infer_schema=False, quote_char=None)
    if frame.width != columns:
        raise FetchError(f"{path.name}: not as the format says: {frame.width} columns where {columns} are expected")
    return frame


def _read_items(folder: Path) -> pl.DataFrame:
    path = folder / "u.item"
    # u.genre lists "Action|1": the columns of u.item are in that order.
    genres = [
        line.rsplit("|", 1)[0] for line in (folder / "u.genre").read_text("iso-8859-1").split("\n") if "|" in line
    ]
    frame = _read(path, "|", len(_BEFORE_GENRES) + len(genres))
    named = frame.rename(dict(zip(frame.columns, [*_BEFORE_GENRES, *genres], strict=True)))
    given = [pl.when(pl.col(genre) == "1").then(pl.lit(genre)) for genre in genres if genre != "unknown"]
    joined = named.select(
        "item_id", "title", pl.concat_str(given, separator="|", ignore_nulls=True).alias(GENRES), "release_date"
    )
    return clean_films(joined, path)


def _read_users(path: Path) -> pl.DataFrame:
    frame = _read(path, "|", len(_USERS))
    users = frame.rename(dict(zip(frame.columns, _USERS, strict=True)))
    users = users.with_columns(pl.col("age").cast(pl.Int64, strict=False))
    check_complete(users, path)
    return users
