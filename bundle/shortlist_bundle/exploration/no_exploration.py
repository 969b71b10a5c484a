"""No exploration: what would be shown anyway, with the probability 1."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.exploration.exploration_policy import Choices, Draw
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.exploration.uniform_mix import mix_with_uniform


class NoExploration:
    """See `ExplorationPolicy`; nothing is drawn. Judging a log needs it as a policy like any other."""

    def __call__(
        self,
        choices: Choices,
        wanted: Exploration,
        explored: NDArray[np.bool_],
        shown: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> Draw:
        """See `ExplorationPolicy`."""
        nothing = replace(wanted, strength=0.0)
        return mix_with_uniform(choices, choices.queue, nothing, np.zeros_like(explored), shown, generator)
