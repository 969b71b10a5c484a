"""The same question in process and over a real socket has the same answer."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import CATEGORIES, CUSTOMERS, ITEMS, TOWNS, customer_id, item_id
from small_models import equal

from shortlist_bundle.diversity.settings import Quota
from shortlist_bundle.filters.conditions import All, AnyOf, AnyOne, Equals, Flag, Not, Range
from shortlist_client import BadRequest, Customer, Diversity, DiversityMethod, Needs, NotFound, Seen, Wish, filters
from shortlist_client import Event as ClientEvent
from shortlist_client import Item as ClientItem
from shortlist_client import Profile as ClientProfile
from shortlist_server.errors import UnknownItem
from shortlist_server.pipeline.request import (
    DiversityRequest,
    Event,
    Profile,
    RecommendRequest,
    ScoreRequest,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)
from shortlist_server.pipeline.request import Seen as ServerSeen

NONE = Diversity(method="none")

over_a_session_fixture = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

IDS = st.sampled_from([customer_id(n) for n in range(0, CUSTOMERS, 20)] + ["silent-1", "nobody"])
FILTERS = [
    (None, None),
    ({"category": "egg", "tags": "even"}, All((Equals("category", "egg"), Equals("tags", "even")))),
    ({"category": ["egg", "apple"]}, AnyOf("category", ("egg", "apple"))),
    (filters.Range("price", more_than=2, at_most=6.5), Range("price", more_than=2.0, at_most=6.5)),
    (filters.Flag("organic", False), Flag("organic", False)),
    (
        filters.Equals("category", "egg") | ~filters.Range("price", at_least=3),
        AnyOne((Equals("category", "egg"), Not(Range("price", at_least=3.0)))),
    ),
    (filters.Equals("category", "no such category"), Equals("category", "no such category")),
]
"""The client's filter and the bundle's that say the same."""
NOT_THE_SAME = ("features", "history", "seen", "diversity", "filter")
"""Parts of a question that each side says in its own words."""
QUESTIONS = st.fixed_dictionaries(
    {
        "customer_id": st.none() | IDS,
        "features": st.fixed_dictionaries(
            {}, optional={"town": st.sampled_from([*TOWNS, "york"]), "age": st.floats(18, 90), "shoes": st.just(43)}
        ),
        "history": st.lists(
            st.tuples(
                st.sampled_from([item_id(1), item_id(20), "unheard of"]),
                st.none() | st.sampled_from([1.48e9, 1.51e9, 1.9e9]),
            ),
            max_size=3,
        ),
        "k": st.integers(1, ITEMS + 5),
        "as_of": st.none() | st.sampled_from([1.4e9, 1.495e9, 1.8e9]),
        "filter": st.sampled_from(FILTERS),
        "exclude_items": st.lists(st.sampled_from([item_id(0), item_id(7), "unheard of"]), max_size=3),
        "seen": st.sampled_from(["policy", "include", "exclude"]),
        "sources": st.dictionaries(st.sampled_from(["own_past", "popularity", "two_tower"]), st.just(1.0), max_size=2),
        "diversity": st.none() | st.fixed_dictionaries(
            {
                "method": st.sampled_from(["mmr", "dpp", "calibration", "max_sum"]),
                "strength": st.sampled_from([0.0, 0.4, 0.9]),
            },
            optional={
                "serendipity": st.sampled_from([0.0, 0.5]),
                "caps": st.just({"category": 2}),
                "quotas": st.just({"category": {"egg": 1}}),
                "calibrate": st.just("category"),
            },
        ),
    }
)  # fmt: skip


def in_process(shop, question):
    events = [Event(item_id=one, timestamp=when) for one, when in question["history"]]
    request = RecommendRequest(
        **{name: value for name, value in question.items() if name not in NOT_THE_SAME},
        diversity=diversity_of(question["diversity"]),
        filter=question["filter"][1],
        profile=Profile(features=question["features"], history=events),
        seen=ServerSeen(question["seen"]),
        explain=True,
    )
    return shop.recommend([request])[0]


def diversity_of(asked):
    if asked is None:
        return DiversityRequest()
    quotas = tuple(
        Quota(attribute=name, value=value, at_least=least)
        for name, values in asked.get("quotas", {}).items()
        for value, least in values.items()
    )
    return DiversityRequest(**{**asked, "caps": tuple(asked.get("caps", {}).items()), "quotas": quotas})


def profile_of(question):
    events = [ClientEvent(item_id=one, timestamp=when) for one, when in question["history"]]
    return ClientProfile(features=question["features"], history=events)


def shared_settings(question):
    asked = {name: question[name] for name in ("k", "as_of", "exclude_items", "sources")}
    diversity = question["diversity"] and Diversity(**question["diversity"])
    return {
        **asked,
        "filter": question["filter"][0],
        "seen": Seen(question["seen"]),
        "explain": True,
        "diversity": diversity,
    }


def assert_same(local, remote):
    assert list(remote.item_ids) == list(local.item_ids)
    # Sums of single precision: a score near 0 is as exact as the terms that cancel out in it.
    np.testing.assert_allclose(
        [one.score for one in remote], np.asarray(local.scores, np.float32), rtol=1e-6, atol=1e-6
    )
    bits = {source: 1 << bit for bit, source in enumerate(local.sources)}
    assert [sum(bits[name] for name in one.sources) for one in remote] == list(local.source_masks)
    for one, why in zip(remote, local.explanations, strict=True):
        assert_same_reasons(one.reasons, why, local.score_groups)
    assert [one.code for one in remote.fallbacks] == list(local.fallbacks)
    for name in ("as_of", "known_customer", "unknown_items", "candidates"):
        assert getattr(remote, name) == getattr(local, name), name
    assert_same_report(local.filter_report, remote.filter_report)
    assert remote.unknown_attributes == tuple(local.unknown_attributes)
    assert remote.clock.value == local.clock.value


def assert_same_report(local, remote):
    assert (remote is None) == (local is None)
    if local is None:
        return
    for name in ("matching", "scanned", "survived"):
        assert getattr(remote, name) == getattr(local, name), name
    assert (remote.strategy and remote.strategy.value) == (local.strategy and local.strategy.value)


def assert_same_reasons(remote, local, groups):
    assert [(one.source, one.rank, one.score) for one in remote.sources] == [
        (one.source, one.rank, pytest.approx(one.score)) for one in local.sources
    ]
    for one, other in zip(remote.sources, local.sources, strict=True):
        assert [(pull.item_id, pull.share) for pull in one.history] == [
            (pull.item_id, pytest.approx(pull.share, abs=1e-5)) for pull in other.history
        ]
        assert one.history_share == pytest.approx(other.history_share, abs=1e-5)
    assert remote.score_changes == pytest.approx(dict(zip(groups, local.score_changes, strict=True)), abs=1e-4)
    told = local.taken and (local.taken.count, local.taken.since, local.taken.gap)
    assert (remote.taken and (remote.taken.count, remote.taken.since, remote.taken.gap)) == told


@over_a_session_fixture
@given(QUESTIONS)
def test_recommend(shop, shop_client, question):
    remote = shop_client.recommend(question["customer_id"], profile=profile_of(question), **shared_settings(question))
    assert_same(in_process(shop, question), remote)
    assert (remote.bundle.id, remote.bundle.version) == (shop.bundle_id, shop.version)


@over_a_session_fixture
@given(QUESTIONS, st.lists(st.tuples(IDS, st.booleans()), min_size=1, max_size=5))
def test_recommend_batch(shop, shop_client, question, customers):
    rows = [
        (one, question if described else {**question, "features": {}, "history": []}) for one, described in customers
    ]
    asked = [Customer(customer_id=one, profile=profile_of(row)) for one, row in rows]
    batch = shop_client.recommend_batch(asked, **shared_settings(question))
    assert len(batch) == len(rows)
    for (one, row), answer in zip(rows, batch, strict=True):
        assert_same(in_process(shop, {**row, "customer_id": one}), answer.result())


def test_a_placement_that_was_configured_in_training_varies_its_lists(shop, shop_client):
    varied = shop_client.recommend(customer_id(4), k=12, placement="varied")
    said = Diversity(method="mmr", strength=0.6, caps={"category": 3})
    assert varied.item_ids == shop_client.recommend(customer_id(4), k=12, diversity=said).item_ids
    categories = [int(one.removeprefix("i")) % CATEGORIES for one in varied.item_ids]
    assert max(map(categories.count, categories)) <= 3
    plain = shop_client.recommend(customer_id(4), k=12)
    assert plain.item_ids != varied.item_ids
    assert plain.item_ids == shop_client.recommend(customer_id(4), k=12, placement="varied", diversity=NONE).item_ids
    with pytest.raises(NotFound):
        shop_client.recommend(customer_id(4), placement="garage")


@pytest.mark.parametrize("space", ["two_tower", "embedding", "content", "co_occurrence"])
@pytest.mark.parametrize("values", [{}, {"category": "egg"}, {"organic": True}])
def test_similar_items(shop, shop_client, space, values):
    local = shop.similar_items(
        SimilarItemsRequest(item_id=item_id(4), k=8, space=space, filter=equal(**values), exclude_items=[item_id(10)])
    )
    remote = shop_client.similar_items(item_id(4), k=8, space=space, filter=values, exclude_items=[item_id(10)])
    assert remote.item_ids == tuple(local.item_ids)
    assert item_id(4) not in remote.item_ids
    np.testing.assert_allclose([one.score for one in remote], local.scores, rtol=1e-6)
    assert remote.space == space
    assert_same_report(local.filter_report, remote.filter_report)


@pytest.mark.parametrize("who", [customer_id(3), "silent-1", "nobody", None])
@pytest.mark.parametrize("features", [{}, {"town": TOWNS[2]}])
@pytest.mark.parametrize("as_of", [None, 1.495e9])
def test_similar_customers(shop, shop_client, who, features, as_of):
    local = shop.similar_customers(
        SimilarCustomersRequest(customer_id=who, profile=Profile(features=features), k=7, as_of=as_of)
    )
    remote = shop_client.similar_customers(who, profile=ClientProfile(features=features), k=7, as_of=as_of)
    assert remote.customer_ids == tuple(local.customer_ids)
    assert len(remote) == 7
    assert who not in remote.customer_ids
    np.testing.assert_allclose([one.score for one in remote], local.scores, rtol=1e-6)
    assert [one.code for one in remote.fallbacks] == list(local.fallbacks)
    assert (remote.as_of, remote.known_customer) == (local.as_of, local.known_customer)
    assert remote.clock.value == local.clock.value


@pytest.mark.parametrize("who", [customer_id(3), "nobody"])
def test_score(shop, shop_client, who):
    items = [item_id(n) for n in (5, 1, 59)]
    local = shop.score(ScoreRequest(customer_id=who, items=items))
    remote = shop_client.score(who, items=items)
    assert [one.item_id for one in remote] == items
    np.testing.assert_allclose([one.score for one in remote], local.scores, rtol=1e-6)
    assert all(0 <= one.score <= 1 for one in remote)
    assert remote.kind.value == local.kind.value == "probability"
    basis, said = remote.calibration, local.calibration
    assert (basis.method, basis.window, basis.error) == (said.method, said.window, pytest.approx(said.error))
    assert (basis.window_start, basis.window_end) == (said.start, said.end)
    assert basis.window == "tuning"
    assert remote.known_customer is local.known_customer


def test_an_unknown_item_is_not_found_on_either_side(shop, shop_client):
    with pytest.raises(UnknownItem):
        shop.score(ScoreRequest(customer_id=customer_id(3), items=["unheard of"]))
    with pytest.raises(NotFound):
        shop_client.score(customer_id(3), items=["unheard of"])
    with pytest.raises(NotFound):
        shop_client.similar_items("unheard of")
    with pytest.raises(NotFound):
        shop_client.similar_customers("unheard of", require_known=True)


def test_encode(shop, shop_client):
    ids = [customer_id(1), "nobody"]
    local = shop.encode_customers([RecommendRequest(customer_id=one) for one in ids])
    remote = shop_client.encode_customers(ids)
    np.testing.assert_allclose(np.array(remote.rows), local.vectors, rtol=1e-6)
    assert remote.known == tuple(local.known) == (True, False)
    items = [item_id(n) for n in (3, 1)]
    np.testing.assert_allclose(
        np.array(shop_client.encode_items([ClientItem(item_id=one) for one in items]).rows), shop.encode_items(items)
    )


def test_a_described_placement_says_what_its_lists_are(shop_client):
    placements = shop_client.describe_model().placements
    assert [one.name for one in placements] == ["default", "varied"]
    plain, varied = (one.diversity for one in placements)
    assert plain == Diversity(method=DiversityMethod.NONE, strength=0.0, serendipity=0.0)
    assert varied == Diversity(method=DiversityMethod.MMR, strength=0.6, serendipity=0.0, caps={"category": 3})
    for one in placements:
        asked = shop_client.recommend(customer_id(4), k=12, diversity=one.diversity)
        assert asked.item_ids == shop_client.recommend(customer_id(4), k=12, placement=one.name).item_ids


def test_every_source_that_is_described_can_be_asked_for(shop_client):
    described = shop_client.describe_model()
    needs = Needs(wishes=[Wish("category", wanted="egg")])
    for source in described.sources:
        assert len(shop_client.recommend(customer_id(4), k=3, sources={source: 1.0})) == 3
    for source in described.needs_sources:
        assert len(shop_client.recommend(customer_id(4), k=3, sources={source: 1.0}, needs=needs)) == 3
        with pytest.raises(BadRequest):
            shop_client.recommend(customer_id(4), k=3, sources={source: 1.0})


def test_describe(shop, shop_client):
    local, remote = shop.description(), shop_client.describe_model()
    for name in ("customers", "items", "interactions", "embedding_size", "log_end", "index", "index_recall", "repeats"):
        assert getattr(remote, name) == pytest.approx(getattr(local, name)), name
    assert remote.sources == tuple(local.sources)
    assert remote.needs_sources == tuple(local.needs_sources) == ("knowledge",)
    assert remote.aliases == tuple(local.aliases) == ("stable",)
    assert remote.spaces == tuple(local.spaces)
    assert {column.name: column.kind for column in remote.item_attributes} == local.attributes
    assert {column.name: column.kind for column in remote.customer_features} == local.features["customers"]
    assert dict(remote.metrics) == pytest.approx(local.metrics)
    assert remote.created_at == pytest.approx(local.created)
