"""Make tasks of public logs of other trades, none of which has times: cartoons, books, games, a shop, music.

    git clone https://github.com/caserec/Datasets-for-Recommender-Systems
    git clone https://github.com/gusye1234/LightGCN-PyTorch
    python benchmarks/other_trades.py --caserec Datasets-for-Recommender-Systems --lightgcn LightGCN-PyTorch --out tasks
    shortlist bench quality tasks/*-rehearsal --markdown docs/other-trades.md

A fifth of what each customer with at least five items took is held out by chance, the same fifth every time; of the
music it is the fifth that the authors of LightGCN held out. Nothing of these logs has been used to choose a default.
Their licences are those of their sources, which the first repository names; they are for comparisons, not for resale.
"""

import argparse
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

PAIR = ["customer_id", "item_id"]
SHARE, LEAST = 0.2, 5


def main() -> None:
    """Write every task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--caserec", type=Path, required=True, help="checkout of Datasets-for-Recommender-Systems")
    parser.add_argument("--lightgcn", type=Path, required=True, help="checkout of LightGCN-PyTorch")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    random = np.random.default_rng(7)
    folder = given.caserec / "Processed Datasets"
    for name, make in {"anime": cartoons, "books": books, "steam": games, "retailrocket": shop}.items():
        write(given.out / f"{name}-rehearsal", *make(folder, random))
    write(given.out / "lastfm-rehearsal", *music(given.lightgcn / "data" / "lastfm"))


Task = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame | None]
"""Log, held-out pairs, items, customers."""


def cartoons(folder: Path, random: np.random.Generator) -> Task:
    """Read who has seen which anime; an item's rating and members, which count what is held out, stay away."""
    files = zipped(folder / "Anime" / "anime.zip")
    log = pairs(files("anime/anime_history.dat"))
    items = table(files("anime/anime_info.dat"), "item_id", "name", "genre", "type", "episodes")
    items = items.with_columns(pl.col("episodes").cast(pl.Int64, strict=False))
    return *held_out(log, random), whole(items, log), None


def books(folder: Path, random: np.random.Generator) -> Task:
    """Read who has had which book."""
    files = zipped(folder / "BookCrossing" / "book_crossing.zip")
    log = pairs(files("book_crossing/book_history.dat"))
    columns = ("item_id", "isbn", "title", "author", "year", "publisher")
    items = table(files("book_crossing/items_info.dat"), *columns).drop("isbn")
    items = items.with_columns(pl.col("year").cast(pl.Int64, strict=False))
    customers = table(files("book_crossing/users_info.dat"), "customer_id", "location", "age").with_columns(
        pl.col("age").cast(pl.Float64, strict=False), country=pl.col("location").str.split(", ").list.last()
    )
    return *held_out(log, random), whole(items, log), customers


def games(folder: Path, random: np.random.Generator) -> Task:
    """Read who has bought which game."""
    files = zipped(folder / "Steam" / "steam.zip")
    log = pairs(files("steam/game_purchase.dat"))
    return *held_out(log, random), whole(table(files("steam/item_info.dat"), "item_id", "title"), log), None


def shop(folder: Path, random: np.random.Generator) -> Task:
    """Read who has viewed, put into a cart and bought what; what is held out is held out of all three."""
    files = zipped(folder / "RetailrocketEcommerce" / "Retailrocket_Ecommerce.zip")
    log = pl.concat(
        pairs(files(f"RetailRocket_Ecommerce/{event}_ecommerce.dat")).with_columns(event=pl.lit(event))
        for event in ("view", "add_to_cart", "purchase")
    )
    given, targets = held_out(log.select(PAIR).unique(maintain_order=True), random)
    return log.join(given, on=PAIR, how="semi"), targets, log.select("item_id").unique().sort("item_id"), None


def music(folder: Path) -> Task:
    """Read who has listened to whom, and how often."""
    given, after = (
        pl.read_csv(
            folder / name, separator="\t", has_header=False, new_columns=[*PAIR, "value"], infer_schema_length=None
        ).cast(dict.fromkeys(PAIR, pl.String))
        for name in ("data1.txt", "test1.txt")
    )
    items = pl.concat([given, after]).select("item_id").unique().sort("item_id")
    return given, after.select(PAIR), items, None


def zipped(path: Path) -> Callable[[str], str]:
    """Return what reads a file of an archive as text."""
    archive = zipfile.ZipFile(path)
    return lambda name: archive.read(name).decode("latin-1")


def pairs(text: str) -> pl.DataFrame:
    """Return the distinct customers and items of a table, in its order."""
    found = pl.read_csv(io.StringIO(text), separator="\t").select(pl.nth(0, 1).cast(pl.String))
    return found.rename(dict(zip(found.columns, PAIR, strict=True))).unique(maintain_order=True)


def table(text: str, *columns: str) -> pl.DataFrame:
    """Return the first columns of a table as text, without rows that have fewer, one row for each id."""
    rows = [line.rstrip("\r").split("\t")[: len(columns)] for line in text.split("\n")[1:]]
    found = pl.DataFrame([row for row in rows if len(row) == len(columns)], schema=list(columns), orient="row")
    return found.unique(columns[0], keep="first", maintain_order=True)


def whole(items: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """Return the items with those of the log that the table lacks."""
    others = log.select("item_id").unique().join(items, on="item_id", how="anti").sort("item_id")
    return pl.concat([items, others], how="diagonal")


def held_out(log: pl.DataFrame, random: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the log and a fifth of each customer's pairs that it no longer has."""
    drawn = log.with_columns(draw=pl.Series(random.random(len(log)))).sort("customer_id", "draw")
    place, many = pl.int_range(pl.len()).over("customer_id"), pl.len().over("customer_id")
    out = (place < (many * SHARE).floor().clip(lower_bound=1)) & (many >= LEAST)
    drawn = drawn.with_columns(out=out)
    return drawn.filter(~pl.col("out")).select(PAIR), drawn.filter("out").select(PAIR)


def write(
    folder: Path, log: pl.DataFrame, targets: pl.DataFrame, items: pl.DataFrame, customers: pl.DataFrame | None
) -> None:
    """Write a task as `shortlist bench quality` reads it."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    targets = targets.unique(maintain_order=True).join(log, on=PAIR, how="anti")
    log.write_parquet(folder / "data" / "interactions.parquet")
    items.write_parquet(folder / "data" / "items.parquet")
    if customers is not None:
        customers.write_parquet(folder / "data" / "customers.parquet")
    targets.write_parquet(folder / "targets-test.parquet")
    (folder / "task.json").write_text(json.dumps({"seen_allowed": {"test": False}}))
    many = log["customer_id"].n_unique()
    print(f"{folder.name}: {len(log):,} rows, {many:,} customers, {len(items):,} items, {len(targets):,} held out")


if __name__ == "__main__":
    main()
