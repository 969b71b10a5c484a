import pytest
from measured import figures, write_measured

from shortlist_training.benchmark.ablations.files import FULL, KIND
from shortlist_training.benchmark.ablations.summary import ablation_document
from shortlist_training.benchmark.seeds.figures import difference, figure, over_seeds
from shortlist_training.benchmark.seeds.folder import SeedFolder


@pytest.fixture
def mode(task, tmp_path):
    write_measured(tmp_path, task)
    (found,) = ablation_document(tmp_path, [task], [0, 1], "shortlist bench ablations x")["tasks"]
    assert (found["k"], found["seeds"], found["commits"]) == (10, [0, 1], ["abc1234"])
    (only,) = found["modes"]
    return only


def test_what_costs_most_comes_first(mode):
    assert [row["key"] for row in mode["taken"]] == ["signals-own-past", "source-linear", "chance"]
    assert [row["key"] for row in mode["alone"]] == ["alone-linear"]


def test_differences_are_to_the_full_scorer_paired_by_customer(mode):
    own = mode["taken"][0]
    # Every customer loses the same, so there is no chance in it.
    assert own["difference"] == pytest.approx({"customers": 4, "difference": -0.3, "low": -0.3, "high": -0.3})
    assert own["ndcg"] == pytest.approx({"mean": 0.25, "error": 0.0408, "spread": 0.0707}, abs=1e-4)
    assert (own["cold"]["customers"], own["tail"]["customers"]) == (2, 2)


def test_slices_are_of_the_full_scorer(mode):
    full = mode["full"]
    assert full["ndcg"]["mean"] == pytest.approx(0.55)
    assert (full["cold"]["customers"], full["warm"]["customers"], full["tail"]["customers"]) == (2, 2, 2)


def test_gains_of_merging_and_of_the_scorer(mode):
    found = mode["found"]
    assert found["merge_gain"]["best"] == "linear"
    assert found["merge_gain"]["difference"] == pytest.approx(0.55 - 0.45)
    assert found["scorer_gain"]["difference"] == pytest.approx(0.55 - 0.35)
    assert found["together"]["50"]["size"] == 50
    assert found["sources"][0]["proposes"] == 30


def test_a_seed_without_a_result_is_left_out_and_said(task, tmp_path):
    from shortlist_training.benchmark.seeds.settings import digest_of

    write_measured(tmp_path, task, seeds=[0])
    SeedFolder.of(tmp_path, task, 1, kind=KIND).fail(digest_of(task, 1), "ended by SIGKILL")
    document = ablation_document(tmp_path, [task], [0, 1], "x")
    assert document["tasks"][0]["seeds"] == [0]
    assert document["failures"] == [{"task": task.name, "seed": 1, "reason": "ended by SIGKILL"}]


def test_customers_that_only_one_seed_judged_count_with_that_one():
    """By hand: a is judged twice (0.3 and 0.5), b only by the first seed."""
    first, second = figures(0.4).head(2), figures(0.6).head(1)
    found = over_seeds([first, second])
    assert found["customer_id"].to_list() == ["a", "b"]
    assert found["ndcg"].to_list() == pytest.approx([0.4, 0.5])
    assert figure([first, second], "ndcg")["mean"] == pytest.approx(0.45)


def test_a_difference_of_nobody_is_none():
    nobody = figures(0.5).head(1)
    assert difference(nobody, nobody, "tail") == {"customers": 0}


def test_the_fingerprint_decides_what_may_stay(task, tmp_path):
    kept = SeedFolder.of(tmp_path, task, 0, kind=KIND)
    kept.begin("one")
    kept.write(FULL, figures(0.5))
    kept.begin("one")
    assert kept.has(FULL)
    kept.begin("two")
    assert not kept.has(FULL)
