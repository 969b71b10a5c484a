"""How the budget of candidates is shared among sources, and how that is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.documents import read_document, write_document
from shortlist_bundle.errors import DocumentError
from shortlist_bundle.policy import Placement, Policy
from shortlist_bundle.shares import PLACES_PER_ITEM, SourceShare, depths_of, shares_from_json, shares_to_json

LEARNT = {"item_cf": 20, "popularity": 4, "content": 0}
NAMES = st.text(min_size=1, max_size=5)
SHARES = st.dictionaries(NAMES, st.tuples(st.floats(0, 9), st.integers(0, 1000)), max_size=4).map(
    lambda found: tuple(SourceShare(source=name, weight=w, quota=q) for name, (w, q) in sorted(found.items()))
)


def depths(k=5, items=100, **shares):
    """Return the depths for name=(weight, quota)."""
    return depths_of(
        tuple(SourceShare(source=name, weight=weight, quota=quota) for name, (weight, quota) in shares.items()),
        LEARNT,
        k=k,
        items=items,
    )


def test_without_weights_the_learnt_depths_hold():
    assert depths() == LEARNT


def test_a_source_with_neither_weight_nor_quota_is_off():
    assert depths(item_cf=(0.0, 0)) == {name: depth for name, depth in LEARNT.items() if name != "item_cf"}


def test_a_quota_gives_places_beside_the_learnt_depths():
    assert PLACES_PER_ITEM == 5
    assert depths(content=(0.0, 2)) == {**LEARNT, "content": 10}
    assert depths(item_cf=(0.0, 2)) == LEARNT
    assert depths(knowledge=(0.0, 1)) == {**LEARNT, "knowledge": 5}
    assert depths(content=(0.0, 2), items=7)["content"] == 7


def test_weights_share_the_budget_and_quotas_come_on_top():
    assert depths(item_cf=(3.0, 0), popularity=(1.0, 0)) == {"item_cf": 18, "popularity": 6}
    assert depths(item_cf=(1.0, 0), content=(0.0, 2)) == {"item_cf": 24, "content": 10}
    assert depths(item_cf=(7.0, 0), content=(1.0, 2)) == {"item_cf": 21, "content": 10}
    assert depths(k=40, item_cf=(1.0, 1)) == {"item_cf": 40}


def test_the_heaviest_weights_are_shared_like_others():
    assert depths(item_cf=(1.5e308, 0), popularity=(0.5e308, 0)) == {"item_cf": 18, "popularity": 6}
    assert depths(item_cf=(1.5e308, 0), popularity=(1.0, 0)) == {"item_cf": 24, "popularity": 1}


@given(SHARES)
def test_shares_survive_the_way_out_and_in(shares):
    document = read_document(write_document(shares_to_json(shares), "d"), "d")
    assert shares_from_json(document, "d") == shares
    policy = Policy(seen_allowed=True, ranks_by_rating=False, placements={"home": Placement(sources=shares)})
    assert Policy.from_json(policy.to_json()) == policy


def test_a_placement_of_an_older_bundle_names_no_sources():
    assert Placement.from_json({"diversity": {"method": "mmr"}}, "p").sources == ()
    assert Placement().to_json() == {}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "d: must be a table of at most 32 sources"),
        ({str(n): 1.0 for n in range(33)}, "d: must be a table of at most 32 sources"),
        ({"content": "much"}, r"d\.content: must be a number of at least 0, is 'much'"),
        ({"content": True}, r"d\.content: must be a number of at least 0"),
        ({"content": -1.0}, r"d\.content: must be a number of at least 0"),
        ({"content": float("inf")}, r"d\.content: must be a number of at least 0"),
        ({"content": {"weight": float("nan")}}, r"d\.content\.weight: must be a number of at least 0"),
        ({"content": {"quota": -1}}, r"d\.content\.quota: must be a whole number from 0 to 1000"),
        ({"content": {"quota": 1.5}}, r"d\.content\.quota: must be a whole number from 0 to 1000"),
        ({"content": {"quota": 1001}}, r"d\.content\.quota: must be a whole number from 0 to 1000"),
        ({"content": {}}, r"d\.content: must be a weight, or a table of weight and quota"),
        ({"content": {"share": 1}}, r"d\.content: must be a weight, or a table of weight and quota"),
    ],
)
def test_what_cannot_be_meant_is_named(document, message):
    with pytest.raises(DocumentError, match=message):
        shares_from_json(document, "d")


def test_placements_that_name_unknown_sources_are_told():
    shares = shares_from_json({"content": 1.0, "knowledge": 1.0, "weather": {"quota": 2}}, "d")
    policy = Policy(seen_allowed=True, ranks_by_rating=False, placements={"home": Placement(sources=shares)})
    (found,) = policy.unknown_sources(["item_cf", "content"])
    assert found == (
        "home.sources.weather",
        "there is no source 'weather' here; there are item_cf, content, knowledge",
    )
