import pytest
from fake_peers import BAD, GOOD, FakeOurs, course

from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.results import Results
from shortlist_training.benchmark.summary import Summary

OURS = Method(name="shortlist")


@pytest.fixture
def parts(task, tmp_path):
    course(tmp_path, ours=FakeOurs()).run([task], [GOOD, BAD, OURS], [0, 1])
    (found,) = Summary(results=Results(tmp_path), ours=Ours(out=tmp_path), seeds=[0, 1]).tasks(
        [task], [GOOD, BAD, OURS]
    )
    return found["parts"]


def test_methods_come_best_first_with_their_seeds(parts):
    rows = {row["method"]: row for row in parts[0]["methods"]}
    assert parts[0]["methods"][-1]["method"] == "bad"
    assert rows["good"]["seeds"] == [0, 1]
    assert rows["good"]["figures"]["ndcg"] == pytest.approx({"mean": 1.0, "error": 0.0, "spread": 0.0})
    assert rows["bad"]["figures"]["ndcg"]["spread"] is None


def test_differences_are_to_shortlist(parts):
    rows = {row["method"]: row["differences"] for row in parts[0]["methods"]}
    assert rows["shortlist"] == {}
    assert rows["good"]["ndcg"] == {"difference": 0.0, "low": 0.0, "high": 0.0}
    assert rows["bad"]["ndcg"]["high"] == pytest.approx(-1.0)


def test_slices_are_of_shortlist(parts):
    (history,) = parts[0]["histories"]
    assert (history["events"], history["customers"], history["ndcg"]["mean"]) == ("5-19", 60, pytest.approx(1.0))
    assert sum(one["targets"] for one in parts[0]["quarters"]) == 180


def test_without_shortlist_there_is_nothing_to_compare_with(task, tmp_path):
    course(tmp_path).run([task], [GOOD], [0])
    (found,) = Summary(results=Results(tmp_path), ours=Ours(out=tmp_path), seeds=[0]).tasks([task], [GOOD])
    assert found["parts"][0]["methods"][0]["differences"] == {}
    assert found["parts"][0]["histories"] == []


def test_only_the_seeds_that_were_asked_for_count(task, tmp_path):
    course(tmp_path).run([task], [GOOD, BAD], [0, 1])
    (found,) = Summary(results=Results(tmp_path), ours=Ours(out=tmp_path), seeds=[1]).tasks([task], [GOOD, BAD])
    assert {row["method"]: row["seeds"] for row in found["parts"][0]["methods"]} == {"good": [1], "bad": [0]}
