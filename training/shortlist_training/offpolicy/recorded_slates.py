"""The log that a server keeps -> the table of logged slates: its impressions, and the events that name them."""

from pathlib import Path

import polars as pl

from shortlist_bundle.impressions.impression import Impression
from shortlist_bundle.impressions.reading import IMPRESSIONS, read_impressions
from shortlist_training.log.recorded import read_recorded
from shortlist_training.offpolicy.columns import CUSTOMER, IMPRESSION, ITEM, MOMENT, POSITION, PROBABILITY, REWARD

SCHEMA = {
    IMPRESSION: pl.String, CUSTOMER: pl.String, MOMENT: pl.Float64, POSITION: pl.Int64, ITEM: pl.String,
    PROBABILITY: pl.Float64, REWARD: pl.Float64, "policy": pl.String, "seed": pl.UInt64,
}  # fmt: skip


def is_recorded(place: Path) -> bool:
    """Return whether a place is the folder that a server with `--log` writes to."""
    return (place / IMPRESSIONS).is_dir()


def recorded_slates(folder: Path) -> pl.DataFrame:
    """Return one row for each item that was shown; its reward is 1 where an event names the impression and the item.

    Nothing is read of customers who asked to be forgotten.

    Raises:
        StorageError: There is no log, or it cannot be read.
        DocumentError: A record is of a newer release.
    """
    recorded = read_recorded(folder)
    taken = {(event.impression_id, event.item_id) for event in recorded.events if event.impression_id}
    rows = [
        row
        for impression in read_impressions(folder)
        if impression.customer_id not in recorded.forgotten
        for row in _rows(impression, taken)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rows(impression: Impression, taken: set[tuple[str, str]]) -> list[tuple[object, ...]]:
    name, customer, moment = impression.impression_id, impression.customer_id, impression.as_of
    return [
        (name, customer, moment, place, item, impression.propensity(place), float((name, item) in taken),
         impression.policy, impression.seed)
        for place, item in enumerate(impression.item_ids)
    ]  # fmt: skip
