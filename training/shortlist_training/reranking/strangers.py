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

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock

LENGTHS = (0, 0, 1, 2, 4, 8, 16)
"""Newest events that a stranger's request brings, each as often; none counts twice, for none is the hardest."""
FEWEST = 50
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
        self, batch: CustomerBatch, as_of: NDArray[np.float64], *, clock: Clock, encoder: FeatureEncoder
    ) -> CustomerBatch:
        """Return known customers as these strangers: without their id, and with a part of their history and features.

        Args:
            batch: R known customers.
            as_of: float64 [R], epoch seconds, when they ask.
            clock: of the log.
            encoder: of the customers' features.
        """
        lengths = batch.history.lengths
        history = batch.history.slice(np.arange(len(batch)), np.maximum(lengths - self.lengths, 0), lengths)
        return replace(
            batch,
            rows=np.zeros_like(batch.rows),
            features=_without(batch.features, encoder.empty(len(batch)), ~self.described),
            history=history,
            now=clock.moments(as_of, history),
        )


def _without(features: EncodedFeatures, empty: EncodedFeatures, hidden: NDArray[np.bool_]) -> EncodedFeatures:
    """Return the features, of the hidden rows as if nothing were known of them."""
    bags = {name: np.where(hidden[:, None], _wide(empty.bags[name], bag), bag) for name, bag in features.bags.items()}
    return EncodedFeatures(np.where(hidden[:, None], empty.numbers, features.numbers), bags)


def _wide(bag: NDArray[np.int32], like: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a bag padded or cut to another one's width; an empty row has at most one code."""
    return np.pad(bag, [(0, 0), (0, max(like.shape[1] - bag.shape[1], 0))])[:, : like.shape[1]]
