"""Lists and datasets with one thing taken away. The scorer that learns from them is the one that serves, unchanged."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.spec import FeatureSpec
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.reranking.lists import Lists


def without_signals(lists: Lists, columns: Sequence[int]) -> Lists:
    """Return the lists with some of their signals, given by their places on the last axis, told of nobody."""
    signals = lists.signals.copy()
    # What has no spread is standardised to 0, where the mean of a signal lies. A sum of zeros has no rounding errors,
    # as a sum of many equal means would.
    signals[..., list(columns)] = 0.0
    return replace(lists, signals=signals)


def without_source(lists: Lists, source: int, columns: Sequence[int]) -> Lists:
    """Return the lists as if a source had never been asked.

    Args:
        lists: whose candidates each know who proposed them.
        source: its place among the sources.
        columns: places of the signals that it gives.
    """
    ranks = lists.ranks.copy()
    ranks[..., source] = -1
    orphans = (lists.ranks[..., source] >= 0) & (ranks < 0).all(axis=2)
    return replace(without_signals(lists, columns), items=np.where(orphans, 0, lists.items), ranks=ranks)


def without_customer_features(dataset: Dataset) -> Dataset:
    """Return the dataset with customers of whom no column is known."""
    return replace(dataset, customer_encoder=NO_COLUMNS, customer_features=NO_COLUMNS.empty(dataset.customer_rows))


def without_item_features(dataset: Dataset) -> Dataset:
    """Return the dataset with items of which no column is known."""
    return replace(dataset, item_encoder=NO_COLUMNS, item_features=NO_COLUMNS.empty(dataset.item_rows))


NO_COLUMNS = FeatureEncoder(FeatureSpec())
