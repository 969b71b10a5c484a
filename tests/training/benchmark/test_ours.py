"""Our own methods, on a bundle that is there already; training one is for the slow tests."""

import json

import polars as pl
import pytest
from planted_task import write

from shortlist_bundle.files import open_bundle
from shortlist_training.benchmark import ours as module
from shortlist_training.benchmark.child import Took
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.ours import TRAINED, Ours
from shortlist_training.benchmark.task import read_benchmark_task
from shortlist_training.errors import BenchmarkError


@pytest.fixture
def shop_task(trained, tmp_path):
    """A task whose log is that of the small shop."""
    folder = tmp_path / "shop-rehearsal"
    folder.mkdir()
    (folder / "data").symlink_to(trained.data)
    for part in ("all", "new"):
        write(folder / f"targets-{part}.parquet", [("c001", "i001")], "customer_id", "item_id")
    (folder / "task.json").write_text(json.dumps({"k": 5, "seen_allowed": {"all": True, "new": False}}))
    return read_benchmark_task(folder)


@pytest.fixture
def ours(trained, shop_task, tmp_path):
    """The shared bundle, as if it had been trained for the task."""
    found = Ours(out=tmp_path / "out")
    place = found.place(shop_task, None, 0)
    place.mkdir(parents=True)
    (place / "bundles").symlink_to(trained.bundles)
    opened = open_bundle(trained.bundles, "default", "stable")
    document = {
        "digest": shop_task.digest,
        "bundle": opened.ref.bundle_id,
        "metrics": opened.document("metrics"),
        "seconds": 12.0,
        "memory": 900.0,
    }
    (place / TRAINED).write_text(json.dumps(document))
    return found


def test_lists_come_from_the_bundle_that_is_there(ours, shop_task, tmp_path):
    made = ours.produce(Method(name="shortlist"), shop_task, 0, ["new"], tmp_path / "lists")
    lists = pl.read_parquet(made.lists["new"])
    log = pl.read_parquet(shop_task.data / "interactions.parquet")
    assert lists.group_by("customer_id").len()["len"].unique().to_list() == [5]
    assert not len(lists.join(log, on=["customer_id", "item_id"], how="semi"))
    assert (made.training_seconds, bool(made.bundle)) == (12.0, True)
    assert made.memory >= 900.0


def test_a_source_alone_makes_other_lists_and_trains_nothing(ours, shop_task, tmp_path):
    alone = Method(name="shortlist:own_past", source="own_past")
    made = ours.produce(alone, shop_task, 0, ["all"], tmp_path / "lists")
    log = pl.read_parquet(shop_task.data / "interactions.parquet")
    shown = pl.read_parquet(made.lists["all"]).filter(pl.col("rank") <= 2, pl.col("customer_id").str.starts_with("c"))
    assert len(shown.join(log, on=["customer_id", "item_id"], how="semi")) == len(shown)
    assert made.training_seconds is None


def test_a_source_that_is_none_is_a_failure(ours, shop_task, tmp_path):
    with pytest.raises(BenchmarkError, match="magic"):
        ours.produce(Method(name="shortlist:magic", source="magic"), shop_task, 0, ["all"], tmp_path / "lists")


def test_training_is_the_command_with_its_seed_and_budget(shop_task, tmp_path, monkeypatch):
    calls = []

    def fake(command, log, **_):
        calls.append(command)
        log.parent.mkdir(parents=True, exist_ok=True)
        told = {"bundle": {"id": "b" * 64}, "metrics": {"headline": {}}}
        return Took(output=json.dumps(told), seconds=2.0, memory=3.0)

    monkeypatch.setattr(module, "run_child", fake)
    ours = Ours(out=tmp_path)
    assert ours.trained(shop_task, 1.5, 4) == ours.trained(shop_task, 1.5, 4)
    (command,) = calls
    assert command[3:5] == ["train", "--data"]
    assert command[command.index("--seed") + 1] == "4"
    assert command[command.index("--budget") + 1] == "1.5"
    ours.forget(shop_task, 1.5, 4)
    ours.trained(shop_task, 1.5, 4)
    assert len(calls) == 2
