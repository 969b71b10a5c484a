"""Every peer finds the planted pattern better than popularity does, and keeps to the rules of the lists."""

import numpy as np
import pytest
from benchmarks.peers.registry import PEERS
from benchmarks.peers.task import PeerError

LIBRARIES = {
    "lightfm-warp": "lightfm",
    "gbdt": "lightgbm",
    "sasrec": "rectools.models.nn",
    "lightgcn": "recbole",
    "multvae": "recbole",
}
PERSONAL = ["item-knn", "user-knn", "ease", "ials", "sequential-item-knn", "lightfm-warp"]
LONG = ["gbdt", "sasrec", "lightgcn", "multvae"]


def fitted(name, task, seed=0):
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    return PEERS[name].fit()(task, seed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*PERSONAL, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)])
def test_it_beats_popularity_on_what_is_new_to_the_customer(name, task, hits):
    assert hits(fitted(name, task), "new") > hits(fitted("popularity", task), "new") + 0.3


@pytest.mark.parametrize("name", ["popularity", "recent-popularity", "tifu-knn", "ease", "sequential-item-knn"])
def test_its_lists_have_no_item_twice_and_none_that_must_not_be_shown(name, task):
    peer = fitted(name, task)
    for part, seen_allowed in task.parts.items():
        for row, items in enumerate(peer.lists(part)):
            shown = items[items >= 0]
            assert len(set(shown)) == len(shown)
            assert seen_allowed or not set(shown) & set(task.matrix[[row]].indices)


@pytest.mark.parametrize("name", ["ials", "lightfm-warp"])
def test_a_seed_gives_the_same_lists_twice(name, task):
    np.testing.assert_array_equal(fitted(name, task, 3).lists("new"), fitted(name, task, 3).lists("new"))


def test_a_name_that_is_none_lists_those_that_are():
    from benchmarks.peers.registry import peer

    with pytest.raises(PeerError, match="popularity"):
        peer("magic")


def test_a_missing_library_is_said_with_the_extra_that_brings_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "lightfm", None)
    monkeypatch.delitem(sys.modules, "benchmarks.peers.warp", raising=False)
    with pytest.raises(PeerError, match="`peers`"):
        PEERS["lightfm-warp"].fit()
