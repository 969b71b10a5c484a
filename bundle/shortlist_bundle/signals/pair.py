"""The scorer's signals: what is known of a (customer, candidate) pair besides their encodings.

Every signal is a plain number that means the same after a refit: counts, gaps, ranks, inner products. None of them
depends on how a model happens to have rotated its space.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.merge import Candidates
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.scoreboard import Items, Scoreboard
from shortlist_bundle.state.batch import CustomerBatch

Float = NDArray[np.float32]
Place = int | np.integer

CUSTOMER_GROUP, OWN_GROUP, CATEGORY_GROUP, ITEM_GROUP = "customer", "own_history", "category_history", "item"
"""What signals are about, besides the sources: groups of signals that explanations speak of."""
_GROUPS = {
    "mode": CUSTOMER_GROUP,
    "customer": CUSTOMER_GROUP,
    "own past": OWN_GROUP,
    "category past": CATEGORY_GROUP,
    "item state": ITEM_GROUP,
}
"""Family of signals -> group; a source's score and rank are one group, whichever family they are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSpec:
    """What the signals are computed with.

    Attributes:
        half_lives: seconds, H of them.
        sources: names of the sources, in the order of their scoreboards.
        levels: names of the item columns whose categories have a past of their own.
        lately: numbers of buckets that count as recent for an item's trend.
        unit: seconds; the scale below which gaps of time look alike.
    """

    half_lives: tuple[float, ...]
    sources: tuple[str, ...]
    levels: tuple[str, ...]
    lately: tuple[int, ...]
    unit: float

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The signals' names by what they tell of, in the order of the last axis."""
        half_lives = range(len(self.half_lives))
        return {
            "mode": ("seen_allowed",),
            "customer": ("history_length", "history_distinct", "idle"),
            "source scores": tuple(f"{source}:score" for source in self.sources),
            "source ranks": tuple(f"{source}:rank" for source in self.sources),
            "own past": (
                "own:taken",
                "own:count",
                *(f"own:decayed_{h}" for h in half_lives),
                *(f"own:share_{h}" for h in half_lives),
                "own:since",
                "own:gap",
                "own:overdue",
            ),
            "category past": tuple(
                f"{level}:{what}" for level in self.levels for what in ("share", "since", "overdue")
            ),
            "item state": ("item:takings", *(f"item:trend_{n}" for n in self.lately), "item:repeats", "item:age"),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The signals' names, in the order of the last axis."""
        return tuple(name for family in self.families.values() for name in family)

    @property
    def width(self) -> int:
        """Number of signals: that of the names, without making them."""
        return 12 + 2 * (len(self.sources) + len(self.half_lives)) + 3 * len(self.levels) + len(self.lately)

    @property
    def groups(self) -> tuple[str, ...]:
        """What each signal is about, parallel to the names: `source:NAME`, or one of the groups above."""
        return tuple(
            _GROUPS.get(family) or f"source:{name.rpartition(':')[0]}"
            for family, names in self.families.items()
            for name in names
        )


def pair_signals(
    spec: SignalSpec,
    *,
    batch: CustomerBatch,
    seen_allowed: NDArray[np.bool_],
    candidates: Candidates,
    boards: Sequence[Scoreboard],
    past: Past,
    level_pasts: Sequence[Past],
    level_codes: Sequence[NDArray[np.int32]],
    counts: ItemCounts,
) -> Float:
    """Return raw signals float32 [B, K, S], S = len(spec.names); rows of padding (item 0) carry no meaning."""
    items, unit = candidates.items, spec.unit
    signals = np.empty((*items.shape, spec.width), np.float32)
    own, history = 4 + 2 * len(boards), batch.history
    for source, board in enumerate(boards):
        signals[..., 4 + source] = board.at(items)
    _fill_plain(
        signals, items, candidates.ranks, seen_allowed, history.offsets, history.times, batch.now, unit, past.keys,
        past.width, past.counts, past.decayed, past.since, past.gap, counts.edges, counts.cumulative, counts.repeats,
        counts.first_seen, _lately(spec.lately), len(level_pasts),
    )  # fmt: skip
    level_at = own + 5 + 2 * len(spec.half_lives)
    for level, codes in zip(level_pasts, level_codes, strict=True):
        _fill_level(
            signals[..., level_at : level_at + 3], codes[items], level.keys, level.width,
            level.decayed[:, len(spec.half_lives) // 2], level.since, level.gap, unit,
        )  # fmt: skip
        level_at += 3
    return signals


@cache
def _lately(buckets: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(buckets, np.int64)


@compiled
def _fill_plain(
    signals: Float,
    items: Items,
    ranks: NDArray[np.int16],
    seen_allowed: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    times: NDArray[np.float64],
    now: NDArray[np.float64],
    unit: float,
    keys: NDArray[np.int64],
    width: int,
    taken: Float,
    decayed: Float,
    since: Float,
    gap: Float,
    edges: NDArray[np.float64],
    cumulative: Float,
    repeats: Float,
    first_seen: NDArray[np.float64],
    lately: NDArray[np.int64],
    levels: int,
) -> None:
    """Fill in all but the sources' scores and the levels' pasts."""
    _fill_customers(signals, seen_allowed, offsets, times, now, keys, width, unit)
    sources, half_lives = ranks.shape[2], decayed.shape[1]
    own = 4 + 2 * sources
    _fill_ranks(signals[:, :, 4 + sources : own], ranks)
    stop = own + 5 + 2 * half_lives
    _fill_own(signals[:, :, own:stop], items, keys, width, taken, decayed, since, gap, unit)
    # As `ItemCounts.border`: nothing after `now` is counted.
    borders = np.searchsorted(edges[1:], now, side="right")
    earlier = np.empty((len(now), len(lately)), np.int64)
    for row in range(len(now)):
        for window in range(len(lately)):
            earlier[row, window] = max(borders[row] - lately[window], 0)
    state = signals[:, :, stop + 3 * levels :]
    _fill_items(state, items, cumulative, borders, earlier, repeats, first_seen, now, unit)


@compiled
def _fill_customers(
    signals: Float,
    seen_allowed: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    times: NDArray[np.float64],
    now: NDArray[np.float64],
    keys: NDArray[np.int64],
    width: int,
    unit: float,
) -> None:
    for row in range(len(signals)):
        length = offsets[row + 1] - offsets[row]
        distinct = np.searchsorted(keys, (row + 1) * width) - np.searchsorted(keys, row * width)
        idle = max(now[row] - times[offsets[row + 1] - 1], 0.0) if length else 0.0
        signals[row, :, 0], signals[row, :, 1] = np.float32(seen_allowed[row]), np.log1p(length)
        signals[row, :, 2], signals[row, :, 3] = np.log1p(distinct), np.log1p(idle / unit)


@compiled
def _fill_ranks(signals: Float, ranks: NDArray[np.int16]) -> None:
    # 1 at the top of a list, falling like the discount of nDCG, 0 where the source did not propose the item.
    deepest = 0
    for row in range(ranks.shape[0]):
        for column in range(ranks.shape[1]):
            for source in range(ranks.shape[2]):
                deepest = max(deepest, ranks[row, column, source])
    # Place 0 stands for no rank. A logarithm for each rank is cheaper than one for each item and source.
    discounts = np.zeros(deepest + 2, np.float32)
    for rank in range(deepest + 1):
        discounts[rank + 1] = 1 / np.log2(rank + 2.0)
    for row in range(ranks.shape[0]):
        for column in range(ranks.shape[1]):
            for source in range(ranks.shape[2]):
                signals[row, column, source] = discounts[ranks[row, column, source] + 1]


@compiled
def _fill_own(
    signals: Float,
    items: Items,
    keys: NDArray[np.int64],
    width: int,
    counts: Float,
    decayed: Float,
    since: Float,
    gap: Float,
    unit: float,
) -> None:
    half_lives = decayed.shape[1]
    signals[:] = 0
    for row in range(len(items)):
        start, stop = np.searchsorted(keys, row * width), np.searchsorted(keys, (row + 1) * width)
        totals = np.full(half_lives, 1e-6, np.float32)
        for half_life in range(half_lives):
            totals[half_life] = max(decayed[start:stop, half_life].sum(), np.float32(1e-6))
        for column in range(items.shape[1]):
            place = _place_of(keys, start, stop, row * width + items[row, column])
            if place < 0:
                continue
            out = signals[row, column]
            out[0], out[1] = 1, np.log1p(counts[place])
            for half_life in range(half_lives):
                count = decayed[place, half_life]
                out[2 + half_life] = np.log1p(count)
                out[2 + half_lives + half_life] = np.sqrt(count / totals[half_life])
            out[-3], out[-2] = np.log1p(since[place] / unit), np.log1p(gap[place] / unit)
            out[-1] = _overdue(since[place], gap[place], unit)


@compiled
def _fill_level(
    signals: Float,
    codes: NDArray[np.int32],
    keys: NDArray[np.int64],
    width: int,
    decayed: Float,
    since: Float,
    gap: Float,
    unit: float,
) -> None:
    signals[:] = 0
    for row in range(len(codes)):
        start, stop = np.searchsorted(keys, row * width), np.searchsorted(keys, (row + 1) * width)
        total = max(decayed[start:stop].sum(), np.float32(1e-6))
        for column in range(codes.shape[1]):
            place = _place_of(keys, start, stop, row * width + codes[row, column])
            if place < 0:
                continue
            out = signals[row, column]
            out[0], out[1] = np.sqrt(decayed[place] / total), np.log1p(since[place] / unit)
            out[2] = _overdue(since[place], gap[place], unit)


@compiled
def _place_of(keys: NDArray[np.int64], start: Place, stop: Place, key: Place) -> Place:
    """Return where a key stands among the rising ones from `start` to `stop`, -1 where it does not."""
    end = stop
    while start < stop:
        middle = (start + stop) // 2
        if keys[middle] < key:
            start = middle + 1
        else:
            stop = middle
    return start if start < end and keys[start] == key else -1


@compiled
def _overdue(since: float, gap: float, unit: float) -> float:
    return float(np.log1p(since / max(gap, unit))) if gap > 0 else 0.0


@compiled
def _fill_items(
    signals: Float,
    items: Items,
    cumulative: Float,
    borders: NDArray[np.int64],
    earlier: NDArray[np.int64],
    repeats: Float,
    first_seen: NDArray[np.float64],
    now: NDArray[np.float64],
    unit: float,
) -> None:
    for row in range(len(items)):
        # First what stands far apart in memory, all at once; the logarithms would have each item waited for alone.
        for column in range(items.shape[1]):
            item, out = items[row, column], signals[row, column]
            out[0] = cumulative[borders[row], item]
            for window in range(earlier.shape[1]):
                out[1 + window] = cumulative[earlier[row, window], item]
            out[-2] = repeats[item]
            out[-1] = max(now[row] - first_seen[item], 0.0) / unit
        for column in range(items.shape[1]):
            out = signals[row, column]
            every = out[0]
            out[0], out[-1] = np.log1p(every), np.log1p(out[-1])
            for window in range(earlier.shape[1]):
                # Takings of late against what the item's whole past would lead one to expect.
                expected = every * (borders[row] - earlier[row, window]) / max(borders[row], 1)
                out[1 + window] = np.log((every - out[1 + window] + 1.0) / (expected + 1.0))
