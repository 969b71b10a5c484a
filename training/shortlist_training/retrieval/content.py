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

from shortlist_bundle.features.bags import FIRST_KNOWN, bag_size
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.spec import NumberFit, ValuesFit
from shortlist_bundle.towers.layers import Float, unit
from shortlist_training.dataset.dataset import Dataset

WIDTH = 64
ITERATIONS = 4
REACH = 3.0
"""Numbers lie between this many scales below the mean and as many above; further out they are taken for the end."""
NUMBER_WEIGHT = 1.0
"""What two equal numbers count, in the unit of a surprise: as two items that share what one in e has."""


def content_vectors(dataset: Dataset, *, seed: int) -> Float | None:
    """Return every item's place by its features, float32 [N + 1, D] of length 1, D at most 64.

    Row 0, and items of which nothing is known that would tell them from others, are zeros. None where items have no
    features at all.

    Args:
        dataset: the log; only the items' features are looked at.
        seed: of the decomposition.
    """
    blocks = list(_blocks(dataset.item_encoder, dataset.item_features))
    if not blocks:
        return None
    matrix = sparse.hstack(blocks, format="csr", dtype=np.float32)
    matrix = matrix[:, np.flatnonzero(matrix.getnnz(axis=0))]
    return _reduced(matrix, seed) if matrix.shape[1] else np.zeros((dataset.item_rows, 1), np.float32)


def _blocks(encoder: FeatureEncoder, features: EncodedFeatures) -> list[sparse.csr_matrix]:
    numbers = [column for column in encoder.spec.columns if isinstance(column.fit, NumberFit)]
    found = [_number_block(features.numbers[:, 2 * n : 2 * n + 2]) for n in range(len(numbers))]
    for column in encoder.spec.columns:
        if not isinstance(column.fit, NumberFit):
            # All rare values of a category share one code, and to share that is to share nothing.
            known = FIRST_KNOWN if isinstance(column.fit, ValuesFit) else 1
            found.append(_bag_block(features.bags[column.name], size=bag_size(column.fit), known=known))
    return found


def _number_block(pair: NDArray[np.float32]) -> sparse.csr_matrix:
    """Return [N + 1, 2]: the number as an angle, so that an inner product is the cosine of how far apart two are.

    Args:
        pair: [N + 1, 2], the standardised number, and whether it is missing.
    """
    angle = np.clip(pair[:, 0], -REACH, REACH) * (np.pi / 2 / REACH)
    there = 1.0 - pair[:, 1]
    there[0] = 0
    if not there.any() or np.ptp(angle[there > 0]) == 0:
        return sparse.csr_matrix((len(pair), 0), dtype=np.float32)
    block = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (there * np.sqrt(NUMBER_WEIGHT))[:, None]
    return sparse.csr_matrix(block.astype(np.float32))


def _bag_block(bag: NDArray[np.int32], *, size: int, known: int) -> sparse.csr_matrix:
    """Return [N + 1, size]: each item's codes by their surprise, the row's square as large as their mean surprise."""
    rows, places = np.nonzero(bag >= known)
    codes = bag[rows, places]
    holders = np.bincount(codes, minlength=size)
    surprise = np.log((len(bag) - 1) / np.maximum(holders, 1))
    lengths = np.maximum(np.bincount(rows, minlength=len(bag)), 1)
    # A code that everybody has surprises nobody, and is no cell.
    cells, told = np.sqrt(surprise[codes] / lengths[rows]), surprise[codes] > 0
    return sparse.csr_matrix((cells[told], (rows[told], codes[told])), shape=(len(bag), size), dtype=np.float32)


def _reduced(matrix: sparse.csr_matrix, seed: int) -> Float:
    lengths = norm(matrix, axis=1)
    matrix = sparse.diags_array(1.0 / np.maximum(lengths, 1e-12)) @ matrix
    if matrix.shape[1] <= WIDTH:
        return unit(np.asarray(matrix.todense(), np.float32))
    from sklearn.utils.extmath import randomized_svd

    width = min(WIDTH, matrix.shape[0] - 1)
    left, values, _ = randomized_svd(matrix, width, n_iter=ITERATIONS, random_state=seed)
    placed = (left * values).astype(np.float32)
    # What the kept axes hold nothing of is as good as unknown: its direction would be rounding.
    placed[np.linalg.norm(placed, axis=1) < 1e-4] = 0
    return unit(placed)
