import errno
import os
import shutil
import threading

import pytest

from shortlist_bundle.errors import BadName, BundleDamaged, BundleNotFound, Conflict, StorageFull
from shortlist_bundle.files import (
    AliasMove,
    list_aliases,
    list_models,
    list_versions,
    open_bundle,
    promote,
    resolve,
    rollback,
    write_bundle,
)

from .conftest import contents

VERSIONS = ("one", "two", "three")


@pytest.fixture
def models(tmp_path):
    for seed, version in enumerate(VERSIONS):
        write_bundle(tmp_path, "m", contents(seed), version=version)
    return tmp_path


def test_an_alias_goes_forward_and_back(models):
    assert promote(models, "m", "one") == AliasMove("stable", None, "one")
    assert promote(models, "m", "two") == AliasMove("stable", "one", "two")
    assert promote(models, "m", "three", expected_current="two") == AliasMove("stable", "two", "three")
    assert open_bundle(models, "m").ref.version == "three"
    assert rollback(models, "m") == AliasMove("stable", "three", "two")
    assert rollback(models, "m", expected_current="two") == AliasMove("stable", "two", "one")
    with pytest.raises(BundleNotFound, match="no earlier version"):
        rollback(models, "m")
    assert resolve(models, "m", "stable") == "one"


def test_after_a_rollback_the_way_back_leads_over_what_served(models):
    for version in VERSIONS:
        promote(models, "m", version)
    rollback(models, "m")
    promote(models, "m", "one")
    assert rollback(models, "m").current == "two"
    assert rollback(models, "m").current == "one"


def test_promoting_what_serves_changes_nothing(models):
    promote(models, "m", "one")
    promote(models, "m", "two")
    assert promote(models, "m", "two") == AliasMove("stable", "two", "two")
    assert rollback(models, "m").current == "one"


def test_a_stale_expectation_is_a_conflict(models):
    promote(models, "m", "one", expected_current="")
    for expected in ("", "two"):
        with pytest.raises(Conflict, match="is at one"):
            promote(models, "m", "two", expected_current=expected)
    with pytest.raises(Conflict, match="is at one"):
        rollback(models, "m", expected_current="two")
    with pytest.raises(Conflict, match="no version"):
        promote(models, "m", "one", alias="canary", expected_current="one")
    assert list_aliases(models, "m") == {"stable": "one"}


def test_of_promotions_at_once_exactly_one_wins(models):
    promote(models, "m", "one")
    outcomes = []

    def race(version):
        try:
            outcomes.append(promote(models, "m", version, expected_current="one").current)
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=race, args=(VERSIONS[1 + n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("conflict") == 7
    assert resolve(models, "m", "stable") in outcomes


def test_an_alias_is_resolved_when_promoted_and_not_followed(models):
    promote(models, "m", "two", alias="canary")
    assert promote(models, "m", "canary").current == "two"
    promote(models, "m", "three", alias="canary")
    assert list_aliases(models, "m") == {"canary": "three", "stable": "two"}


def test_rollback_skips_versions_that_are_gone(models):
    for version in VERSIONS:
        promote(models, "m", version)
    shutil.rmtree(models / "m" / "two")
    assert rollback(models, "m").current == "one"


def test_a_crash_between_history_and_alias_does_not_confuse_the_way_back(models, monkeypatch):
    promote(models, "m", "one")
    promote(models, "m", "two")
    original, calls = os.replace, []

    def second_fails(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "no room")
        original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", second_fails)
        with pytest.raises(StorageFull):
            promote(models, "m", "three")
    assert resolve(models, "m", "stable") == "two"
    assert sorted(os.listdir(models / "m" / "aliases")) == [".stable.history", "stable"]
    assert rollback(models, "m").current == "one"


def test_an_alias_moved_by_hand_is_remembered(models):
    promote(models, "m", "one")
    (models / "m" / "aliases" / "stable").write_text("two\n")
    promote(models, "m", "three")
    assert rollback(models, "m").current == "two"
    assert rollback(models, "m").current == "one"


def test_names_of_versions_and_aliases_do_not_mix(models):
    with pytest.raises(BadName, match="version"):
        promote(models, "m", "one", alias="two")
    promote(models, "m", "one", alias="canary")
    with pytest.raises(BadName, match="alias"):
        write_bundle(models, "m", contents(), version="canary")
    for bad in ("..", "../one", ".stable.history", "aliases", "UP"):
        with pytest.raises(BadName):
            promote(models, "m", "one", alias=bad)
        with pytest.raises(BadName):
            resolve(models, "m", bad)


def test_what_is_not_there_is_said_with_what_is(models):
    promote(models, "m", "one")
    with pytest.raises(BundleNotFound, match="stable, one"):
        open_bundle(models, "m", "four")
    with pytest.raises(BundleNotFound, match="'nobody'"):
        open_bundle(models, "nobody")
    with pytest.raises(BundleNotFound, match="'m' has no alias 'canary'"):
        rollback(models, "m", alias="canary")
    with pytest.raises(BundleNotFound):
        promote(models, "m", "four")
    with pytest.raises(BundleNotFound, match="no folder 'absent'"):
        list_models(models / "absent")


def test_a_damaged_alias_is_refused(models):
    promote(models, "m", "one")
    alias = models / "m" / "aliases" / "stable"
    for text in ("", "../one", "one\ntwo\n", "x" * 200, "é"):
        alias.write_text(text)
        with pytest.raises(BundleDamaged, match="'stable'"):
            resolve(models, "m", "stable")
    alias.write_text("gone\n")
    with pytest.raises(BundleDamaged, match="'gone'"):
        resolve(models, "m", "stable")
    alias.unlink()
    alias.symlink_to(models / "m" / "one" / "policy.json")
    with pytest.raises(BundleDamaged, match="is a link"):
        resolve(models, "m", "stable")


def test_models_and_versions_are_listed(models):
    write_bundle(models, "a", contents(), version="x")
    promote(models, "m", "two")
    promote(models, "m", "two", alias="canary")
    assert list_models(models) == ["a", "m"]
    listed = {info.version: info for info in list_versions(models, "m")}
    assert set(listed) == set(VERSIONS)
    assert listed["two"].aliases == ("canary", "stable")
    assert listed["two"].bundle_id == open_bundle(models, "m").ref.bundle_id
    assert listed["one"].size > 100
    assert listed["one"].created.endswith("+00:00")


def test_the_newest_version_is_listed_last(models):
    # Names say nothing about age: 'zero' sorts last and is the oldest.
    write_bundle(models, "m", contents(), version="zero")
    folder = models / "m" / "zero" / "report" / "written.json"
    folder.write_bytes(folder.read_bytes().replace(b'"created":"2', b'"created":"1'))
    assert list_versions(models, "m")[0].version == "zero"


def test_a_damaged_version_is_listed_with_its_problem(models):
    (models / "m" / "two" / "manifest.json").write_bytes(b"{}")
    (models / "m" / "three" / "report" / "written.json").unlink()
    problems = {info.version: info.problem for info in list_versions(models, "m")}
    assert problems["one"] is None
    assert "checksum" in problems["two"]
    assert "written.json" in problems["three"]
