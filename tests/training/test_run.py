"""A whole run: the same data, configuration and seed make the same bundle twice."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import planted
import pytest

from shortlist_bundle.files import open_bundle
from shortlist_bundle.policy import Placement
from shortlist_bundle.shares import SourceShare
from shortlist_training.config.run import RunConfig
from shortlist_training.errors import ConfigError
from shortlist_training.log import read_log
from shortlist_training.progress import Silent
from shortlist_training.run import train
from shortlist_training.synth import write_setting


def test_another_process_makes_the_same_bundle(trained, tmp_path):
    program = Path(planted.__file__)
    subprocess.run([sys.executable, program, tmp_path / "again"], check=True, capture_output=True, timeout=900)
    once, twice = (open_bundle(root, "default", "stable") for root in (trained.bundles, tmp_path / "again" / "bundles"))
    different = [name for name, array in once.array_parts.items() if not np.array_equal(array, twice.array_parts[name])]
    assert different == []
    assert once.ref.bundle_id == twice.ref.bundle_id


@pytest.fixture(scope="module")
def ratings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ratings") / "data"
    write_setting("ratings", folder)
    return read_log(folder)


def run(log, folder, **changes):
    made = train(log, replace(RunConfig(), **changes), folder, Silent())
    return open_bundle(folder, "default", made.bundle.version)


def test_the_seed_changes_what_is_learnt(ratings, tmp_path):
    first, again, other = (run(ratings, tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert first.ref.bundle_id == again.ref.bundle_id != other.ref.bundle_id
    assert not np.array_equal(first.array("ratings/customers"), other.array("ratings/customers"))


def test_what_a_run_says_stands_in_the_bundle(ratings, tmp_path):
    made = train(ratings, RunConfig(), tmp_path, Silent(), name="films", alias="canary")
    opened = open_bundle(tmp_path, "films", "canary")
    assert opened.ref == made.bundle
    assert opened.document("metrics") == made.metrics
    assert made.seconds.keys() == {"dataset", "ratings", "publish"}
    assert opened.report("run")["seconds"].keys() == {"dataset", "ratings"}


def test_a_placement_without_its_sources_is_told_before_training(ratings, tmp_path, monkeypatch):
    monkeypatch.setattr("shortlist_training.run.cut_windows", lambda *_: pytest.fail("training has begun"))
    placement = Placement(sources=(SourceShare(source="content", quota=1),))
    with pytest.raises(ConfigError, match=r"\[policies\.home\] sources\.content: there is no source 'content'"):
        run(ratings, tmp_path, policies={"home": placement})
