"""Max-sum diversification: sets worked out by hand, and what holds for every set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelves import catalogue, listed, ranked, taken

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.rules import may_replace, no_rules
from shortlist_bundle.diversity.settings import Diversity, Quota
from shortlist_bundle.diversity.trade import BY_SHARES, DEFAULT_SCALE, LENGTH, Trade, shares

NOBODY = taken([])
# Items 1 to 3: 1 is half like both others, which share nothing. What comes after them only fills the columns.
CORNER = catalogue(kind=["a", "a", "b", "c", "c", "c"], brand=["x", "y", "x", "z", "z", "z"])
ITEMS = 24
SHOP = catalogue(shelf=[f"s{n % 5}" for n in range(ITEMS)], brand=[f"b{n // 6}" for n in range(ITEMS)])
VARIED = Diversifier(SHOP)


def of_scores(scale):
    """Return a trade in which a score is the chance."""
    return Trade(chances=lambda scores: scores.astype(np.float64), scale=scale)


def picked(shop, scores, weight, k, *, strength=0.5, **rest):
    """Return the list; the scale is such that distance has this weight at strength 0.5 in a list of this length."""
    wanted, trade = (
        Diversity(method="max_sum", strength=strength, **rest),
        of_scores(weight * LENGTH / min(k, len(scores))),
    )
    return listed(Diversifier(shop)(ranked(scores), NOBODY, wanted, k, trade=trade))


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        # Chances .9 and .8, distance 0: 1.7; with item 3 .9 + .5 and distance 1: 1.4 + scale.
        (0.29, [1, 2]),
        (0.31, [1, 3]),
        # 4 is as far as 3, and worse, whatever distance is worth.
        (100.0, [1, 3]),
    ],
)
def test_a_clone_goes_where_distance_is_worth_more_than_its_chance(scale, expected):
    shop = catalogue(kind=["a", "a", "b", "c", "c", "b"])
    assert picked(shop, {1: 0.9, 2: 0.8, 3: 0.5, 4: 0.4}, scale, 2) == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        # .50 + .45 + scale / 2 against .45 + .44 + scale: equal at .12. Greedy choice never lets go of item 1.
        (0.11, [1, 2]),
        (0.13, [2, 3]),
    ],
)
def test_a_swap_finds_what_greedy_choice_misses(scale, expected):
    assert picked(CORNER, {1: 0.50, 2: 0.45, 3: 0.44}, scale, 2) == expected


def test_what_strength_makes_of_the_scale():
    scores = {1: 0.50, 2: 0.45, 3: 0.44}
    # The weight is scale s / (1 - s), and the sets change at .12: with the scale 1 at s = 3 / 28.
    assert picked(CORNER, scores, 1.0, 2, strength=0.10) == [1, 2]
    assert picked(CORNER, scores, 1.0, 2, strength=0.11) == [2, 3]
    # Variety alone: no chance counts, however large.
    assert picked(CORNER, {1: 1e6, 2: 0.45, 3: 0.44}, 1e-3, 2, strength=1.0) == [2, 3]


def test_a_place_counts_alike_in_lists_of_every_length():
    """Twice the shop and twice the list, and every choice is the same."""
    shop = catalogue(kind=["a", "a", "b"] * 2 + ["c"] * 2, brand=["x", "x", "x", "y", "y", "y", "z", "z"])
    scores = {1: 0.9, 2: 0.8, 3: 0.5}
    double = {**scores, **{item + 3: score - 1e-3 for item, score in scores.items()}}
    for scale, expected in ((1.5, [1, 2]), (20.0, [1, 3])):
        wanted = Diversity(method="max_sum", strength=0.5)
        once, twice = (
            listed(Diversifier(shop)(ranked(one), NOBODY, wanted, k, trade=of_scores(scale)))
            for one, k in ((scores, 2), (double, 4))
        )
        assert once == expected
        assert sorted(twice) == sorted([*expected, *[item + 3 for item in expected]])


def test_a_list_of_one_or_of_everything():
    assert picked(CORNER, {1: 0.5, 2: 0.4}, 1.0, 1) == [1]
    assert picked(CORNER, {1: 0.5, 2: 0.4, 3: 0.1}, 1.0, 3) == [1, 2, 3]
    assert picked(CORNER, {2: 0.4}, 1.0, 5) == [2]


def test_a_swap_keeps_caps_and_quotas():
    scores = {1: 0.50, 2: 0.45, 3: 0.44}
    # Without rules it is 2 and 3; the quota keeps 1, and 3 would be a second x beside it.
    assert picked(CORNER, scores, 1.0, 2, quotas=(Quota(attribute="kind", value="a"),)) == [1, 2]
    assert picked(CORNER, scores, 1.0, 2, caps=(("brand", 1),)) == [2, 3]
    assert picked(CORNER, scores, 1.0, 2, caps=(("kind", 1),)) == [2, 3]
    kept = {"caps": (("brand", 1),), "quotas": (Quota(attribute="kind", value="a"),)}
    assert picked(CORNER, scores, 1.0, 2, **kept) == [1, 2]


def test_who_may_replace_whom():
    rules = no_rules(3)._replace(
        offsets=np.array([0, 1, 2, 3]), groups=np.array([0, 1, 1], np.int32), room=np.array([0, 0], np.int64)
    )
    # Both groups are full: only within one is there room for the other.
    assert may_replace(1, 2, rules)
    assert not may_replace(0, 2, rules)
    rules.room[1] = 1
    assert may_replace(0, 2, rules)
    rules.reserved[0] = True
    assert not may_replace(0, 2, rules)


SCORES = st.dictionaries(st.integers(1, ITEMS), st.integers(0, 40).map(lambda n: n / 40), min_size=1, max_size=ITEMS)
SCALES = st.sampled_from([0.01, 0.1, 0.5, 2.0, 20.0])
STRENGTHS = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
CAPS = st.dictionaries(st.sampled_from(["shelf", "brand"]), st.integers(1, 4), max_size=2)
QUOTAS = st.lists(
    st.builds(Quota, attribute=st.just("brand"), value=st.sampled_from(["b0", "b3"]), at_least=st.integers(1, 2)),
    max_size=2,
)


def value(scores, items, scale, strength):
    """Return what a set is worth, straight from its definition."""
    shelf, brand = (SHOP.attributes[name].codes[items] for name in ("shelf", "brand"))
    distances = 1 - ((shelf[:, None] == shelf) + 0.0 + (brand[:, None] == brand)) / 2
    pairs = len(items) * (len(items) - 1)
    mean = distances.sum() / pairs if pairs else 0.0
    return (1 - strength) * sum(np.float32(scores[item]) for item in items) + strength * scale * mean


def in_order(scores, items):
    return sorted(items, key=lambda item: (-scores[item], item))


@settings(max_examples=200)
@given(SCORES, SCALES, STRENGTHS, st.integers(1, 12))
def test_no_swap_is_left_that_would_bring_more(scores, scale, strength, k):
    found = picked(SHOP, scores, scale, k, strength=strength)
    worth = value(scores, found, scale, strength)
    for leaving in found:
        stay = [item for item in found if item != leaving]
        for coming in set(scores) - set(found):
            assert value(scores, [*stay, coming], scale, strength) <= worth + 1e-5


@settings(max_examples=200)
@given(SCORES, SCALES, STRENGTHS, CAPS, QUOTAS, st.integers(1, 12))
def test_a_set_is_never_worth_less_than_the_list_without_the_method(scores, scale, strength, caps, quotas, k):
    rules = {"caps": tuple(sorted(caps.items())), "quotas": tuple(quotas)}
    plain = listed(VARIED(ranked(scores), NOBODY, Diversity(**rules), k))
    found = picked(SHOP, scores, scale, k, strength=strength, **rules)
    assert value(scores, found, scale, strength) >= value(scores, plain, scale, strength) - 1e-6


@settings(max_examples=200)
@given(SCORES, SCALES, STRENGTHS.filter(bool), CAPS, QUOTAS, st.integers(1, 12))
def test_a_list_is_in_the_order_of_the_scores(scores, scale, strength, caps, quotas, k):
    found = picked(SHOP, scores, scale, k, strength=strength, caps=tuple(caps.items()), quotas=tuple(quotas))
    assert found == in_order(scores, found)
    assert len(set(found)) == min(k, len(scores))


@settings(max_examples=100)
@given(SCORES, SCALES, st.integers(1, 12))
def test_at_strength_0_nothing_moves(scores, scale, k):
    assert picked(SHOP, scores, scale, k, strength=0.0) == in_order(scores, scores)[:k]


def test_who_is_sure_keeps_the_list_and_who_is_not_gets_variety():
    """The trade is the same for everybody, and so a surer customer pays for no distance."""
    sure = {item: 0.9 - 0.04 * item for item in range(1, 11)}
    unsure = {item: score / 20 for item, score in sure.items()}
    assert picked(SHOP, sure, 0.2, 4) == [1, 2, 3, 4]
    assert picked(SHOP, unsure, 0.2, 4) != [1, 2, 3, 4]
    # By shares both have the same list, as only their scores' own spread counts.
    first, second = (
        listed(VARIED(ranked(one), NOBODY, Diversity(method="max_sum", strength=0.5), 4)) for one in (sure, unsure)
    )
    assert first == second


def test_serendipity_moves_the_set_and_its_order():
    scores = {item: 0.5 - 0.01 * item for item in range(1, 13)}
    # Whoever knows items 1 to 6 knows the brand b0 inside out; 7 to 12 are of another one.
    known, wanted = taken([1, 2, 3, 4, 5, 6]), Diversity(method="max_sum", strength=0.2, serendipity=0.9)
    found = listed(VARIED(ranked(scores), known, wanted, 4, trade=of_scores(0.1)))
    assert sum(item > 6 for item in found) > 2
    alone = listed(VARIED(ranked(scores), known, Diversity(serendipity=0.9), 12))
    assert found == [item for item in alone if item in found]


@settings(max_examples=100)
@given(st.lists(st.integers(-50, 50).map(lambda n: n / 8), max_size=60))
def test_shares_fall_with_the_scores_and_make_one_list(scores):
    found = shares(np.array(sorted(scores, reverse=True), np.float32))
    assert found.shape == (len(scores),)
    assert (np.diff(found) <= 0).all()
    assert not scores or found[:LENGTH].sum() == pytest.approx(1.0)
    np.testing.assert_allclose(found, shares(4 * np.array(sorted(scores, reverse=True), np.float32)))


def test_shares_by_hand():
    # Standardised: 1 and -1.
    np.testing.assert_allclose(shares(np.array([9.0, 5.0], np.float32)), np.exp([1, -1]) / np.exp([1, -1]).sum())
    np.testing.assert_allclose(shares(np.full(40, 3.0, np.float32)), 1 / LENGTH)
    assert (BY_SHARES.chances, BY_SHARES.scale) == (shares, DEFAULT_SCALE)
