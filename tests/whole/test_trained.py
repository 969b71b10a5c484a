"""The small shop, trained: what was planted is found, and the bundle is whole."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import faiss
import numpy as np
import polars as pl
import pytest
from indexes import indexed as indexed_vectors
from planted import COMING, GONE, NEVER_TAKEN, TOWNS, category_of, customer_id, favourites
from small_models import equal

from shortlist_bundle.customer_space import CustomerSpace
from shortlist_bundle.engine import Engine
from shortlist_bundle.files import BundleContents, open_bundle, promote, write_bundle
from shortlist_bundle.golden import ask, replay
from shortlist_bundle.packing import pack_model
from shortlist_bundle.sources.content import Content
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import (
    Event,
    Profile,
    RecommendRequest,
    ScoreRequest,
    Seen,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)


def categories(item_ids):
    return [category_of(int(one[1:])) for one in item_ids]


def lists(pipeline, requests):
    return [list(answer.item_ids) for answer in pipeline.recommend(requests)]


def test_the_golden_requests_pass(trained):
    assert replay(open_bundle(trained.bundles, "default", "stable")).passed


def test_figures_are_there_and_better_than_popularity(trained):
    metrics = open_bundle(trained.bundles, "default", "stable").document("metrics")
    assert metrics["split"]["kind"] == "time"
    for funnel in metrics["ranking"]["judged"]["refitted pair"]:
        popular = funnel["sources"]["popularity"]["ndcg@20"]
        best = funnel["end_to_end"]["ndcg@20"]
        assert best["mean"] - 2 * best["error"] > popular["mean"] + 2 * popular["error"]
        headline = metrics["headline"][f"{funnel['mode']} ndcg@20"]
        assert headline == best["mean"]
    for space in ("two_tower", "embedding", "content", "customers"):
        assert metrics["index"][space] == {"index": "exact", "recall": 1.0}


def test_customers_are_shown_what_they_like(shop):
    requests = [RecommendRequest(customer_id=customer_id(n), k=10) for n in range(200)]
    hits = [np.isin(categories(found), favourites(n)).mean() for n, found in enumerate(lists(shop, requests))]
    assert np.mean(hits) > 0.75


def test_new_items_are_of_the_categories_they_like(shop):
    requests = [RecommendRequest(customer_id=customer_id(n), k=5, seen=Seen.EXCLUDE) for n in range(200)]
    hits = [np.isin(categories(found), favourites(n)).mean() for n, found in enumerate(lists(shop, requests))]
    # Two of six categories would be a third.
    assert np.mean(hits) > 0.6


def test_strangers_are_shown_what_their_town_likes(shop):
    requests = [RecommendRequest(profile=Profile(features={"town": town}), k=10) for town in TOWNS]
    hits = [np.isin(categories(found), [n]).mean() for n, found in enumerate(lists(shop, requests))]
    # One of six.
    assert np.mean(hits) > 0.3


def test_a_few_items_of_history_say_more_than_nothing(shop):
    requests = [
        RecommendRequest(profile=Profile(history=[Event(item_id=f"i{n + 6 * turn:03}") for turn in range(3)]), k=10)
        for n in range(6)
    ]
    hits = [np.isin(categories(found), [n]).mean() for n, found in enumerate(lists(shop, requests))]
    assert np.mean(hits) > 0.5


def test_an_item_that_nobody_has_taken_is_near_its_like(shop):
    found = shop.similar_items(SimilarItemsRequest(item_id=NEVER_TAKEN, k=5))
    assert categories(found.item_ids).count(category_of(int(NEVER_TAKEN[1:]))) >= 3
    assert NEVER_TAKEN in shop.recommend([RecommendRequest(customer_id=customer_id(5), k=60)])[0].item_ids
    (score,) = shop.score(ScoreRequest(customer_id=customer_id(5), items=[NEVER_TAKEN])).scores
    assert 0 < score < 1


def test_an_item_that_nobody_has_taken_is_proposed_for_what_it_is(shop):
    """By its features alone, to a customer who likes its kind, and near its like."""
    request = RecommendRequest(customer_id=customer_id(5), k=20, sources={"content": 1.0}, seen=Seen.EXCLUDE)
    assert NEVER_TAKEN in shop.recommend([request])[0].item_ids
    found = shop.similar_items(SimilarItemsRequest(item_id=NEVER_TAKEN, k=5, space="content"))
    assert set(categories(found.item_ids)) == {category_of(int(NEVER_TAKEN[1:]))}
    assert NEVER_TAKEN not in shop.recommend([replace(request, sources={"item_cf": 1.0}, k=5)])[0].item_ids


def test_customers_near_a_customer_like_the_same(shop):
    near = [shop.similar_customers(SimilarCustomersRequest(customer_id=customer_id(n), k=5)) for n in range(0, 200, 5)]
    liked = [
        [bool(set(favourites(int(one[1:]))) & set(favourites(n))) for one in found.customer_ids if one[0] == "c"]
        for n, found in zip(range(0, 200, 5), near, strict=True)
    ]
    # Two random customers share a favourite in a good half of the cases.
    assert np.mean([share for shares in liked for share in shares]) > 0.85
    stranger = shop.similar_customers(SimilarCustomersRequest(profile=Profile(features={"town": TOWNS[2]}), k=10))
    assert np.mean([favourites(int(one[1:]))[0] == 2 for one in stranger.customer_ids if one[0] == "c"]) > 0.5


def test_probabilities_are_calibrated_and_the_error_is_said(shop, trained):
    figures = open_bundle(trained.bundles, "default", "stable").document("metrics")["calibration"]
    judged = figures["judged"]["proposed"]
    assert figures["proposed"]["method"] in ("isotonic", "platt")
    assert judged["after"]["error"] < judged["before"]["error"]
    assert judged["after"]["brier"] < judged["before"]["brier"] + 0.002
    assert judged["after"]["error"] < 0.05
    said = shop.score(ScoreRequest(customer_id=customer_id(5), items=["i005", "i011"])).calibration
    assert (said.window, said.error) == ("tuning", judged["after"]["error"])
    assert said.start < said.end < shop.served.clock.log_end


def test_what_variety_may_cost_is_learnt_for_lists_with_and_without_seen_items(shop, trained):
    figures = open_bundle(trained.bundles, "default", "stable").document("metrics")["max_sum"]
    scales = shop.served.policy.max_sum_scales
    assert scales == {True: figures["all"]["scale"], False: figures["new"]["scale"]}
    for one in figures.values():
        assert one["customers"] >= 100
        assert 0 <= one["expected loss"] < 0.02
    for seen_allowed, scale in scales.items():
        trade = shop.served.trade(seen_allowed=seen_allowed)
        assert (trade.chances, trade.scale) == (shop.served.calibration.proposed, scale)
        assert scale > 0


def test_only_what_can_be_had_at_the_moment_is_shown(shop):
    early, late = 1_483_228_800.0 + 86_400, 1_483_228_800.0 + 900 * 86_400
    for as_of, hidden in ((early, {COMING}), (None, {COMING, GONE}), (late, {GONE})):
        found = shop.recommend([RecommendRequest(customer_id=customer_id(3), as_of=as_of, k=60)])[0]
        assert {COMING, GONE} - set(found.item_ids) == hidden


def test_many_callers_at_once_get_what_one_gets(shop):
    requests = [RecommendRequest(customer_id=customer_id(n % 40), k=20, explain=True) for n in range(200)]
    alone = [shop.recommend([request])[0] for request in requests[:40]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda request: shop.recommend([request])[0], requests))
    for n, answer in enumerate(found):
        assert list(answer.item_ids) == list(alone[n % 40].item_ids)
        assert list(answer.scores) == list(alone[n % 40].scores)


def test_the_state_is_the_log(shop, trained):
    log = pl.read_parquet(trained.data / "interactions.parquet")
    model = shop.served
    assert model.snapshot.watermark == len(log)
    for one in (customer_id(0), customer_id(77), "silent-2"):
        rows = log.filter(pl.col("customer_id") == one).sort("timestamp", maintain_order=True)
        history = model.snapshot.histories(np.array([model.customers.row(one)]))
        assert model.items.ids(history.items) == rows["item_id"].to_list()
        assert history.times.tolist() == rows["timestamp"].to_list()
    assert model.clock.log_end == log["timestamp"].max()


def test_a_customer_of_the_table_alone_is_known(shop):
    found = shop.recommend([RecommendRequest(customer_id="silent-0", k=10)])[0]
    assert found.known_customer
    assert found.fallbacks == ()


@pytest.fixture(scope="module")
def indexed(shop, tmp_path_factory):
    """The same bundle with an approximate index, written and read again."""
    model = shop.served
    retriever = model.engine.retriever
    content = retriever.counting["content"]
    spaces = [
        indexed_vectors(items.vectors, "IVF30,SQ8", probes=15)
        for items in (retriever.tower_items, retriever.embedding_items, content.items)
    ]
    retriever = replace(
        retriever,
        tower_items=spaces[0],
        embedding_items=spaces[1],
        counting={**retriever.counting, "content": Content(spaces[2], mix=content.mix)},
    )
    engine = Engine(retriever, model.engine.reranker, depths=model.engine.depths)
    near = indexed_vectors(model.customer_space.vectors.astype(np.float32), "IVF30,SQ8", probes=15)
    customers = CustomerSpace(
        model.customer_space.vectors, index=faiss.serialize_index(near.index), probes=near.probes, spare=near.spare
    )
    figures = {"two_tower": {"index": "IVF30,SQ8", "probes": 15, "recall": 0.95}}
    model = replace(model, engine=engine, customer_space=customers, figures={**model.figures, "index": figures})
    parts, golden = pack_model(model), ask(model)
    contents = BundleContents(arrays={**parts.arrays, **golden.arrays}, documents=parts.documents, blobs=parts.blobs)
    folder = tmp_path_factory.mktemp("indexed")
    promote(folder, "default", write_bundle(folder, "default", contents).version, alias="stable")
    return Pipeline.load(folder, "default", "stable", ClockPolicy.LOG_END)


def test_index_and_item_tower_agree_on_every_item(indexed, shop):
    items = indexed.served.engine.retriever.tower_items
    assert items.approximate
    ids = shop.served.items.ids(range(1, len(shop.served.items)))
    exported = shop.encode_items(ids)
    items.index.make_direct_map()
    held = items.index.reconstruct_n(0, len(ids))[:, : exported.shape[1]]
    np.testing.assert_allclose(held, exported, atol=0.02 * np.abs(exported).max())
    assert (np.linalg.norm(held[:, None] - exported[None], axis=2).argmin(axis=1) == np.arange(len(ids))).all()
    np.testing.assert_array_equal(indexed.encode_items(ids), exported)


def test_an_approximate_index_changes_few_lists_and_no_promises(indexed, shop):
    requests = [RecommendRequest(customer_id=customer_id(n), k=10) for n in range(0, 200, 5)]
    same = [len(set(a) & set(b)) / 10 for a, b in zip(lists(indexed, requests), lists(shop, requests), strict=True)]
    assert np.mean(same) > 0.9
    for filters, k in (({}, 60), ({"category": "egg"}, 60), ({"organic": True, "tags": "fifth"}, 10)):
        request = RecommendRequest(customer_id=customer_id(5), k=k, filter=equal(**filters))
        assert set(lists(indexed, [request])[0]) == set(lists(shop, [request])[0])


def test_an_approximate_index_is_described(indexed):
    said = indexed.description()
    assert said.index == "IVF30,SQ8"
    assert 0.9 < said.index_recall <= 1.0


@pytest.mark.parametrize("number", [0, 33, 199])
def test_indexed_neighbours_are_the_exact_ones(indexed, shop, number):
    assert indexed.served.customer_space.approximate
    request = SimilarCustomersRequest(customer_id=customer_id(number), k=20)
    found, right = (set(pipeline.similar_customers(request).customer_ids) for pipeline in (indexed, shop))
    assert len(found) == 20
    assert len(found & right) >= 17
    request = SimilarItemsRequest(item_id=f"i{number % 60:03}", k=10, space="content")
    found, right = (pipeline.similar_items(request) for pipeline in (indexed, shop))
    assert len(set(found.item_ids) & set(right.item_ids)) >= 8


def test_strangers_of_different_towns_get_different_lists_of_what_is_popular_there(shop):
    """Nobody knows them: what they get can only come from the features in the request."""
    profiles = [Profile(features={"town": town}) for town in TOWNS]
    alone = lists(shop, [RecommendRequest(profile=one, k=5, sources={"segment_popularity": 1.0}) for one in profiles])
    for number, found in enumerate(alone):
        assert np.mean(np.array(categories(found)) == number) >= 0.6
    whole = lists(shop, [RecommendRequest(profile=one, k=10) for one in profiles])
    assert len({tuple(found) for found in whole}) == len(TOWNS)
    (nobody,) = shop.recommend([RecommendRequest(k=5, explain=True)])
    assert "segment_popularity" in nobody.sources
    assert not any(reason.source == "segment_popularity" for own in nobody.explanations for reason in own.sources)
