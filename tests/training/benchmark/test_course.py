import json

import pytest
from fake_peers import BAD, BROKEN, GOOD, FakeOurs, FakePeers, course
from planted_task import planted_task

from shortlist_training.benchmark.course import failures
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.results import Results, RunKey
from shortlist_training.benchmark.task import read_benchmark_task


def keys(task, method, seed=0):
    return [RunKey(task=task, part=part, method=method, seed=seed) for part in task.parts]


def test_every_method_is_run_with_every_seed_and_judged_on_every_part(task, tmp_path):
    peers = FakePeers()
    course(tmp_path, peers=peers).run([task], [GOOD, BAD], [0, 1])
    assert peers.runs == [("good", 0, ("new", "all")), ("good", 1, ("new", "all")), ("bad", 0, ("new", "all"))]
    for part in keys(task, "good", 1):
        found = Results(tmp_path).read(part)
        assert found["figures"]["ndcg@3"]["mean"] == pytest.approx(1.0)
        assert (found["training_seconds"], found["peak_memory_mb"], found["commit"]) == (1.5, 100.0, "abc1234")
        assert len(Results(tmp_path).customers(part)) == found["customers"] == 60
    assert Results(tmp_path).read(keys(task, "bad")[0])["figures"]["hr@3"]["mean"] == 0.0


def test_what_is_there_is_not_run_again(task, tmp_path):
    course(tmp_path).run([task], [GOOD], [0])
    peers = FakePeers()
    course(tmp_path, peers=peers).run([task], [GOOD], [0, 1])
    assert peers.runs == [("good", 1, ("new", "all"))]
    course(tmp_path, peers=peers, again=True).run([task], [GOOD], [0])
    assert peers.runs[1:] == [("good", 0, ("new", "all"))]


def test_only_the_part_that_is_missing_is_run(task, tmp_path):
    course(tmp_path).run([task], [GOOD], [0])
    Results(tmp_path).forget(keys(task, "good")[1])
    peers = FakePeers()
    course(tmp_path, peers=peers).run([task], [GOOD], [0])
    assert peers.runs == [("good", 0, ("all",))]


def test_results_of_other_data_do_not_count(task, tmp_path):
    course(tmp_path).run([task], [GOOD], [0])
    other = read_benchmark_task(planted_task(tmp_path, seed=1))
    assert Results(tmp_path).read(keys(other, "good")[0]) is None


def test_a_failure_is_told_and_does_not_stop_the_rest(task, tmp_path):
    course(tmp_path).run([task], [BROKEN, GOOD], [0])
    assert Results(tmp_path).read(keys(task, "good")[0])
    (failed,) = failures(Results(tmp_path), [task], [BROKEN, GOOD], [0])
    assert failed == {"task": task.name, "method": "broken", "seed": 0, "reason": "torch is not installed"}


def test_a_failure_is_tried_again_and_forgotten_when_it_works(task, tmp_path):
    class Mended(FakePeers):
        def produce(self, method, *rest):
            return super().produce(GOOD, *rest)

    course(tmp_path).run([task], [BROKEN], [0])
    course(tmp_path, peers=Mended()).run([task], [BROKEN], [0])
    assert not list(failures(Results(tmp_path), [task], [BROKEN], [0]))
    assert not list(tmp_path.rglob("*.failed.json"))


def test_lists_against_the_rules_are_a_failure(task, tmp_path):
    class Cheat(FakePeers):
        def produce(self, method, task, seed, parts, lists):
            return super().produce(GOOD, task, seed, ["all"], lists) if parts == ["all"] else self.cheated(task, lists)

        def cheated(self, task, lists):
            made = super().produce(GOOD, task, 0, ["all"], lists)
            return type(made)(
                lists=dict.fromkeys(task.parts, made.lists["all"]), training_seconds=0.0, listing_seconds=0.0,
                memory=0.0,
            )  # fmt: skip

    course(tmp_path, peers=Cheat()).run([task], [GOOD], [0])
    (failed,) = failures(Results(tmp_path), [task], [GOOD], [0])
    assert "has taken" in failed["reason"]


def test_a_judged_task_is_written_down_once_for_each_part_and_run(tmp_path):
    judged, ledger = read_benchmark_task(planted_task(tmp_path, "planted")), tmp_path / "judged.csv"
    for _ in range(2):
        course(tmp_path / "out", ledger=ledger).run([judged], [GOOD, BROKEN], [0, 1])
    # Two metrics of two parts with two seeds.
    assert len(ledger.read_text().splitlines()) == 1 + 2 * 2 * 2


def test_again_trains_ours_anew_but_not_for_a_source(task, tmp_path):
    ours = FakeOurs()
    methods = [Method(name="shortlist"), Method(name="shortlist:linear", source="linear")]
    course(tmp_path, ours=ours, again=True).run([task], methods, [0])
    assert [name for name, *_ in ours.runs] == ["forget", "shortlist", "shortlist:linear"]


def test_a_result_is_json_with_the_digest_of_its_task(task, tmp_path):
    course(tmp_path).run([task], [GOOD], [0])
    (file,) = (tmp_path / task.name / "parts" / "new" / "good").glob("*.json")
    assert json.loads(file.read_text())["digest"] == task.digest
