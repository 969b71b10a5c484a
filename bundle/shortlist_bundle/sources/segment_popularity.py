"""Popularity among customers like this one: what is popular now, times what each of their features makes of it.

How much more often than expected the people of a segment take an item is the ratio of observed to expected takers, both
moved towards each other by a gamma prior of mean 1 (DuMouchel 1999, "Bayesian data mining in large frequency tables",
https://doi.org/10.1080/00031305.1999.10474456). The ratios of a customer's segments are multiplied as if each said
something of its own, as in naive Bayes; a power at most 1 takes back what they say twice.
"""

from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.scoreboard import Items, Mask, Scores
from shortlist_bundle.sources.segments import Segments
from shortlist_bundle.sources.top import best_places
from shortlist_bundle.state.batch import CustomerBatch


class SegmentPopularity:
    """Recent takings times the lifts of the customer's segments; nothing for a customer of whom no feature is known.

    Args:
        counts: takings over time.
        segments: of customers.
        items: int32 [I], rows of the items that are looked at, rising.
        lifts: float32 [G, I], for each segment the logarithm of the lift of each of these items.
        buckets: how many of the newest buckets count as recent; chosen on the tuning window.
        trust: power of the product of the lifts, in (0, 1]; likewise.
    """

    name: ClassVar[str] = "segment_popularity"

    def __init__(
        self,
        counts: ItemCounts,
        segments: Segments,
        *,
        items: NDArray[np.int32],
        lifts: NDArray[np.float32],
        buckets: int,
        trust: float,
    ) -> None:
        self.counts = counts
        self.segments = segments
        self.items = items
        self.lifts = lifts
        self.buckets = buckets
        self.trust = trust
        self._logs: dict[int, NDArray[np.float32]] = {}
        self._places = np.full(len(counts.repeats), -1, np.int32)
        self._places[items] = np.arange(len(items))

    @property
    def places(self) -> NDArray[np.int32]:
        """Where an item stands among those that are looked at, int32 [N + 1], -1 for the others."""
        return self._places

    def grown(self, counts: ItemCounts, places: NDArray[np.int32]) -> "SegmentPopularity":
        """Return the same source with items behind the others that it does not look at; what was worked out is kept."""
        found = copy(self)
        found.counts, found._places = counts, places
        return found

    def moved(self, counts: ItemCounts) -> "SegmentPopularity":
        """Return the same source with other counts of the same items, or of more."""
        found = self.grown(counts, self._places)
        found._logs = {}
        return found

    def tuned(self, *, buckets: int, trust: float, counts: ItemCounts | None = None) -> "SegmentPopularity":
        """Return the same source with other settings, and other counts where they are given."""
        return SegmentPopularity(
            counts or self.counts, self.segments, items=self.items, lifts=self.lifts, buckets=buckets, trust=trust
        )

    def scoreboard(self, batch: CustomerBatch, past: Past) -> "SegmentScores":
        """See `Source.scoreboard`: popularity as it looked at each customer's moment."""
        groups, logs = self._moments(self.counts.border(batch.now))
        return SegmentScores(
            items=self.items,
            places=self._places,
            segments=self.segments.of(batch.features),
            groups=groups,
            logs=logs,
            lifts=self.lifts,
            trust=np.float32(self.trust),
        )

    def _moments(self, borders: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the logarithms at each distinct border, float32 [T, I], and which of them is each customer's."""
        if len(borders) and (borders == borders[0]).all():
            # The usual case while serving: nothing of the size of the catalogue is copied.
            return np.zeros(len(borders), np.int64), self._log_popularity(int(borders[0]))[None]
        distinct, groups = np.unique(borders, return_inverse=True)
        logs = [self._log_popularity(int(border)) for border in distinct]
        return groups, np.stack(logs) if logs else np.zeros((0, len(self.items)), np.float32)

    def _log_popularity(self, border: int) -> NDArray[np.float32]:
        if border not in self._logs:
            at = np.array([border])
            every, lately = self.counts.before(at)[0], self.counts.lately(at, self.buckets)[0]
            # As in `Popularity`, takings of the whole log break ties; what nobody had taken yet is not proposed.
            score = (lately + every / (1.0 + every.sum()))[self.items]
            self._logs[border] = np.log(score, out=np.full(len(score), -np.inf), where=score > 0).astype(np.float32)
        return self._logs[border]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentScores:
    """What a batch of customers may be expected to take. See `Scoreboard`.

    Attributes:
        items: int32 [I], the item rows that have a score, rising.
        places: int32 [N + 1], where an item stands among them, -1 for the others.
        segments: int32 [B, G], the customers' segments, `NONE` where a feature says nothing.
        groups: int64 [B], the row of `logs` that holds at each customer's moment.
        logs: float32 [T, I], logarithms of the popularity at some moments, -inf for nothing.
        lifts: float32 [V, I], what a segment adds to them.
        trust: how much of that counts.
    """

    items: Items
    places: NDArray[np.int32]
    segments: NDArray[np.int32]
    groups: NDArray[np.int64]
    logs: Scores
    lifts: Scores
    trust: np.float32

    def best(self, depth: int, allowed: Mask) -> tuple[Items, Scores]:
        """See `Scoreboard.best`."""
        logs = _log_scores(self.segments, self.groups, self.logs, self.lifts, self.trust)
        return _best(self.items, logs, depth, allowed)

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`; where nothing else is asked, nothing is worked out for the other items."""
        return _at(self.places, self.segments, self.groups, self.logs, self.lifts, self.trust, items)


@compiled
def _log_scores(
    segments: NDArray[np.int32], groups: NDArray[np.int64], logs: Scores, lifts: Scores, trust: np.float32
) -> Scores:
    """Return the logarithms of every item's score, float32 [B, I], -inf for nothing."""
    found = np.full((len(segments), logs.shape[1]), np.float32(-np.inf), np.float32)
    for row in range(len(segments)):
        line, known = found[row], False
        for segment in segments[row]:
            if segment < 0:
                continue
            lift = lifts[segment]
            if known:
                for place in range(len(line)):
                    line[place] += trust * lift[place]
            else:
                start = logs[groups[row]]
                for place in range(len(line)):
                    line[place] = start[place] + trust * lift[place]
                known = True
    return found


@compiled
def _best(items: Items, logs: Scores, depth: int, allowed: Mask) -> tuple[Items, Scores]:
    chosen = np.zeros((len(logs), depth), np.int32)
    scores = np.full((len(logs), depth), np.float32(-np.inf), np.float32)
    things, own = np.empty(len(items), np.int32), np.empty(len(items), np.float32)
    for row in range(len(logs)):
        size = 0
        for place in range(len(items)):
            if logs[row, place] > np.float32(-np.inf) and allowed[row, items[place]]:
                things[size], own[size] = items[place], logs[row, place]
                size += 1
        best = best_places(things[:size], own[:size], depth)
        for rank in range(len(best)):
            chosen[row, rank], scores[row, rank] = things[best[rank]], np.exp(own[best[rank]])
    return chosen, scores


@compiled
def _at(
    places: NDArray[np.int32],
    segments: NDArray[np.int32],
    groups: NDArray[np.int64],
    logs: Scores,
    lifts: Scores,
    trust: np.float32,
    items: Items,
) -> Scores:
    found = np.zeros(items.shape, np.float32)
    for row in range(len(items)):
        if not (segments[row] >= 0).any():
            continue
        for column in range(items.shape[1]):
            place = places[items[row, column]]
            if place < 0:
                continue
            log = logs[groups[row], place]
            for segment in segments[row]:
                if segment >= 0:
                    log += trust * lifts[segment, place]
            found[row, column] = np.exp(log)
    return found
