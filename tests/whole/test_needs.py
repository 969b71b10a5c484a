"""Stated needs over a real socket: the same answer as in process, one by one and in a batch."""

import pytest
from planted import WORDS, customer_id

from shortlist_bundle.filters.conditions import Equals
from shortlist_bundle.knowledge.wishes import Direction as ServerDirection
from shortlist_bundle.knowledge.wishes import Near, Wanted
from shortlist_bundle.knowledge.wishes import Wish as ServerWish
from shortlist_client import BadRequest, Direction, Needs, Wish
from shortlist_server.pipeline.needs import Must
from shortlist_server.pipeline.needs import Needs as ServerNeeds
from shortlist_server.pipeline.request import RecommendRequest

WISHES = [
    Wish("price", near=5, within=1, weight=2),
    Wish("organic", wanted=True),
    Wish("tags", wanted=["even", "fifth"]),
    Wish("price", direction=Direction.LOWEST, weight=0.5),
]
SERVER_WISHES = (
    ServerWish("price", Near(5.0, 1.0), 2.0),
    ServerWish("organic", Wanted((True,))),
    ServerWish("tags", Wanted(("even", "fifth"))),
    ServerWish("price", ServerDirection.LOWEST, 0.5),
)
CONFLICT = [("category", WORDS[0]), ("category", WORDS[1]), ("organic", True)]
CASES = {
    "wishes alone": ([], WISHES, SERVER_WISHES, {"knowledge": 1.0}),
    "wishes beside others": ([], WISHES, SERVER_WISHES, {}),
    "musts and wishes": (CONFLICT[1:], WISHES, SERVER_WISHES, {"knowledge": 2.0, "two_tower": 1.0}),
    "musts alone": (CONFLICT[:1], [], (), {}),
    "nothing fits": (CONFLICT, WISHES, SERVER_WISHES, {}),
}


def shown(found):
    return [
        (item.item_id, item.score, item.sources, [(one.met, one.degree, one.value) for one in item.wishes_met])
        for item in found
    ]


@pytest.mark.parametrize("relax", [False, True])
@pytest.mark.parametrize("customer", [None, customer_id(20)])
@pytest.mark.parametrize("case", CASES)
def test_needs_in_process_and_over_the_wire(shop, shop_client, case, customer, relax):
    musts, wishes, server_wishes, sources = CASES[case]
    needs = Needs(musts=[dict([must]) for must in musts], wishes=wishes, weight=0.75, relax=relax)
    text = ["{} = {}".format(name, {True: "yes"}.get(value, value)) for name, value in musts]
    (local,) = shop.recommend(
        [
            RecommendRequest(
                customer_id=customer,
                needs=ServerNeeds(
                    musts=[Must(condition=Equals(*must), text=said) for must, said in zip(musts, text, strict=True)],
                    wishes=server_wishes,
                    weight=0.75,
                    relax=relax,
                ),
                sources=sources,
                explain=True,
            )
        ]
    )
    remote = shop_client.recommend(customer, needs=needs, sources=sources, explain=True)

    assert remote.item_ids == tuple(local.item_ids)
    assert [item.score for item in remote] == pytest.approx(list(local.scores), abs=1e-5)
    assert [one.code for one in remote.fallbacks] == list(local.fallbacks)
    assert [(one.musts, one.items, one.text) for one in remote.relaxations] == [
        (one.musts, one.items, one.text) for one in local.relaxations
    ]
    for item, met in zip(remote, local.wishes_met, strict=True):
        assert [(one.wish, one.attribute, one.met, one.degree) for one in item.wishes_met] == [
            (one.wish, one.attribute, one.met, one.degree) for one in met
        ]
        own = [tuple(one.value) if isinstance(one.value, list) else one.value for one in met]
        assert [one.value for one in item.wishes_met] == own
    if customer:
        (row,) = shop_client.recommend_batch([customer], needs=needs, sources=sources, explain=True)
        batched = row.result()
        assert shown(batched) == [(*one[:1], pytest.approx(one[1], abs=1e-5), *one[2:]) for one in shown(remote)]
        assert batched.relaxations == remote.relaxations


def test_a_stranger_of_whom_nothing_is_known_gets_what_they_ask_for(shop_client):
    needs = Needs(wishes=[Wish("category", wanted="cheese"), Wish("organic", wanted=True)])
    found = shop_client.recommend(needs=needs, sources={"knowledge": 1.0}, explain=True, k=3)
    assert not found.known_customer
    assert [one.code for one in found.fallbacks] == ["cold_start:needs"]
    assert all(item.sources == ("knowledge",) for item in found)
    assert found[0].score == max(item.score for item in found)
    assert all(one.met for one in found[0].wishes_met) == (found[0].score == 1.0)


def test_needs_that_the_catalogue_cannot_be_asked_are_named_by_path(shop_client):
    with pytest.raises(BadRequest) as caught:
        shop_client.recommend(needs=Needs(musts=[{"organic": True}, {"colour": "red"}]))
    assert list(caught.value.violations) == ["needs.musts[1].equals.attribute"]
    with pytest.raises(BadRequest) as caught:
        shop_client.recommend(needs=Needs(wishes=[Wish("category", near=3)]))
    assert list(caught.value.violations) == ["needs.wishes[0]"]
