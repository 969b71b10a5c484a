"""`shortlist items` and `shortlist customers`, from files to a server that recommends by them."""

import json

import pytest
from click.testing import CliRunner
from small_models import customer, item
from test_changes import ids, worker_at

from shortlist_client import Client, NotFound
from shortlist_client.commands import customers, items

CHEESES = "item_id,price,kind,organic,tags\nbrie,7,milk,true,even\ngouda,dear,milk,true,\nedam,3.5,milk,,even|third\n"


@pytest.fixture
def address(tmp_path):
    with worker_at(tmp_path / "log") as found:
        yield found


def run(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_items_of_a_file_are_recommended_at_once_and_taken_out_again(address, tmp_path):
    file = tmp_path / "cheeses.csv"
    file.write_text(CHEESES)
    done = run(items, "upsert", file, "--server", address)
    assert done.exit_code == 1
    assert done.stdout.startswith("stored 2, refused 1; position ")
    assert "cheeses.csv, row 2, column price: " in done.stderr
    assert "dear" in done.stderr
    with Client(address, timeout=30.0) as client:
        assert {"brie", "edam"} <= set(ids(client.recommend(customer(2), k=40)))
        assert "edam" in ids(client.recommend(customer(2), k=40, filter={"tags": "third"}))
        found = client.recommend(customer(2), k=40, filter={"organic": True, "kind": "milk"})
        assert "brie" in ids(found)
    file = tmp_path / "gone.txt"
    file.write_text("brie\nnothing\n")
    gone = run(items, "delete", "--file", file, "--server", address, "--json")
    found = json.loads(gone.stdout)
    assert (found["deleted"], found["unknown"], found["refused"]) == (1, 1, 0)
    assert run(items, "delete", "edam", item(3), "--server", address).stdout.startswith("deleted 2, ")
    with Client(address, timeout=30.0) as client, pytest.raises(NotFound):
        client.get_item("edam")


def test_customers_of_a_file_are_known_and_forgotten(address, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("customer_id,age,town\nanna,34,ash\nbob,old,birch\n")
    done = run(customers, "upsert", file, "--server", address)
    assert (done.exit_code, done.stdout.split(";")[0]) == (1, "stored 1, refused 1")
    assert "people.csv, row 2, column age: " in done.stderr
    with Client(address, timeout=30.0) as client:
        assert client.recommend("anna", k=3).known_customer
        gone = run(customers, "forget", "anna", "nobody", "--server", address)
        assert gone.stdout.startswith("forgotten 1, refused 0, unknown 1; ")
        assert not client.recommend("anna", k=3).known_customer
    file.write_text("customer_id,age\nanna,1\nanna,2\n")
    twice = run(customers, "upsert", file, "--server", address)
    assert "several rows" in str(twice.exception)


@pytest.mark.parametrize("arguments", [["delete"], ["delete", "a", "--file", __file__]])
def test_ids_or_a_file(arguments):
    done = run(items, *arguments)
    assert "give the ids of items, or --file FILE" in str(done.exception)
