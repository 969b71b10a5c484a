"""The format of MovieLens-1m and -10m: no header, values joined by `::`."""

from pathlib import Path

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, CUSTOMERS, INTERACTIONS, ITEMS
from shortlist_training.fetch.data_set import Tables
from shortlist_training.fetch.films import check_complete, clean_films, clean_ratings

AGES = {"1": "Under 18", "18": "18-24", "25": "25-34", "35": "35-44", "45": "45-49", "50": "50-55", "56": "56+"}
OCCUPATIONS = (
    *("other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service"),
    *("doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer"),
    *("retired", "sales/marketing", "scientist", "self-employed", "technician/engineer", "tradesman/craftsman"),
    *("unemployed", "writer"),
)
"""What the codes of the file mean, from its README."""


def read_dat_files(folder: Path, *, encoding: str = "iso-8859-1") -> Tables:
    """Read ratings.dat, movies.dat and, if it is there, users.dat.

    Raises:
        FetchError: A file is not as the format says.
    """
    ratings, movies, users = folder / "ratings.dat", folder / "movies.dat", folder / "users.dat"
    tables = {
        INTERACTIONS: clean_ratings(_read(ratings, 4, encoding), ratings),
        ITEMS: clean_films(_read(movies, 3, encoding), movies),
    }
    return tables | {CUSTOMERS: _clean_users(_read(users, 5, encoding), users)} if users.exists() else tables


def _read(path: Path, columns: int, encoding: str) -> pl.DataFrame:
    # Polars reads separators of one byte only, and lines are split here because Python would also split at others
    # of the characters that it takes for the end of a line.
    lines = pl.Series([path.read_text(encoding=encoding)]).str.split("\n").explode()
    lines = lines.str.strip_suffix("\r").filter(lines != "")
    return lines.str.split_exact("::", columns - 1).struct.unnest()


def _clean_users(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    names = dict(zip(frame.columns, [CUSTOMER_ID, "gender", "age", "occupation", "zip_code"], strict=True))
    users = frame.rename(names)
    codes = {str(code): name for code, name in enumerate(OCCUPATIONS)}
    meant = users.with_columns(
        pl.col("age").replace_strict(AGES, default=None), pl.col("occupation").replace_strict(codes, default=None)
    )
    check_complete(meant, path)
    return meant
