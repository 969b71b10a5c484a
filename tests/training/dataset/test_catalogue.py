"""The items table becomes what filters read."""

import numpy as np
import polars as pl
import pytest
from small_logs import log_of
from small_models import equal

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.dataset.catalogue import build_catalogue
from shortlist_training.log import read_log

ITEMS = {
    "item_id": ["b", "a", "c"],
    "kind": ["milk", None, "nuts"],
    "price": [2.5, 1.0, None],
    "organic": [True, None, False],
    "tags": [["x", "y"], [], ["y", "y", None]],
}


def catalogue_of(ids="abcd", **items):
    log = log_of([("one", "a", 1.0)], items=items or ITEMS)
    return build_catalogue(log, Vocabulary(ids))


def found(catalogue, **values):
    return np.flatnonzero(catalogue.matching(equal(**values)).mask).tolist()


def test_attributes_stand_in_the_order_of_the_vocabulary():
    catalogue = catalogue_of()
    assert {name: attribute.kind for name, attribute in catalogue.attributes.items()} == {
        "kind": ColumnKind.CATEGORY,
        "price": ColumnKind.NUMBER,
        "organic": ColumnKind.FLAG,
        "tags": ColumnKind.CATEGORIES,
    }
    assert found(catalogue, kind="milk") == [2]
    assert found(catalogue, price=1.0) == [1]
    assert found(catalogue, organic=False) == [3]
    assert found(catalogue, tags="y") == [2, 3]


def test_items_that_only_the_log_knows_have_no_attributes():
    catalogue = catalogue_of()
    assert len(catalogue.available_from) == 1 + 4
    assert not any(4 in found(catalogue, **one) for one in ({"kind": "milk"}, {"price": 2.5}, {"tags": "y"}))


def test_a_log_without_an_items_table_has_no_attributes():
    catalogue = build_catalogue(log_of([("one", "a", 1.0)]), Vocabulary("ab"))
    assert catalogue.attributes == {}
    assert len(catalogue.available_from) == 1 + 2
    assert catalogue.available(0.0) is None


def test_availability_is_open_where_nothing_is_said():
    catalogue = catalogue_of(
        item_id=["a", "b"], available_from=[10.0, None], available_until=[None, 20.0], kind=["x", "y"]
    )
    assert catalogue.attributes.keys() == {"kind"}
    assert np.flatnonzero(catalogue.available(5.0)[1:]).tolist() == [1, 2, 3]
    assert np.flatnonzero(catalogue.available(25.0)[1:]).tolist() == [0, 2, 3]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_table_as_read_from_a_file_can_be_filtered(tmp_path, suffix):
    """From the file to the filter, with every kind of column."""
    items = pl.DataFrame(
        {
            "item_id": [str(n) for n in range(40)],
            "kind": [("milk", "nuts")[n % 2] for n in range(40)],
            "price": [n / 4 for n in range(40)],
            "organic": [n % 3 == 0 for n in range(40)],
            "title": [f"a long title in which every word counts, number {n}" for n in range(40)],
        }
    )
    log = pl.DataFrame({"customer_id": ["x"] * 40, "item_id": items["item_id"]})
    for name, table in (("items", items), ("interactions", log)):
        getattr(table, f"write_{suffix}")(tmp_path / f"{name}.{suffix}")
    ids = Vocabulary(items["item_id"])
    catalogue = build_catalogue(read_log(tmp_path), ids)
    asked = {"kind": "nuts", "price": 3.25, "organic": False, "title": items["title"][13]}
    for name, value in asked.items():
        matching = items.filter(pl.col(name) == value)["item_id"]
        assert found(catalogue, **{name: value}) == sorted(ids.rows(matching.to_list()).tolist())
    assert ids.ids(found(catalogue, **asked)) == ["13"]
