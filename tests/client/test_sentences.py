"""Reasons in words."""

import dataclasses

import pytest

from shortlist_client import HistoryShare, Reasons, Recommendation, RuleMove, SourceRank, Taken, WishMet

NAMES = {"i1": "Ground coffee 39 oz", "i2": "Filters", "i3": "Milk"}


def source(name, rank=0, **history):
    shares = tuple(HistoryShare(item_id=item, share=share) for item, share in history.items())
    return SourceRank(source=name, rank=rank, score=1.0, history=shares, history_share=sum(history.values()))


def item(**reasons):
    return Recommendation(item_id="i9", score=1.0, rank=0, reasons=Reasons(**reasons))


@pytest.mark.parametrize(
    ("reasons", "said", "short"),
    [
        (
            {
                "sources": (source("item_cf", i1=0.6, i2=0.3, i3=0.1), source("own_past", 4)),
                "score_changes": {"source:item_cf": 2.0, "own_history": 0.5, "source:own_past": 0.25},
                "taken": Taken(count=3, since=10.0, gap=10.0),
            },
            "Because you took Ground coffee 39 oz and Filters; people who took these often take it too; "
            "taken 3 times before, about due again.",
            "goes with Ground coffee 39 oz and Filters, taken 3 times, about due again",
        ),
        (
            {"score_changes": {"customer": 0.9, "item": 0.2, "taste": 1.1}},
            "It should suit your taste; people rate it highly.",
            "suits your taste, rated highly",
        ),
        (
            {"score_changes": {"customer": 0.9, "item": 0.2, "taste": -0.4}, "taken": Taken(count=2)},
            "People rate it highly.",
            "rated highly",
        ),
        (
            {"score_changes": {"customer": 0.9, "item": -0.2, "taste": -0.4}},
            "It fills the list: of what is left it fits best.",
            "",
        ),
        (
            {
                "sources": (source("popularity"), source("own_past", 4), source("sequence", 9, i3=1.0)),
                "score_changes": {"source:popularity": 0.1, "own_history": 2.0, "source:sequence": 0.5, "item": 9.0},
                "taken": Taken(count=1, since=10.0),
            },
            "Taken once before; because you took Milk; it is often taken soon after this.",
            "taken once, follows Milk",
        ),
        # What hardly changed the score, or lowered it, is not said while there is something better to say.
        (
            {
                "sources": (source("two_tower"), source("linear", 1, i1=1.0), source("user_cf", 1)),
                "score_changes": {"source:two_tower": -0.5, "source:linear": 0.05, "category_history": 1.0},
            },
            "You often take things of its kind.",
            "of a kind you take",
        ),
        (
            {
                "sources": (source("popularity"),),
                "score_changes": {"source:popularity": -0.5, "category_history": -1.0},
            },
            "It is popular now.",
            "popular now",
        ),
        # The item itself is no reason for itself, and with nothing else to name the sentence stays general.
        (
            {"sources": (source("item_cf", i9=1.0),)},
            "It goes with what you took.",
            "goes with what you took",
        ),
        # A tower's history is named where no source speaks of single items.
        (
            {"sources": (source("two_tower", i2=0.3, i9=0.5), source("embedding", 3))},
            "Because you took Filters; it fits your taste; it is near what you took.",
            "fits your taste, near what you took",
        ),
        # Without a scorer the better rank speaks first, and two of the sources are enough.
        (
            {"sources": (source("popularity", 7), source("two_tower", 2), source("embedding", 0))},
            "It is near what you took; it fits your taste.",
            "near what you took, fits your taste",
        ),
        (
            {
                "moves": (RuleMove(rule="diversity", ranks=3), RuleMove(rule="cap", ranks=-1)),
            },
            "Moved up 3 places by diversity; moved down 1 place by cap.",
            "",
        ),
        ({"score_changes": {"item": 1.0}}, "It fills the list: of what is left it fits best.", ""),
        ({"sources": (source("a{strange}_one"),)}, "Proposed by a{strange} one.", "proposed by a{strange} one"),
        ({"sources": (source("own_past"),)}, "You took it before.", "taken before"),
        ({}, "", ""),
    ],
)
def test_sentences(reasons, said, short):
    assert item(**reasons).reason_with(NAMES) == said
    assert item(**reasons).short_reason(NAMES) == short


def test_the_wishes_that_are_met_come_first():
    met = (
        WishMet(wish=0, attribute="brand", met=True, degree=1.0, value="Farm"),
        WishMet(wish=1, attribute="price", met=False, degree=0.5, value=9.0),
    )
    reasons = Reasons(sources=(source("popularity"), source("knowledge", 1)))
    found = Recommendation(item_id="i9", score=1.0, rank=0, reasons=reasons, wishes_met=met)
    assert found.reason.startswith("It meets your wishes: brand Farm; it is popular now; ")
    assert found.short_reason() == "brand Farm, popular now"
    assert Recommendation(item_id="i9", score=1.0, rank=0, wishes_met=met).reason == "It meets your wishes: brand Farm."


def test_without_names_items_are_called_by_their_ids():
    found = item(sources=(source("item_cf", i1=0.6, strange=0.3),))
    assert found.reason == "Because you took i1 and strange; people who took these often take it too."
    assert found.reason_with({"i1": "{Coffee}"}).startswith("Because you took {Coffee} and strange;")


def test_items_of_one_name_are_named_once():
    found = item(sources=(source("linear", i1=0.5, i2=0.3, i3=0.2),))
    said = found.reason_with({"i1": "Cola", "i2": "Cola", "i3": "Chips"})
    assert said == "Because you took Cola and Chips; it goes well with these."


@pytest.mark.parametrize(
    ("since", "gap", "due"),
    [
        (7.4, 10.0, ""), (7.5, 10.0, ", about due again"), (15.0, 10.0, ", overdue"), (30.0, 10.0, ""),
        (None, 10.0, ""), (10.0, None, ""),
    ],
)  # fmt: skip
def test_when_it_is_due_again(since, gap, due):
    found = item(taken=Taken(count=1200, since=since, gap=gap))
    assert found.reason == f"Taken 1,200 times before{due}."
    assert item(taken=Taken(count=2)).short_reason() == "taken twice"


def test_reasons_are_frozen_and_false_when_nothing_was_told():
    assert not Reasons()
    assert Reasons(taken=Taken(count=1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Reasons().taken = None
