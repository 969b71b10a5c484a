"""Stated needs together with varied lists and with weighted sources, asked of a real server over a socket."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import CATEGORIES, COMING, GONE, ITEMS, WORDS, category_of, customer_id, item_id

from shortlist_client import Direction, Diversity, Needs, Seen, Wish

over_a_socket = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Of the shop's items, n is of the category that n leaves when divided by 6, organic where 3 divides n, and tagged even,
# third or fifth where 2, 3 or 5 does; two of them cannot be had.
NUMBERS = {item_id(n): n for n in range(ITEMS)}
TO_BE_HAD = {n for n in range(ITEMS) if item_id(n) not in (GONE, COMING)}
TAGS = {"even": 2, "third": 3, "fifth": 5}
ANYBODY = [None, customer_id(4), customer_id(21)]
SOURCES = [
    {},
    {"knowledge": 1.0},
    {"knowledge": 2.0, "two_tower": 1.0},
    {"popularity": 1.0},
    {"own_past": 0.5, "knowledge": 0.1},
]
CHEAP = Wish("price", direction=Direction.LOWEST)
EGGS = Wish("category", wanted="egg")


def numbers(found):
    return [NUMBERS[item.item_id] for item in found]


def shown(found):
    return [(item.item_id, pytest.approx(item.score, abs=1e-5)) for item in found]


def meets(n, must):
    ((name, value),) = must.items()
    if name == "category":
        return WORDS[category_of(n)] in value
    return n % TAGS[value] == 0 if name == "tags" else (n % 3 == 0) is value


MUSTS = st.lists(
    st.sampled_from(
        [
            {"category": ["egg", "fish", "bread"]},
            {"category": ["egg"]},
            {"tags": "even"},
            {"tags": "fifth"},
            {"organic": True},
        ]
    ),
    max_size=3,
)
WISHES = st.lists(
    st.sampled_from([CHEAP, EGGS, Wish("tags", wanted="third", weight=3), Wish("price", near=5)]), max_size=2
)
QUOTAS = st.dictionaries(st.sampled_from(["egg", "fish", "apple"]), st.integers(1, 2), max_size=2)
DIVERSITIES = st.builds(
    lambda quotas, **rest: Diversity(quotas={"category": quotas} if quotas else {}, **rest),
    quotas=QUOTAS,
    method=st.sampled_from(["none", "mmr", "dpp", "calibration"]),
    caps=st.sampled_from([{}, {"category": 1}, {"category": 3}, {"category": 2, "tags": 4}]),
    serendipity=st.none() | st.just(0.4),
)


@over_a_socket
@given(
    st.sampled_from(ANYBODY), MUSTS, WISHES, DIVERSITIES, st.sampled_from(SOURCES), st.sampled_from([0.0, 0.5, 1.0]),
    st.integers(4, 20), st.booleans(),
)  # fmt: skip
def test_whatever_is_varied_musts_hold_and_k_items_come_back(
    shop_client, customer, musts, wishes, diversity, sources, weight, k, relax
):
    needs = Needs(musts=musts, wishes=wishes or [CHEAP], weight=weight, relax=relax)
    found = shop_client.recommend(
        customer, needs=needs, diversity=diversity, sources=sources, k=k, seen=Seen.INCLUDE, explain=True
    )
    codes = [one.code for one in found.fallbacks]
    given_up = found.relaxations[0].musts if "needs_relaxed" in codes else ()
    kept = [must for row, must in enumerate(musts) if row not in given_up]
    fitting = {n for n in TO_BE_HAD if all(meets(n, must) for must in kept)}
    got = numbers(found)
    assert set(got) <= fitting
    assert len(set(got)) == len(got) == min(k, len(fitting))
    assert ("needs_unmet" in codes) == (not fitting and not relax)
    # What the reply does not admit is kept.
    if "cap_exceeded" not in codes:
        assert all(_held(got, attribute) <= most for attribute, most in diversity.caps.items())
    asked = diversity.quotas.get("category", {})
    of = {word: sum(WORDS[category_of(n)] == word for n in got) for word in asked}
    assert ("quota_missed" in codes) == any(of[word] < least for word, least in asked.items())
    # And it admits only what cannot be helped.
    if not diversity.caps:
        able = {word: sum(WORDS[category_of(n)] == word for n in fitting) for word in asked}
        assert ("quota_missed" in codes) == any(able[word] < least for word, least in asked.items())
    assert all(len(item.wishes_met) == len(needs.wishes) for item in found)


def _held(got, attribute):
    """Return how many items of the list share one value of the attribute at most."""
    if attribute == "tags":
        return max((sum(n % size == 0 for n in got) for size in TAGS.values()), default=0)
    return max((sum(category_of(n) == category for n in got) for category in range(CATEGORIES)), default=0)


@pytest.mark.parametrize("customer", ANYBODY)
@pytest.mark.parametrize("sources", SOURCES)
@pytest.mark.parametrize("weight", [0.3, 1.0])
def test_rules_that_the_list_keeps_anyway_change_nothing(shop_client, customer, sources, weight):
    needs = Needs(musts=[{"tags": ["even", "fifth"]}], wishes=[EGGS, CHEAP], weight=weight)
    asked = {"needs": needs, "sources": sources, "k": 6, "explain": True}
    plain = shop_client.recommend(customer, **asked)
    there = WORDS[category_of(numbers(plain)[-1])]
    for diversity in (
        Diversity(caps={"category": 1_000}),
        Diversity(method="mmr", strength=0.0, caps={"tags": 1_000}),
        Diversity(quotas={"category": {there: 1}}),
    ):
        ruled = shop_client.recommend(customer, diversity=diversity, **asked)
        assert shown(ruled) == shown(plain)
        assert [item.sources for item in ruled] == [item.sources for item in plain]


def test_where_the_wishes_alone_decide_a_quota_gets_what_meets_them_best(shop_client):
    # Nothing is known of the customer, so their past proposes nothing and the list is all that there are candidates.
    asked = {"needs": Needs(wishes=[CHEAP], weight=1.0), "sources": {"own_past": 1.0}, "k": 4}
    missing = set(WORDS) - {WORDS[category_of(n)] for n in numbers(shop_client.recommend(**asked))}
    assert len(missing) >= 2
    for word in missing:
        cheapest = Needs(musts=[{"category": word}], wishes=[CHEAP])
        (best,) = shop_client.recommend(needs=cheapest, sources={"knowledge": 1.0}, k=1)
        found = shop_client.recommend(diversity=Diversity(quotas={"category": {word: 1}}), **asked)
        assert not found.fallbacks[1:], found.fallbacks
        assert best.item_id in found.item_ids


@pytest.mark.parametrize("customer", ANYBODY)
@pytest.mark.parametrize(("own", "other"), [(1.0, 2.0), (1.0, 5.0), (5.0, 0.5)])
def test_the_weight_of_knowledge_is_its_share_of_the_candidates(shop, shop_client, customer, own, other):
    budget = sum(shop.served.engine.depths[shop.served.policy.seen_allowed].values())
    sources = {"knowledge": own, "popularity": other}
    found = shop_client.recommend(customer, needs=Needs(wishes=[CHEAP]), sources=sources, k=budget, explain=True)
    shares = {name: math.ceil(budget * weight / (own + other)) for name, weight in sources.items()}
    # A share beyond the catalogue cannot be seen.
    seen = {name: share for name, share in shares.items() if share < len(TO_BE_HAD) - 1}
    assert seen
    for name, share in seen.items():
        ranks = [one.rank for item in found for one in item.reasons.sources if one.source == name]
        assert max(ranks) == share - 1


@pytest.mark.parametrize("customer", ANYBODY)
def test_a_source_of_weight_0_proposes_nothing(shop_client, customer):
    asked = {"needs": Needs(wishes=[CHEAP]), "k": 12}
    plain = shop_client.recommend(customer, **asked)
    assert any("knowledge" in item.sources for item in plain)
    without = shop_client.recommend(customer, sources={"knowledge": 0.0}, **asked)
    assert not any("knowledge" in item.sources for item in without)
    assert any(item.sources for item in without)
    alone = shop_client.recommend(customer, sources={"knowledge": 1.0, "popularity": 0.0}, **asked)
    assert {item.sources for item in alone} == {("knowledge",)}


@pytest.mark.parametrize("sources", SOURCES)
def test_only_the_ratio_of_weights_counts(shop_client, sources):
    asked = {"needs": Needs(musts=[{"organic": True}], wishes=[CHEAP]), "k": 8, "explain": True}
    twice = {name: 2 * weight for name, weight in sources.items()}
    found, other = (shop_client.recommend(customer_id(4), sources=one, **asked) for one in (sources, twice))
    assert shown(found) == shown(other)
    assert [item.sources for item in found] == [item.sources for item in other]


@pytest.mark.parametrize("sources", SOURCES)
@pytest.mark.parametrize("strength", [0.2, 1.0])
def test_a_batch_answers_as_each_alone(shop_client, sources, strength):
    needs = Needs(musts=[{"tags": ["even", "third"]}], wishes=[CHEAP, EGGS], relax=True)
    diversity = Diversity(method="mmr", strength=strength, caps={"category": 2}, quotas={"category": {"egg": 1}})
    asked = {"needs": needs, "sources": sources, "diversity": diversity, "k": 7}
    customers = [customer_id(n) for n in (4, 21, 9)] + ["nobody"]
    for customer, row in zip(customers, shop_client.recommend_batch(customers, **asked), strict=True):
        alone = shop_client.recommend(customer, **asked)
        assert shown(row.result()) == shown(alone)
        assert row.result().fallbacks == alone.fallbacks


def test_a_placement_varies_lists_of_stated_needs_too(shop_client):
    needs = Needs(musts=[{"tags": "even"}], wishes=[CHEAP], weight=0.8)
    found = shop_client.recommend(customer_id(4), needs=needs, k=9, placement="varied")
    assert _held(numbers(found), "category") == 3
    assert all(n % 2 == 0 for n in numbers(found))
    said = Diversity(method="mmr", strength=0.6, caps={"category": 3})
    assert shown(found) == shown(shop_client.recommend(customer_id(4), needs=needs, k=9, diversity=said))


def test_what_was_relaxed_is_varied_as_well(shop_client):
    # Nothing is of two categories; without the first must there are ten eggs, and the cap lets in two of them.
    needs = Needs(musts=[{"category": "fish"}, {"category": "egg"}, {"tags": "even"}], wishes=[CHEAP], relax=True)
    found = shop_client.recommend(needs=needs, diversity=Diversity(caps={"category": 2}), k=3)
    codes = [one.code for one in found.fallbacks]
    assert {"needs_relaxed", "cap_exceeded"} <= set(codes)
    assert len(found) == 3
    kept = [must for row, must in enumerate(needs.musts) if row not in found.relaxations[0].musts]
    assert all(meets(n, dict([next(iter(must.items()))])) for n in numbers(found) for must in kept)
