"""Every gate closes for what it is there for, and for nothing else."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from small_models import model_of

from shortlist_bundle.commands import bundle as command
from shortlist_bundle.errors import GatesClosed, GateSettingsError
from shortlist_bundle.files import BundleContents, open_bundle, promote, read_audit, resolve, write_bundle
from shortlist_bundle.gates.gate import at_least, at_most
from shortlist_bundle.gates.judging import judge
from shortlist_bundle.gates.quality import quality, stored_quality
from shortlist_bundle.gates.thresholds import Thresholds, read_thresholds
from shortlist_bundle.golden import ask
from shortlist_bundle.packing import pack_model
from shortlist_bundle.policy import Placement, Policy


def figure(mean, error=0.001):
    return {"mean": mean, "error": error}


def funnel(**changes):
    found = {
        "mode": "all",
        "end_to_end": {"ndcg@20": figure(0.2), "recall@20": figure(0.3)},
        "catalogue": {"coverage@20": 0.5},
        "slices": {
            "customers without history": {"customers": figure(100.0), "ndcg@20": figure(0.1)},
            "customers with more than 10 events": {"customers": figure(900.0), "ndcg@20": figure(0.25)},
            "tail items": {"customers": figure(500.0), "recall@20": figure(0.15)},
        },
    }
    return {**copy.deepcopy(found), **changes}


FIGURES = {"ranking": {"judged": {"refitted pair": [funnel()]}}, "ratings": {"rmse": 0.9}}


def closed(gates):
    return [gate.name for gate in gates if not gate.passed]


def test_equal_bundles_pass():
    assert not closed(stored_quality(FIGURES, FIGURES, Thresholds()))


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        (("end_to_end", "ndcg@20", "mean"), 0.18, "ndcg@20 (all)"),
        (("end_to_end", "recall@20", "mean"), 0.27, "recall@20 (all)"),
        (("catalogue", "coverage@20"), 0.39, "coverage@20 (all)"),
        (("slices", "customers without history", "ndcg@20", "mean"), 0.08, "ndcg@20, customers without history (all)"),
        (("slices", "tail items", "recall@20", "mean"), 0.12, "recall@20, tail items (all)"),
        (("end_to_end", "ndcg@20", "mean"), float("nan"), "ndcg@20 (all)"),
    ],
)
def test_each_figure_has_its_gate(path, value, name):
    worse = funnel()
    place = worse
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert closed(quality([funnel()], [worse], Thresholds())) == [name]


def test_noise_is_forgiven_and_no_more():
    live, worse = funnel(), funnel()
    worse["end_to_end"]["ndcg@20"] = figure(0.185, 0.01)
    assert not closed(quality([live], [worse], Thresholds()))
    assert closed(quality([live], [worse], Thresholds(noise=0.0))) == ["ndcg@20 (all)"]


def test_a_slice_of_a_few_customers_says_nothing():
    worse = funnel()
    worse["slices"]["customers without history"] = {"customers": figure(5.0), "ndcg@20": figure(0.0)}
    assert not closed(quality([funnel()], [worse], Thresholds()))


def test_a_mode_that_is_gone_closes():
    assert closed(quality([funnel()], [funnel(mode="new")], Thresholds())) == ["lists (all)"]


def test_ratings_may_not_be_further_off():
    worse = {**FIGURES, "ratings": {"rmse": 1.0}}
    assert closed(stored_quality(FIGURES, worse, Thresholds())) == ["rmse"]


def test_a_gate_says_its_numbers():
    assert str(at_least("ndcg", 0.2, 0.18, drop=0.05)) == "FAIL  ndcg: live 0.2, candidate 0.18, limit 0.19"
    assert str(at_most("bytes", None, 12_345.0, 20_000.0)) == "pass  bytes: live none, candidate 12,345, limit 20,000"


def written(root, model, version):
    parts, golden = pack_model(model), ask(model)
    contents = BundleContents(
        arrays={**parts.arrays, **golden.arrays}, documents=parts.documents, blobs=parts.blobs
    )  # fmt: skip
    write_bundle(root, "default", contents, version=version)
    return open_bundle(root, "default", version)


def of(*, ndcg=0.2, **changes):
    figures = copy.deepcopy(FIGURES)
    figures["ranking"]["judged"]["refitted pair"][0]["end_to_end"]["ndcg@20"]["mean"] = ndcg
    return model_of(figures=figures, **changes)


LENIENT = Thresholds(latency_ratio=50.0)
"""Models of this size are answered in a blink, whose length depends on who else blinks."""


def test_a_bundle_passes_beside_itself_and_every_gate_is_asked(tmp_path):
    live, candidate = written(tmp_path, of(), "one"), written(tmp_path, of(ndcg=0.21), "two")
    gates = judge(live, candidate, LENIENT)
    assert not closed(gates)
    names = " ".join(gate.name for gate in gates)
    for part in ("golden", "lose", "bytes", "ndcg@20", "recall@20", "coverage@20", "without history", "rmse",
                 "processor time", "drift of the scores", "drift of the input"):  # fmt: skip
        assert part in names


def test_without_a_live_bundle_only_the_golden_requests_are_asked(tmp_path):
    assert [gate.name for gate in judge(None, written(tmp_path, of(), "one"), LENIENT)] == [
        "golden requests answered differently"
    ]


def test_what_requests_may_name_must_not_get_lost(tmp_path):
    placed = Policy(seen_allowed=True, ranks_by_rating=False, placements={"default": Placement(), "home": Placement()})
    live, candidate = written(tmp_path, of(policy=placed), "one"), written(tmp_path, of(), "two")
    (gate,) = [gate for gate in judge(live, candidate, LENIENT) if not gate.passed]
    assert gate.name == "what requests may name and lose"
    assert gate.note == "placement home"


def test_scores_that_moved_close_the_gate(tmp_path):
    other = of()
    for layer in other.engine.reranker.scorer.layers[-1:]:
        layer.bias[:] += 50
    live, candidate = written(tmp_path, of(), "one"), written(tmp_path, other, "two")
    assert "drift of the scores" in closed(judge(live, candidate, LENIENT))


def test_inputs_that_moved_close_the_gate_and_are_named(tmp_path):
    other = of()
    numbers = other.snapshot.encoded.numbers.copy()
    numbers[:, 0], numbers[:, 1] = 4.0, 0.0
    encoded = replace(other.snapshot.encoded, numbers=numbers)
    moved = replace(other, snapshot=replace(other.snapshot, encoded=encoded))
    live, candidate = written(tmp_path, of(), "one"), written(tmp_path, moved, "two")
    (gate,) = [gate for gate in judge(live, candidate, LENIENT) if gate.name == "drift of the input"]
    assert not gate.passed
    assert "age" in gate.note.split(",")[1]


def test_a_bundle_that_answers_otherwise_is_stopped(tmp_path):
    model = of()
    parts, golden = pack_model(model), ask(model)
    vectors = golden.arrays["golden/vectors"] + np.float32(1)
    arrays = {**parts.arrays, **golden.arrays, "golden/vectors": vectors}
    write_bundle(tmp_path, "default", BundleContents(arrays=arrays, documents=parts.documents), version="bad")
    assert closed(judge(None, open_bundle(tmp_path, "default", "bad"), LENIENT)) == [
        "golden requests answered differently"
    ]


def test_data_judges_both_anew(tmp_path):
    live, candidate = written(tmp_path, of(ndcg=0.1), "one"), written(tmp_path, of(), "two")
    told = []

    def judge_both(old, new, data):
        told.append(data)
        return [funnel()], [funnel(catalogue={"coverage@20": 0.1})], "the newest window"

    gates = judge(live, candidate, LENIENT, data=tmp_path, judge_both=judge_both)
    assert told == [tmp_path]
    assert closed(gates) == ["coverage@20 (all)"]


@pytest.fixture
def run(tmp_path):
    written(tmp_path / "bundles", of(), "one")
    written(tmp_path / "bundles", of(ndcg=0.1), "worse")
    promote(tmp_path / "bundles", "default", "one")
    (tmp_path / "gates.toml").write_text("[gates]\nlatency_ratio = 50\n")

    def invoke(*arguments):
        where = ["--bundles", str(tmp_path / "bundles"), "--gates", str(tmp_path / "gates.toml")]
        result = CliRunner().invoke(command, ["promote", *where, *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    invoke.root = tmp_path / "bundles"
    return invoke


def test_a_closed_gate_leaves_the_alias_and_force_is_audited(run):
    with pytest.raises(GatesClosed, match=r"ndcg@20 \(all\)"):
        run("--version", "worse")
    assert resolve(run.root, "default", "stable") == "one"
    done = run("--version", "worse", "--force")
    assert done.exit_code == 0
    assert "FAIL  ndcg@20 (all): live 0.2, candidate 0.1" in done.output
    assert resolve(run.root, "default", "stable") == "worse"
    entries = read_audit(run.root, "default").entries
    assert [entry["event"] for entry in entries] == ["promote", "gates-closed", "promote"]
    assert entries[-1]["forced"] is True
    assert {gate["name"]: gate["passed"] for gate in entries[-1]["gates"]}["ndcg@20 (all)"] is False


def test_the_numbers_come_as_json_too(run):
    done = run("--version", "worse", "--force", "--json")
    document = json.loads(done.stdout)
    assert document["current"] == "worse"
    assert any(not gate["passed"] for gate in document["gates"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[gates]\nndcg = 1", "no setting 'ndcg'"),
        ("[gates]\nndcg_drop = -1", "at least 0"),
        ("[gates]\nndcg_drop = true", "at least 0"),
        ("[gates]\nndcg_drop = nan", "at least 0"),
        ("[other]", "no section"),
        ("gates =", "cannot be read"),
    ],
)
def test_thresholds_that_cannot_be_meant_are_refused(tmp_path, text, problem):
    (tmp_path / "gates.toml").write_text(text)
    with pytest.raises(GateSettingsError, match=problem):
        read_thresholds(tmp_path / "gates.toml")


def test_thresholds_left_out_keep_their_defaults(tmp_path):
    (tmp_path / "gates.toml").write_text("[gates]\nndcg_drop = 0\n")
    assert read_thresholds(tmp_path / "gates.toml") == Thresholds(ndcg_drop=0.0)
    assert read_thresholds(None) == Thresholds()
