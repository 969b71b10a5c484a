"""Ranking metrics over the full catalogue, one number per judged customer, and their means with standard errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_training.evaluation.targets import Targets

PerCustomer = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over judged customers and its standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "Figure":
        """Return mean and standard error of one number per customer; an error of 0 with fewer than two."""
        if not len(values):
            return cls(0.0, 0.0)
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        return cls(float(values.mean()), error)


def ranking_metrics(items: NDArray[np.integer], targets: Targets, ks: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Return recall, hit rate, nDCG and MRR at each k, one number per customer.

    nDCG has binary gain, a log2 discount, and the ideal list of min(k, targets) hits (Jarvelin and Kekalainen 2002,
    https://doi.org/10.1145/582415.582418).

    Args:
        items: int [J, K], lists best first, 0 where a list is shorter.
        targets: of the same J customers.
        ks: list lengths to judge.
    """
    if not items.shape[1]:
        # Nobody was shown anything: one empty place says the same.
        items = np.zeros((len(items), 1), np.int32)
    hits = targets.hits(items)
    discount = 1.0 / np.log2(np.arange(items.shape[1]) + 2)
    first = np.where(hits.any(axis=1), hits.argmax(axis=1), items.shape[1])
    metrics: dict[str, NDArray[np.float64]] = {}
    for k in ks:
        within = min(k, items.shape[1])
        found = hits[:, :within].sum(axis=1)
        metrics[f"recall@{k}"] = found / targets.sizes
        metrics[f"hr@{k}"] = (found > 0).astype(np.float64)
        # The ideal list is k long even where the lists are shorter.
        best = np.cumsum(1.0 / np.log2(np.arange(k) + 2))[np.minimum(k, targets.sizes) - 1]
        metrics[f"ndcg@{k}"] = (hits[:, :within] * discount[:within]).sum(axis=1) / best
        metrics[f"mrr@{k}"] = np.where(first < within, 1.0 / (first + 1), 0.0)
    return metrics


def catalogue_metrics(items: NDArray[np.integer], takings: NDArray[np.floating], ks: Sequence[int]) -> dict[str, float]:
    """Return coverage (share of the catalogue shown to anyone) and novelty (mean surprise in bits) at each k.

    Novelty is -log2 of the share of all takings that the item had, Laplace-smoothed (Zhou et al. 2010,
    https://doi.org/10.1073/pnas.1000488107).

    Args:
        items: int [J, K], lists, 0 where a list is shorter.
        takings: float [N + 1], takings of each item before the window.
        ks: list lengths.
    """
    surprise = -np.log2((takings + 1.0) / (takings[1:] + 1.0).sum())
    figures = {}
    for k in ks:
        shown = items[:, :k]
        shown = shown[shown > 0]
        figures[f"coverage@{k}"] = len(np.unique(shown)) / max(len(takings) - 1, 1)
        figures[f"novelty@{k}"] = float(surprise[shown].mean()) if len(shown) else 0.0
    return figures


def summary(metrics: PerCustomer) -> dict[str, Figure]:
    """Return mean and standard error of each metric."""
    return {name: Figure.of(values) for name, values in metrics.items()}
