import csv

import pytest
from planted_task import planted_task

from shortlist_training.benchmark.ledger import COLUMNS, Ledger, commit_of
from shortlist_training.benchmark.peers import CHECKOUT
from shortlist_training.benchmark.results import RunKey
from shortlist_training.benchmark.task import read_benchmark_task
from shortlist_training.evaluation.metrics import Figure


def append(ledger, task):
    key = RunKey(task=task, part="new", method="ease", seed=2)
    figures = {"ndcg": Figure(0.123456, 0.01), "recall": Figure(0.5, 0.02), "mrr": Figure(0.1, 0.1)}
    ledger.append(key, figures, bundle="0123456789abcdef0123", commit="abc1234")


def test_a_judged_run_is_a_line_for_each_metric(tmp_path):
    file = tmp_path / "judged.csv"
    task = read_benchmark_task(planted_task(tmp_path, "planted"))
    append(Ledger(file), task)
    append(Ledger(file), task)
    with file.open() as opened:
        head, line, recall, *again = csv.reader(opened)
    assert head == list(COLUMNS)
    assert [line, recall] == again
    assert recall[4:7] == ["recall@3", "0.50000", "0.02000"]
    assert line[1:] == [
        "abc1234", "planted", "new", "ndcg@3", "0.12346", "0.01000", "2", "0123456789abcdef", "bench quality: ease",
    ]  # fmt: skip


def test_a_rehearsal_is_not_written_down(tmp_path, task):
    append(Ledger(tmp_path / "judged.csv"), task)
    append(Ledger(None), task)
    assert not (tmp_path / "judged.csv").exists()


def test_its_columns_are_those_of_the_file_there_is():
    kept = CHECKOUT / "docs" / "judged.csv"
    with kept.open() as file:
        assert tuple(next(csv.reader(file))) == COLUMNS


def test_a_folder_that_is_no_checkout_has_no_commit(tmp_path):
    assert commit_of(tmp_path) == ""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout")
    assert len(commit_of(CHECKOUT)) >= 7
