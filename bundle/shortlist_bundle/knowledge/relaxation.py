"""What to give up when nothing meets every must."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_MUSTS = 16
"""Each must is a bit of a 16-bit number."""

Violations = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The musts to give up, by their position, rising; and how many items then meet the others, at least 1."""

    musts: tuple[int, ...]
    items: int


def violations(masks: Sequence[NDArray[np.bool_]], count: int) -> Violations:
    """Return for each item which musts it breaks, uint16 [N + 1]: bit j for must j.

    Args:
        masks: bool [N + 1] for each must, which items meet it; at most 16.
        count: N + 1.
    """
    if len(masks) > MOST_MUSTS:
        raise ValueError(f"{len(masks)} musts; at most {MOST_MUSTS}")
    broken = np.zeros(count, np.uint16)
    for bit, mask in enumerate(masks):
        broken |= (~mask).astype(np.uint16) << bit
    return broken


def relaxations(broken: Violations, most: int) -> tuple[Relaxation, ...]:
    """Return the minimal sets of musts to give up, fewest musts first, then most items, then the earlier musts.

    Giving up a set of musts frees the items that break no other; the set is minimal when no smaller part of it frees
    any, and so the items that it frees break exactly that set. Hence every minimal set is what some item breaks, and
    one count of what items break gives all of them, of any size (the complements of the maximal succeeding subqueries
    of Godfrey 1997, https://doi.org/10.1142/S0218843097000070).

    Args:
        broken: uint16 [n], of the items that everything but the musts allows; none of them meets every must.
        most: how many sets, at most.
    """
    counts = np.bincount(broken)
    sets = np.flatnonzero(counts)
    sizes = np.bitwise_count(sets)
    kept: list[int] = []
    for size in range(1, MOST_MUSTS + 1):
        level = sets[sizes == size]
        for smaller in kept:
            level = level[level & smaller != smaller]
        kept += level[_order(level, counts[level])][: most - len(kept)].tolist()
    return tuple(Relaxation(_positions(bits), int(counts[bits])) for bits in kept)


def _order(level: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the order of sets of one size, each a number of 16 bits: most items, then the earlier musts."""
    places = np.arange(MOST_MUSTS)
    # Read backwards, the number is the larger the earlier its musts are.
    backwards = ((level[:, None] >> places & 1) << places[::-1]).sum(axis=1)
    return np.lexsort((-backwards, -counts))


def _positions(bits: int) -> tuple[int, ...]:
    return tuple(bit for bit in range(MOST_MUSTS) if bits >> bit & 1)
