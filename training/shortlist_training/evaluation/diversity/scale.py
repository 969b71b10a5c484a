"""The scale of max-sum diversification: how many takings distance may cost until 1 % of nDCG is gone.

A scale is tried on past lists in two ways. What was taken there says what it costs, but loudly: with a thousand
customers, of whom most take nothing that is on their list, the standard error can be as large as the 1 % that is looked
for. What the calibrated probabilities say it costs has next to no noise, but is only as right as they are. The two are
joined by their precision, so that a large window is believed and a small one gives way to the probabilities.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_training.evaluation.diversity.curve import TOLERATED, relative_change
from shortlist_training.evaluation.metrics import Figure, ranking_metrics
from shortlist_training.evaluation.targets import Targets

STEPS = np.geomspace(0.01, 10.0, 16)
"""Scales that are tried, as shares of the takings that the plain lists may hope for; each is 1.6 times the last."""
DOUBT = 0.5
"""How far off an expected loss may be, as a share of itself: a standard deviation. Found where many customers tell."""
DIGITS = 6
"""Of a scale; what comes after them is noise."""

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The lists of J customers.

    Attributes:
        items: int32 [J, k], best first, 0 where a list is shorter.
        chances: float64 [J, k], that each item is taken; 0 where there is none.
    """

    items: NDArray[np.int32]
    chances: Float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a scale costs, as shares of the plain lists' nDCG.

    Attributes:
        observed: by what was taken, with its paired standard error.
        expected: by the probabilities.
    """

    observed: Figure
    expected: float

    @property
    def joined(self) -> Figure:
        """Both by their precision: the mean and the deviation of a normal posterior whose prior is the expected loss.

        Gelman et al. 2013, "Bayesian data analysis", section 2.5.
        """
        doubt, noise = (DOUBT * self.expected) ** 2, self.observed.error**2
        if doubt + noise == 0:
            return self.observed
        share = doubt / (doubt + noise)
        mean = share * self.observed.mean + (1.0 - share) * self.expected
        return Figure(mean, float(np.sqrt(share * noise)))

    @property
    def careful(self) -> float:
        """The loss with one standard error of what is left in doubt."""
        return self.joined.mean + self.joined.error


def loss_of(shown: Shown, plain: Shown, targets: Targets) -> Loss:
    """Return what lists cost beside the plain ones of the same customers."""
    k = plain.items.shape[1]
    observed = relative_change(
        ranking_metrics(shown.items, targets, (k,))[f"ndcg@{k}"],
        ranking_metrics(plain.items, targets, (k,))[f"ndcg@{k}"],
    )
    hoped = float(expected_ndcg(plain.chances, targets.sizes).mean())
    left = float(expected_ndcg(shown.chances, targets.sizes).mean())
    return Loss(
        observed=Figure(-observed.mean, observed.error), expected=max(1.0 - left / hoped, 0.0) if hoped else 0.0
    )


def expected_ndcg(chances: Float64, sizes: NDArray[np.int64]) -> Float64:
    """Return nDCG with chances instead of hits, float64 [J].

    Args:
        chances: float64 [J, k], of the items in the order of the list.
        sizes: int64 [J], targets of each customer, which the ideal list holds first.
    """
    if chances.ndim != 2 or sizes.shape != chances.shape[:1]:
        raise ValueError(f"needs chances [J, k] and sizes [J], got {chances.shape} and {sizes.shape}")
    discounts = 1.0 / np.log2(np.arange(chances.shape[1]) + 2)
    return chances @ discounts / np.cumsum(discounts)[np.minimum(chances.shape[1], sizes) - 1]


def steps_for(plain: Shown) -> Float64:
    """Return the scales to try, float64, rising: distance is worth from next to nothing to ten lists' takings."""
    return STEPS * plain.chances.sum(axis=1).mean()


def crossing(scales: Float64, losses: Sequence[Loss]) -> float | None:
    """Return the scale at which a list has cost 1 %; None where even the smallest costs more.

    The loss counts with one standard error of what is left in doubt: strength 0.5 promises a price, and to be a little
    under it is better than to be over it. It never falls again, whatever noise says of larger scales. Between two
    scales it is a straight line over their logarithm; where the largest still costs less than 1 %, that is it.

    Args:
        scales: float64, rising.
        losses: of each.
    """
    dear = np.maximum.accumulate([one.careful for one in losses])
    over = int(np.searchsorted(dear, TOLERATED, side="right"))
    if over == 0:
        return None
    if over == len(scales):
        return _rounded(scales[-1])
    share = (TOLERATED - dear[over - 1]) / (dear[over] - dear[over - 1])
    return _rounded(scales[over - 1] * (scales[over] / scales[over - 1]) ** share)


def learnt_scale(show: Callable[[float], Shown], plain: Shown, targets: Targets) -> tuple[float, Loss] | None:
    """Return the scale at which lists cost 1 % of nDCG, and what it costs; None where it cannot be told.

    Args:
        show: a scale to the lists of J customers.
        plain: their lists in the order of the scores.
        targets: what they have taken.
    """
    scales = steps_for(plain)
    if not scales[0] > 0:
        return None
    losses: list[Loss] = []
    for scale in scales.tolist():
        losses.append(loss_of(show(scale), plain, targets))
        if losses[-1].careful > TOLERATED:
            # No larger scale can be the answer, and larger ones take longer to try.
            break
    found = crossing(scales[: len(losses)], losses)
    return None if found is None else (found, loss_of(show(found), plain, targets))


def _rounded(scale: float) -> float:
    return float(f"{scale:.{DIGITS}g}")
