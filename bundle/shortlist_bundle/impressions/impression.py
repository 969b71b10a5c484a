"""One list that was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shortlist_bundle.changes.log import START, Position

Scalar = str | float | int | bool


class Brought(NamedTuple):
    """An event that the request itself brought; a time of None is just before the list."""

    item_id: str
    timestamp: float | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list was asked from, besides the bundle and the log: with it, what the scorer read can be worked out anew.

    Attributes:
        position: of the log of changes that the answer had seen.
        seen_allowed: whether items that the customer had taken could be in the list.
        named: whether the request named its moment; else everything recorded by then was seen.
        features: of the customer, as far as the request said them.
        history: what it brought along, oldest first.
    """

    position: Position = START
    seen_allowed: bool
    named: bool = False
    features: Mapping[str, Scalar | Sequence[str]] = field(default_factory=dict)
    history: Sequence[Brought] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """A list as it was answered, with what a policy is judged by; sequences are parallel to `item_ids`.

    Attributes:
        impression_id: as the reply names it; events refer to it.
        moment: epoch seconds, when it was answered.
        as_of: epoch seconds, what counted as now.
        rate: the share of all lists that is kept, in (0, 1]: each stands for 1 / rate of them.
        dropped: how many that should have been kept before this one by the same process were not, because the disk
            was slow; those weigh nothing, and an estimate may say so.
        bundle_id: hash of the bundle that made it, with `model` and `version`.
        customer_id: None for someone without an id.
        placement: whose policy held; empty for the default one.
        policy: which policy drew places of the list; 'none' where nothing was drawn.
        item_ids: what was shown, best place first: the position is the index.
        scores: the scorer's number of each.
        propensities: the probability with which each item came to its place, given those above it; empty where nothing
            was drawn, and each is 1.
        standard_errors: of the propensities; empty where they are exact.
        seed: of the draw; None where nothing was drawn.
        sources: names of the sources that could propose.
        source_ranks: per item the rank in each source, -1 where it did not propose it.
        context: of the request, by column name of the log.
        asked: from what; None in a list that an older release kept.
    """

    impression_id: str
    moment: float
    as_of: float
    rate: float
    dropped: int = 0
    model: str
    version: str
    bundle_id: str
    customer_id: str | None = None
    placement: str = ""
    policy: str = "none"
    item_ids: Sequence[str]
    scores: Sequence[float]
    propensities: Sequence[float] = ()
    standard_errors: Sequence[float] = ()
    seed: int | None = None
    sources: Sequence[str] = ()
    source_ranks: Sequence[Sequence[int]] = ()
    context: Mapping[str, Scalar] = field(default_factory=dict)
    asked: Asked | None = None

    def propensity(self, rank: int) -> float:
        """Return the probability with which the item at a place, counted from 0, came there."""
        return self.propensities[rank] if self.propensities else 1.0
