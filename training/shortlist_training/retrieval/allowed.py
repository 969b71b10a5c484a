"""What may be in a list of the past: what the server would have allowed then."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.scoreboard import Mask
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.dataset.dataset import Dataset


def allowed_items(dataset: Dataset, batch: CustomerBatch, as_of: NDArray[np.float64], *, seen_allowed: bool) -> Mask:
    """Return bool [B, N + 1]: what could be had then, or what of it the customer had not taken; never oneself.

    Args:
        dataset: the log.
        batch: B customers.
        as_of: float64 [B], epoch seconds, when they ask.
        seen_allowed: whether what they have taken is allowed.
    """
    mask = np.ones((len(batch), dataset.item_rows), np.bool_)
    if dataset.availability is not None:
        mask = dataset.availability.at(as_of)
    if not seen_allowed:
        mask[batch.history.owners, batch.history.items] = False
    if dataset.oneself is not None:
        mask[np.arange(len(mask)), dataset.oneself[batch.rows]] = False
    mask[:, 0] = False
    return mask
