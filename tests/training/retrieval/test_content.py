"""Where items stand by their features."""

import numpy as np
import polars as pl
import pytest
from small_logs import dataset_of

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.config.run import RunConfig, SourcesConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.log.log import Log
from shortlist_training.retrieval.content import WIDTH, fit_content
from shortlist_training.retrieval.content import content_vectors as placed
from shortlist_training.retrieval.retriever import source_names

TAKINGS = [("c1", "i00", 1.0)]


def content_vectors(dataset, *, seed):
    axes = fit_content(dataset, seed=seed)
    return None if axes is None else placed(dataset, axes)


def ids(count):
    return [f"i{n:02}" for n in range(count)]


def vectors_of(**columns):
    count = len(next(iter(columns.values())))
    return content_vectors(dataset_of(TAKINGS, items={"item_id": ids(count), **columns}), seed=0)


def test_items_that_share_a_category_are_near():
    vectors = vectors_of(kind=["a", "a", "b", "b", "b", None])
    near = vectors[1:] @ vectors[1:].T
    assert near[0, 1] == pytest.approx(1, abs=1e-6)
    assert near[2, 3] == near[3, 4] == pytest.approx(1, abs=1e-6)
    assert near[0, 2] == pytest.approx(0, abs=1e-6)
    assert (near[5] == 0).all()
    assert (vectors[0] == 0).all()


def test_what_two_items_share_counts_by_how_rare_it_is():
    """Items 0 and 1 share the rare aisle, 0 and 2 the brand that half of all have."""
    brand = ["x", "y", "x", "x", "x", "y", "y", "y"]
    aisle = ["p", "p", "q", "q", "q", "q", "q", "q"]
    near = (vectors := vectors_of(brand=brand, aisle=aisle)[1:]) @ vectors.T
    rare, common = np.log(8 / 2), np.log(8 / 4)
    assert near[0, 1] == pytest.approx(rare / (rare + common), abs=1e-5)
    assert near[0, 2] == pytest.approx(common / np.sqrt((rare + common) * (np.log(8 / 6) + common)), abs=1e-5)
    assert near[0, 1] > near[0, 2]


def test_values_that_only_one_item_has_make_no_two_alike():
    vectors = vectors_of(kind=["a", "a", "b", "b", "alone", "another"])
    assert vectors[5] @ vectors[6] == 0


def test_near_numbers_are_near():
    vectors = vectors_of(price=[1.0, 2.0, 3.0, 4.0, 5.0, None])
    near = vectors[1:] @ vectors[1:].T
    assert near[0, 1] > near[0, 2] > near[0, 3] > near[0, 4]
    assert near[0, 1] == pytest.approx(near[3, 4], abs=1e-5)
    assert (near[5] == 0).all()


def texts_log(titles):
    items = pl.DataFrame({"item_id": ids(len(titles)), "title": titles})
    frame = pl.DataFrame(TAKINGS, schema=["customer_id", "item_id", "timestamp"], orient="row")
    return Log(
        interactions=frame.with_columns(value=pl.lit(1.0)), customers=None, items=items,
        columns={"items": {"title": ColumnKind.TEXT}, "customers": {}, "interactions": {}},
        feedback=None, repeats=False, rating_scale=None, report=None,
    )  # fmt: skip


def test_a_text_is_its_words_and_many_of_them_become_few_axes():
    random = np.random.default_rng(0)
    topics = [[f"{topic}{n}" for n in range(40)] for topic in ("sea", "hill", "town")]
    titles = [" ".join(random.choice(topics[n % 3], 6, replace=False)) for n in range(90)]
    vectors = content_vectors(build_dataset(texts_log(titles)), seed=0)
    assert vectors.shape == (91, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(vectors[1:], axis=1), 1, atol=1e-5)
    near = vectors[1:] @ vectors[1:].T
    np.fill_diagonal(near, -1)
    nearest = np.argsort(-near, axis=1)[:, :5]
    assert (nearest % 3 == (np.arange(90) % 3)[:, None]).mean() > 0.9


def test_the_same_table_gives_the_same_vectors():
    titles = [f"word{n % 7} word{n % 11} word{n % 13} of {n}" for n in range(120)]
    first, second = (content_vectors(build_dataset(texts_log(titles)), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_without_features_there_is_no_space_and_no_source():
    bare = dataset_of(TAKINGS)
    assert content_vectors(bare, seed=0) is None
    assert "content" not in source_names(bare, RunConfig())
    described = dataset_of(TAKINGS, items={"item_id": ids(2), "kind": ["a", "b"]})
    assert source_names(described, RunConfig())[-1] == "content"
    assert "content" not in source_names(described, RunConfig(sources=SourcesConfig(names=("popularity",))))


def test_features_that_tell_nothing_place_nobody():
    vectors = vectors_of(kind=["a", "a", "a"])
    assert not vectors.any()
    assert len(vectors) == 4
