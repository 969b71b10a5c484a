from datetime import UTC, datetime

import pytest

from shortlist.v1 import needs_pb2, recommend_pb2, value_pb2
from shortlist_client import BadRequest, Direction, Needs, Relaxation, Wish, WishMet, filters
from shortlist_client.translation.filters import filter_message
from shortlist_client.translation.needs import needs_message


def test_no_needs():
    assert needs_message(None) is None


def test_every_form_of_wish():
    message = needs_message(
        Needs(
            wishes=[
                Wish("price", near=20, within=5, weight=2),
                Wish("since", near=datetime(1970, 1, 2, tzinfo=UTC)),
                Wish("brand", wanted="Private"),
                Wish("brand", wanted=["Private", "National"]),
                Wish("organic", wanted=False),
                Wish("price", direction=Direction.LOWEST),
                Wish("price", direction=Direction.HIGHEST),
            ],
            weight=0.25,
            relax=True,
        )
    )

    def wanted(*values):
        return needs_pb2.WantedValues(values=values)

    assert message == needs_pb2.Needs(
        wishes=[
            needs_pb2.Wish(attribute="price", near=needs_pb2.Near(target=20, within=5), weight=2),
            needs_pb2.Wish(attribute="since", near=needs_pb2.Near(target=86400), weight=1),
            needs_pb2.Wish(attribute="brand", wanted=wanted(value_pb2.Value(text="Private")), weight=1),
            needs_pb2.Wish(
                attribute="brand",
                wanted=wanted(value_pb2.Value(text="Private"), value_pb2.Value(text="National")),
                weight=1,
            ),
            needs_pb2.Wish(attribute="organic", wanted=wanted(value_pb2.Value(flag=False)), weight=1),
            needs_pb2.Wish(attribute="price", direction=needs_pb2.DIRECTION_LOWEST, weight=1),
            needs_pb2.Wish(attribute="price", direction=needs_pb2.DIRECTION_HIGHEST, weight=1),
        ],
        weight=0.25,
        relax=True,
    )


def test_a_weight_of_the_servers_choice_is_not_sent():
    assert not needs_message(Needs(musts=[{"brand": "a"}])).HasField("weight")


def test_musts_are_filters_and_each_entry_of_a_mapping_is_one():
    both = [filter_message({"brand": "a"}), filter_message({"organic": True})]
    assert list(needs_message(Needs(musts={"brand": "a", "organic": True})).musts) == both
    assert list(needs_message(Needs(musts=[{"brand": "a"}, filters.Equals("organic", True)])).musts) == both
    together = needs_message(Needs(musts=[{"brand": "a", "organic": True}])).musts
    assert [must.WhichOneof("condition") for must in together] == ["all"]


@pytest.mark.parametrize(
    ("needs", "field"),
    [
        (Needs(wishes=Wish("price", near=1)), "needs.wishes"),
        (Needs(wishes=[Wish("price")]), "needs.wishes[0]"),
        (Needs(wishes=[Wish("a", wanted="b"), Wish("price", near=1, wanted=2)]), "needs.wishes[1]"),
        (Needs(wishes=[Wish("price", wanted=2, within=1)]), "needs.wishes[0]"),
        (Needs(wishes=[Wish("price", near=datetime(2017, 6, 1))]), "needs.wishes[0]"),
        (Needs(musts=[{}]), "needs.musts"),
        (Needs(musts=["brand"]), "filter"),
    ],
)
def test_what_cannot_be_sent_is_refused(needs, field):
    with pytest.raises(BadRequest) as caught:
        needs_message(needs)
    assert list(caught.value.violations) == [field]


def test_both_kinds_of_request_carry_needs(client, fake):
    needs = Needs(musts=[{"brand": "a"}])
    client.recommend(needs=needs)
    assert fake.request.needs == needs_message(needs)
    client.recommend_batch(["c1"], needs=needs)
    assert fake.request.needs == needs_message(needs)


def test_what_a_reply_says_of_needs_is_read(client, fake):
    met = [
        needs_pb2.WishMet(wish=0, attribute="price", met=True, degree=1.0, value=value_pb2.Value(number=19.5)),
        needs_pb2.WishMet(
            wish=1, attribute="tags", degree=0.0, value=value_pb2.Value(texts=value_pb2.TextList(values=["a"]))
        ),
        needs_pb2.WishMet(wish=2, attribute="brand"),
    ]
    fake.answer(
        recommend_pb2.RecommendResponse(
            item_ids=["i1"],
            scores=[0.5],
            explanations=[recommend_pb2.Explanation(wishes_met=met)],
            relaxations=[needs_pb2.Relaxation(musts=[0, 2], item_count=14, text="without it there are 14")],
        )
    )

    found = client.recommend()

    assert found[0].wishes_met == (
        WishMet(wish=0, attribute="price", met=True, degree=1.0, value=19.5),
        WishMet(wish=1, attribute="tags", met=False, degree=0.0, value=("a",)),
        WishMet(wish=2, attribute="brand", met=False, degree=0.0, value=None),
    )
    assert found.relaxations == (Relaxation(musts=(0, 2), items=14, text="without it there are 14"),)
