"""EASE, the whole of it: every item regressed on all others, in closed form."""

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import PeerError, Task
from shortlist_bench.closed_form import MOST_ITEMS, PENALTY, closed_form


def ease(task: Task, seed: int) -> Fitted:
    """Fit EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", https://arxiv.org/abs/1905.03375).

    Settings: an L2 penalty of 500, the paper's for MovieLens-20M.

    Raises:
        PeerError: The catalogue has more than 20,000 items.
    """
    if len(task.items) > MOST_ITEMS:
        raise PeerError(f"{len(task.items):,} items are more than the {MOST_ITEMS:,} that the closed form is run for")
    weights = closed_form(task.matrix, PENALTY)
    return Scored(task, lambda rows: task.matrix[rows] @ weights)
