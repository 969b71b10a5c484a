"""LinUCB, mixed with a uniform draw: an explored slot has the candidate with the highest upper bound.

Li et al. 2010, https://arxiv.org/abs/1003.0146. The bound alone is deterministic: a log of it has no overlap with any
other policy, and nothing could be judged from it. So by `strength` any candidate is drawn instead.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.exploration.exploration_policy import Choices, Draw
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.exploration.uniform_mix import mix_with_uniform


class LinUcb:
    """See `ExplorationPolicy`; the bound is the mean plus `temperature` deviations. Propensities are exact.

    Args:
        posterior: of the head.
    """

    def __init__(self, posterior: Posterior) -> None:
        self._posterior = posterior

    def __call__(
        self,
        choices: Choices,
        wanted: Exploration,
        explored: NDArray[np.bool_],
        shown: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> Draw:
        """See `ExplorationPolicy`."""
        means = choices.features @ self._posterior.mean
        bounds = means + wanted.temperature * self._posterior.deviations(choices.features)
        favourites = np.argsort(-bounds, kind="stable")
        return mix_with_uniform(choices, favourites, wanted, explored, shown, generator)
