"""What a server starts with where its alias names a bundle that may not serve."""

import logging

import pytest
from test_real_swaps import write

from shortlist_bundle.errors import BundleDamaged, BundleNotFound
from shortlist_bundle.files import earlier_versions, promote, read_audit, rollback
from shortlist_server.errors import BundleRefused
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.releases.starting import load_first


def damage(folder, version):
    path = folder / "default" / version / "items" / "vocabulary" / "bytes.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"!")


@pytest.fixture
def root(tmp_path):
    for seed, version in enumerate(("one", "two", "three")):
        write(tmp_path, version, seed=seed)
        promote(tmp_path, "default", version)
    return tmp_path


def start(root, version="stable"):
    return load_first(root, "default", version, ClockPolicy.LOG_END).version


def test_what_may_serve_serves(root, caplog):
    assert start(root) == "three"
    assert not caplog.records


def test_the_last_that_may_serve_serves_in_its_place_and_it_is_said(root, caplog):
    damage(root, "three")
    assert start(root) == "two"
    damage(root, "two")
    assert start(root) == "one"
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert "version one, which it named before, serves in its place" in caplog.text
    entries = [entry for entry in read_audit(root, "default").entries if entry["event"] == "start-instead"]
    assert [(entry["version"], entry["reason"]) for entry in entries] == [
        ("two", "BUNDLE_DAMAGED"),
        ("one", "BUNDLE_DAMAGED"),
    ]


def test_other_answers_are_no_way_to_start_either(root):
    from small_models import model_of

    from shortlist_bundle.golden import ask

    write(root, "four", **{"golden/vectors": ask(model_of()).arrays["golden/vectors"] + 1})
    promote(root, "default", "four")
    assert start(root) == "three"
    with pytest.raises(BundleRefused, match="golden vectors"):
        start(root, "four")


def test_where_nothing_may_serve_the_first_problem_is_told(root):
    for version in ("one", "two", "three"):
        damage(root, version)
    with pytest.raises(BundleDamaged, match="checksum"):
        start(root)


def test_a_version_that_is_named_itself_is_not_replaced(root):
    damage(root, "three")
    with pytest.raises(BundleDamaged):
        start(root, "three")
    with pytest.raises(BundleNotFound):
        start(root, "nine")


def test_the_way_back_is_what_the_alias_has_named(root):
    assert earlier_versions(root, "default") == ["two", "one"]
    promote(root, "default", "one")
    assert earlier_versions(root, "default") == ["three", "two"]
    rollback(root, "default")
    assert earlier_versions(root, "default") == ["two", "one"]
    assert earlier_versions(root, "default", alias="three") == []
