"""Complete Journey for the demo: the lines whose products can be judged, as a folder of the data contract."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, INTERACTIONS, ITEM_ID, ITEMS
from shortlist_training.fetch import fetch
from shortlist_training.fetch.complete_journey import COMPLETE_JOURNEY, NOTICE, read_complete_journey
from shortlist_training.fetch.data_set import Tables
from shortlist_training.fetch.fetching import NOTICE_FILE
from shortlist_training.progress import Progress

FEWEST_BUYERS = 10


def groceries(folder: Path, progress: Progress) -> str:
    """Write the log, unless an earlier demo has done so, and return what it is and what was left out.

    Raises:
        FetchError: The package with the data is not installed.
        OutputError: The folder holds something else, or cannot be written.
    """
    notice = folder / NOTICE_FILE
    if notice.is_file() and notice.read_text(encoding="utf-8").startswith(NOTICE):
        return notice.read_text(encoding="utf-8")
    progress.say("reading Complete Journey from the installed package")
    tables = read_complete_journey()
    kept = judgeable(tables, fewest=FEWEST_BUYERS)
    said = NOTICE + left_out(tables, kept, fewest=FEWEST_BUYERS)
    fetch(replace(COMPLETE_JOURNEY, notice=said, source=lambda: kept), folder)
    return said


def judgeable(tables: Tables, *, fewest: int) -> Tables:
    """Return the tables with only the items that at least `fewest` distinct customers have taken."""
    takers = pl.col(CUSTOMER_ID).n_unique().over(ITEM_ID)
    log = tables[INTERACTIONS].filter(takers >= fewest)
    return {**tables, INTERACTIONS: log, ITEMS: tables[ITEMS].join(log, on=ITEM_ID, how="semi", maintain_order="left")}


def left_out(tables: Tables, kept: Tables, *, fewest: int) -> str:
    """Say how many lines and products were left out, and why."""
    lines, items = tables[INTERACTIONS].height, tables[ITEMS].height
    fewer_lines, fewer_items = lines - kept[INTERACTIONS].height, items - kept[ITEMS].height
    return (
        f"Left out: {fewer_items:,} of {items:,} products, and {fewer_lines:,} of {lines:,} lines "
        f"({fewer_lines / max(lines, 1):.0%}), because fewer than {fewest} households bought them: whether those are "
        "recommended well cannot be judged.\n"
    )
