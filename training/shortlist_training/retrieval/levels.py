"""Choose the item columns whose categories have a past of their own: aisle, brand, genre..."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_training.dataset.dataset import Dataset

MAX_LEVELS = 4
MIN_VALUES = 5
MIN_PRESENT = 0.5


def choose_levels(dataset: Dataset) -> tuple[tuple[str, ...], tuple[NDArray[np.int32], ...]]:
    """Return up to four category columns, finest first, with each item's code, int32 [N + 1], 0 for none.

    A column qualifies when it groups items (at least five values, at least four items to a value on average) and
    most items have it.
    """
    found = []
    for name, bag in dataset.item_features.bags.items():
        codes = bag[:, 0]
        values = len(np.unique(codes[codes > 0]))
        present = np.count_nonzero(codes[1:]) / max(len(codes) - 1, 1)
        if bag.shape[1] == 1 and MIN_VALUES <= values <= len(codes) / 4 and present >= MIN_PRESENT:
            found.append((-values, name, codes))
    found = sorted(found, key=lambda entry: entry[:2])[:MAX_LEVELS]
    return tuple(name for _, name, _ in found), tuple(codes.astype(np.int32) for _, _, codes in found)


def level_codes(dataset: Dataset, names: Sequence[str]) -> tuple[NDArray[np.int32], ...]:
    """Return each item's code in columns that were chosen before, int32 [N + 1], 0 for none."""
    return tuple(dataset.item_features.bags[name][:, 0].astype(np.int32) for name in names)
