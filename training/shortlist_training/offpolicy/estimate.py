"""What an estimator says of a policy."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.intervals import Certainty, Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Expected reward of a slate under the new policy.

    Attributes:
        estimator: its name.
        value: the estimate.
        interval: where the truth lies.
        sample: effective sample size, of the position that has the smallest.
        count: impressions it rests on.
    """

    estimator: str
    value: float
    interval: Interval
    sample: float
    count: int

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


Estimator = Callable[[Comparison, Certainty], Estimate]
"""Judges, or raises `OverlapError` where the log does not allow it."""
