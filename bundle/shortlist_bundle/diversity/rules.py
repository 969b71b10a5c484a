"""Caps and quotas: what a list may hold at most of one value of an attribute, and what it must hold."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.grouping import Grouping
from shortlist_bundle.diversity.settings import Diversity

CAP_EXCEEDED = "cap_exceeded"
"""The candidates leave no list of the wanted length within the caps."""
QUOTA_MISSED = "quota_missed"
"""The candidates do not hold what a quota asks for, or not within the caps."""

Proposed = tuple[NDArray[np.bool_], int]
"""Which candidates serve a quota, bool [K], and how many of them the list must hold at least."""


class Rules(NamedTuple):
    """Caps and quotas of one list, as the methods' loops read them.

    Attributes:
        offsets: int64 [K + 1], borders of each candidate's capped groups.
        groups: int32 [G], groups; those of different attributes have different numbers.
        room: int64 [groups], how many items each group may still get beside the reserved ones.
        reserved: bool [K], candidates that must be in the list.
    """

    offsets: NDArray[np.int64]
    groups: NDArray[np.int32]
    room: NDArray[np.int64]
    reserved: NDArray[np.bool_]


def no_rules(count: int) -> Rules:
    """Return the rules of a list of `count` candidates that may hold any of them."""
    return Rules(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(count, np.bool_))


class RuleBook:
    """The caps and quotas of a group of lists.

    Args:
        wanted: caps and quotas.
        columns: the grouping of all items by each capped attribute.
        serving: for each quota which items serve it, bool [N + 1].
    """

    def __init__(
        self, wanted: Diversity, columns: Mapping[str, Grouping], serving: Sequence[NDArray[np.bool_]]
    ) -> None:
        self._caps = [(columns[name], most) for name, most in wanted.caps]
        self._quotas = [(serves, quota.at_least) for serves, quota in zip(serving, wanted.quotas, strict=True)]

    def rules(
        self, items: NDArray[np.int32], order: NDArray[np.int64], k: int, proposed: Sequence[Proposed] = ()
    ) -> Rules:
        """Return the rules of one list. A quota's items are reserved best first: no later pick can crowd them out.

        Args:
            items: int32 [K], candidates.
            order: int64 [K], their places, most relevant first.
            k: length of the list.
            proposed: quotas of the list's own, by which candidates serve them.
        """
        rules = no_rules(len(items))
        for column, most in self._caps:
            rules = _capped(rules, column.of(items), most)
        own = [(serves[items], at_least) for serves, at_least in self._quotas]
        for serves, at_least in (*own, *proposed):
            places = order[serves[order]]
            _reserve(rules, places, at_least - int(rules.reserved[places].sum()), k)
        return rules

    def broken(self, items: NDArray[np.int32]) -> tuple[str, ...]:
        """Return which kinds of rules a list, item rows int32 [k], does not keep."""
        exceeded = any(
            np.bincount(column.of(items).groups, minlength=1).max(initial=0) > most for column, most in self._caps
        )
        missed = any(np.count_nonzero(serves[items]) < at_least for serves, at_least in self._quotas)
        return (CAP_EXCEEDED,) * exceeded + (QUOTA_MISSED,) * missed


def _capped(rules: Rules, column: Grouping, most: int) -> Rules:
    """Return the rules with a cap on one more attribute of the K candidates."""
    owners = [np.repeat(np.arange(len(one) - 1), np.diff(one)) for one in (rules.offsets, column.offsets)]
    groups = np.concatenate([rules.groups, column.groups + np.int32(len(rules.room))])
    return Rules(
        rules.offsets + column.offsets,
        groups[np.argsort(np.concatenate(owners), kind="stable")],
        np.concatenate([rules.room, np.full(column.width, most, np.int64)]),
        rules.reserved,
    )


def _reserve(rules: Rules, places: NDArray[np.int64], missing: int, k: int) -> None:
    for place in places:
        if missing <= 0 or rules.reserved.sum() >= k:
            return
        groups = rules.groups[rules.offsets[place] : rules.offsets[place + 1]]
        if not rules.reserved[place] and (rules.room[groups] > 0).all():
            rules.reserved[place] = True
            rules.room[groups] -= 1
            missing -= 1


@compiled
def next_place(gains: NDArray[np.float64], rules: Rules, taken: NDArray[np.bool_], left: int) -> int:
    """Return the place of the best candidate that may come next; of equal ones the first, which is the best by score.

    Args:
        gains: float64 [K].
        rules: with the room that is left.
        taken: bool [K].
        left: how many items the list still needs, this one included.
    """
    waiting = 0
    for place in range(len(gains)):
        waiting += rules.reserved[place] and not taken[place]
    best, best_of_all = -1, -1
    for place in range(len(gains)):
        if taken[place]:
            continue
        if best_of_all < 0 or gains[place] > gains[best_of_all]:
            best_of_all = place
        if (best < 0 or gains[place] > gains[best]) and fits(place, rules, waiting >= left):
            best = place
    return best if best >= 0 else best_of_all


@compiled
def fits(place: int, rules: Rules, only_reserved: bool) -> bool:
    """Return whether a candidate that is not in the list may come next; `only_reserved`: no other has a place left."""
    if rules.reserved[place]:
        return True
    free = not only_reserved
    for entry in range(rules.offsets[place], rules.offsets[place + 1]):
        free &= rules.room[rules.groups[entry]] > 0
    return free


@compiled
def take_place(place: int, rules: Rules, taken: NDArray[np.bool_]) -> None:
    """Note that a candidate is in the list: it takes its groups' room, unless that was reserved."""
    taken[place] = True
    if not rules.reserved[place]:
        for entry in range(rules.offsets[place], rules.offsets[place + 1]):
            rules.room[rules.groups[entry]] -= 1


@compiled
def may_replace(leaving: int, place: int, rules: Rules) -> bool:
    """Return whether a candidate may take the place of one in the list: no reserved one leaves, no cap is passed.

    Args:
        leaving: the place of the one in the list.
        place: of the candidate that is not.
        rules: with the room that the list leaves.
    """
    if rules.reserved[leaving]:
        return False
    for entry in range(rules.offsets[place], rules.offsets[place + 1]):
        room = rules.room[rules.groups[entry]]
        for other in range(rules.offsets[leaving], rules.offsets[leaving + 1]):
            room += rules.groups[other] == rules.groups[entry]
        if room <= 0:
            return False
    return True


@compiled
def replace_place(leaving: int, place: int, rules: Rules, taken: NDArray[np.bool_]) -> None:
    """Note that a candidate is in the list instead of another one, which `may_replace` allows."""
    taken[leaving] = False
    for entry in range(rules.offsets[leaving], rules.offsets[leaving + 1]):
        rules.room[rules.groups[entry]] += 1
    take_place(place, rules, taken)
