import polars as pl
import pytest
from benchmarks.peers.task import read_task
from planted_task import planted_task

K = 3


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return planted_task(tmp_path_factory.mktemp("task"))


@pytest.fixture(scope="session")
def task(folder):
    return read_task(folder / "data", {"new": False, "all": True}, K)


@pytest.fixture(scope="session")
def hits(folder, task):
    """Return the mean share of a part's lists that is right."""

    def hits(fitted, part):
        pairs = pl.read_parquet(folder / f"targets-{part}.parquet")
        right = set(zip(pairs["customer_id"], pairs["item_id"], strict=True))
        lists = fitted.lists(part)
        assert lists.shape == (len(task.customers), K)
        found = [
            (task.customers[row], task.items[item]) in right
            for row, items in enumerate(lists)
            for item in items
            if item >= 0
        ]
        return sum(found) / lists.size

    return hits
