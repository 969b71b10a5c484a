"""What is taken together, and what soon after what, as events come."""

from bisect import bisect_right
from collections.abc import Mapping
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.engine import Engine
from shortlist_bundle.live.counted import CountedPairs
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.shape import Shape
from shortlist_bundle.sources.since import UNIT, Keys, PairsSince
from shortlist_bundle.sources.source import Source
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.state.takings import Takings, Trained

Items = NDArray[np.int32]
Times = NDArray[np.float64]
TOGETHER = 100
"""Newest events of a history that what is taken now goes together with: work and memory of an event stay bounded."""


class CoOccurrence:
    """Counts pairs for the sources whose weights are counts of pairs. Not for several threads at once.

    `item_cf` counts an item together with everything that its new taker took, `sequence` with what they took soon
    before and after; both as training does. Of other sources (regressions, neighbours of customers) no count says how
    an event moves them: they move with training.

    Args:
        sources: of the bundle, by name.
        histories: of the bundle's customers.
        width: number of items plus one.
    """

    def __init__(self, sources: Mapping[str, Source], histories: Histories, width: int) -> None:
        self._histories, self._width = histories, width
        self._shapes = {
            name: (source.shape, source.by_moment)
            for name, source in sources.items()
            if isinstance(source, Newest) and source.shape is not None
        }
        self._together = [name for name, source in sources.items() if isinstance(source, ItemCf)]
        self._counts: dict[str, CountedPairs] = {}
        self._moved: dict[int, int] = {}
        self.changed = False
        """Whether anything was counted since the last look."""

    def append(self, count: int) -> None:
        """Add items behind the others."""
        self._width += count
        for counts in self._counts.values():
            counts.append(count)

    def move(self, moved: Mapping[int, int], old: int, new: int) -> None:
        """Let an item that came after the bundle have another row; `moved` says so of all that have."""
        self._moved = dict(moved)
        for counts in self._counts.values():
            counts.move(old, new)

    def take(self, item: int, time: float, trained: Trained, takings: Takings) -> None:
        """Count an event.

        Args:
            item: what was taken, a row above 0.
            time: epoch seconds.
            trained: what its customer had taken when the bundle was made.
            takings: what they have taken since, without this event.
        """
        if not self._shapes and not self._together:
            return
        self._begin()
        self.changed = True
        for name in self._together:
            self._take_together(self._counts[name], item, trained, takings)
        for name, (shape, by_moment) in self._shapes.items():
            self._take_after(self._counts[name], item, time, trained, takings, shape, by_moment)

    def laid_over(self, engine: Engine) -> Engine:
        """Return the engine with what was counted; it stays as it is."""
        self.changed = False
        if not self._counts:
            return engine
        since = {name: counts.since() for name, counts in self._counts.items()}
        counting = {name: _with(source, since.get(name)) for name, source in engine.retriever.counting.items()}
        return Engine(replace(engine.retriever, counting=counting), engine.reranker, depths=engine.depths)

    def _begin(self) -> None:
        """Count what the bundle's customers have taken: with the first event, for most bundles never have one."""
        if self._counts:
            return
        taken, takers = _takings(self._histories.offsets, self._histories.items, self._width)
        self._counts = {name: CountedPairs(taken) for name in self._shapes}
        self._counts |= {name: CountedPairs(takers) for name in self._together}

    def _row(self, item: int) -> int:
        return self._moved.get(item, item)

    def _take_together(self, counts: CountedPairs, item: int, trained: Trained, takings: Takings) -> None:
        since = [self._row(taking.item) for taking in takings]
        if item in since or (trained.items == item).any():
            return
        counts.take(item)
        newest = [*trained.items[-TOGETHER:].tolist(), *since][-TOGETHER:]
        others = np.array(sorted(set(newest) - {0}), np.int64)
        if len(others):
            own, one = np.full(len(others), item), np.full(len(others), UNIT)
            counts.count(np.concatenate([own, others]), np.concatenate([others, own]), np.concatenate([one, one]))

    def _take_after(
        self,
        counts: CountedPairs,
        item: int,
        time: float,
        trained: Trained,
        takings: Takings,
        shape: Shape,
        by_moment: bool,
    ) -> None:
        counts.take(item)
        reach = shape.events(by_moment=by_moment)
        place, last = bisect_right(trained.times, time), bisect_right(takings, time, key=lambda taking: taking.time)
        near = takings[max(last - reach, 0) : last + reach]
        nearest = slice(max(place - reach, 0), place + reach)
        pairs = _near(
            item, time, trained.items[nearest], trained.times[nearest],
            np.array([self._row(taking.item) for taking in near], np.int32),
            np.array([taking.time for taking in near], np.float64),
            reach, shape.gap, shape.back, by_moment,
        )  # fmt: skip
        if len(pairs[0]):
            counts.count(*pairs)


