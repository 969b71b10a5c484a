"""How alike items are, by hand."""

import numpy as np
import pytest
from shelves import catalogue, categories, category, number

from shortlist_bundle.diversity.grouping import grouping_columns, groups_of, mixed_column
from shortlist_bundle.diversity.likeness import NoLikeness, TraitLikeness, VectorLikeness, fill_likeness
from shortlist_bundle.features.kinds import ColumnKind


def table(likeness, items):
    """Return how alike every two of some items are."""
    rows = likeness.rows(np.array(items, np.int32))
    found, spread = np.zeros((len(items), len(items)), np.float32), np.zeros(rows.width, np.float32)
    for place in range(len(items)):
        fill_likeness(place, rows, spread, found[place])
        assert not spread.any()
    return found


def test_one_column_alone_is_the_likeness():
    shop = catalogue(tags=categories([["a", "b"], ["a"], ["c"], []]))
    (column,) = (groups_of(one) for one in shop.attributes.values())
    likeness = TraitLikeness.of({"tags": column})
    half = np.sqrt(0.5)
    expected = [[1, half, 0, 0], [half, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(table(likeness, range(1, 5)), expected, atol=1e-6)
    assert likeness.table.offsets is column.offsets


def test_columns_count_alike_and_the_values_of_a_list_share_their_column():
    shop = catalogue(
        brand=["x", "x", "y", None, "y", None],
        tags=categories([["a", "b"], ["a"], ["a", "b"], ["b"], [], []]),
    )
    likeness = TraitLikeness.of({name: groups_of(one) for name, one in shop.attributes.items()})
    half = 0.5 / np.sqrt(2)
    expected = [
        # Same brand; of the tags one of two is shared: (1 + 1/sqrt 2) / 2.
        [1, 0.5 + half, 0.5, 0.5, 0, 0],
        [0.5 + half, 1, half, 0, 0, 0],
        [0.5, half, 1, 0.5, np.sqrt(0.5), 0],
        # One column alone fills the whole vector: 1 * 1/sqrt(2) * 1/sqrt(2) = 1/2.
        [0.5, 0, 0.5, 1, 0, 0],
        [0, 0, np.sqrt(0.5), 0, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]
    np.testing.assert_allclose(table(likeness, range(1, 7)), expected, atol=1e-6)
    np.testing.assert_allclose(table(likeness, [6, 2, 2])[1:, 1:], 1, atol=1e-6)


def test_vectors_are_compared_by_their_angle():
    vectors = np.array([[0, 0], [3, 0], [0, 2], [1, 1], [0, 0]], np.float32)
    root = np.sqrt(0.5)
    expected = [[1, 0, root, 0], [0, 1, root, 0], [root, root, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(table(VectorLikeness(vectors=vectors), range(1, 5)), expected, atol=1e-6)


def test_of_nothing_nothing_is_alike():
    assert not table(NoLikeness(), [1, 2]).any()


def test_only_columns_that_group_tell_items_apart():
    many = [f"v{n}" for n in range(12)]
    shop = catalogue(
        shelf=["a", "b"] * 6,
        name=category(many, ColumnKind.TEXT),
        code=many,
        halves=many[:6] * 2,
        same=["s"] * 12,
        empty=[None] * 12,
        price=number(range(12)),
        tags=categories([["t"], ["u"]] * 6),
    )
    assert list(grouping_columns(shop)) == ["shelf", "halves", "tags"]


def test_a_value_that_stands_twice_in_a_list_counts_once():
    grouping = groups_of(categories([["b", "a", "b"], [], ["a"]]))
    assert (grouping.offsets.tolist(), grouping.groups.tolist()) == ([0, 0, 2, 2, 3], [1, 2, 1])


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [({"department": 30, "kind": 300, "brand": 2}, "department"), ({"kind": 300, "maker": 200}, "maker"), ({}, None)],
)
def test_the_mix_that_is_followed_is_the_finest_a_list_can_follow(sizes, chosen):
    shop = {name: [f"{name}{n % size}" for n in range(1_000)] for name, size in sizes.items()}
    columns = grouping_columns(catalogue(**shop)) if shop else {}
    assert mixed_column(columns) == chosen
