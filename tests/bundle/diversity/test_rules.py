"""Caps and quotas, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from shelves import catalogue, categories, listed, number, ranked, taken

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.settings import Diversity, Quota

SHOP = Diversifier(
    catalogue(
        shelf=["a", "a", "a", "b", "b", "c", "c", None],
        brand=["x", "x", "x", "x", "x", "x", "y", "z"],
        tags=categories([["s"], ["s", "t"], ["t"], ["s"], [], ["t"], ["s", "t"], []]),
        price=number(range(8)),
    )
)
SCORES = ranked({item: 9.0 - item for item in range(1, 9)})
"""Items 1 to 8 in this order."""


def picked(k=5, shop=SHOP, **wanted):
    return listed(shop(SCORES, taken([]), Diversity(**wanted), k))


def broken(items, **wanted):
    return SHOP.broken(Diversity(**wanted), np.array(items, np.int32))


def quota(attribute, value, at_least=1):
    return Quota(attribute=attribute, value=value, at_least=at_least)


def test_at_most_two_of_a_shelf():
    assert picked(caps=(("shelf", 2),)) == [1, 2, 4, 5, 6]
    assert picked(caps=(("shelf", 1),), k=4) == [1, 4, 6, 8]


def test_what_has_no_value_is_never_capped():
    assert 8 in picked(caps=(("shelf", 1), ("tags", 1)), k=4)


def test_an_item_of_several_values_needs_room_for_each():
    # 1 takes the s, 3 the t; 2, 4, 6 and 7 find no room.
    assert picked(caps=(("tags", 1),), k=4) == [1, 3, 5, 8]


def test_two_caps_hold_together():
    assert picked(caps=(("brand", 3), ("shelf", 1)), k=4) == [1, 4, 6, 8]
    assert picked(caps=(("brand", 2), ("shelf", 2)), k=4) == [1, 2, 7, 8]


def test_a_cap_gives_way_where_nothing_else_is_left():
    found = picked(caps=(("shelf", 1),), k=6)
    assert found == [1, 4, 6, 8, 2, 3]
    assert broken(found, caps=(("shelf", 1),)) == ("cap_exceeded",)
    assert broken(found[:4], caps=(("shelf", 1),)) == ()


def test_at_least_one_of_a_brand():
    assert picked(quotas=(quota("brand", "z"),)) == [1, 2, 3, 4, 8]
    assert picked(quotas=(quota("brand", "z"), quota("brand", "y"))) == [1, 2, 3, 7, 8]


def test_a_quota_that_is_met_anyway_changes_nothing():
    assert picked(quotas=(quota("brand", "x", 3),)) == [1, 2, 3, 4, 5]


def test_one_item_may_serve_two_quotas():
    assert picked(k=2, quotas=(quota("brand", "y"), quota("shelf", "c"))) == [1, 7]


def test_a_quota_keeps_its_place_against_better_items_under_a_cap():
    # By score 1 and 2 would fill the shelf before its only item with both tags... and 7 would be too late.
    wanted = {"caps": (("tags", 2),), "quotas": (quota("brand", "y"),)}
    found = picked(k=4, **wanted)
    assert found == [1, 3, 5, 7]
    assert broken(found, **wanted) == ()


def test_a_quota_that_nobody_can_serve_is_said():
    assert picked(quotas=(quota("brand", "unheard of"),)) == [1, 2, 3, 4, 5]
    assert broken([1, 2], quotas=(quota("brand", "unheard of"),)) == ("quota_missed",)
    assert broken([7], quotas=(quota("brand", "y"),)) == ()


def test_quotas_never_break_a_cap():
    wanted = {"caps": (("brand", 2),), "quotas": (quota("brand", "x", 4),)}
    found = picked(k=4, **wanted)
    assert found == [1, 2, 7, 8]
    assert broken(found, **wanted) == ("quota_missed",)


def test_more_quotas_than_places_give_the_first_ones():
    assert picked(k=1, quotas=(quota("brand", "z"), quota("brand", "y"))) == [8]


def proposing(*items):
    """Return the scores with one source that proposed some of the items."""
    return replace(SCORES, ranks=np.where(np.isin(SCORES.items, items), 0, -1)[..., None].astype(np.int16))


def sourced(at_least, *items, k=5, **wanted):
    return listed(SHOP(proposing(*items), taken([]), Diversity(**wanted), k, [(0, at_least)]))


def test_a_source_has_its_best_items_in_the_list_and_the_order_stays():
    assert sourced(1, 7, 8) == [1, 2, 3, 4, 7]
    assert sourced(2, 7, 8) == [1, 2, 3, 7, 8]
    assert sourced(2, 2, 7, 8) == [1, 2, 3, 4, 7]
    assert sourced(3, 7, 8) == [1, 2, 3, 7, 8]


def test_a_source_that_is_there_anyway_changes_nothing():
    assert sourced(2, 2, 4, 8) == [1, 2, 3, 4, 5]


def test_quotas_of_sources_and_of_values_share_their_items():
    assert sourced(1, 7, k=2, quotas=(quota("brand", "y"),)) == [1, 7]
    assert sourced(1, 8, k=2, quotas=(quota("brand", "y"),)) == [7, 8]


def test_a_source_never_breaks_a_cap():
    assert sourced(2, 1, 2, 3, k=3, caps=(("shelf", 1),)) == [1, 4, 6]


@pytest.mark.parametrize("method", ["mmr", "dpp", "calibration", "max_sum"])
def test_a_source_keeps_its_places_with_every_method(method):
    found = sourced(2, 7, 8, k=4, method=method, strength=0.7)
    assert {7, 8} <= set(found)
    assert len(set(found)) == 4


@pytest.mark.parametrize("method", ["mmr", "dpp", "calibration", "max_sum"])
def test_rules_hold_with_every_method(method):
    wanted = {"caps": (("shelf", 1),), "quotas": (quota("brand", "y"),)}
    found = listed(SHOP(SCORES, taken([1, 4]), Diversity(method=method, strength=0.7, **wanted), 4))
    assert len(found) == 4
    assert 7 in found
    assert broken(found, **wanted) == ()


def test_what_the_catalogue_cannot_serve_is_named_by_its_path():
    wanted = Diversity(
        method="calibration",
        strength=0.5,
        caps=(("colour", 1), ("price", 2)),
        quotas=(quota("shelf", "a"), quota("size", "xl")),
        calibrate="price",
    )
    assert dict(SHOP.problems(wanted)) == {
        "caps[colour]": "the catalogue has no attribute 'colour'",
        "caps[price]": "'price' is a number; a category, a text or a list of categories is needed",
        "quotas[1].attribute": "the catalogue has no attribute 'size'",
        "calibrate": "'price' is a number; a category, a text or a list of categories is needed",
    }
    bare = Diversifier(catalogue(price=number([1, 2])))
    assert [place for place, _ in bare.problems(Diversity(method="calibration", strength=0.5))] == ["method"]
    assert [place for place, _ in bare.problems(Diversity(serendipity=0.5))] == ["method"]
    assert not list(bare.problems(Diversity(method="mmr", strength=0.0)))
