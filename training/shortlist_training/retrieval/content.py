"""Where items stand by their features alone: hashed words, categories and numbers, brought to a few axes.

Each column makes a block of a sparse row. What two items agree on counts by how much it surprises, -log of its share
(Spaerck Jones 1972, "A statistical interpretation of term specificity", https://doi.org/10.1108/eb026526), so a column
counts on average by its entropy. The rows' leading singular axes are kept: latent semantic analysis (Deerwester et al.
1990, https://doi.org/10.1002/(SICI)1097-4571(199009)41:6%3C391::AID-ASI1%3E3.0.CO;2-9).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import norm

from shortlist_bundle.features.bags import FIRST_KNOWN
from shortlist_bundle.features.spec import NumberFit, ValuesFit
from shortlist_bundle.item_side.content import BagAxes, ContentAxes, angle_cells
from shortlist_bundle.towers.layers import Float
from shortlist_training.dataset.dataset import Dataset

WIDTH = 64
ITERATIONS = 4
CHUNK = 4096
"""Items that are placed at one time."""


def content_vectors(dataset: Dataset, axes: ContentAxes) -> Float:
    """Return every item's place by its features, float32 [N + 1, D] of length 1.

    Row 0, and items of which nothing is known that would tell them from others, are zeros.
    """
    features = dataset.item_features
    parts = [axes(features.take(slice(start, start + CHUNK))) for start in range(0, len(features), CHUNK)]
    vectors = np.concatenate(parts)
    vectors[0] = 0
    return vectors


def fit_content(dataset: Dataset, *, seed: int) -> ContentAxes | None:
    """Return the axes by which items are placed, D at most 64 of them; None where items have no features at all.

    Args:
        dataset: the log; only the items' features are looked at.
        seed: of the decomposition.
    """
    encoder, features = dataset.item_encoder, dataset.item_features
    if not encoder.spec.columns:
        return None
    numbers = _telling_numbers(features.numbers)
    cells = [sparse.csr_matrix(angle_cells(features.numbers[:, 2 * n : 2 * n + 2])) for n in numbers]
    bags = [column for column in encoder.spec.columns if not isinstance(column.fit, NumberFit)]
    surprises = []
    for column in bags:
        # All rare values of a category share one code, and to share that is to share nothing.
        first = FIRST_KNOWN if isinstance(column.fit, ValuesFit) else 1
        bag = features.bags[column.name]
        surprises.append((first, _surprise(bag, size=encoder.bag_sizes[column.name], first=first)))
        cells.append(_bag_cells(bag, *surprises[-1]))
    axes = _axes(sparse.hstack(cells, format="csr", dtype=np.float32), seed)
    start = 2 * len(numbers)
    found = {}
    for column, (first, surprise) in zip(bags, surprises, strict=True):
        found[column.name] = BagAxes(first=first, surprise=surprise, axes=axes[start : start + len(surprise)])
        start += len(surprise)
    width = axes.shape[1]
    return ContentAxes(
        width=width,
        numbers=np.array(numbers, np.int64),
        number_axes=axes[: 2 * len(numbers)].reshape(len(numbers), 2, width),
        bags=found,
    )


def _telling_numbers(numbers: NDArray[np.float32]) -> list[int]:
    """Return which of the columns, each beside its missing flag, tell any two items apart."""
    pairs = [(n, angle_cells(numbers[:, 2 * n : 2 * n + 2])) for n in range(numbers.shape[1] // 2)]
    return [n for n, cells in pairs if (there := cells[cells.any(axis=1)]).size and np.ptp(there, axis=0).any()]


def _surprise(bag: NDArray[np.int32], *, size: int, first: int) -> NDArray[np.float32]:
    """Return what each code tells, float32 [size]; a code that everybody has surprises nobody."""
    holders = np.bincount(bag[bag >= first], minlength=size)
    told = np.log((len(bag) - 1) / np.maximum(holders, 1))
    return np.where(holders > 0, np.maximum(told, 0), 0).astype(np.float32)


def _bag_cells(bag: NDArray[np.int32], first: int, surprise: NDArray[np.float32]) -> sparse.csr_matrix:
    """Return [N + 1, size]: each item's codes by their surprise, the row's square as large as their mean surprise."""
    rows, places = np.nonzero(bag >= first)
    codes = bag[rows, places]
    lengths = np.maximum(np.bincount(rows, minlength=len(bag)), 1)
    cells, told = np.sqrt(surprise[codes] / lengths[rows]), surprise[codes] > 0
    shape = (len(bag), len(surprise))
    return sparse.csr_matrix((cells[told], (rows[told], codes[told])), shape=shape, dtype=np.float32)


def _axes(matrix: sparse.csr_matrix, seed: int) -> Float:
    """Return where each column of cells points to, float32 [columns, D]: to an axis of its own while they are few."""
    held = np.flatnonzero(matrix.getnnz(axis=0))
    axes = np.zeros((matrix.shape[1], max(min(len(held), WIDTH, matrix.shape[0] - 1), 1)), np.float32)
    if not len(held):
        return axes
    if len(held) <= WIDTH:
        axes = np.zeros((matrix.shape[1], len(held)), np.float32)
        axes[held, np.arange(len(held))] = 1
        return axes
    from sklearn.utils.extmath import randomized_svd

    rows = sparse.diags_array(1.0 / np.maximum(norm(matrix, axis=1), 1e-12)) @ matrix[:, held]
    _, _, right = randomized_svd(rows, axes.shape[1], n_iter=ITERATIONS, random_state=seed)
    axes[held] = right.T
    return axes
