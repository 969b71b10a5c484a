import io
import json

import polars as pl
import pytest
from rich.console import Console

from shortlist_training.log import DataConfig, read_log
from shortlist_training.log.id_codes import IdCodes
from shortlist_training.log.measures import count_duplicates, spread, unknown_ids
from shortlist_training.log.rendering import render
from shortlist_training.log.report import DataReport

TABLE = """customer_id,item_id,timestamp,event,rating,[odd]
a,1,86400,view,1,x
a,1,86400,view,1,x
a,2,172800,buy,5,y
b,1,0,refund,,x
"""


@pytest.fixture
def report(write) -> DataReport:  # type: ignore[no-untyped-def]
    write("items.csv", "item_id,constant\n1,x\n3,x\n")
    folder = write("interactions.csv", TABLE)
    return read_log(folder, DataConfig(events={"view": 0.1, "buy": 1.0, "refund": -1.0})).report


def test_measures(report: DataReport) -> None:
    assert (report.interactions, report.customers, report.items) == (3, 1, 2)
    assert report.date_range == (86400.0, 172800.0)
    assert report.duplicates == 1
    assert report.density == 1.0
    assert report.events == {"view": 2, "buy": 1, "refund": 1}
    assert report.rating_scale == (1.0, 5.0)
    assert report.events_per_customer.mean == report.events_per_customer.maximum == 3
    assert report.events_per_item.median == 1.5
    assert report.unknown["items"].ids == 1
    assert report.unknown["items"].share == pytest.approx(1 / 3)


def test_columns(report: DataReport) -> None:
    described = {column.name: column for column in report.tables[0].columns}

    assert list(described) == ["customer_id", "item_id", "timestamp", "event", "rating", "[odd]"]
    assert described["rating"].missing == 0.25
    assert described["rating"].distinct == 2
    assert described["[odd]"].examples == ("x", "y")
    assert report.tables[1].columns[1].role.value == "left out"


def test_json_holds_everything(report: DataReport) -> None:
    read = json.loads(report.to_json())

    assert read["feedback"] == "ratings"
    assert read["dates"] == ["1970-01-02T00:00:00+00:00", "1970-01-03T00:00:00+00:00"]
    assert read["tables"][0]["columns"][5]["kind"] == "category"
    assert {entry["reason"] for entry in read["dropped"]} == {
        "the same value in every row",
        "the event 'refund' has the weight -1",
    }


def test_the_rendering_says_what_the_report_says(report: DataReport) -> None:
    console = Console(file=io.StringIO(), width=200)
    console.print(render(report))
    text = console.file.getvalue()  # type: ignore[attr-defined]

    for words in (
        "interactions",
        "1970-01-02",
        "[odd]",
        "items.constant",
        "the same value in every row",
        "33.3%",
        "ratings",
    ):
        assert words in text


def test_hand_computed_measures() -> None:
    log = pl.DataFrame({"customer_id": ["a", "b", "b", "c", "c", "c"], "item_id": ["1", "1", "1", "2", "3", "4"]})

    counts = spread(IdCodes.of(log["customer_id"]))

    assert (counts.mean, counts.minimum, counts.p25, counts.median, counts.p75, counts.maximum) == (
        2,
        1,
        1.5,
        2,
        2.5,
        3,
    )
    assert count_duplicates(log) == 1
    unknown = unknown_ids(IdCodes.of(log["item_id"]), pl.Series(["1", "9"]))
    assert (unknown.ids, unknown.interactions, unknown.share, unknown.example) == (3, 3, 0.5, "2")
