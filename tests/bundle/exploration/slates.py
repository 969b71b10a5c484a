"""Choices made by hand, and many lists drawn from them."""

from collections import Counter

import numpy as np
from scipy.stats import chi2

from shortlist_bundle.diversity.rules import Rules, no_rules
from shortlist_bundle.exploration.exploration_policy import Choices, anything


def choices_of(relevance, *, queue=None, rules=None, features=None):
    """Return choices whose queue is the order of the scores unless another is given."""
    relevance = np.asarray(relevance, np.float64)
    order = np.argsort(-relevance, kind="stable") if queue is None else np.asarray(queue, np.int64)
    return Choices(
        queue=order,
        relevance=relevance,
        rules=fresh(rules or no_rules(len(relevance))),
        features=np.zeros((0, 0)) if features is None else np.asarray(features, np.float64),
    )


def fresh(rules):
    """Return a copy: a draw uses the room up."""
    return Rules(rules.offsets, rules.groups, rules.room.copy(), rules.reserved)


def slots(k, *explored):
    mask = np.zeros(k, np.bool_)
    mask[list(explored) or slice(None)] = True
    return mask


def many(policy, wanted, count, explored, *, seed, **choices):
    """Return the places and propensities of `count` lists."""
    generator, k, own = np.random.default_rng(seed), len(explored), choices_of(**choices)
    places, propensities = np.empty((count, k), np.int64), np.empty((count, k))
    room, nobody = own.rules.room.copy(), anything(k)
    for row in range(count):
        own.rules.room[:] = room
        draw = policy(own, wanted, explored, nobody, generator)
        places[row], propensities[row] = draw.places, draw.propensities
    return places, propensities


def misfit(places, propensities):
    """Return how probable so bad a fit of lists to what was logged of them is, by chi-squared over whole lists.

    A list's probability is the product of the propensities of its items; rare lists are taken together.
    """
    seen = Counter(map(tuple, places.tolist()))
    logged = dict(zip(map(tuple, places.tolist()), propensities.prod(axis=1), strict=True))
    count = len(places)
    expected = {one: count * logged[one] for one in seen}
    often = [one for one in seen if expected[one] >= 5.0]
    rest_seen = count - sum(seen[one] for one in often)
    rest_expected = count - sum(expected[one] for one in often)
    statistic = sum((seen[one] - expected[one]) ** 2 / expected[one] for one in often)
    freedom = len(often) - 1
    if rest_expected > 5.0:
        statistic += (rest_seen - rest_expected) ** 2 / rest_expected
        freedom += 1
    return float(chi2.sf(statistic, max(freedom, 1)))
