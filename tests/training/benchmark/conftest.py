import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from planted_task import planted_task

from shortlist_training.benchmark.task import read_benchmark_task


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return planted_task(tmp_path_factory.mktemp("tasks"))


@pytest.fixture(scope="session")
def task(folder):
    return read_benchmark_task(folder)


# `fake_peers` is imported by its bare name.
sys.path.insert(0, str(Path(__file__).parent))
