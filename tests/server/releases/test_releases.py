"""What serves follows the aliases: checked first, loaded beside, swapped at once, and never what is broken."""

import logging

import pytest
from fake_shelves import FakeShelf, following

from shortlist_bundle.errors import BundleDamaged, StorageError
from shortlist_server.errors import AliasMoved, BundleBroken, BundleRefused, GatesShut, NotReady, UnknownVersion
from shortlist_server.releases import bringing, refusals


def versions(loaded):
    arms = loaded.arms()
    return arms.stable.version, arms.canary.version if arms.canary else None


def test_an_alias_that_stays_loads_nothing():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    releases.look()
    assert versions(loaded) == ("one", None)
    assert not shelf.checked
    assert not shelf.audit


def test_an_alias_that_moves_is_followed_and_the_old_bundle_is_freed():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    shelf.aliases["stable"] = "two"
    releases.look()
    assert versions(loaded) == ("two", None)
    releases.look()
    assert releases.loaded_versions == ("two",)
    assert releases.resident_count == 1
    assert shelf.audit == [("load", "two"), ("serve", "two"), ("free", "one")]


def test_the_way_back_needs_no_second_check():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    for version in ("two", "one", "two"):
        shelf.aliases["stable"] = version
        releases.look()
        assert versions(loaded)[0] == version
    assert shelf.checked == ["two"]


@pytest.mark.parametrize(
    "error", [BundleRefused("golden vectors: differs by 1"), BundleBroken("x.npy: the checksum does not match")]
)
def test_what_is_broken_is_refused_once_and_said(error, caplog):
    shelf = FakeShelf(broken={"two": error})
    releases, loaded = following(shelf)
    shelf.aliases["stable"] = "two"
    for _ in range(3):
        releases.look()
    assert versions(loaded) == ("one", None)
    assert shelf.checked == ["two"]
    assert shelf.audit == [("refuse", "two")]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert str(error) in caplog.text
    shelf.aliases["stable"] = "three"
    releases.look()
    assert versions(loaded) == ("three", None)


def test_what_failed_in_passing_is_tried_again(monkeypatch):
    shelf = FakeShelf(broken={"two": NotReady("no room", retry_after=1.0)})
    releases, loaded = following(shelf)
    monkeypatch.setattr(refusals, "AGAIN", 0.0)
    shelf.aliases["stable"] = "two"
    releases.look()
    shelf.broken.clear()
    releases.look()
    assert versions(loaded) == ("two", None)


def test_a_bundle_that_changes_between_check_and_load_is_refused():
    shelf = FakeShelf(other={"two": "something else"})
    releases, loaded = following(shelf)
    with pytest.raises(BundleRefused, match="changed while it was checked"):
        releases.load("two")
    shelf.other.clear()
    assert releases.load("two").version == "two"
    assert shelf.checked == ["two", "two"]
    assert versions(loaded) == ("one", None)


def test_aliases_that_cannot_be_read_change_nothing_and_are_said_once(monkeypatch, caplog):
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    monkeypatch.setattr(shelf, "wanted", lambda: (_ for _ in ()).throw(BundleDamaged("alias 'stable': is a link")))
    for _ in range(3):
        releases.look()
    assert versions(loaded) == ("one", None)
    assert caplog.text.count("is a link") == 1


def test_an_audit_log_that_cannot_be_written_stops_nothing(monkeypatch, caplog):
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    monkeypatch.setattr(shelf, "record", lambda *_, **__: (_ for _ in ()).throw(StorageError("read-only")))
    shelf.aliases["stable"] = "two"
    releases.look()
    assert versions(loaded) == ("two", None)
    assert "read-only" in caplog.text


def test_a_server_of_one_version_keeps_it():
    shelf = FakeShelf(alias="")
    releases, loaded = following(shelf)
    shelf.aliases["stable"] = "two"
    releases.look()
    assert versions(loaded) == ("one", None)


def test_loading_makes_promoting_a_swap():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    releases.load("two")
    assert versions(loaded) == ("one", None)
    assert set(releases.loaded_versions) == {"one", "two"}
    done = releases.promote("two", "stable", "one")
    assert (done.bundle_id, done.move.previous, done.move.current) == ("id-of-two", "one", "two")
    assert versions(loaded) == ("two", None)
    assert shelf.loaded == ["two"]


def test_a_third_bundle_takes_the_place_of_the_one_that_only_waits():
    shelf = FakeShelf()
    releases, _ = following(shelf)
    releases.load("two")
    releases.load("three")
    assert set(releases.loaded_versions) == {"one", "three"}
    assert releases.resident_count == 2


def test_a_bundle_whose_requests_do_not_end_leaves_no_room(monkeypatch):
    monkeypatch.setattr(bringing, "DRAIN", 0.05)
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    request = loaded.current()
    shelf.aliases["stable"] = "two"
    releases.look()
    assert releases.resident_count == 2
    with pytest.raises(NotReady, match="still answers"):
        releases.load("three")
    assert versions(loaded) == ("two", None)
    del request
    assert releases.load("three").version == "three"


