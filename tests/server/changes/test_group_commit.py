"""Callers who come during a commit share the next one, and its error."""

import threading

import pytest

from shortlist_server.changes.group_commit import GroupCommit


class Slow:
    """A commit that waits for its turn, and remembers what it was given."""

    def __init__(self):
        self.groups = []
        self.begun = threading.Semaphore(0)
        self.turn = threading.Semaphore(0)
        self.error = None

    def __call__(self, brought):
        self.begun.release()
        self.turn.acquire()
        self.groups.append(list(brought))
        if self.error:
            raise self.error
        return [one.upper() for one in brought]


def commit_all(group, names, sizes=None):
    """Commit from one thread each, the first alone; return threads and what they got."""
    found = {}

    def one(name):
        try:
            found[name] = group.commit(name, (sizes or {}).get(name, 1))
        except Exception as error:
            found[name] = error

    threads = [threading.Thread(target=one, args=(name,)) for name in names]
    return threads, found


def run(slow, group, names, sizes=None):
    threads, found = commit_all(group, names, sizes)
    threads[0].start()
    slow.begun.acquire()
    for count, thread in enumerate(threads[1:], start=1):
        thread.start()
        while len(group._waiting) < count:
            threading.Event().wait(0.001)
    for _ in names:
        slow.turn.release()
    for thread in threads:
        thread.join()
    return found


def test_those_who_wait_share_a_commit_in_their_order():
    slow = Slow()
    found = run(slow, GroupCommit(slow, largest=10), "abcd")
    assert slow.groups == [["a"], ["b", "c", "d"]]
    assert found == {name: name.upper() for name in "abcd"}


def test_a_commit_is_no_larger_than_allowed_but_for_who_alone_brings_more():
    slow = Slow()
    run(slow, GroupCommit(slow, largest=4), "abcde", {"b": 9, "c": 3, "d": 1, "e": 1})
    assert slow.groups == [["a"], ["b"], ["c", "d"], ["e"]]


def test_an_error_reaches_everybody_of_the_commit_and_nobody_else():
    slow = Slow()
    slow.error = OSError("full")
    group = GroupCommit(slow, largest=10)
    found = run(slow, group, "abc")
    assert all(isinstance(one, OSError) for one in found.values())
    slow.error = None
    slow.turn.release()
    assert group.commit("d", 1) == "D"


def test_a_lone_caller_waits_for_nobody():
    slow = Slow()
    slow.turn.release()
    assert GroupCommit(slow, largest=1).commit("a", 5) == "A"
    slow.error = ValueError("x")
    slow.turn.release()
    with pytest.raises(ValueError):
        GroupCommit(slow, largest=1).commit("a", 1)
