"""Customers as if nobody had seen them: what the scorer has to order lists by when a request is all there is.

The customers of a log have a past, and often none of them a short one. A scorer that learnt on these alone would guess
when a stranger asks. So some of its lists are asked for as a stranger would, by a request that brings few items or
none, with features or without: DropoutNet's way of learning to start cold (Volkovs, Yu and Poutanen 2017,
https://papers.nips.cc/paper/2017/hash/dbd22ba3bd0df8f385bdac3e9f8be207-Abstract.html).
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock

LENGTHS = (0, 0, 1, 2, 4, 8, 16)
"""Newest events that a stranger's request brings: each as often, but none twice as often."""
FEWEST = 20
"""In a small window at least so many of its customers ask as strangers, or all: a handful would teach nothing."""
DESCRIBED = 0.5
"""Share of strangers whose features the request brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """What the requests of R strangers bring.

    Attributes:
        lengths: int64 [R], newest events, or all where the customer has fewer.
        described: bool [R], whether features.
    """

    lengths: NDArray[np.int64]
    described: NDArray[np.bool_]

    @staticmethod
    def count(customers: int, share: float) -> int:
        """Return how many of a window's customers ask a second time, as strangers."""
        return min(max(int(np.ceil(share * customers)), FEWEST), customers) if share else 0

    @classmethod
    def draw(cls, count: int, random: np.random.Generator) -> Self:
        """Return `count` of them."""
        return cls(lengths=random.choice(LENGTHS, count), described=random.random(count) < DESCRIBED)

    def take(self, rows: slice) -> Self:
        """Return some of them."""
        return type(self)(lengths=self.lengths[rows], described=self.described[rows])

    def ask(
        self, batch: CustomerBatch, as_of: NDArray[np.float64], *, clock: Clock, features: EncodedFeatures
    ) -> CustomerBatch:
        """Return known customers as these strangers: without their id, and with a part of their history and features.

        Args:
            batch: R known customers.
            as_of: float64 [R], epoch seconds, when they ask.
            clock: of the log.
            features: of all customers, M + 1 rows; row 0 is somebody of whom nothing is known.
        """
        lengths = batch.history.lengths
        history = batch.history.slice(np.arange(len(batch)), np.maximum(lengths - self.lengths, 0), lengths)
        return replace(
            batch,
            rows=np.zeros_like(batch.rows),
            features=features.take(np.where(self.described, batch.rows, 0)),
            history=history,
            now=clock.moments(as_of, history),
        )