def test_what_only_the_collector_frees_is_freed(monkeypatch):
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    ring = loaded.current()
    ring.itself = ring
    del ring
    shelf.aliases["stable"] = "two"
    monkeypatch.setattr("shortlist_server.releases.residents._STUBBORN", 0.0)
    releases.look()
    releases.look()
    assert shelf.events[-1] == "free"
    assert releases.resident_count == 1


def test_promoting_what_is_broken_moves_nothing():
    shelf = FakeShelf(broken={"two": BundleBroken("manifest.json: the checksum does not match")})
    releases, loaded = following(shelf)
    with pytest.raises(BundleBroken):
        releases.promote("two", "stable", None)
    assert shelf.aliases == {"stable": "one"}
    assert versions(loaded) == ("one", None)
    assert shelf.events == ["refuse"]


def test_promoting_from_elsewhere_is_told_before_anything_is_loaded():
    shelf = FakeShelf()
    releases, _ = following(shelf)
    with pytest.raises(AliasMoved, match="is at one, not at three"):
        releases.promote("two", "stable", "three")
    assert not shelf.checked


def test_what_is_not_there_cannot_be_loaded_or_rolled_back():
    releases, _ = following(FakeShelf())
    with pytest.raises(UnknownVersion):
        releases.load("nine")
    with pytest.raises(UnknownVersion):
        releases.rollback("stable", None)


def test_rolling_back_serves_what_served_before():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    releases.promote("two", "stable", None)
    bundle_id, move = releases.rollback("stable", "two")
    assert (bundle_id, move.current, move.previous) == ("id-of-one", "one", "two")
    assert versions(loaded) == ("one", None)


def test_an_alias_that_nobody_serves_is_checked_and_moved():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    releases.promote("two", "tomorrow", None)
    assert shelf.aliases["tomorrow"] == "two"
    assert shelf.checked == ["two"]
    assert not shelf.loaded
    assert versions(loaded) == ("one", None)


def test_a_canary_serves_beside_the_stable_one_and_becomes_it_without_loading():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    shelf.aliases["canary"] = "two"
    releases.look()
    assert versions(loaded) == ("one", "two")
    shelf.aliases["stable"] = "two"
    releases.look()
    assert versions(loaded) == ("two", None)
    assert shelf.loaded == ["two"]


def test_a_canary_makes_room_for_a_third_bundle_and_comes_back():
    shelf = FakeShelf()
    releases, loaded = following(shelf)
    shelf.aliases["canary"] = "two"
    releases.look()
    shelf.aliases["stable"] = "three"
    releases.look()
    releases.look()
    assert versions(loaded) == ("three", "two")
    assert releases.resident_count == 2


def test_a_canary_that_is_withdrawn_serves_nobody():
    shelf = FakeShelf(aliases={"stable": "one", "canary": "two"})
    releases, loaded = following(shelf)
    releases.look()
    del shelf.aliases["canary"]
    releases.look()
    releases.look()
    assert versions(loaded) == ("one", None)
    assert shelf.events == ["load", "canary-start", "canary-end", "free"]


def test_without_a_share_there_is_no_canary():
    shelf = FakeShelf(aliases={"stable": "one", "canary": "two"})
    releases, loaded = following(shelf, share=0.0)
    releases.look()
    assert versions(loaded) == ("one", None)


def test_a_worse_bundle_is_not_promoted_unless_forced():
    shelf = FakeShelf(worse=("two",))
    releases, loaded = following(shelf)
    with pytest.raises(GatesShut, match=r"2 of 2 gates are closed for version 'two'") as caught:
        releases.promote("two", "stable", None)
    assert [one.subject for one in caught.value.unmet] == ["ndcg@20 (all)", "bytes of all files"]
    assert "live 0.4, candidate 0.3, limit 0.38" in caught.value.unmet[0].description
    assert shelf.aliases == {"stable": "one"}
    assert shelf.audit == [("gates-closed", "two")]
    assert not shelf.loaded
    assert releases.promote("two", "stable", None, force=True).gates == ()
    assert shelf.judged == ["two"]
    assert (shelf.said[-1]["forced"], shelf.said[-1]["gates"]) == (True, [])
    assert versions(loaded) == ("two", None)
    assert [gate.name for gate in releases.promote("three", "stable", None).gates] == [
        "ndcg@20 (all)",
        "bytes of all files",
    ]
    assert (shelf.said[-1]["forced"], len(shelf.said[-1]["gates"])) == (False, 2)


def test_the_way_back_asks_no_gates():
    shelf = FakeShelf(worse=("one",))
    releases, loaded = following(shelf)
    releases.promote("two", "stable", None)
    releases.rollback("stable", None)
    assert versions(loaded) == ("one", None)
    assert shelf.judged == ["two"]
