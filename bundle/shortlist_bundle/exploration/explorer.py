"""Finished lists -> lists of which some places are drawn, each item with its propensity.

Exploration comes last, after the list was varied: then the propensity of an item given those above it is a matter of
one draw. Were lists varied after it, a propensity would be a sum over all draws that a greedy pick leads to one list.
Caps and quotas bind the draws as they bind the pick. See docs/decisions/0030.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.method import standardised
from shortlist_bundle.diversity.rules import Rules
from shortlist_bundle.engine import Ranked
from shortlist_bundle.exploration.boltzmann import Boltzmann
from shortlist_bundle.exploration.epsilon_greedy import EpsilonGreedy
from shortlist_bundle.exploration.exploration_policy import Choices, ExplorationPolicy, anything
from shortlist_bundle.exploration.linucb import LinUcb
from shortlist_bundle.exploration.no_exploration import NoExploration
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.exploration.thompson import Thompson
from shortlist_bundle.towers.layers import Float

RulesOf = Callable[[int], Rules]
"""Row of the batch -> the fresh rules of its list."""
FeaturesOf = Callable[[int, int], NDArray[np.float64]]
"""Row of the batch, and how many candidates it has -> the head's features of these, float64 [K, F]."""
NO_FEATURES = np.zeros((0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """B lists of k.

    Attributes:
        ranked: the lists; an item keeps its own score.
        propensities: float64 [B, k], see `Draw`; 0 where there is no item.
        errors: float64 [B, k].
        features: each list's, float64 [k, F], as the head saw its items; none for policies without one.
        customers: float32 [B, D + 1], the customers' vectors that the features were made of; None likewise.
    """

    ranked: Ranked
    propensities: NDArray[np.float64]
    errors: NDArray[np.float64]
    features: tuple[NDArray[np.float64], ...] = ()
    customers: Float | None = None


def policy_of(wanted: Exploration, posterior: Posterior | None) -> ExplorationPolicy:
    """Return the policy of a name.

    Raises:
        ValueError: It learns, and there is no posterior.
    """
    plain: dict[str, ExplorationPolicy] = {
        "none": NoExploration(), "epsilon_greedy": EpsilonGreedy(), "boltzmann": Boltzmann()
    }  # fmt: skip
    if wanted.policy in plain:
        return plain[wanted.policy]
    if posterior is None:
        raise ValueError(f"{wanted.policy} needs a posterior")
    return Thompson(posterior) if wanted.policy == "thompson" else LinUcb(posterior)


def explore(
    pool: Ranked,
    listed: Ranked,
    wanted: Exploration,
    k: int,
    *,
    policy: ExplorationPolicy,
    generators: Sequence[np.random.Generator],
    rules: RulesOf,
    features: FeaturesOf | None = None,
) -> Explored:
    """Return the lists with their explored places drawn from the candidates.

    Args:
        pool: B customers' candidates, best first, as many as there are.
        listed: their lists as they would be shown otherwise, from these candidates.
        wanted: what is drawn.
        k: length of the lists.
        policy: draws.
        generators: one for each customer.
        rules: of the lists.
        features: of the candidates, for policies that need them.
    """
    places = np.full((len(pool.items), k), -1, np.int64)
    propensities, errors = np.zeros(places.shape), np.zeros(places.shape)
    seen: list[NDArray[np.float64]] = []
    for row, generator in enumerate(generators):
        count = int(np.count_nonzero(pool.items[row]))
        length = min(k, count)
        choices = Choices(
            queue=queue_of(pool.items[row, :count], listed.items[row]),
            relevance=standardised(pool.scores[row, :count]),
            rules=rules(row),
            features=features(row, count) if features else NO_FEATURES,
        )
        draw = policy(choices, wanted, explored_slots(wanted, length), anything(length), generator)
        places[row, :length], errors[row, :length] = draw.places, draw.errors
        propensities[row, :length] = draw.propensities
        if features:
            seen.append(choices.features[draw.places])
    return Explored(ranked=pool.at(places), propensities=propensities, errors=errors, features=tuple(seen))


def explored_slots(wanted: Exploration, length: int) -> NDArray[np.bool_]:
    """Return which slots of a list are drawn, bool [length]."""
    explored = np.full(length, not wanted.slots)
    explored[[slot for slot in wanted.slots if slot < length]] = True
    return explored


def queue_of(pool: NDArray[np.int32], listed: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the places of K candidates in the order of a list, and after it those that are not in it, int64 [K].

    Args:
        pool: int32 [K], item rows, best first.
        listed: int32 [k], item rows of the list; 0 for none.
    """
    if np.array_equal(pool[: len(listed)], listed[: len(pool)]):
        return np.arange(len(pool))
    order = np.argsort(pool, kind="stable")
    own = listed[listed > 0]
    first = order[np.searchsorted(pool, own, sorter=order)]
    rest = np.ones(len(pool), np.bool_)
    rest[first] = False
    return np.concatenate([first, np.flatnonzero(rest)])
