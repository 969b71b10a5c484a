"""Matrix factorisation for implicit feedback, by `implicit`."""

from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Task


def ials(task: Task, seed: int) -> Fitted:
    """Fit iALS (Hu, Koren and Volinsky 2008, https://doi.org/10.1109/ICDM.2008.22).

    Settings: those of the library: 100 factors, penalty 0.01, weight 1, 15 iterations.
    """
    # The library runs threads of its own, and asks that BLAS have none.
    threadpool_limits(1, "blas")
    model = AlternatingLeastSquares(
        factors=100, regularization=0.01, alpha=1.0, iterations=15, random_state=seed, use_gpu=False
    )
    model.fit(task.matrix, show_progress=False)
    return Scored(task, lambda rows: model.user_factors[rows] @ model.item_factors.T)
