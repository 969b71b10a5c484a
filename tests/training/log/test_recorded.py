"""What a server recorded, alone and over a base log, as training reads it."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from shortlist_bundle.changes.change import (
    CustomerDescribed,
    CustomerForgotten,
    EventRecorded,
    ItemDeleted,
    ItemUpserted,
)
from shortlist_bundle.columns import INTERACTIONS
from shortlist_server.changes.disk_log import DiskLog
from shortlist_training.commands.data import data
from shortlist_training.commands.log import log as log_command
from shortlist_training.commands.sources import source_of
from shortlist_training.errors import DataError
from shortlist_training.log import read_log
from shortlist_training.log.location import Recording
from shortlist_training.log.recorded import NEVER_AGAIN, fold, interactions_of, read_recorded

BASE = "customer_id,item_id,timestamp,value,event,hour\nanna,milk,2020-01-01,1,buy,7\nbob,bread,2020-01-02,2,buy,8\n"
ITEMS = "item_id,brand,price\nmilk,Farm,1.5\nbread,Mill,2.5\n"
CUSTOMERS = "customer_id,age,city\nanna,30,Rome\nbob,40,Oslo\n"


def event(name, customer="carl", item="milk", **fields):
    return EventRecorded(**{"event_id": name, "customer_id": customer, "item_id": item, "timestamp": 1.6e9, **fields})


CHANGES = [
    event("e1", "anna", "milk", event="buy", context={"hour": 9, "new": "x"}),
    event("e2", "bob", "bread", value=3.0),
    event("e1", "anna", "milk"),
    ItemUpserted(item_id="milk", attributes={"brand": "Dairy", "price": 3}),
    ItemUpserted(item_id="honey", attributes={"brand": "Bees"}, available_from=5.0),
    ItemDeleted(item_id="bread"),
    CustomerDescribed(customer_id="carl", features={"age": 50}),
    CustomerDescribed(customer_id="anna", features={"age": 31}),
    CustomerForgotten(customer_id="bob"),
    event("e3", "bob", "milk"),
]


@pytest.fixture
def recorded(tmp_path):
    """Return the folder of a log in which an event stands twice, as after an id was let go."""
    folder = tmp_path / "changes"
    disk = DiskLog(folder)
    disk.append(CHANGES[:2])
    disk._head.connection.execute("DELETE FROM ids")
    disk.append(CHANGES[2:])
    disk.close()
    return folder


@pytest.fixture
def base(write):
    write("base/interactions.csv", BASE)
    write("base/items.csv", ITEMS)
    return write("base/customers.csv", CUSTOMERS) / "base"


def rows(frame, *columns):
    return frame.select(columns).rows()


def test_an_event_counts_once_and_a_forgotten_customer_not_at_all():
    found = fold(CHANGES)
    assert [one.event_id for one in found.events] == ["e1", "e3"]
    assert found.forgotten == {"bob"}
    assert found.items["bread"] is None
    assert found.customers == {"carl": {"age": 50}, "anna": {"age": 31}}


def test_a_base_log_goes_on_with_what_was_recorded(base, recorded):
    log = read_log(Recording(changes=recorded, base=base))
    assert rows(log.interactions, "customer_id", "item_id", "value", "event", "hour") == [
        ("anna", "milk", 1.0, "buy", 7.0),
        ("anna", "milk", 1.0, "buy", 9.0),
        # After bob was forgotten he came back; an event without its kind is of the main one.
        ("bob", "milk", 1.0, "buy", None),
    ]
    assert log.interactions["timestamp"].to_list() == [1577836800.0, 1.6e9, 1.6e9]
    assert log.position == read_recorded(recorded).position > 0
    notes = " ".join(log.report.notes)
    assert "new" in notes
    assert f"position {log.position}" in notes
    assert any("forgotten" in one.reason and one.table == INTERACTIONS for one in log.report.dropped)
    assert "bob" not in " ".join(one.example for one in log.report.dropped)


def test_items_and_customers_are_as_they_were_said_last(base, recorded):
    log = read_log(Recording(changes=recorded, base=base))
    assert rows(log.items.sort("item_id"), "item_id", "brand", "price", "available_from", "available_until") == [
        ("bread", None, None, None, NEVER_AGAIN),
        ("honey", "Bees", None, 5.0, None),
        ("milk", "Dairy", 3.0, None, None),
    ]
    assert rows(log.customers.sort("customer_id"), "customer_id", "age", "city") == [
        ("anna", 31.0, "Rome"),
        ("carl", 50.0, None),
    ]


def test_the_log_alone_is_training_data(recorded):
    log = read_log(Recording(changes=recorded))
    assert log.interactions.height == 2
    assert set(log.interactions["customer_id"]) == {"anna", "bob"}
    assert log.items.height == 3


def test_what_is_compacted_is_read_as_the_log_itself(recorded, tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(log_command, ["compact", "--log", str(recorded), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "2 interactions" in done.output
    straight, compacted = read_log(Recording(changes=recorded)), read_log(out)
    for name in ("interactions", "items", "customers"):
        assert getattr(compacted, name).equals(getattr(straight, name)), name
    assert compacted.position == straight.position


def test_the_report_is_that_of_the_log_over_its_base(recorded, base):
    told = CliRunner().invoke(data, ["report", "--data", str(base), "--data", f"log+{recorded}", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["interactions"] == len(read_log(Recording(changes=recorded, base=base)).interactions)


def test_a_log_without_events_says_what_to_do(tmp_path):
    DiskLog(tmp_path).close()
    with pytest.raises(DataError, match="Name a base log"):
        read_log(Recording(changes=tmp_path))
    done = CliRunner().invoke(log_command, ["compact", "--log", str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, DataError)


def test_inspect_says_what_is_damaged_and_fails(recorded):
    told = CliRunner().invoke(log_command, ["inspect", "--log", str(recorded), "--json"])
    assert told.exit_code == 0
    assert json.loads(told.output)["events"] == 2
    disk = DiskLog(recorded)
    disk._head.connection.execute("UPDATE changes SET checksum = checksum + 1 WHERE position = 1")
    disk.close()
    told = CliRunner().invoke(log_command, ["inspect", "--log", str(recorded)])
    assert told.exit_code == 1
    assert "positions 1 to 1" in told.output


def test_values_of_several_types_become_text():
    mixed = [event("a", context={"x": 1, "y": 1, "z": True}), event("b", context={"x": 2.5, "y": "b", "z": False})]
    frame = interactions_of(fold(mixed))
    assert frame["x"].to_list() == [1.0, 2.5]
    assert frame["y"].to_list() == ["1", "b"]
    assert frame["z"].dtype == pl.Boolean


def test_data_names_a_folder_a_log_or_both(tmp_path):
    log = Recording(changes=tmp_path / "l")
    assert source_of(["d"])[1].name == "d"
    assert source_of([f"log+{tmp_path}/l"]) == (log, tmp_path / "l")
    both, folder = source_of(["d", f"log+{tmp_path}/l"])
    assert (both.base, both.changes, folder) == (folder, log.changes, folder)
    with pytest.raises(Exception, match="log\\+DIR"):
        source_of(["d", "e"])
