"""The format of MovieLens since the 20m set: CSV with a header."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shortlist_bundle.columns import INTERACTIONS, ITEMS
from shortlist_training.errors import FetchError
from shortlist_training.fetch.data_set import Tables
from shortlist_training.fetch.films import clean_films, clean_ratings

_RATINGS = {"userId": pl.String, "movieId": pl.String, "rating": pl.Float32, "timestamp": pl.Int64}
_MOVIES = {"movieId": pl.String, "title": pl.String, "genres": pl.String}


def read_csv_files(folder: Path) -> Tables:
    """Read ratings.csv and movies.csv.

    Raises:
        FetchError: A file is not as the format says.
    """
    ratings, movies = folder / "ratings.csv", folder / "movies.csv"
    return {
        INTERACTIONS: clean_ratings(_read(ratings, _RATINGS), ratings),
        ITEMS: clean_films(_read(movies, _MOVIES), movies),
    }


def _read(path: Path, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, schema_overrides=schema)
        return frame.select(list(schema))
    except pl.exceptions.PolarsError as error:
        raise FetchError(f"{path.name}: not as the format says: {error}") from error
