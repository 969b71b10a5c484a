import polars as pl
import pytest

from shortlist_training.demo import groceries as module
from shortlist_training.demo.groceries import groceries, judgeable, left_out
from shortlist_training.errors import OutputError
from shortlist_training.fetch.complete_journey import NOTICE
from shortlist_training.progress import Silent


@pytest.fixture
def tables():
    """`both` has two buyers, `one` a single buyer who came three times, `nobody` none."""
    log = [("a", "both"), ("b", "both"), ("a", "one"), ("a", "one"), ("a", "one")]
    return {
        "interactions": pl.DataFrame(log, schema=["customer_id", "item_id"], orient="row"),
        "items": pl.DataFrame({"item_id": ["nobody", "one", "both"], "brand": ["x", "y", "z"]}),
        "customers": pl.DataFrame({"customer_id": ["a"], "age": ["65+"]}),
    }


def test_buyers_count_and_not_purchases(tables):
    kept = judgeable(tables, fewest=2)

    assert kept["interactions"].rows() == [("a", "both"), ("b", "both")]
    assert kept["items"]["item_id"].to_list() == ["both"]
    assert kept["customers"].equals(tables["customers"])


def test_what_was_left_out_is_counted(tables):
    said = left_out(tables, judgeable(tables, fewest=2), fewest=2)
    assert said.startswith("Left out: 2 of 3 products, and 3 of 5 lines (60%), because fewer than 2 households")


def test_an_earlier_demo_has_written_it(tables, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read_complete_journey", lambda: tables)
    monkeypatch.setattr(module, "FEWEST_BUYERS", 2)
    first = groceries(tmp_path / "data", Silent())
    monkeypatch.setattr(module, "read_complete_journey", pytest.fail)

    assert first == NOTICE + left_out(tables, judgeable(tables, fewest=2), fewest=2)
    assert groceries(tmp_path / "data", Silent()) == first
    assert pl.read_parquet(tmp_path / "data" / "interactions.parquet").height == 2


def test_somebody_elses_folder_is_left_alone(tables, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read_complete_journey", lambda: tables)
    (tmp_path / "interactions.csv").write_text("mine\n")

    with pytest.raises(OutputError, match="something here already"):
        groceries(tmp_path, Silent())
    assert [path.name for path in tmp_path.iterdir()] == ["interactions.csv"]
