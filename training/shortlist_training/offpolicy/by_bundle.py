"""A log of slates beside what a bundle would have shown in them."""

from pathlib import Path

import numpy as np
import polars as pl

from shortlist_bundle.errors import DocumentError
from shortlist_bundle.exploration.settings import STRENGTHS, Exploration
from shortlist_bundle.model import Model
from shortlist_bundle.policy import DEFAULT_PLACEMENT, Placement
from shortlist_training.errors import ConfigError
from shortlist_training.offpolicy.bundle_policy import BundlePolicy
from shortlist_training.offpolicy.columns import (
    CUSTOMER,
    IMPRESSION,
    ITEM,
    MOMENT,
    POSITION,
    PROBABILITY,
    SITUATION_COLUMNS,
)
from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.slates import compared, read_log


def placement_named(model: Model, name: str) -> Placement:
    """Return a placement of a bundle, or its default one with the exploration POLICY or POLICY:STRENGTH.

    Raises:
        ConfigError: It is neither.
    """
    placements = model.policy.placements
    if name in placements:
        return placements[name]
    policy, colon, strength = name.partition(":")
    try:
        asked = {"policy": policy, **({"strength": float(strength)} if colon else {})}
        exploration = Exploration.from_json(asked, name)
    except (DocumentError, ValueError):
        known = f"the placements {', '.join(sorted(placements))}, and {', '.join(STRENGTHS)} with a strength of 0 to 1"
        raise ConfigError(f"{name!r} is neither a file nor a policy of the bundle: there are {known}") from None
    return Placement(diversity=placements[DEFAULT_PLACEMENT].diversity, exploration=exploration)


def compared_with_bundle(log: Path, model: Model, placement: Placement) -> Comparison:
    """Read a log of slates, and work out what a bundle would have shown in them.

    Args:
        log: with `customer_id` and `as_of`.
        model: the bundle.
        placement: diversity and exploration.

    Raises:
        DataError: The log cannot be read or meant, or the bundle only predicts ratings.
    """
    shown = read_log(log, SITUATION_COLUMNS)
    return compared(shown, _offered(shown, model, BundlePolicy(model, placement)))


def _offered(shown: pl.DataFrame, model: Model, policy: BundlePolicy) -> pl.DataFrame:
    """Return the shown items with the bundle's probabilities; a gap in a slate counts as an item nobody knows."""
    slates = shown.group_by(IMPRESSION).agg(
        pl.col(CUSTOMER).first().fill_null(""), pl.col(MOMENT).first(), (pl.col(POSITION).max() + 1).alias("length")
    ).sort(IMPRESSION).with_row_index("slate")  # fmt: skip
    own = shown.join(slates.select("slate", IMPRESSION), on=IMPRESSION)
    lengths, rows, columns = slates["length"].to_numpy(), own["slate"].to_numpy(), own[POSITION].to_numpy()
    items = np.zeros((len(slates), int(lengths.max())), np.int32)
    items[rows, columns] = model.items.rows(own[ITEM].to_list())
    chances = policy.probabilities(slates[CUSTOMER].to_list(), slates[MOMENT].to_numpy(), items, lengths)
    return own.select(IMPRESSION, POSITION, ITEM, pl.Series(PROBABILITY, chances[rows, columns]))
