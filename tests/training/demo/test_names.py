import polars as pl
import pytest

from shortlist_training.demo.names import item_names, read_item_names, readable


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (
            {"product_type": "SPAGHETTI DRY", "package_size": "16 OZ", "brand": "Private"},
            "Spaghetti dry, 16 oz (Private)",
        ),
        ({"product_type": "BANANAS", "package_size": None, "brand": "National"}, "Bananas (National)"),
        ({"product_type": None, "product_category": "FROZEN  MEAT", "brand": None}, "Frozen meat"),
        ({"title": "Toy Story (1995)", "genres": ["Animation"]}, "Toy Story (1995)"),
        ({"name": "Lamp", "title": "L 7"}, "Lamp"),
        ({"brand": "Private", "package_size": "1 LB"}, ""),
        ({"name": "  ", "size": 3}, ""),
    ],
)
def test_a_name_from_what_the_table_has(row, name):
    assert readable(row) == name


def test_items_without_a_name_are_called_by_their_id():
    names = item_names(pl.DataFrame({"item_id": ["1", "2"], "title": ["Heat", None], "price": [1.0, 2.0]}))

    assert [names.of(item) for item in ("1", "2", "unheard of")] == ["Heat", "2", "unheard of"]


def test_names_are_read_even_where_they_are_no_feature(tmp_path):
    (tmp_path / "interactions.csv").write_text("customer_id,item_id\na,1\n")
    (tmp_path / "items.csv").write_text("item_id,title\n" + "".join(f"{n}.0,T{n}\n" for n in range(30)))

    assert read_item_names(tmp_path).of("7") == "T7"


def test_a_log_without_an_items_table_has_ids_for_names(tmp_path):
    (tmp_path / "interactions.csv").write_text("customer_id,item_id\na,1\n")

    assert read_item_names(tmp_path).of("42") == "42"
