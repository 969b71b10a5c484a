"""Items encoded again: where nothing has changed they stand where they stood."""

from dataclasses import replace

import numpy as np
import pytest
from item_sides import described_model
from small_models import ITEMS, item

from shortlist_bundle.changes.change import ItemUpserted
from shortlist_bundle.encoding_again import Apart, encode_again, features_of
from shortlist_bundle.engine import Engine
from shortlist_bundle.live.items import ItemWriter
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.vectors import ItemVectors

ROWS = np.arange(1, ITEMS + 1, dtype=np.int32)


@pytest.fixture
def model():
    """A model whose content space is made of its items' features."""
    drawn = described_model()
    features = features_of(drawn, np.arange(ITEMS + 1, dtype=np.int32))
    content = Content(ItemVectors(drawn.item_side.content(features)), mix=(0.25, 0.75))
    retriever = drawn.engine.retriever
    counting = {**retriever.counting, "content": content}
    return replace(drawn, engine=Engine(replace(retriever, counting=counting), drawn.engine.reranker,
                                        depths=drawn.engine.depths))  # fmt: skip


def test_what_has_not_changed_stands_where_it_stood(model):
    assert encode_again(model, ROWS)["content"] == Apart(ITEMS, 0)


def test_new_items_stand_where_their_features_say_and_changed_ones_do_not(model):
    writer = ItemWriter(model)
    writer.upsert(ItemUpserted(item_id="new", attributes={"price": 7.0, "title": "title 3"}))
    writer.upsert(ItemUpserted(item_id=item(5), attributes={"price": 8.5, "title": "quite another"}))
    live = writer.model(model)
    found = encode_again(live, np.arange(1, ITEMS + 2, dtype=np.int32))
    assert found["content"] == Apart(ITEMS + 1, 1)
    assert found["two_tower"].apart == 0
    assert found["two_tower"].checked >= 1


def test_vectors_that_are_not_those_of_the_features_are_all_found(model):
    moved = replace(model, item_side=described_model(seed=5).item_side)
    assert encode_again(moved, ROWS)["content"].apart > ITEMS / 2


def test_without_what_encodes_items_nothing_is_said(model):
    assert not encode_again(replace(model, item_side=None), ROWS)
    assert not encode_again(model, ROWS[:0])
