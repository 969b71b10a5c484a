"""Boltzmann exploration: a slot has a candidate by the softmax of the scores of those that remain.

Drawn by the Gumbel trick: the candidates ordered by score / temperature + Gumbel noise are a draw without replacement
from the Plackett-Luce distribution (Yellott 1977, https://doi.org/10.1016/0022-2496(77)90026-8; Kool, van Hoof and
Welling 2019, https://arxiv.org/abs/1903.06059).
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.rules import Rules, take_place
from shortlist_bundle.exploration.exploration_policy import Choices, Draw
from shortlist_bundle.exploration.fitting import fill_fitting, first_of
from shortlist_bundle.exploration.settings import Exploration


class Boltzmann:
    """See `ExplorationPolicy`; scores are standardised, so a temperature means the same on every scale. Exact."""

    def __call__(
        self,
        choices: Choices,
        wanted: Exploration,
        explored: NDArray[np.bool_],
        shown: NDArray[np.int64],
        generator: np.random.Generator,
    ) -> Draw:
        """See `ExplorationPolicy`."""
        # One vector of noise draws a whole list as long as candidates only drop out; a second one is for the moment at
        # which the rules have to be given up, and candidates come back.
        noise = generator.gumbel(size=(2, len(choices.queue)))
        places, propensities = _drawn(
            choices.queue, choices.relevance, choices.rules, wanted.strength, wanted.temperature, explored, shown,
            noise, generator.random(len(explored)),
        )  # fmt: skip
        return Draw(places=places, propensities=propensities, errors=np.zeros(len(places)))


@compiled
def _drawn(
    queue: NDArray[np.int64],
    relevance: NDArray[np.float64],
    rules: Rules,
    strength: float,
    temperature: float,
    explored: NDArray[np.bool_],
    shown: NDArray[np.int64],
    noise: NDArray[np.float64],
    coins: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    k, count = len(explored), len(queue)
    places, propensities = np.empty(k, np.int64), np.ones(k)
    taken, fitting = np.zeros(count, np.bool_), np.empty(count, np.bool_)
    weights = np.zeros(count)
    for slot in range(k):
        own = noise[0] if fill_fitting(rules, taken, k - slot, fitting) else noise[1]
        usual = first_of(queue, fitting)
        chosen, share = usual, strength if explored[slot] else 0.0
        if explored[slot]:
            drawn, total = _softmax(relevance, temperature, fitting, own, weights)
            chosen = drawn if coins[slot] < share else usual
        if shown[slot] >= 0:
            chosen = shown[slot]
        propensities[slot] = (1.0 - share) * (chosen == usual)
        if explored[slot] and fitting[chosen]:
            propensities[slot] += share * weights[chosen] / total
        places[slot] = chosen
        take_place(chosen, rules, taken)
    return places, propensities


@compiled
def _softmax(
    relevance: NDArray[np.float64],
    temperature: float,
    fitting: NDArray[np.bool_],
    noise: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[int, float]:
    """Fill the weights of those that may come next; return the one that the noise lifts highest, and the weights' sum.

    Scores are taken relative to the highest of these, so that no temperature is too low: its weight is 1.
    """
    highest = -np.inf
    for place in range(len(relevance)):
        if fitting[place]:
            highest = max(highest, relevance[place])
    drawn, lifted, total = -1, 0.0, 0.0
    for place in range(len(relevance)):
        if fitting[place]:
            scaled = (relevance[place] - highest) / temperature
            weights[place] = np.exp(scaled)
            total += weights[place]
            if drawn < 0 or scaled + noise[place] > lifted:
                drawn, lifted = place, scaled + noise[place]
    return drawn, total
