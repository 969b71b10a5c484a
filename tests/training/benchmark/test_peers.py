import sys

import pytest

from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.peers import Peers
from shortlist_training.errors import BenchmarkError


def test_they_are_found_in_the_projects_folder(tmp_path):
    assert Peers.find(tmp_path).known["ease"] is False


def test_without_that_folder_there_are_none(tmp_path):
    assert Peers.find(tmp_path, folder=tmp_path).known == {}


def test_a_peer_is_shown_the_log_and_nothing_else(tmp_path, task):
    program = tmp_path / "benchmarks" / "peers" / "__main__.py"
    program.parent.mkdir(parents=True)
    program.write_text("import sys; sys.exit(' '.join(sys.argv[1:]))")
    peers = Peers(folder=tmp_path, python=sys.executable, known={})
    lists = tmp_path / "lists"
    lists.mkdir()
    with pytest.raises(BenchmarkError) as refused:
        peers.produce(Method(name="ease"), task, 3, ["new"], lists)
    said = str(refused.value)
    assert said == f'ease --data {task.data} --parts {{"new": false}} --k 3 --seed 3 --out {lists}'
