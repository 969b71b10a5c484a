"""What holds for every method, every list and every setting."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shelves import catalogue, categories, listed, ranked, taken

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.rules import no_rules
from shortlist_bundle.diversity.settings import Diversity, Quota
from shortlist_bundle.diversity.trade import BY_SHARES

ITEMS = 24
SHOP = catalogue(
    shelf=[f"s{n % 5}" if n % 7 else None for n in range(ITEMS)],
    brand=[f"b{n // 6}" for n in range(ITEMS)],
    tags=categories([[f"t{n % 2}", f"t{n % 3}"][: n % 3] for n in range(ITEMS)]),
)
VARIED = Diversifier(SHOP)
SHARES = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
METHODS = st.sampled_from(["mmr", "dpp", "calibration", "max_sum"])
CAPS = st.dictionaries(st.sampled_from(["shelf", "brand"]), st.integers(1, 4), max_size=2)
QUOTAS = st.lists(
    st.builds(
        Quota,
        attribute=st.just("brand"),
        value=st.sampled_from(["b0", "b3", "none such"]),
        at_least=st.integers(1, 2),
    ),
    max_size=2,
)
# Scores of a grid: equal ones are equal, and others are no rounding apart.
SCORES = st.dictionaries(st.integers(1, ITEMS), st.integers(-20, 20).map(lambda n: n / 4), max_size=ITEMS)
HISTORY = st.lists(st.integers(0, ITEMS), max_size=8)
WANTED = st.builds(
    lambda caps, quotas, **rest: Diversity(caps=tuple(sorted(caps.items())), quotas=tuple(quotas), **rest),
    method=METHODS,
    strength=SHARES,
    serendipity=SHARES,
    caps=CAPS,
    quotas=QUOTAS,
)


def by_score(scores, k):
    return sorted(scores, key=lambda item: (-scores[item], item))[:k]


def picked(scores, history, wanted, k):
    return listed(VARIED(ranked(scores), taken(history), wanted, k)) if scores else []


@settings(max_examples=200)
@given(SCORES, HISTORY, METHODS, st.integers(1, 30))
def test_at_strength_0_a_list_is_the_order_of_scores(scores, history, method, k):
    assert picked(scores, history, Diversity(method=method, strength=0.0), k) == by_score(scores, k)


@settings(max_examples=200)
@given(SCORES, HISTORY, METHODS, st.integers(1, 30))
def test_each_method_alone_at_strength_0_is_the_order_of_scores(scores, history, method, k):
    """Through the method's own loop, which a strength of 0 never reaches from outside."""
    if scores:
        pool, rules = VARIED._pool(ranked(scores), taken(history), 0, BY_SHARES), no_rules(len(scores))
        loop = VARIED._method(Diversity(method=method, strength=0.5), BY_SHARES)
        places = loop(pool, rules, strength=0.0, k=min(k, len(scores)))
        assert pool.items[places].tolist() == by_score(scores, k)


@settings(max_examples=300)
@given(SCORES, HISTORY, WANTED, st.integers(1, 30))
def test_there_are_always_k_different_candidates(scores, history, wanted, k):
    found = picked(scores, history, wanted, k)
    assert len(found) == min(k, len(scores))
    assert len(set(found)) == len(found)
    assert set(found) <= set(scores)


@settings(max_examples=300)
@given(SCORES, HISTORY, WANTED, st.integers(1, 12), st.sampled_from(["shelf", "brand"]), st.integers(1, 4))
def test_a_cap_is_never_exceeded_while_it_can_be_kept(scores, history, wanted, k, name, most):
    wanted = replace(wanted, caps=((name, most),), quotas=())
    found = picked(scores, history, wanted, k)
    codes = SHOP.attributes[name].codes
    capacity = sum(
        min(int(count), most) if code else int(count) for code, count in enumerate(np.bincount(codes[list(scores)]))
    )
    largest = max((found_in for code, found_in in enumerate(np.bincount(codes[found])) if code), default=0)
    if capacity >= min(k, len(scores)):
        assert largest <= most
    assert ("cap_exceeded" in VARIED.broken(wanted, np.array(found, np.int32))) == (largest > most)


@settings(max_examples=200)
@given(SCORES, HISTORY, WANTED, st.integers(1, 12), st.integers(1, 3))
def test_a_quota_is_met_whenever_the_candidates_have_the_items(scores, history, wanted, k, at_least):
    wanted = replace(wanted, caps=(), quotas=(Quota(attribute="brand", value="b0", at_least=at_least),))
    found = picked(scores, history, wanted, k)
    mine = set(np.flatnonzero(SHOP.attributes["brand"].equals("b0")))
    assert len(mine & set(found)) >= min(at_least, k, len(mine & set(scores)))


@settings(max_examples=200)
@given(SCORES, HISTORY, WANTED, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(scores, history, wanted, k, random):
    shuffled = list(scores.items())
    random.shuffle(shuffled)
    assert picked(dict(shuffled), history, wanted, k) == picked(scores, history, wanted, k)


@settings(max_examples=200)
@given(SCORES, HISTORY, WANTED, st.integers(1, 12), st.sampled_from([0.25, 4.0, 64.0]))
def test_a_strength_means_the_same_on_every_scale(scores, history, wanted, k, factor):
    rescaled = {item: factor * score for item, score in scores.items()}
    assert picked(rescaled, history, wanted, k) == picked(scores, history, wanted, k)


@settings(max_examples=100)
@given(st.lists(st.tuples(SCORES.filter(bool), HISTORY), min_size=1, max_size=5), WANTED, st.integers(1, 12))
def test_a_list_is_the_same_alone_and_in_a_batch(rows, wanted, k):
    together = VARIED(ranked(*[scores for scores, _ in rows]), taken(*[history for _, history in rows]), wanted, k)
    for row, (scores, history) in enumerate(rows):
        assert listed(together, row) == picked(scores, history, wanted, k)


@given(METHODS, SHARES, SHARES)
def test_who_has_no_candidates_gets_an_empty_list(method, strength, serendipity):
    wanted = Diversity(method=method, strength=strength, serendipity=serendipity)
    found = VARIED(ranked({}, {3: 0.5}), taken([1], [1]), wanted, 4)
    assert (listed(found, 0), listed(found, 1)) == ([], [3])
