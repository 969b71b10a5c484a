"""How well each item predicts another beside all the rest: a linear autoencoder.

EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", https://arxiv.org/abs/1905.03375) regresses
every item on all others with a squared penalty, in closed form. Here each item is regressed on the items that are
nearest to it alone, as in fsSLIM (Ning and Karypis 2011, "SLIM: sparse linear methods for top-n recommender systems",
https://doi.org/10.1109/ICDM.2011.134): the rest have next to no weight, and time grows with the items, not with their
cube.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.newest import Newest
from shortlist_training.config.run import SourcesConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.counting import DAMPING, visible
from shortlist_training.retrieval.successors import baskets

LARGEST = 16_000
"""Items whose joint takings are held as a table; of a larger catalogue, those that are taken most."""
PENALTY = 10.0
"""Times the mean takers of an item."""
LENGTH = 500
CHUNK = 64
THREADS = 2


def fit_linear(dataset: Dataset, limits: NDArray[np.int64], config: SourcesConfig) -> Newest:
    """Regress each item on its nearest items, from who has taken what below the limits.

    The weights are kept by the item that speaks, the target beside them, like those of every other source.
    """
    events, width = dataset.events, dataset.item_rows
    see = visible(dataset, limits) & (events.items > 0)
    pairs = np.unique(events.owners[see] * width + events.items[see])
    takers = np.bincount(pairs % width, minlength=width)
    chosen = np.sort(np.argsort(-takers, kind="stable")[:LARGEST])
    chosen = chosen[takers[chosen] > 0]
    column = np.full(width, -1)
    column[chosen] = np.arange(len(chosen))
    known = column[pairs % width] >= 0
    rows, columns = pairs[known] // width, column[pairs[known] % width]
    borders = np.searchsorted(rows, np.arange(dataset.customer_rows + 1))
    together = _taken_together(borders, columns, len(chosen))
    sources, targets, weights = _regressed(together, count=min(config.neighbours, len(chosen) - 1))
    order = np.lexsort((targets, sources))
    sources, targets = chosen[sources[order]], chosen[targets[order]]
    return Newest(
        indptr=np.searchsorted(sources, np.arange(width + 1)).astype(np.int64),
        neighbours=targets.astype(np.int32),
        weights=weights[order],
        length=LENGTH,
        fade=1.0,
        by_moment=baskets(dataset),
    )


@compiled
def _taken_together(borders: NDArray[np.int64], columns: NDArray[np.int64], width: int) -> NDArray[np.float32]:
    """Return how many customers have taken both of two items, float32 [n, n]; the diagonal counts an item's takers."""
    together = np.zeros((width, width), np.float32)
    for customer in range(len(borders) - 1):
        own = columns[borders[customer] : borders[customer + 1]]
        for one in own:
            for other in own:
                together[one, other] += 1
    return together


def _regressed(
    together: NDArray[np.float32], *, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return (item that speaks, item that is predicted, weight) of every regression on `count` items.

    Args:
        together: float32 [n, n], see `_taken_together`.
        count: items that each is regressed on.
    """
    if count < 1:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    takers = together.diagonal().copy()
    penalty = np.float32(PENALTY * takers.mean())
    scale = (np.sqrt(takers) / (takers + DAMPING)).astype(np.float32)

    def solve(chunk: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        near = together[chunk] * scale
        near[np.arange(len(chunk)), chunk] = -1.0
        others = np.sort(np.argpartition(-near, count - 1, axis=1)[:, :count], axis=1)
        among = together[others[:, :, None], others[:, None, :]]
        among[:, np.arange(count), np.arange(count)] += penalty
        right = np.take_along_axis(together[chunk], others, axis=1)
        return others, np.linalg.solve(among, right[..., None])[..., 0]

    chunks = [np.arange(start, min(start + CHUNK, len(takers))) for start in range(0, len(takers), CHUNK)]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(solve, chunks))
    sources = np.concatenate([others for others, _ in found]).ravel()
    weights = np.concatenate([values for _, values in found]).ravel().astype(np.float32)
    targets = np.repeat(np.arange(len(takers)), count)
    keep = weights != 0
    return sources[keep], targets[keep], weights[keep]
