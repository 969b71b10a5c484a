"""What kind of feedback a log holds, and on which scale its ratings are."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, ITEM_ID, RATING, TIMESTAMP
from shortlist_training.log.id_codes import IdCodes

DENSE_SHARE = 0.2
"""Median share of the catalogue that a customer rates, from which on nobody chose what to rate: a panel, not a log."""


class FeedbackKind(Enum):
    """Whether customers judged items, merely took them, or both; the values are the words of the TOML file."""

    RATINGS = "ratings"
    IMPLICIT = "implicit"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FeedbackGuess:
    """A kind, and why."""

    kind: FeedbackKind
    reason: str


def infer_feedback(interactions: pl.DataFrame, catalogue: int) -> FeedbackGuess:
    """Tell ratings from takings.

    A rating that a customer gave of their own accord also says that they took the item, so a log of ratings is BOTH
    unless something says that the pairs were not chosen: no times, or customers who rate a big share of everything.

    Args:
        interactions: The log; a rating may be null.
        catalogue: How many items there are.
    """
    if RATING not in interactions.columns:
        return FeedbackGuess(FeedbackKind.IMPLICIT, "there is no rating column")
    ratings = interactions[RATING]
    if ratings.null_count():
        return FeedbackGuess(FeedbackKind.BOTH, "some interactions have a rating and some have none")
    if interactions.height > 1 and ratings.n_unique() == 1:
        return FeedbackGuess(FeedbackKind.IMPLICIT, f"every rating is {ratings[0]:g}, which tells nothing")
    if TIMESTAMP not in interactions.columns:
        return FeedbackGuess(FeedbackKind.RATINGS, "every interaction has a rating and none has a time")
    share = _median_share(interactions, catalogue)
    if share >= DENSE_SHARE:
        return FeedbackGuess(FeedbackKind.RATINGS, f"half of the customers rate {share:.0%} of the items or more")
    return FeedbackGuess(FeedbackKind.BOTH, "customers chose what to rate: a rating also says that they took the item")


def _median_share(interactions: pl.DataFrame, catalogue: int) -> float:
    customers, items = (IdCodes.of(interactions[column]) for column in (CUSTOMER_ID, ITEM_ID))
    # Strings grouped by strings take a minute where whole numbers take a second.
    width = int(items.numbers.max(initial=0)) + 1
    pairs = np.unique(customers.codes.astype(np.int64) * width + items.codes)
    taken = np.bincount(pairs // width)[customers.numbers]
    return float(np.median(taken)) / max(catalogue, 1) if len(taken) else 0.0


def infer_scale(ratings: pl.Series) -> tuple[float, float] | None:
    """Return the lowest and highest rating given; fractions between 0 and 1 are taken to be on the scale 0 to 1."""
    present = ratings.drop_nulls()
    if present.is_empty():
        return None
    low, high = float(present.min()), float(present.max())  # type: ignore[arg-type]
    fractions = bool((present != present.round()).any())
    return (0.0, 1.0) if fractions and low >= 0 and high <= 1 else (low, high)
