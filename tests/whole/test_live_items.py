"""A trained shop takes in items that nobody has taken, and finds them by their features."""

import numpy as np
import pytest
from planted import CATEGORIES, ITEMS, NEVER_TAKEN, WORDS, category_of, customer_id, favourites, item_id

from shortlist_bundle.changes.change import EventRecorded, ItemDeleted, ItemUpserted
from shortlist_bundle.changes.memory import MemoryLog
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.sources.content import Content
from shortlist_server.pipeline.changing import known_item
from shortlist_server.pipeline.live import LivePipeline
from shortlist_server.pipeline.request import RecommendRequest, SimilarItemsRequest


def of_category(category, number=77):
    """Return a new item made like those of a category."""
    return ItemUpserted(
        item_id=f"new-{category}",
        attributes={
            "category": WORDS[category],
            "price": 5.0,
            "organic": False,
            "title": f"the {WORDS[category]} of maker number {number} in a box",
        },
    )


@pytest.fixture(scope="module")
def live(shop):
    found = LivePipeline(shop, MemoryLog())
    found.record([of_category(category) for category in range(CATEGORIES)])
    return found


def encoded_items(model):
    """Return the features of every item of the bundle, as its catalogue has them."""
    rows = [known_item(model, name).item.attributes for name in model.items.ids(range(1, len(model.items)))]
    encode = model.item_encoder.encode
    parts = [encode({name: [value] for name, value in row.items()}, 1) for row in rows]
    return EncodedFeatures.concatenate(parts)


def test_the_bundle_encodes_an_item_as_training_has(shop):
    """What the bundle has of an item that nobody has taken is what its features give."""
    model, side = shop.served, shop.served.item_side
    features = encoded_items(model)
    untaken = model.items.row(NEVER_TAKEN)
    own = features.take([untaken - 1])
    vectors = side.tower(own)
    np.testing.assert_allclose(model.engine.retriever.tower_items.vectors[untaken], vectors[0], atol=1e-5)
    np.testing.assert_allclose(model.engine.retriever.tower.history_items[untaken], vectors[0, :-1], atol=1e-5)
    content = model.engine.retriever.counting["content"]
    assert isinstance(content, Content)
    np.testing.assert_allclose(content.items.vectors[1:], side.content(features), atol=1e-5)
    halves = side.scorer(features, model.engine.retriever.tower_items.vectors[1:])
    np.testing.assert_allclose(model.engine.reranker.scorer.item_half[1:], halves, atol=1e-4)


@pytest.mark.parametrize("space", ["two_tower", "content"])
def test_a_new_item_is_among_its_like(live, space):
    for category in range(CATEGORIES):
        found = live.similar_items(SimilarItemsRequest(item_id=f"new-{category}", k=5, space=space)).item_ids
        alike = [category_of(int(name[1:])) == category for name in found if not name.startswith("new")]
        assert np.mean(alike) >= 0.8
        old = item_id(category + CATEGORIES)
        assert f"new-{category}" in live.similar_items(SimilarItemsRequest(item_id=old, k=12, space=space)).item_ids


def test_it_is_offered_to_those_who_like_its_kind(live):
    """Among the new items alone, each customer is offered one of a kind that they take."""
    only = live.known().items.ids(range(1, ITEMS + 1))
    hits = []
    for number in range(0, 120, 3):
        (found,) = live.recommend([RecommendRequest(customer_id=customer_id(number), k=2, exclude_items=only)])
        assert all(name.startswith("new-") for name in found.item_ids)
        hits.append(int(found.item_ids[0][4:]) in favourites(number))
    # Two of six kinds are liked: chance is a third.
    assert np.mean(hits) >= 0.8


def test_it_has_its_chance_among_all_items(live):
    places = []
    for number in range(0, 120, 3):
        (found,) = live.recommend([RecommendRequest(customer_id=customer_id(number), k=ITEMS + CATEGORIES)])
        places.append(found.item_ids.index(f"new-{favourites(number)[0]}"))
    assert np.median(places) < (ITEMS + CATEGORIES) / 2


def test_what_was_taken_of_it_counts(live):
    """Who has just taken the new item of a kind is offered more of that kind."""
    live.record(
        [
            EventRecorded(event_id=f"t{n}", customer_id="new", item_id=f"new-{category}", timestamp=shop_end(live))
            for n, category in enumerate((2, 2))
        ]
    )
    (found,) = live.recommend([RecommendRequest(customer_id="new", k=10)])
    kinds = [category_of(int(name[1:])) for name in found.item_ids if not name.startswith("new")]
    assert np.mean(np.array(kinds) == 2) >= 0.5
    live.record([ItemDeleted(item_id="new-2")])
    (found,) = live.recommend([RecommendRequest(customer_id="new", k=ITEMS + CATEGORIES)])
    assert "new-2" not in found.item_ids
    live.record([of_category(2)])


def shop_end(live):
    return live.known().clock.log_end
