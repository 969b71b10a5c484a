"""Whether the items of a log are its customers: who follows whom, who writes to whom."""

from dataclasses import dataclass

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, INTERACTIONS, ITEM_ID
from shortlist_training.log.config import DataConfig
from shortlist_training.log.report import Dropped, Findings

CONFIGURED = "said by the configuration"

OVERLAP = 0.5
"""Share of the smaller set of ids that must be in the other one as well."""
FEWEST = 10
"""Ids that must be in both: fewer may be the same by chance, whatever their share."""
COUNTING_DIGITS = 9
"""Ids of no more digits may be numbers that two tables happened to count with."""
MUTUAL_FROM, MUTUAL_LIFT = 0.1, 3.0
"""Share of pairs that are there both ways, and how many times what chance would give, that no coincidence reaches."""


@dataclass(frozen=True, slots=True)
class PeopleGuess:
    """Whether items are customers, and why."""

    people: bool
    reason: str


def find_people(interactions: pl.DataFrame, config: DataConfig) -> PeopleGuess:
    """Return what the configuration says, or else what the log looks like."""
    if config.people_to_people is not None:
        return PeopleGuess(config.people_to_people, CONFIGURED)
    return infer_people(interactions)


def infer_people(interactions: pl.DataFrame) -> PeopleGuess:
    """Tell a log of people and people by the overlap of the two sets of ids.

    Customers and items that are both counted 1, 2, 3... have the same ids by coincidence. Of such ids the overlap says
    nothing, and the pairs must show it: people answer each other (a, b) with (b, a) far more often than chance would,
    which for a pair is the takings of b times the takers of a over all pairs (Newman 2003, "The structure and function
    of complex networks", https://doi.org/10.1137/S003614450342480).
    """
    customers, items = (interactions[name].unique() for name in (CUSTOMER_ID, ITEM_ID))
    common = customers.filter(customers.is_in(items.implode()))
    share = len(common) / max(min(len(customers), len(items)), 1)
    said = f"{share:.0%} of the fewer ids are ids of both customers and items"
    if share < OVERLAP or len(common) < FEWEST:
        return PeopleGuess(False, said)
    counted = common.str.contains(rf"^\d{{1,{COUNTING_DIGITS}}}$").mean()
    if not isinstance(counted, float) or counted < OVERLAP:
        return PeopleGuess(True, said)
    mutual, chance = _mutual(interactions)
    pairs = f"{said}; they count, and {mutual:.0%} of the pairs are there both ways, {chance:.0%} by chance"
    return PeopleGuess(mutual >= max(MUTUAL_FROM, MUTUAL_LIFT * chance), pairs)


def without_oneself(interactions: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the interactions of people with others; what somebody has with themselves is left out, and counted."""
    oneself = pl.col(CUSTOMER_ID) == pl.col(ITEM_ID)
    alone = interactions.filter(oneself)
    if alone.height:
        findings.dropped.append(
            Dropped(
                table=INTERACTIONS,
                reason="a person with themselves",
                rows=alone.height,
                example=str(alone[CUSTOMER_ID][0]),
            )
        )
    return interactions.filter(~oneself)


def _mutual(interactions: pl.DataFrame) -> tuple[float, float]:
    """Return the share of pairs that are there both ways, and the share that chance would give."""
    pairs = interactions.select(CUSTOMER_ID, ITEM_ID).unique().filter(pl.col(CUSTOMER_ID) != pl.col(ITEM_ID))
    if pairs.is_empty():
        return 0.0, 0.0
    back = pairs.select(pl.col(ITEM_ID).alias(CUSTOMER_ID), pl.col(CUSTOMER_ID).alias(ITEM_ID))
    answered = pairs.join(back, on=[CUSTOMER_ID, ITEM_ID], how="semi").height / pairs.height
    takings = pairs.group_by(pl.col(CUSTOMER_ID).alias(ITEM_ID)).agg(pl.len().alias("takings"))
    takers = pairs.group_by(pl.col(ITEM_ID).alias(CUSTOMER_ID)).agg(pl.len().alias("takers"))
    expected = pairs.join(takings, on=ITEM_ID, how="left").join(takers, on=CUSTOMER_ID, how="left").fill_null(0)
    chance = (expected["takings"].cast(pl.Float64) * expected["takers"] / pairs.height).clip(0.0, 1.0).mean()
    return answered, float(chance or 0.0)  # type: ignore[arg-type]
