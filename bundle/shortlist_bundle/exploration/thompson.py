"""Thompson sampling: an explored slot has the candidate that is best under weights drawn from the posterior.

Thompson 1933, https://doi.org/10.1093/biomet/25.3-4.285; for linear heads Agrawal and Goyal 2013,
https://arxiv.org/abs/1209.3352. Each slot draws weights of its own, so that its propensity given the slots above is the
probability that the candidate is the best of those that remain. It has no closed form for more than two, and is counted
over further draws.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.rules import Rules, take_place
from shortlist_bundle.exploration.exploration_policy import Choices, Draw
from shortlist_bundle.exploration.fitting import fill_fitting, first_of, highest_of
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.settings import Exploration

DRAWS = 1_000


class Thompson:
    """See `ExplorationPolicy`; propensities have errors.

    The draw that decided is counted too: (1 + n) / (1 + draws). The mean of its inverse over lists in which the
    candidate was drawn is 1 / p times 1 - (1 - p)^(1 + draws), so that rewards weighted by it are unbiased, but for
    candidates that next to never come.

    Args:
        posterior: of the head.
        draws: how many a propensity is counted over, besides the one that decided.
    """

    def __init__(self, posterior: Posterior, *, draws: int = DRAWS) -> None:
        self._posterior = posterior
        self._draws = draws

    def __call__(
        self,
        choices: Choices,
        wanted: Exploration,
        explored: NDArray[np.bool_],
        shown: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> Draw:
        """See `ExplorationPolicy`."""
        deciding = int(explored.sum())
        weights = self._posterior.draws(deciding + self._draws, wanted.temperature, generator)
        values = weights @ choices.features.T
        places, propensities, errors = _drawn(
            choices.queue, choices.rules, wanted.strength, explored, shown, values[:deciding], values[deciding:],
            generator.random(len(explored)),
        )  # fmt: skip
        return Draw(places=places, propensities=propensities, errors=errors)


@compiled
def _drawn(
    queue: NDArray[np.int64],
    rules: Rules,
    strength: float,
    explored: NDArray[np.bool_],
    shown: NDArray[np.int64],
    deciding: NDArray[np.float64],
    counted: NDArray[np.float64],
    coins: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    k, count, used = len(explored), len(queue), 0
    places, propensities, errors = np.empty(k, np.int64), np.ones(k), np.zeros(k)
    taken, fitting = np.zeros(count, np.bool_), np.empty(count, np.bool_)
    for slot in range(k):
        fill_fitting(rules, taken, k - slot, fitting)
        usual = first_of(queue, fitting)
        chosen, share, drawn = usual, 0.0, -1
        if explored[slot]:
            share, drawn = strength, highest_of(deciding[used], fitting)
            chosen = drawn if coins[slot] < share else usual
            used += 1
        if shown[slot] >= 0:
            chosen = shown[slot]
        propensities[slot] = (1.0 - share) * (chosen == usual)
        if explored[slot]:
            chance = (_times_highest(chosen, counted, fitting) + (drawn == chosen)) / (len(counted) + 1.0)
            propensities[slot] += share * chance
            errors[slot] = share * np.sqrt(chance * (1.0 - chance) / (len(counted) + 1.0))
        places[slot] = chosen
        take_place(chosen, rules, taken)
    return places, propensities, errors


@compiled
def _times_highest(place: int, values: NDArray[np.float64], fitting: NDArray[np.bool_]) -> int:
    """Return in how many draws, float64 [draws, K], a candidate is the best of those that may come next."""
    if not fitting[place]:
        return 0
    times = 0
    for row in range(len(values)):
        best = True
        for other in range(len(fitting)):
            # Of equal ones the first is the best, as where it is decided.
            if fitting[other] and (
                values[row, other] > values[row, place] or (values[row, other] == values[row, place] and other < place)
            ):
                best = False
                break
        times += best
    return times
