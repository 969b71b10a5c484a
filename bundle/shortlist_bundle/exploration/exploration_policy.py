"""What every exploration policy does."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.rules import Rules
from shortlist_bundle.exploration.settings import Exploration


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What one list may hold.

    Attributes:
        queue: int64 [K], the places of the candidates in the order in which they would be shown without exploration.
        relevance: float64 [K], standardised scores.
        rules: caps and quotas; drawn places keep them as all others do. Its room is used up by a draw.
        features: float64 [K, F], of the linear head; no rows for policies without one.
    """

    queue: NDArray[np.int64]
    relevance: NDArray[np.float64]
    rules: Rules
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One list of k.

    Attributes:
        places: int64 [k], of the candidates.
        propensities: float64 [k], in (0, 1]: with which probability the candidate came to its slot, given those above.
        errors: float64 [k], standard errors of the propensities; 0 where these are exact.
    """

    places: NDArray[np.int64]
    propensities: NDArray[np.float64]
    errors: NDArray[np.float64]


class ExplorationPolicy(Protocol):
    """Fills a list slot by slot, each from the candidates that remain and that the rules allow."""

    def __call__(
        self,
        choices: Choices,
        wanted: Exploration,
        explored: NDArray[np.bool_],
        shown: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> Draw:
        """Return a list.

        Args:
            choices: K candidates, at least k.
            wanted: strength and temperature.
            explored: bool [k], which slots are drawn.
            shown: int64 [k], candidates that stand in their slots already, so that only their propensities are asked
                for; -1 where one is to be drawn.
            generator: of all that is random.
        """
        ...


def anything(length: int) -> NDArray[np.int64]:
    """Return the `shown` of a list of which every slot is to be filled."""
    return np.full(length, -1, np.int64)
