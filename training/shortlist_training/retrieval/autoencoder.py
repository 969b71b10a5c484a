"""The embedding model in closed form: a linear autoencoder of low rank, fitted to the whole log by least squares.

A history is encoded as a sum of item vectors and decoded as inner products with others. The best such pair for the
squared error over every cell of the log, with a ridge penalty, has the singular vectors of the (normalised) log for
axes, each shrunk by sigma^2 / (sigma^2 + penalty): Jin et al. 2021, "Towards a better understanding of linear models
for recommendation", https://doi.org/10.1145/3447548.3467428. Without the penalty it is the ideal low-pass filter of
Shen et al. 2021, "How powerful is graph convolution for recommendation?", https://doi.org/10.1145/3459637.3482264.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortlist_bundle.towers.autoencoder import AutoencoderCustomers
from shortlist_bundle.towers.embedding import EmbeddingSpace
from shortlist_bundle.towers.layers import Float
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.counting import distinct_pairs
from shortlist_training.retrieval.successors import baskets

WIDEST = 512
MOST_CELLS = 1_500_000_000
"""Takings times width that are decomposed: of a larger log, fewer axes."""
ITERATIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """How the log is normalised: a customer of h items counts h^-customers, an item with t takers t^-items."""

    customers: float
    items: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """The leading singular values and axes of a normalised log.

    Attributes:
        norms: of the log.
        values: float32 [W], falling.
        axes: float32 [N + 1, W], one row for each item.
        scale: float32 [N + 1], what the items were normalised by.
        by_moment: whether the log has baskets.
    """

    norms: Norms
    values: NDArray[np.float32]
    axes: Float
    scale: NDArray[np.float32]
    by_moment: bool

    def autoencoder(self, *, width: int, penalty: float, length: int, fade: float) -> EmbeddingSpace:
        """Return both sides of the autoencoder.

        Args:
            width: axes to keep.
            penalty: of the ridge, in units of the last kept axis's squared singular value.
            length: see `AutoencoderCustomers`.
            fade: see `AutoencoderCustomers`.
        """
        axes, square = self.axes[:, :width], self.values[:width] ** 2
        shrunk = square / np.maximum(square + np.float32(penalty) * square[-1:], np.float32(1e-12))
        customers = AutoencoderCustomers(
            history_items=(axes * self.scale[:, None] * shrunk).astype(np.float32),
            norm=self.norms.customers,
            length=length,
            fade=fade,
            by_moment=self.by_moment,
        )
        return EmbeddingSpace(customers=customers, items=(axes / self.scale[:, None]).astype(np.float32))


def widest(dataset: Dataset) -> int:
    """Return how many axes the log is decomposed into at most: a quarter of what it has, and what time allows."""
    smaller = min(dataset.customer_rows, dataset.item_rows)
    allowed = MOST_CELLS // max(len(dataset.events.items), 1)
    return int(max(1, min(WIDEST, smaller // 4, allowed)))


def decompose(dataset: Dataset, limits: NDArray[np.int64], norms: Norms, *, width: int, seed: int) -> Spectrum:
    """Decompose who has taken what below the limits, by scikit-learn's randomised method.

    Halko, Martinsson and Tropp 2011, "Finding structure with randomness", https://doi.org/10.1137/090771806
    """
    from sklearn.utils.extmath import randomized_svd

    items = dataset.item_rows
    # Each pair once: how often something was taken is the own past's business.
    rows, columns = distinct_pairs(dataset, limits)
    taken = np.maximum(np.bincount(rows, minlength=dataset.customer_rows), 1) ** -norms.customers
    scale = np.maximum(np.bincount(columns, minlength=items), 1) ** -norms.items
    cells = (taken[rows] * scale[columns]).astype(np.float32)
    matrix = sparse.csr_matrix((cells, (rows, columns)), shape=(dataset.customer_rows, items))
    _, values, axes = randomized_svd(matrix, width, n_iter=ITERATIONS, random_state=seed)
    axes = np.ascontiguousarray(axes.T, np.float32)
    axes[0] = 0
    return Spectrum(
        norms=norms, values=values.astype(np.float32), axes=axes, scale=scale.astype(np.float32),
        by_moment=baskets(dataset),
    )  # fmt: skip
