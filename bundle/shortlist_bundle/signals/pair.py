"""The scorer's signals: what is known of a (customer, candidate) pair besides their encodings.

Every signal is a plain number that means the same after a refit: counts, gaps, ranks, inner products. None of them
depends on how a model happens to have rotated its space.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.merge import Candidates
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.scoreboard import Items, Scoreboard
from shortlist_bundle.state.batch import CustomerBatch

Float = NDArray[np.float32]


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
    def names(self) -> tuple[str, ...]:
        """The signals' names, in the order of the last axis."""
        half_lives = range(len(self.half_lives))
        return (
            "seen_allowed",
            "history_length",
            "history_distinct",
            "idle",
            *(f"{source}:score" for source in self.sources),
            *(f"{source}:rank" for source in self.sources),
            "own:taken",
            "own:count",
            *(f"own:decayed_{h}" for h in half_lives),
            *(f"own:share_{h}" for h in half_lives),
            "own:since",
            "own:gap",
            "own:overdue",
            *(f"{level}:{what}" for level in self.levels for what in ("share", "since", "overdue")),
            "item:takings",
            *(f"item:trend_{n}" for n in self.lately),
            "item:repeats",
            "item:age",
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
    items = candidates.items
    shape = items.shape
    broad = [_customer_signals(spec, batch, seen_allowed, past)]
    columns: list[Float] = [np.broadcast_to(part[:, None, :], (*shape, part.shape[1])) for part in broad]
    columns += [board.at(items)[..., None] for board in boards]
    columns.append(_rank_signals(candidates.ranks))
    columns.append(_own_signals(spec, past, items))
    for level, codes in zip(level_pasts, level_codes, strict=True):
        columns.append(_level_signals(spec, level, codes[items]))
    columns.append(_item_signals(spec, counts, batch.now, items))
    return np.concatenate(columns, axis=2, dtype=np.float32)


def _customer_signals(spec: SignalSpec, batch: CustomerBatch, seen_allowed: NDArray[np.bool_], past: Past) -> Float:
    length = batch.history.lengths
    distinct = np.bincount(past.owners, minlength=len(batch))
    newest = np.maximum(batch.history.offsets[1:] - 1, 0)
    last = batch.history.times[newest] if len(batch.history.times) else np.zeros(len(batch))
    idle = np.where(length > 0, batch.now - last, 0.0)
    return np.stack(
        [seen_allowed, np.log1p(length), np.log1p(distinct), np.log1p(np.maximum(idle, 0) / spec.unit)], axis=1
    ).astype(np.float32)


def _rank_signals(ranks: NDArray[np.int16]) -> Float:
    # 1 at the top of a list, falling like the discount of nDCG, 0 where the source did not propose the item.
    proposed = 1.0 / np.log2(np.maximum(ranks, 0) + np.float32(2))
    return np.where(ranks >= 0, proposed, np.float32(0)).astype(np.float32)


def _own_signals(spec: SignalSpec, past: Past, items: Items) -> Float:
    position, found = past.find(items)
    if not len(past.keys):
        return np.zeros((*items.shape, 5 + 2 * len(spec.half_lives)), np.float32)
    there = found[..., None].astype(np.float32)
    decayed = past.decayed[position] * there
    share = decayed / _totals(past, len(items))[:, None, :]
    since, gap = past.since[position], past.gap[position]
    overdue = np.where(gap > 0, np.log1p(since / np.maximum(gap, spec.unit)), 0.0)
    rest = np.stack([np.log1p(since / spec.unit), np.log1p(gap / spec.unit), overdue], axis=2).astype(np.float32)
    count = np.log1p(past.counts[position])[..., None] * there
    return np.concatenate([there, count, np.log1p(decayed), np.sqrt(share), rest * there], axis=2)


def _level_signals(spec: SignalSpec, past: Past, codes: NDArray[np.int32]) -> Float:
    position, found = past.find(codes)
    if not len(past.keys):
        return np.zeros((*codes.shape, 3), np.float32)
    middle = len(spec.half_lives) // 2
    share = past.decayed[position, middle] / _totals(past, len(codes))[:, None, middle]
    since, gap = past.since[position], past.gap[position]
    overdue = np.where(gap > 0, np.log1p(since / np.maximum(gap, spec.unit)), 0.0)
    stacked = np.stack([np.sqrt(share), np.log1p(since / spec.unit), overdue], axis=2)
    return (stacked * found[..., None]).astype(np.float32)


def _totals(past: Past, count: int) -> Float:
    totals = np.zeros((count, past.decayed.shape[1]), np.float32)
    np.add.at(totals, past.owners, past.decayed)
    return np.maximum(totals, np.float32(1e-6))


def _item_signals(spec: SignalSpec, counts: ItemCounts, now: NDArray[np.float64], items: Items) -> Float:
    borders = counts.border(now)
    every = counts.cumulative[borders[:, None], items]
    columns = [np.log1p(every)]
    for buckets in spec.lately:
        recent = every - counts.cumulative[np.maximum(borders - buckets, 0)[:, None], items]
        # Takings of late against what the item's whole past would lead one to expect.
        expected = every * (np.minimum(buckets, borders) / np.maximum(borders, 1))[:, None]
        columns.append(np.log((recent + 1.0) / (expected + 1.0)))
    age = np.maximum(now[:, None] - counts.first_seen[items], 0.0)
    columns += [counts.repeats[items], np.log1p(age / spec.unit)]
    return np.stack(columns, axis=2).astype(np.float32)
