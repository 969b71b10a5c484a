"""What everybody takes: counts per item, and how they looked at a given moment of the log."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.scoreboard import SharedScores
from shortlist_bundle.state.batch import CustomerBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCounts:
    """Distinct takers and takings of each item over time, in equal buckets of the log.

    Attributes:
        edges: float64 [T + 1], epoch seconds of the buckets' borders; a single bucket for a log without times.
        cumulative: float32 [T + 1, N + 1], takings of each item before each border; further columns behind those of the
            items are room for more of them.
        repeats: float32 [N + 1], share of an item's takings by somebody who had taken it before.
        first_seen: float64 [N + 1], epoch seconds of its first taking (or availability).
    """

    edges: NDArray[np.float64]
    cumulative: NDArray[np.float32]
    repeats: NDArray[np.float32]
    first_seen: NDArray[np.float64]

    def border(self, now: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the last border that is not after each moment, int64 [B]: nothing after `now` is counted."""
        # Before the second border nothing is counted yet; at and after the last one everything is.
        return np.searchsorted(self.edges[1:], now, side="right")

    def before(self, borders: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the takings of every item before each border, float32 [G, N + 1]."""
        return self.cumulative[borders][..., : len(self.repeats)]

    def lately(self, borders: NDArray[np.integer], buckets: int) -> NDArray[np.float32]:
        """Return the takings of every item in the last `buckets` buckets before each border, float32 [G, N + 1]."""
        return self.before(borders) - self.before(np.maximum(np.asarray(borders) - buckets, 0))


class Popularity:
    """Recent takings, with all takings as the tie-breaker.

    Attributes:
        counts: takings over time.
        buckets: how many of the newest buckets count as recent; chosen on the tuning window.
    """

    name: ClassVar[str] = "popularity"

    def __init__(self, counts: ItemCounts, *, buckets: int) -> None:
        self.counts = counts
        self.buckets = buckets
        self._boards: dict[int, tuple[NDArray[np.float32], NDArray[np.int32]]] = {}

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SharedScores:
        """See `Source.scoreboard`: popularity as it looked at each customer's moment."""
        borders = self.counts.border(batch.now)
        if (borders == borders[:1]).all() and len(borders):
            # The usual case while serving: nothing of the size of the catalogue is copied.
            table, order = self._board(int(borders[0]))
            return SharedScores(groups=np.zeros(len(batch), np.int64), table=table[None], orders=order[None])
        borders, groups = np.unique(borders, return_inverse=True)
        tables, orders = zip(*(self._board(int(border)) for border in borders), strict=True)
        return SharedScores(groups=groups, table=np.stack(tables), orders=np.stack(orders))

    def settle(self) -> None:
        """Work out how popularity looks at the end of the log, which nearly every request asks for."""
        self._board(len(self.counts.edges) - 1)

    def grown(self, counts: ItemCounts) -> "Popularity":
        """Return the same source with items behind the others that nobody has taken; what was worked out is kept."""
        found = Popularity(counts, buckets=self.buckets)
        for border, (table, order) in list(self._boards.items()):
            rows = np.arange(len(table), len(counts.repeats), dtype=np.int32)
            # Nothing stands behind what nobody takes but what stands behind it in the catalogue.
            found._boards[border] = (
                np.concatenate([table, np.zeros(len(rows), np.float32)]), np.concatenate([order, rows]),
            )  # fmt: skip
        return found

    def _board(self, border: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        # The end of the log is asked for all the time, moments inside it only while training.
        if border not in self._boards:
            at = np.array([border])
            every = self.counts.before(at)[0]
            score = self.counts.lately(at, self.buckets)[0] + every / (1.0 + every.sum())
            order = np.lexsort((np.arange(1, len(score)), -score[1:])).astype(np.int32) + 1
            self._boards[border] = (score.astype(np.float32), order)
        return self._boards[border]
