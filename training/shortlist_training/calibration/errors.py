"""How far probabilities are from what happened."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 20

Float64 = NDArray[np.float64]
Taken = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What was said and what happened.

    Attributes:
        error: expected calibration error, in [0, 1].
        brier: Brier score, the mean squared error of the probabilities, in [0, 1].
        said: mean probability of each bin, rising.
        happened: share of each bin that was taken.
        pairs: how many pairs each bin has.
    """

    error: float
    brier: float
    said: tuple[float, ...]
    happened: tuple[float, ...]
    pairs: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as plain JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def reliability(probabilities: Float64, taken: Taken, *, bins: int = BINS) -> Reliability:
    """Measure probabilities against what happened, in bins of equally many pairs.

    Takings are rare: bins of equal width would put nearly all pairs into the first (Nixon et al. 2019, "Measuring
    calibration in deep learning", https://arxiv.org/abs/1904.01685). The error is the mean over the pairs of how far
    a bin's mean probability is from its share of takings (Naeini, Cooper and Hauskrecht 2015,
    https://doi.org/10.1609/aaai.v29i1.9602); the Brier score is Brier's (1950).

    Args:
        probabilities: float64 [P], at least one.
        taken: bool [P].
        bins: at most so many; equal probabilities are never parted.
    """
    if probabilities.shape != taken.shape or not len(taken):
        raise ValueError(f"needs as many outcomes as probabilities, got {taken.shape} and {probabilities.shape}")
    order = np.argsort(probabilities, kind="stable")
    said, happened = probabilities[order], taken[order].astype(np.float64)
    # Each bin begins where its first probability does, so that equal ones stay together.
    starts = np.unique(np.searchsorted(said, said[np.arange(bins) * len(said) // bins]))
    sizes = np.diff(np.append(starts, len(said)))
    means, shares = np.add.reduceat(said, starts) / sizes, np.add.reduceat(happened, starts) / sizes
    return Reliability(
        error=float(np.abs(means - shares) @ sizes / len(said)),
        brier=float(np.square(probabilities - taken).mean()),
        said=tuple(means.tolist()),
        happened=tuple(shares.tolist()),
        pairs=tuple(sizes.tolist()),
    )
