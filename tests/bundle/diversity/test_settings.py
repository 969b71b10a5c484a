"""Settings as they stand in a bundle and in a user's file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.diversity.settings import STRENGTHS, Diversity, Quota
from shortlist_bundle.documents import read_document, write_document
from shortlist_bundle.errors import DocumentError
from shortlist_bundle.policy import Placement, Policy

NAMES = st.text(min_size=1, max_size=5)
DIVERSITIES = st.builds(
    Diversity,
    method=st.sampled_from(sorted(STRENGTHS)),
    strength=st.floats(0, 1),
    serendipity=st.floats(0, 1),
    caps=st.dictionaries(NAMES, st.integers(1, 1000), max_size=3).map(lambda caps: tuple(sorted(caps.items()))),
    quotas=st.lists(st.builds(Quota, attribute=NAMES, value=NAMES, at_least=st.integers(1, 1000)), max_size=3).map(
        tuple
    ),
    calibrate=st.text(max_size=5),
)


@given(DIVERSITIES)
def test_settings_survive_the_way_out_and_in(diversity):
    document = read_document(write_document(diversity.to_json(), "d"), "d")
    assert Diversity.from_json(document, "d") == diversity


@given(st.dictionaries(NAMES, DIVERSITIES.map(lambda one: Placement(diversity=one)), max_size=3))
def test_a_policy_survives_the_way_out_and_in(placements):
    policy = Policy(seen_allowed=True, ranks_by_rating=False, placements=placements)
    assert "default" in policy.placements
    assert Policy.from_json(read_document(write_document(policy.to_json(), "p"), "p")) == policy


@given(st.dictionaries(st.booleans(), st.floats(0, 1e6, exclude_min=True)))
def test_what_variety_may_cost_survives_the_way_out_and_in(scales):
    policy = Policy(seen_allowed=True, ranks_by_rating=False, max_sum_scales=scales)
    assert Policy.from_json(read_document(write_document(policy.to_json(), "p"), "p")) == policy


@pytest.mark.parametrize("scale", [0, -1.0, True, "much", None])
def test_a_scale_that_is_no_price_is_refused_by_its_name(scale):
    document = {"seen_allowed": True, "ranks_by_rating": False, "max_sum_scales": {"unseen_only": scale}}
    with pytest.raises(DocumentError, match=r"policy\.max_sum_scales\.unseen_only: must be a number above 0"):
        Policy.from_json(document)


def test_a_bundle_without_placements_has_the_default_one():
    policy = Policy.from_json({"seen_allowed": True, "ranks_by_rating": False})
    assert policy.max_sum_scales == {}
    assert "max_sum_scales" not in policy.to_json()
    assert policy.placements == {"default": Placement()}
    assert not policy.placements["default"].diversity.active


def test_what_is_left_out_has_its_default():
    assert Diversity.from_json({}, "d") == Diversity()
    assert Diversity.from_json({"method": "mmr"}, "d") == Diversity(method="mmr", strength=STRENGTHS["mmr"])
    assert Diversity().to_json() == {}
    # A strength of 0 is said, because left out it would be the method's own.
    assert Diversity(method="mmr").to_json() == {"method": "mmr", "strength": 0.0}
    some = {"method": "dpp", "caps": {"b": 2, "a": 1}, "quotas": [{"attribute": "x", "value": "y"}]}
    assert Diversity.from_json(some, "d") == Diversity(
        method="dpp", strength=STRENGTHS["dpp"], caps=(("a", 1), ("b", 2)), quotas=(Quota(attribute="x", value="y"),)
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "d: must be a table"),
        ({"methd": "mmr"}, "d: has no setting 'methd'; there are method, strength"),
        ({"method": "magic"}, "d.method: must be one of none, mmr, dpp, calibration, max_sum, is 'magic'"),
        ({"method": 3}, "d.method: must be a text"),
        ({"strength": 1.5}, "d.strength: must be a number from 0 to 1"),
        ({"strength": float("nan")}, "d.strength: must be a number from 0 to 1"),
        ({"strength": True}, "d.strength: must be a number from 0 to 1"),
        ({"serendipity": -0.1}, "d.serendipity: must be"),
        ({"caps": {"kind": 0}}, r"d\.caps\.kind: must be a whole number from 1 to 1000"),
        ({"caps": {"kind": 2.0}}, r"d\.caps\.kind: must be a whole number"),
        ({"caps": {str(n): 1 for n in range(9)}}, "d: needs a table of at most 8 caps"),
        ({"quotas": {"a": 1}}, "and a list of at most 32 quotas"),
        ({"quotas": [{"attribute": "a"}]}, r"d\.quotas\[0\]: needs an attribute and a value"),
        ({"quotas": [{"attribute": "a", "value": "b", "at_least": 0}]}, r"d\.quotas\[0\]\.at_least: must be"),
        ({"calibrate": 1}, "d.calibrate: must be a text"),
    ],
)
def test_what_cannot_be_meant_is_named(document, message):
    with pytest.raises(DocumentError, match=message):
        Diversity.from_json(document, "d")


def test_a_placement_has_nothing_else_yet():
    with pytest.raises(DocumentError, match="p: must be a table of diversity, sources and exploration"):
        Placement.from_json({"seen": "include"}, "p")
