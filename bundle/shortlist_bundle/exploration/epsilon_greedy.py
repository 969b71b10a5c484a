"""Epsilon-greedy: mostly what would be shown anyway, else any candidate (Sutton and Barto 2018, section 2.2).

http://incompleteideas.net/book/the-book-2nd.html
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.exploration.exploration_policy import Choices, Draw
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.exploration.uniform_mix import mix_with_uniform


class EpsilonGreedy:
    """See `ExplorationPolicy`; epsilon is the strength. Propensities are exact."""

    def __call__(
        self,
        choices: Choices,
        wanted: Exploration,
        explored: NDArray[np.bool_],
        shown: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> Draw:
        """See `ExplorationPolicy`."""
        return mix_with_uniform(choices, choices.queue, wanted, explored, shown, generator)
