"""How closely the sentinels look."""

from dataclasses import dataclass

RATE = 0.01
FLOOR = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelSettings:
    """When the sentinels look, and when they speak up.

    Attributes:
        rate: share of the lists that are looked at, in [0, 1].
        floor: below this recall indexes are searched deeper; an index is only chosen where it finds 0.9 of the
            neighbours.
        budget: share of one processor that searches made again may take; others are left out.
        searches: that must have been made again in a space, of requests that allow about the same share of the items,
            before their recall counts.
        step: indexes are then searched so many times as deep.
        deepest: multiple of the bundle's own depth beyond which they are never searched.
        drift: divergence of the scores, in bits, that is worth a warning; as of the gate before a promotion.
        lists: that must have been looked at before their drift counts.
        skew: share of the items encoded again that may lie elsewhere before that is worth a warning.
        unknown: share of the lists for customers, or of items of histories, that nobody knows, likewise.
        every: seconds between two samples of items.
    """

    rate: float = RATE
    floor: float = FLOOR
    budget: float = 0.005
    searches: int = 30
    step: float = 2.0
    deepest: float = 8.0
    drift: float = 0.15
    lists: int = 50
    skew: float = 0.01
    unknown: float = 0.5
    every: float = 30.0
