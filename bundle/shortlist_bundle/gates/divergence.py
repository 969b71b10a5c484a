"""How far apart two distributions are, as one number."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

_BINS = 10
_PRIOR = 0.5
"""Added to every count (Jeffreys): a bin that one small sample happens to miss is no proof of a change."""


def jensen_shannon(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Return the Jensen-Shannon divergence of two histograms over the same bins, in bits, in [0, 1].

    Unlike the population stability index it is bounded, symmetric and defined where a bin is empty (Lin 1991,
    "Divergence measures based on the Shannon entropy", https://doi.org/10.1109/18.61115).

    Args:
        first: float [N], counts of at least 0.
        second: likewise.

    Raises:
        ValueError: The shapes differ, or a count is below 0.
    """
    if first.shape != second.shape or first.ndim != 1 or (first < 0).any() or (second < 0).any():
        raise ValueError(f"histograms must be of one shape and without negative counts: {first.shape}, {second.shape}")
    if not first.sum() or not second.sum():
        return 0.0 if first.sum() == second.sum() else 1.0
    p, q = first / first.sum(), second / second.sum()
    middle = (p + q) / 2
    return float(np.clip((_relative(p, middle) + _relative(q, middle)) / 2, 0.0, 1.0))


def number_drift(live: NDArray[np.floating], candidate: NDArray[np.floating]) -> float:
    """Return the divergence of two samples of numbers; bins are the live sample's tenths, and NaN is a bin of its own.

    Args:
        live: float [N].
        candidate: float [K].
    """
    known = live[~np.isnan(live)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.zeros(0)

    def counted(values: NDArray[np.floating]) -> NDArray[np.float64]:
        present = values[~np.isnan(values)]
        bins = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
        return np.append(bins, len(values) - len(present)).astype(np.float64) + _PRIOR

    return jensen_shannon(counted(live), counted(candidate))


def value_drift(live: Sequence[Hashable], candidate: Sequence[Hashable]) -> float:
    """Return the divergence of two samples of values, each value a bin."""
    codes = {value: code for code, value in enumerate(dict.fromkeys((*live, *candidate)))}

    def counted(values: Sequence[Hashable]) -> NDArray[np.float64]:
        return np.bincount([codes[value] for value in values], minlength=len(codes)).astype(np.float64) + _PRIOR

    return jensen_shannon(counted(live), counted(candidate)) if codes else 0.0


def _relative(p: NDArray[np.floating], q: NDArray[np.floating]) -> float:
    there = p > 0
    return float((p[there] * np.log2(p[there] / q[there])).sum())
