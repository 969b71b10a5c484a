import json

import polars as pl
import pytest
from planted_task import planted_task, write

from shortlist_training.benchmark.task import read_benchmark_task
from shortlist_training.errors import BenchmarkError


def test_it_reads_what_the_card_says(task):
    assert (task.name, task.k, task.parts) == ("planted-rehearsal", 3, {"new": False, "all": True})
    assert not task.judged
    assert set(task.targets("new").columns) == {"customer_id", "item_id"}


def test_a_folder_without_rehearsal_in_its_name_is_judged(tmp_path):
    assert read_benchmark_task(planted_task(tmp_path, "planted")).judged


def test_lists_are_as_long_as_the_targets_ask_for(tmp_path):
    folder = planted_task(tmp_path)
    (folder / "task.json").write_text(json.dumps({"seen_allowed": {"new": False}}))
    assert read_benchmark_task(folder).k == 20
    write(folder / "targets-new.parquet", [("c00", "i01"), ("c01", "i02")], "customer_id", "item_id")
    assert read_benchmark_task(folder).k == 10


def test_other_data_is_another_task(tmp_path, task):
    folder = planted_task(tmp_path)
    assert read_benchmark_task(folder).digest == task.digest
    log = pl.read_parquet(folder / "data/interactions.parquet")
    log.tail(5).write_parquet(folder / "data/interactions.parquet")
    assert read_benchmark_task(folder).digest != task.digest


def test_a_folder_that_is_no_task_is_refused(tmp_path):
    with pytest.raises(BenchmarkError, match=r"task\.json"):
        read_benchmark_task(tmp_path)
    folder = planted_task(tmp_path)
    (folder / "targets-all.parquet").unlink()
    with pytest.raises(BenchmarkError, match=r"targets-all\.parquet"):
        read_benchmark_task(folder)
