import numpy as np

from shortlist_bundle.engine import Ranked
from shortlist_bundle.reasons.moves import moves


def lists(rows):
    items = np.array(rows, np.int32)
    ranks = np.zeros((*items.shape, 0), np.int16)
    return Ranked(items=items, scores=np.zeros(items.shape, np.float32), ranks=ranks, candidates=np.ones(len(rows)))


def test_places_up_and_down():
    best = lists([[7, 5, 9, 2, 4], [1, 2, 3, 0, 0]])
    picked = lists([[7, 9, 4], [2, 1, 0]])
    assert moves(best, picked).tolist() == [[0, 1, 2], [1, -1, 0]]


def test_a_list_that_nothing_moved():
    best = lists([[3, 1, 2]])
    assert not moves(best, best).any()
