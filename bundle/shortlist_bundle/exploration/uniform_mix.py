"""A favourite most of the time, else any candidate: the loop of the policies that mix with a uniform draw."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.rules import Rules, take_place
from shortlist_bundle.exploration.exploration_policy import Choices, Draw
from shortlist_bundle.exploration.fitting import fill_fitting, first_of
from shortlist_bundle.exploration.settings import Exploration


def mix_with_uniform(
    choices: Choices,
    favourites: NDArray[np.int64],
    wanted: Exploration,
    explored: NDArray[np.bool_],
    shown: NDArray[np.int64],
    generator: np.random.Generator,
) -> Draw:
    """Fill the explored slots with the first of the favourites, or by `strength` uniformly; see `ExplorationPolicy`.

    Of n candidates that may come next each has the probability strength / n, and the favourite 1 - strength besides.

    Args:
        choices: K candidates.
        favourites: int64 [K], places in the order in which they are wanted in an explored slot.
        wanted: the strength.
        explored: bool [k], which slots are drawn.
        shown: int64 [k], see `ExplorationPolicy`.
        generator: of coins and dice.
    """
    dice = generator.random((2, len(explored)))
    places, propensities = _filled(
        choices.queue, favourites, choices.rules, wanted.strength, explored, shown, dice[0], dice[1]
    )
    return Draw(places=places, propensities=propensities, errors=np.zeros(len(places)))


@compiled
def _filled(
    queue: NDArray[np.int64],
    favourites: NDArray[np.int64],
    rules: Rules,
    strength: float,
    explored: NDArray[np.bool_],
    shown: NDArray[np.int64],
    coins: NDArray[np.float64],
    dice: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    k, count = len(explored), len(queue)
    places, propensities = np.empty(k, np.int64), np.empty(k)
    taken, fitting = np.zeros(count, np.bool_), np.empty(count, np.bool_)
    for slot in range(k):
        fill_fitting(rules, taken, k - slot, fitting)
        favourite, share = first_of(favourites if explored[slot] else queue, fitting), 0.0
        if explored[slot]:
            share = strength
        number = 0
        for place in range(count):
            number += fitting[place]
        chosen = favourite
        if coins[slot] < share:
            chosen = _nth(fitting, min(int(dice[slot] * number), number - 1))
        if shown[slot] >= 0:
            chosen = shown[slot]
        propensities[slot] = (1.0 - share) * (chosen == favourite) + share / number * fitting[chosen]
        places[slot] = chosen
        take_place(chosen, rules, taken)
    return places, propensities


@compiled
def _nth(fitting: NDArray[np.bool_], number: int) -> int:
    """Return the candidate that so many others of those that may come next stand before."""
    for place in range(len(fitting)):
        if fitting[place]:
            if number == 0:
                return place
            number -= 1
    return -1
