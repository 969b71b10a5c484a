"""How well each item predicts another beside all the rest: a linear autoencoder.

EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", https://arxiv.org/abs/1905.03375) regresses
every item on all others with a squared penalty, in closed form. Here each item is regressed on the items that are
nearest to it alone, as in fsSLIM (Ning and Karypis 2011, "SLIM: sparse linear methods for top-n recommender systems",
https://doi.org/10.1109/ICDM.2011.134): the rest have next to no weight, and time grows with the items, not with their
cube.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.newest import Newest
from shortlist_training.all_cores import on_all_cores
from shortlist_training.config.run import SourcesConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.successors import baskets
from shortlist_training.retrieval.together import Columns, Float, Together, count_together

PENALTIES = (3.0, 10.0)
"""Times the mean weighted takers of an item; which of them is right, the tuning window says."""
LENGTH = 500
CHUNK = 64


def fit_linear(
    dataset: Dataset, limits: NDArray[np.int64], config: SourcesConfig, *, penalties: Sequence[float]
) -> tuple[Newest, ...]:
    """Regress each item on its nearest items, from who has taken what below the limits; once for each penalty.

    The weights are kept by the item that speaks, the target beside them, like those of every other source.
    """
    chosen, together = count_together(dataset, limits)
    count = min(config.neighbours, len(chosen) - 1)
    others, weights = _regressed(together, len(chosen), count, penalties)
    return tuple(_source(dataset, chosen, others, found) for found in weights)


def _source(dataset: Dataset, chosen: Columns, others: Columns, weights: Float) -> Newest:
    """Return the source of weights [n, m] that the items of `others` have for the item of each row."""
    keep = (weights != 0) & (others >= 0)
    sources, targets = others[keep], np.broadcast_to(np.arange(len(others))[:, None], others.shape)[keep]
    order = np.lexsort((targets, sources))
    rows = chosen[sources[order]]
    return Newest(
        indptr=np.searchsorted(rows, np.arange(dataset.item_rows + 1)).astype(np.int64),
        neighbours=chosen[targets[order]].astype(np.int32),
        weights=weights[keep][order],
        length=LENGTH,
        fade=1.0,
        by_moment=baskets(dataset),
    )


def _regressed(together: Together, width: int, count: int, penalties: Sequence[float]) -> tuple[Columns, list[Float]]:
    """Return the items that each is regressed on, [n, count], and their weights for each penalty, float32."""
    if count < 1:
        return np.zeros((width, 0), np.int64), [np.zeros((width, 0), np.float32) for _ in penalties]
    mean = together.diagonal.mean()

    def solve(chunk: Columns) -> tuple[Columns, list[Float]]:
        others, joint = together.nearest(chunk, count)
        among = together.among(others)
        diagonal = among[:, np.arange(count), np.arange(count)]
        found = []
        for penalty in penalties:
            among[:, np.arange(count), np.arange(count)] = diagonal + np.float32(penalty * mean)
            found.append(np.linalg.solve(among, joint[..., None])[..., 0])
        return others, found

    chunks = [np.arange(start, min(start + CHUNK, width)) for start in range(0, width, CHUNK)]
    parts = list(on_all_cores(solve, chunks))
    others = np.concatenate([part for part, _ in parts])
    weights = [np.concatenate([found[n] for _, found in parts]).astype(np.float32) for n in range(len(penalties))]
    return others, weights
