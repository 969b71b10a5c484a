"""Items beside an index, and taken into a copy of it."""

import faiss
import numpy as np
import pytest

from shortlist_bundle.sources.strategies import Strategy
from shortlist_bundle.sources.vectors import ItemVectors

WIDTH, OLD, NEW, DEPTH = 16, 4000, 400, 50
RANDOM = np.random.default_rng(5)


def draw(count):
    """Draw items in clusters, as trained ones are."""
    centres = np.random.default_rng(1).normal(size=(40, WIDTH))
    found = centres[RANDOM.integers(0, 40, count)] + 0.4 * RANDOM.normal(size=(count, WIDTH))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def index_of(vectors, factory):
    index = faiss.index_factory(WIDTH, factory, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    return faiss.serialize_index(index)


EVERY = np.concatenate([np.zeros((1, WIDTH), np.float32), draw(OLD + NEW)])
QUERIES = draw(60)
FACTORIES = ["IVF40,Flat", "IVF40,SQ8", "HNSW16,Flat"]


def built(factory, count):
    return ItemVectors(EVERY[: count + 1].copy(), index=index_of(EVERY[1 : count + 1], factory), probes=8)


def recall(items, allowed):
    exact = ItemVectors(EVERY)
    found = [set(items.search(query, DEPTH, allowed).items.tolist()) for query in QUERIES]
    truth = [set(exact.exact(query, DEPTH, allowed).items.tolist()) for query in QUERIES]
    return np.mean([len(own & right) / len(right) for own, right in zip(found, truth, strict=True)])


def allowed_share(share):
    mask = np.random.default_rng(3).random(len(EVERY)) < share
    mask[0] = False
    return mask


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("share", [1.0, 0.95, 0.5, 0.02])
def test_as_much_is_found_as_in_an_index_that_was_built_with_everything(factory, share):
    """Beside the index, and after it was taken in: recall within 0.01 of a full rebuild."""
    allowed = allowed_share(share)
    rebuilt = recall(built(factory, OLD + NEW), allowed)
    beside = built(factory, OLD).grown(EVERY)
    merged = beside.merged(beyond=10)
    assert merged.index.ntotal == OLD + NEW
    assert beside.index.ntotal == OLD
    assert recall(beside, allowed) >= rebuilt - 0.01
    assert recall(merged, allowed) >= rebuilt - 0.01


@pytest.mark.parametrize("factory", FACTORIES)
def test_new_items_that_nobody_looks_at_would_show(factory):
    """The check above can fail: without the new items a tenth of the best are missing."""
    old = allowed_share(1.0)
    old[OLD + 1 :] = False
    exact, items = ItemVectors(EVERY), built(factory, OLD).grown(EVERY)
    found = [set(items.search(query, DEPTH, old).items.tolist()) for query in QUERIES]
    truth = [set(exact.exact(query, DEPTH, allowed_share(1.0)).items.tolist()) for query in QUERIES]
    assert np.mean([len(own & right) / len(right) for own, right in zip(found, truth, strict=True)]) < 0.95


def test_the_best_new_item_is_found_by_every_strategy():
    items = ItemVectors(EVERY[: OLD + 1], index=index_of(EVERY[1 : OLD + 1], "IVF40,SQ8"), probes=1).grown(EVERY)
    for row in range(OLD + 1, OLD + 40):
        for share, strategy in ((1.0, Strategy.OVER_FETCH), (0.7, Strategy.SELECTOR), (0.02, Strategy.GATHERED)):
            allowed = allowed_share(share)
            allowed[row] = True
            found = items.search(EVERY[row], 5, allowed)
            assert (found.items[0], found.effort.strategy) == (row, strategy)
            allowed[row] = False
            assert row not in items.search(EVERY[row], 5, allowed).items


def test_few_items_stay_beside_the_index():
    items = built("IVF40,SQ8", OLD).grown(EVERY)
    assert items.merged(beyond=NEW) is items
    exact = ItemVectors(EVERY[: OLD + 1]).grown(EVERY)
    assert exact.merged(beyond=10) is exact
    assert exact.search(EVERY[OLD + 5], 1, allowed_share(1.0)).items.tolist() == [OLD + 5]


def test_a_batch_finds_what_each_finds_alone():
    items = built("IVF40,SQ8", OLD).grown(EVERY)
    allowed = np.stack([allowed_share(1.0)] * len(QUERIES))
    together, _ = items.scoreboard(QUERIES).best(DEPTH, allowed)
    for row, query in enumerate(QUERIES):
        alone, _ = items.scoreboard(query[None]).best(DEPTH, allowed[:1])
        assert together[row].tolist() == alone[0].tolist()
