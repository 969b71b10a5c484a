"""What the two-tower learns from, batch by batch: moments drawn at random, their histories, targets and negatives."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories
from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.moments import find_moments
from shortlist_training.fitting.rounds import batch_size
from shortlist_training.models.losses import NEVER

PASSES_PER_ROUND = 8
"""At most so many passes over a small log make a round: what teaches is the number of steps, not of passes."""
SORTED_BATCHES = 32
"""So many batches of a random order are sorted by the length of their histories."""
WIDTH_STEP = 20
"""Histories of one batch are padded to a multiple of this."""

Batch = tuple[NDArray[np.generic], ...]


class MomentBatches:
    """Draws the batches of a fit.

    Args:
        dataset: the log.
        config: of the model.
        limits: int64 [M + 1], events of each customer that the fit may see.
        whole: whether the loss runs over the whole catalogue; else every batch has samples with it.
        seed: of the order of examples and of the negatives.
    """

    def __init__(
        self, dataset: Dataset, config: TwoTowerConfig, *, limits: NDArray[np.int64], whole: bool, seed: int
    ) -> None:
        self.dataset, self.config, self.whole, self.seed = dataset, config, whole, seed
        self.moments = find_moments(dataset, limits, targets=config.targets)
        events = dataset.events
        visible = events.items[np.arange(len(events.items)) - events.offsets[events.owners] < limits[events.owners]]
        self.takings = np.bincount(visible, minlength=dataset.item_rows).astype(np.float64)
        self.share = self.takings / max(self.takings.sum(), 1.0)
        self._place = np.zeros(dataset.item_rows, np.int32)
        self.taken = 1 + np.flatnonzero(self.takings[1:])
        self.repeated = _repeated(events, dataset.item_rows)

    @property
    def examples_per_round(self) -> int:
        """Examples in one round: a small log is gone through several times, a large one in parts."""
        moments, config = len(self.moments.positions), self.config
        wanted = max(config.examples_per_round, min(moments // 2, config.largest_round))
        return min(PASSES_PER_ROUND * moments, wanted)

    def draw(self, number: int) -> Iterator[tuple[NDArray[np.generic], ...]]:
        """Yield one round's batches: customers, events, histories, targets, weights (and items and samples)."""
        random = np.random.default_rng([self.seed, number])
        passes = -(-self.examples_per_round // max(len(self.moments.positions), 1))
        order = np.concatenate([random.permutation(len(self.moments.positions)) for _ in range(max(passes, 1))])
        order = order[: self.examples_per_round]
        size = batch_size(len(order), self.config.batch_size)
        for chosen in self._alike(order, size, random):
            batch = self._batch(chosen, random)
            yield batch if self.whole else self._sampled(batch, random)

    def _alike(self, order: NDArray[np.int64], size: int, random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        """Yield full batches of moments whose histories are about as long, so that little of a batch is padding.

        Within every few batches of the random order the moments are sorted by length, and the batches shuffled. Not
        so in a small log, whose every moment comes several times: a batch would be one moment many times over.
        """
        block_size = size * SORTED_BATCHES
        lengths = self._lengths(order) if len(self.moments.positions) >= block_size else np.zeros(len(order), np.int64)
        for start in range(0, len(order) - size + 1, block_size):
            block = order[start : start + block_size]
            block = block[np.argsort(lengths[start : start + block_size], kind="stable")]
            for batch in random.permutation(len(block) // size):
                yield block[batch * size : (batch + 1) * size]

    def _lengths(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many events the history before each moment has, at most as many as are read."""
        before = self.moments.positions[chosen] - self.dataset.events.offsets[self.moments.customers[chosen]]
        return np.minimum(before, self.config.history_length)

    def _batch(self, chosen: NDArray[np.int64], random: np.random.Generator) -> tuple[NDArray[np.generic], ...]:
        events, width = self.dataset.events, self.config.targets
        customers, first, stops = (
            self.moments.customers[chosen],
            self.moments.positions[chosen],
            self.moments.stops[chosen],
        )
        # A large order is asked for by a random run of its items, another one in the next round.
        spare = np.maximum(stops - first - width, 0)
        begin = first + random.integers(0, spare + 1)
        index = begin[:, None] + np.arange(width)
        inside = index < stops[:, None]
        index = np.minimum(index, len(events.items) - 1)
        targets = np.where(inside, events.items[index], 0)
        weights = np.where(self.repeated[index], self.config.repeat_weight, 1.0) * events.strengths[index]
        weights *= inside & (targets > 0)
        # A few widths only: each is traced anew.
        longest = max(int(self._lengths(chosen).max(initial=0)), 1)
        width = min(-(-longest // WIDTH_STEP) * WIDTH_STEP, self.config.history_length)
        history = self._history(customers, first, width)
        return customers.astype(np.int32), first, history, targets.astype(np.int32), weights.astype(np.float32)

    def _history(self, customers: NDArray[np.int64], stops: NDArray[np.int64], width: int) -> NDArray[np.int32]:
        events = self.dataset.events
        index = stops[:, None] - 1 - np.arange(width)
        present = index >= events.offsets[customers][:, None]
        return np.where(present, events.items[np.maximum(index, 0)], 0).astype(np.int32)

    def _sampled(
        self, batch: tuple[NDArray[np.generic], ...], random: np.random.Generator
    ) -> tuple[NDArray[np.generic], ...]:
        """Add negatives to a batch, and name its items by their place among those that occur in it."""
        customers, events, history, targets, weights = batch
        sampled, log_expected = self._samples(targets, weights, random)
        # Most items of a batch occur in it many times over; the item tower is to encode each once.
        rows = np.unique(
            np.concatenate([np.zeros(1, np.int32), *(part.ravel() for part in (history, targets, sampled))])
        )
        # Never cleared, and read only where it was just written: clearing it would take as long as there are items.
        place = self._place
        place[rows] = np.arange(len(rows), dtype=np.int32)
        return customers, events, place[history], place[targets], weights, rows, place[sampled], log_expected

    def _samples(
        self, targets: NDArray[np.generic], weights: NDArray[np.generic], random: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Draw negatives: the batch's own targets, and any items that somebody has taken."""
        own = random.permutation(targets[weights.astype(np.bool_)])[: self.config.negatives]
        uniform = self.taken[random.integers(0, len(self.taken), self.config.negatives)]
        rows = np.concatenate([own, uniform]).astype(np.int32)
        expected = len(own) * self.share[rows] + len(uniform) / len(self.taken)
        # Fixed width, so that one traced step serves every batch.
        padding = 2 * self.config.negatives - len(rows)
        rows = np.concatenate([rows, np.zeros(padding, np.int32)])
        log_expected = np.concatenate([np.log(expected), np.full(padding, -NEVER)])
        return rows, log_expected.astype(np.float32)


def _repeated(events: Histories, width: int) -> NDArray[np.bool_]:
    """Return which events repeat an earlier one of the same customer, bool [E]."""
    keys = events.owners * width + events.items
    repeated = np.ones(len(keys), np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated
