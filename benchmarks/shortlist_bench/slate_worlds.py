"""Worlds in which a policy's reward is known exactly: few enough slates to count them all.

A customer of one of four kinds is shown three of five items, drawn by a softmax of scores without replacement. Every
probability (given the items above, marginal, of whole slates) is a sum over the 60 slates.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from shortlist_training.offpolicy.comparison import Comparison, Offers

KINDS, ITEMS, SLOTS = 4, 5, 3
SLATES = np.array(list(permutations(range(ITEMS), SLOTS)))
"""int [60, SLOTS]."""

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlatePolicy:
    """A softmax policy over slates.

    Attributes:
        given: float64 [KINDS, 60, SLOTS, ITEMS], of each item at a slot, given the items above it.
        whole: float64 [KINDS, 60].
        marginal: float64 [KINDS, SLOTS, ITEMS].
    """

    given: Probabilities
    whole: Probabilities
    marginal: Probabilities

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> "SlatePolicy":
        """Return the policy with these scores, float64 [KINDS, ITEMS]."""
        weights = np.exp(scores)[:, None, None, :]
        left = np.ones((1, len(SLATES), SLOTS, ITEMS))
        for slot in range(1, SLOTS):
            left[0, :, slot] = left[0, :, slot - 1]
            left[0, np.arange(len(SLATES)), slot, SLATES[:, slot - 1]] = 0.0
        given = weights * left / (weights * left).sum(axis=-1, keepdims=True)
        whole = _own(given).prod(axis=-1)
        marginal = np.zeros((KINDS, SLOTS, ITEMS))
        for slot in range(SLOTS):
            for item in range(ITEMS):
                marginal[:, slot, item] = whole[:, SLATES[:, slot] == item].sum(axis=1)
        return cls(given=given, whole=whole, marginal=marginal)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What customers do.

    Attributes:
        clicks: float64 [KINDS, 60, SLOTS], probability of a click on each item of a slate.
        logging, new: the policies.
    """

    clicks: Probabilities
    logging: SlatePolicy
    new: SlatePolicy

    @property
    def truth(self) -> float:
        """Expected clicks of a slate of the new policy."""
        return float((self.new.whole * self.clicks.sum(axis=-1)).sum() / KINDS)

    def log(self, count: int, generator: np.random.Generator) -> Comparison:
        """Draw so many impressions of the logging policy, beside the new one's probabilities."""
        kinds = generator.integers(0, KINDS, count)
        rows = (generator.random(count)[:, None] > self.logging.whole.cumsum(axis=1)[kinds]).sum(axis=1)
        rows = np.minimum(rows, len(SLATES) - 1)
        slots = np.arange(SLOTS)
        offered = self.new.given[kinds, rows]
        places, columns, items = np.nonzero(offered > 0)
        return Comparison(
            shown=np.ones((count, SLOTS), np.bool_),
            items=SLATES[rows],
            rewards=(generator.random((count, SLOTS)) < self.clicks[kinds, rows]).astype(np.float64),
            logged=_own(self.logging.given)[kinds, rows],
            new=_own(self.new.given)[kinds, rows],
            logged_marginal=self.logging.marginal[kinds[:, None], slots, SLATES[rows]],
            new_marginal=self.new.marginal[kinds[:, None], slots, SLATES[rows]],
            offers=Offers(
                slates=places, positions=columns, items=items, probabilities=offered[places, columns, items]
            ),
        )  # fmt: skip


def make_world(*, shift: float, cascade: bool, seed: int = 0) -> World:
    """Return a world.

    Args:
        shift: how far the new policy's scores lie from the logging one's, in the logging one's deviations.
        cascade: whether a click makes those below it rarer; without, an item's clicks depend on it and its slot alone.
        seed: of tastes and scores.
    """
    random = np.random.default_rng(seed)
    taste, scores = random.normal(size=(KINDS, ITEMS)), 0.5 * random.normal(size=(KINDS, ITEMS))
    alone = 1.0 / (1.0 + np.exp(1.5 - taste))
    base = alone[:, SLATES] / (1.0 + 0.3 * np.arange(SLOTS))
    clicks = base.copy()
    if cascade:
        for slot in range(1, SLOTS):
            clicks[:, :, slot] = base[:, :, slot] * (1.0 - 0.8 * alone[:, SLATES[:, slot - 1]]) ** 2
    return World(
        clicks=clicks, logging=SlatePolicy.of(scores), new=SlatePolicy.of(scores + shift * (0.5 * taste + 0.25))
    )


def _own(given: Probabilities) -> Probabilities:
    """Return the probability of each slate's own items, float64 [KINDS, 60, SLOTS]."""
    return np.take_along_axis(given, SLATES[None, :, :, None], axis=-1)[..., 0]
