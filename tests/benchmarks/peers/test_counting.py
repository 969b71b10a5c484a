from dataclasses import replace

import numpy as np
import pytest
from benchmarks.peers.counting import popularity, recent_popularity
from benchmarks.peers.task import PeerError


@pytest.fixture
def log(task):
    """Item 0 was taken by three customers a year ago, item 1 by two now, item 2 by one of them many times."""
    day = 86_400.0
    events = [(0, 0, 0), (0, 2, 360), (0, 2, 361), (0, 2, 362), (1, 0, 0), (1, 1, 365), (2, 0, 0), (2, 1, 365)]
    owners, taken, days = np.array(events).T
    return replace(
        task, customers=["a", "b", "c"], items=["x", "y", "z", "w"], owners=owners, taken=taken, times=days * day
    )


def test_popularity_counts_customers(log):
    assert popularity(log, 0).lists("all")[0].tolist() == [0, 1, 2]


def test_recent_popularity_forgets_what_is_over(log):
    assert recent_popularity(log, 0).lists("all")[0].tolist() == [1, 2, 0]


def test_recent_popularity_needs_times(log):
    with pytest.raises(PeerError, match="no times"):
        recent_popularity(replace(log, times=None), 0)
