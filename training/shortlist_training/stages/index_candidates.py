"""The indexes that may be worth building over a space of vectors, and what a search in each is reckoned to cost.

The cost is reckoned and not measured, from the bytes that a search reads, so that the same data give the same bundle on
any machine. docs/decisions/0019-an-index-by-measurement.md says where the constants come from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

FLOAT = 4
EXACT_BYTE = 0.09
"""Nanoseconds for a byte of the vectors themselves, read from end to end; with what is found taken out."""
EIGHT_BIT_BYTE = 0.17
"""Nanoseconds for a byte of an index that keeps a number in eight bits."""
FOUR_BIT_BYTE = 0.06
"""Nanoseconds for a byte of codes of four bits each, which are looked up sixteen at a time (fast scan: André, Kermarrec
and Le Scouarnec 2015, https://doi.org/10.14778/2856318.2856324)."""
LIST = 250.0
"""Nanoseconds for each list that is visited."""
FETCHED = 60.0
"""Nanoseconds for an item that is fetched, beside the bytes of its vector."""
CALL = 15_000.0
"""Nanoseconds for calling the index at all."""
FEWEST_TRAINED = 1_000
"""With fewer items there is nothing to learn a code from."""
FEWEST_LISTED = 30_000
"""With fewer items finding the nearest lists costs what it saves."""
FEWEST_SHARED = 500_000
"""From so many items on an index must be one that the workers of a machine can share. FAISS lays codes of four bits out
anew in the memory of each process: 43 MB for a million items."""
SPARES = (1.25, 2.0, 4.0)
FEWEST_PROBES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCandidate:
    """An index with its search settings.

    Attributes:
        factory: what FAISS calls it; empty: no index, every item is scored.
        probes: lists that are visited; 1 where it has none.
        spare: so many times as much as wanted is fetched, and scored again from the vectors.
        nanoseconds: that a search is reckoned to take.
    """

    factory: str
    probes: int = 1
    spare: float = 1.0
    nanoseconds: float


def exact(count: int, width: int) -> IndexCandidate:
    """Return what scoring each of `count` vectors costs."""
    return IndexCandidate(factory="", nanoseconds=EXACT_BYTE * FLOAT * count * width)


def candidates(count: int, width: int, depth: int) -> list[IndexCandidate]:
    """Return what may be worth trying for `count` vectors of a width, `depth` wanted, the cheapest first.

    The width is a multiple of 16, as FAISS likes it. Where two cost the same, the name decides.
    """
    found = [exact(count, width)]
    if FEWEST_TRAINED <= count < FEWEST_SHARED:
        found += [
            IndexCandidate(factory=f"PQ{parts}x4fs", spare=spare, nanoseconds=CALL + count * parts / 2 * FOUR_BIT_BYTE
                           + _rescoring(spare * depth, width))
            for parts in (width // 2, width) for spare in SPARES
        ]  # fmt: skip
    if count >= FEWEST_LISTED:
        found += _inverted(count, width, depth)
    return sorted(found, key=lambda one: (one.nanoseconds, one.factory, one.probes, one.spare))


def lists_of(count: int) -> int:
    """Return how many lists an inverted file over `count` items has."""
    return min(int(4 * sqrt(count)), count)


def _inverted(count: int, width: int, depth: int) -> Iterator[IndexCandidate]:
    lists = lists_of(count)
    codes = [("SQ8", float(width), EIGHT_BIT_BYTE)]
    if count < FEWEST_SHARED:
        codes += [(f"PQ{parts}x4fs", parts / 2, FOUR_BIT_BYTE) for parts in (width // 2, width)]
    coarse = EXACT_BYTE * FLOAT * lists * width
    for probes in _doubling(FEWEST_PROBES, lists):
        visited = CALL + coarse + probes * LIST
        scanned = count * probes / lists
        for code, bytes_each, nanoseconds in codes:
            for spare in SPARES:
                cost = visited + scanned * bytes_each * nanoseconds + _rescoring(spare * depth, width)
                yield IndexCandidate(factory=f"IVF{lists},{code}", probes=probes, spare=spare, nanoseconds=cost)


def _rescoring(fetched: float, width: int) -> float:
    return fetched * (FETCHED + FLOAT * width * EXACT_BYTE)


def _doubling(first: int, last: int) -> Iterator[int]:
    while first < last:
        yield first
        first *= 2
    yield last
