"""Confidence intervals of a mean, and of a ratio of two means."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from shortlist_training.offpolicy.comparison import Vector

NORMAL, BOOTSTRAP, BERNSTEIN = "normal", "bootstrap", "empirical Bernstein"
CONFIDENCE = 0.95
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the truth lies with a confidence, and by which argument.

    Attributes:
        low, high: its ends.
        kind: "normal", "bootstrap" or "empirical Bernstein".
    """

    low: float
    high: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """How intervals are made.

    Attributes:
        confidence: that the truth lies in them, in (0, 1).
        kind: "normal" or "bootstrap".
        seed: of resampling.
    """

    confidence: float = CONFIDENCE
    kind: str = NORMAL
    seed: int = 0


def interval_of_mean(terms: Vector, certainty: Certainty) -> Interval:
    """Return the interval of the mean of independent terms, float64 [N].

    Normal: the central limit theorem, with the terms' skewness transformed away, of which weighted rewards have much:
    that moves both ends up. Bootstrap: percentiles of resampled means (Efron 1979, https://doi.org/10.1214/aos/1176344552).
    """
    if certainty.kind == BOOTSTRAP:
        return _percentiles(_resampled(certainty, terms)[0], certainty)
    deviations = terms - terms.mean()
    error, reach = _error(deviations), float(norm.ppf(0.5 + certainty.confidence / 2))
    skewness = float(np.mean(deviations**3)) / max(error * np.sqrt(len(terms)), 1e-150) ** 3 if error else 0.0
    low, high = (
        float(terms.mean()) - error * without_skewness(quantile, skewness, len(terms)) for quantile in (reach, -reach)
    )
    return Interval(low=low, high=high, kind=NORMAL)


def without_skewness(quantile: float, skewness: float, count: int) -> float:
    """Return the quantile of a studentised mean whose transform without skewness has the normal quantile given.

    Hall 1992, https://doi.org/10.1111/j.2517-6161.1992.tb01876.x: `g(t) = t + a t^2 + a^2 t^3 / 3 + a / 2` is normal up
    to 1 / N, where a is the skewness over three roots of N; it rises everywhere, and has this inverse.
    """
    slant = skewness / (3.0 * np.sqrt(count))
    if abs(slant) < 1e-6:
        return quantile
    return float((np.cbrt(1.0 + 3.0 * slant * (quantile - slant / 2.0)) - 1.0) / slant)


def interval_of_ratio(numerators: Vector, denominators: Vector, certainty: Certainty) -> Interval:
    """Return the interval of the ratio of two means of terms that come in pairs, float64 [N] each.

    Normal: the delta method, by which the ratio's deviation is that of `(x - ratio y) / mean(y)`.
    """
    if certainty.kind == BOOTSTRAP:
        above, below = _resampled(certainty, numerators, denominators)
        return _percentiles(above / np.where(below > 0, below, 1.0), certainty)
    ratio = float(numerators.mean() / denominators.mean())
    return _normal(ratio, (numerators - ratio * denominators) / denominators.mean(), certainty)


def bernstein_bounds(terms: Vector, span: float, confidence: float) -> tuple[float, float]:
    """Return bounds of the mean of terms that lie within a span, valid at every N: empirical Bernstein.

    Maurer and Pontil 2009, https://arxiv.org/abs/0907.3740, theorem 4, with the error shared between both sides.

    Args:
        terms: float64 [N], N at least 2.
        span: highest less lowest value that a term can have.
        confidence: that the mean lies between the bounds.
    """
    count, rest = len(terms), np.log(4.0 / (1.0 - confidence))
    reach = np.sqrt(2.0 * terms.var(ddof=1) * rest / count) + 7.0 * span * rest / (3.0 * (count - 1))
    return float(terms.mean() - reach), float(terms.mean() + reach)


def _normal(centre: float, deviations: Vector, certainty: Certainty) -> Interval:
    reach = float(norm.ppf(0.5 + certainty.confidence / 2)) * _error(deviations)
    return Interval(low=centre - reach, high=centre + reach, kind=NORMAL)


def _error(deviations: Vector) -> float:
    """Return the standard error of the mean of terms with these deviations from it."""
    return float(np.sqrt(np.square(deviations).sum() / max(len(deviations) - 1, 1) / len(deviations)))


def _percentiles(means: Vector, certainty: Certainty) -> Interval:
    tail = 50.0 * (1.0 - certainty.confidence)
    low, high = np.percentile(means, [tail, 100.0 - tail])
    return Interval(low=float(low), high=float(high), kind=BOOTSTRAP)


def _resampled(certainty: Certainty, *parts: Vector) -> list[Vector]:
    """Return the means of the same resamples of each part."""
    generator, count = np.random.default_rng(certainty.seed), len(parts[0])
    means = np.empty((len(parts), RESAMPLES))
    for draw in range(RESAMPLES):
        rows = generator.integers(0, count, count)
        for part, own in enumerate(parts):
            means[part, draw] = own[rows].mean()
    return list(means)