def _with(source: Source, since: PairsSince | None) -> Source:
    if isinstance(source, Newest) and since is not None:
        return replace(source, since=since)
    if isinstance(source, ItemCf) and since is not None:
        laid = copy(source)
        laid.since = since
        return laid
    return source


@compiled
def _takings(offsets: NDArray[np.int64], items: Items, width: int) -> tuple[Keys, Keys]:
    """Return how often each item was taken, and by how many, int64 [width] each."""
    taken, takers, taker = np.zeros(width, np.int64), np.zeros(width, np.int64), np.full(width, -1, np.int64)
    for owner in range(len(offsets) - 1):
        for event in range(offsets[owner], offsets[owner + 1]):
            item = items[event]
            if item:
                taken[item] += 1
                takers[item] += taker[item] != owner
                taker[item] = owner
    return taken, takers


@compiled
def _near(
    item: int,
    time: float,
    old_items: Items,
    old_times: Times,
    new_items: Items,
    new_times: Times,
    reach: int,
    gap: float,
    back: float,
    by_moment: bool,
) -> tuple[Keys, Keys, Keys]:
    """Return the pairs of an event with those near it, both ways: items, others, and what they count in `UNIT`s.

    Args:
        item: what was taken.
        time: epoch seconds.
        old_items: of events before the bundle was made, oldest first.
        old_times: of the same.
        new_items: of events since; of equal times they are the later ones.
        new_times: of the same.
        reach: events to either side that are near.
        gap: see `Shape`.
        back: likewise.
        by_moment: whether what was taken at one moment is one step; else every event is a step.
    """
    count = len(old_items) + len(new_items)
    items, times = np.empty(count, np.int32), np.empty(count, np.float64)
    size, old, new, stop = 0, 0, 0, 0
    while old < len(old_items) or new < len(new_items):
        if new == len(new_items) or (old < len(old_items) and old_times[old] <= new_times[new]):
            thing, when = old_items[old], old_times[old]
            old += 1
        else:
            thing, when = new_items[new], new_times[new]
            new += 1
        if thing:
            items[size], times[size] = thing, when
            size += 1
            stop += when <= time
    most = 2 * (min(stop, reach) + min(size - stop, reach))
    first, second, amounts = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    filled = 0
    for side in (-1, 1):
        step, before = 0, time
        for number in range(min(stop if side < 0 else size - stop, reach)):
            place = stop - 1 - number if side < 0 else stop + number
            step += not by_moment or times[place] != before
            before = times[place]
            if items[place] == item:
                continue
            forth = gap**step * UNIT
            behind = forth * (1.0 if step == 0 else back)
            # What comes later follows what comes earlier; at one moment each follows the other.
            earlier, later = (items[place], item) if side < 0 else (item, items[place])
            first[filled], second[filled], amounts[filled] = earlier, later, np.int64(np.rint(forth))
            first[filled + 1], second[filled + 1], amounts[filled + 1] = later, earlier, np.int64(np.rint(behind))
            filled += 2
    return first[:filled], second[:filled], amounts[:filled]
