"""From the scorer's logit to a probability that means what it says: of pairs at 3 %, about 3 in 100 are taken.

A list is ordered by logits whose size nobody has checked. A curve fitted on a window that the scorer had not learnt
from turns them into shares that were observed there (Niculescu-Mizil and Caruana 2005, "Predicting good probabilities
with supervised learning", https://doi.org/10.1145/1102351.1102430).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.towers.layers import Float

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigmoid:
    """`1 / (1 + exp(-(slope * logit + intercept)))`.

    With fitted numbers this is Platt scaling (Platt 1999, "Probabilistic outputs for support vector machines"); with
    the slope 0 it is one share for everything; with 1 and 0 the logit as it is.

    Attributes:
        method: "platt", "rate" or "none".
        slope: at least 0.
        intercept: any number.
    """

    method: str
    slope: float
    intercept: float

    def __call__(self, logits: Float) -> NDArray[np.float64]:
        """Return probabilities, float64 of the same shape, in [0, 1]."""
        return 1.0 / (1.0 + np.exp(-np.clip(self.slope * np.asarray(logits, np.float64) + self.intercept, -700, 700)))

    def moved(self, scale: float, shift: float) -> "Sigmoid":
        """Return the curve that says of a logit what this one says of `scale * logit + shift`; `scale` is above 0."""
        return replace(self, slope=self.slope * scale, intercept=self.intercept + self.slope * shift)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Isotonic:
    """Straight lines between the middles of an isotonic regression's steps, so that a higher logit still tells more.

    Centred isotonic regression: Oron and Flournoy 2017, https://doi.org/10.1080/19466315.2017.1286256

    Attributes:
        logits: float64 [P], rising.
        probabilities: float64 [P], never falling, in [0, 1].
    """

    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    @property
    def method(self) -> str:
        """The method's name."""
        return "isotonic"

    def __call__(self, logits: Float) -> NDArray[np.float64]:
        """Return probabilities, float64 of the same shape; beyond the ends those of the ends."""
        return np.interp(np.asarray(logits, np.float64), self.logits, self.probabilities)

    def moved(self, scale: float, shift: float) -> "Isotonic":
        """See `Sigmoid.moved`."""
        return replace(self, logits=(self.logits - shift) / scale)


Curve = Sigmoid | Isotonic
UNCALIBRATED = Sigmoid(method="none", slope=1.0, intercept=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """Two curves: items in the customer's shortlist, and items that no source proposes, which are hardly ever taken.

    Attributes:
        proposed: for items of the shortlist.
        others: for all other items.
        window: the part of the log that they were fitted on.
        start, end: epoch seconds, that window's first moment of asking and its last taking; None without times.
        error: expected calibration error of the shortlists' probabilities on a later window; None where there is none.
    """

    proposed: Curve
    others: Curve
    window: str
    start: float | None
    end: float | None
    error: float | None

    def __call__(self, logits: Float, proposed: Mask) -> Float:
        """Return the probability that each item is taken, float32 of the shape of `logits`.

        Args:
            logits: the scorer's.
            proposed: bool of the same shape, which items are in the customer's shortlist.
        """
        return np.where(proposed, self.proposed(logits), self.others(logits)).astype(np.float32)
