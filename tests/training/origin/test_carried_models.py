"""Models that are carried over answer as the bundle does; what is new starts from what is known of it."""

from dataclasses import replace

import numpy as np
import pytest
from grown import NEW_CUSTOMERS, NEW_ITEMS

from shortlist_bundle.state.histories import Histories
from shortlist_bundle.towers.layers import unit
from shortlist_training.errors import WarmStartError
from shortlist_training.origin.carrying import put
from shortlist_training.origin.opening import ranking_pair
from shortlist_training.origin.scorer import carried_scorer
from shortlist_training.origin.two_tower import carried_tower


@pytest.fixture(scope="module")
def pair(origin):
    return ranking_pair(origin)


@pytest.fixture(scope="module")
def tower(pair, dataset, news, config):
    return carried_tower(pair, dataset, news.rows, news.seen, config.two_tower, seed=0)


@pytest.fixture(scope="module")
def scorer(pair, dataset, config):
    return carried_scorer(pair, dataset, config.scorer, seed=0)


def known(rows):
    return np.flatnonzero(rows)


def test_known_items_stand_where_they_stood(pair, tower, news):
    rows = news.rows.items
    vectors, before = tower.item_vectors(), pair.engine.retriever.tower_items.vectors
    np.testing.assert_allclose(vectors[known(rows)], before[rows[known(rows)]], atol=1e-5)


def test_a_bundle_that_does_not_know_lengths_will_do(pair, dataset, news, config):
    older = replace(pair, side=replace(pair.side, tower=replace(pair.side.tower, lengths=None)))
    tower = carried_tower(older, dataset, news.rows, news.seen, config.two_tower, seed=0)
    rows = news.rows.items
    before = pair.engine.retriever.tower_items.vectors
    np.testing.assert_allclose(tower.item_vectors()[known(rows)], before[rows[known(rows)]], atol=1e-5)


def test_customers_are_encoded_as_before(pair, tower, news, dataset, origin):
    rows = known(news.rows.customers)
    then = news.rows.customers[rows]
    before, snapshot = pair.engine.retriever.tower, origin.model.snapshot
    histories = snapshot.events.take(then)
    own = tower.export_customers()
    back = np.zeros(len(news.rows.items), np.int32)
    back[news.rows.items] = np.arange(len(back))
    moved = Histories(
        offsets=histories.offsets, items=back[histories.items], times=histories.times, values=histories.values
    )
    again = own(rows.astype(np.int32), dataset.customer_features.take(rows), moved)
    np.testing.assert_allclose(again, before(then, snapshot.encoded.take(then), histories), atol=1e-4)


def test_new_items_start_where_their_features_say(pair, tower, dataset):
    rows = dataset.items.rows(list(NEW_ITEMS))
    grown = replace(pair.side.tower, features=tower.items.features.export())
    encoded = grown(dataset.item_features.take(rows))
    found = tower.item_vectors()[rows]
    # Popularity is worked out anew from the known items: the same but for rounding.
    np.testing.assert_allclose(found[:, :-1], encoded[:, :-1], atol=1e-5)
    np.testing.assert_allclose(found[:, -1], encoded[:, -1], atol=1e-3)
    cheese = dataset.items.rows([f"i{number:03}" for number in range(2, 54, 6)])
    others = dataset.items.rows([f"i{number:03}" for number in range(3, 54, 6)])
    directions = tower.item_vectors()[:, :-1]
    assert (directions[rows] @ directions[cheese].T).mean() > (directions[rows] @ directions[others].T).mean() + 0.2


def test_new_customers_start_as_strangers(tower, dataset):
    rows = dataset.customers.rows(list(NEW_CUSTOMERS))
    assert not tower.customers.ids.numpy()[rows].any()


def test_new_values_start_as_the_unseen_ones(pair, tower, dataset):
    table = tower.customers.features.tables["town"].numpy()
    before = pair.engine.retriever.tower.features.tables["town"]
    assert len(table) == len(before) + 1
    np.testing.assert_array_equal(table[: len(before)], before)
    np.testing.assert_array_equal(table[-1], before[1])


def test_items_without_features_start_where_their_takers_look(pair, dataset, news, config):
    features = dataset.item_features
    rows = dataset.items.rows(list(NEW_ITEMS))
    numbers, bags = features.numbers.copy(), {name: bag.copy() for name, bag in features.bags.items()}
    numbers[rows] = 0
    for bag in bags.values():
        bag[rows] = 0
    bare = replace(dataset, item_features=replace(features, numbers=numbers, bags=bags))
    tower = carried_tower(pair, bare, news.rows, news.seen, config.two_tower, seed=0)
    tower.fit_known(np.bincount(bare.events.items, minlength=bare.item_rows) > 0)
    directions = tower.item_vectors()[:, :-1]
    cheese = dataset.items.rows([f"i{number:03}" for number in range(2, 54, 6)])
    others = dataset.items.rows([f"i{number:03}" for number in range(3, 54, 6)])
    taken, never = rows[:2], rows[2:]
    assert (directions[taken] @ directions[cheese].T).mean() > (directions[taken] @ directions[others].T).mean() + 0.2
    assert not directions[never].any()


def test_the_scorer_scores_as_before(pair, scorer, news, dataset, origin):
    items = known(news.rows.items)
    then = news.rows.items[items]
    rows = known(news.rows.customers)[:20]
    before, now = pair.engine.reranker, scorer.export(_vectors(pair, news))
    random = np.random.default_rng(0)
    signals = random.normal(size=(len(rows), len(items), len(before.signal_mean))).astype(np.float32)
    vectors = random.normal(size=(len(rows), before.encoding_width + 1)).astype(np.float32)
    snapshot = origin.model.snapshot

    def logits(reranker, features, places):
        customers = np.concatenate([reranker.feature_input(features), vectors[:, :-1]], axis=1)
        wanted = np.broadcast_to(places.astype(np.int32), signals.shape[:2])
        return reranker.scorer(customers, np.ascontiguousarray(wanted), reranker.standardised(signals))

    was = logits(before, snapshot.encoded.take(news.rows.customers[rows]), then)
    np.testing.assert_allclose(logits(now, dataset.customer_features.take(rows), items), was, atol=1e-3, rtol=1e-4)


def _vectors(pair, news):
    before = pair.engine.retriever.tower_items.vectors
    return before[news.rows.items] * (news.rows.items > 0)[:, None]


def test_a_part_of_another_shape_is_named(tower):
    with pytest.raises(WarmStartError, match=r"bundle's mixes is of the shape \[1, 2\], and .* need \[4, 16, 16\]"):
        put(tower.customers.mixes, np.zeros((1, 2), np.float32), "mixes")
    with pytest.raises(WarmStartError, match="mixes holds numbers that are not finite"):
        put(tower.customers.mixes, np.full((4, 16, 16), np.nan, np.float32), "mixes")


def test_lengths_are_those_of_the_sums(tower, pair, news):
    rows = news.rows.items
    lengths = pair.side.tower.lengths
    assert lengths.shape == (61,)
    np.testing.assert_allclose(tower.items.lengths()[known(rows)], lengths[rows[known(rows)]], rtol=1e-4)
    sums = tower.items.ids.numpy() * tower.items.known.numpy()[:, None] + tower.items.features().numpy()
    np.testing.assert_allclose(unit(sums)[1:], tower.items().numpy()[1:], atol=1e-5)
