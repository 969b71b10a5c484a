"""Every estimator on one comparison."""

from collections.abc import Mapping
from dataclasses import dataclass

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.cascade import rips
from shortlist_training.offpolicy.clipped_ips import clipped_ips
from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.doubly_robust import doubly_robust
from shortlist_training.offpolicy.estimate import Estimate, Estimator
from shortlist_training.offpolicy.intervals import Certainty, interval_of_mean
from shortlist_training.offpolicy.ips import ips, snips
from shortlist_training.offpolicy.item_position import iips
from shortlist_training.offpolicy.replay import replay

ESTIMATORS: Mapping[str, Estimator] = {
    "replay": replay,
    "ips": ips,
    "clipped_ips": clipped_ips,
    "snips": snips,
    "iips": iips,
    "rips": rips,
    "doubly_robust": doubly_robust,
}
LOGGED = "what was logged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the estimators say.

    Attributes:
        logged: the reward of the policy that logged, its plain mean.
        estimates: of the new policy.
        refused: estimators that the log gives too little to, and why.
    """

    logged: Estimate
    estimates: tuple[Estimate, ...]
    refused: Mapping[str, str]


def judge(comparison: Comparison, certainty: Certainty) -> Judgement:
    """Return every estimate that the log allows.

    Raises:
        OverlapError: It allows none.
    """
    estimates: list[Estimate] = []
    refused: dict[str, str] = {}
    for name, estimator in ESTIMATORS.items():
        try:
            estimates.append(estimator(comparison, certainty))
        except OverlapError as error:
            refused[name] = str(error)
    if not estimates:
        raise OverlapError("\n".join(refused.values()))
    count = len(comparison.shown)
    logged = Estimate(
        estimator=LOGGED, value=float(comparison.totals.mean()),
        interval=interval_of_mean(comparison.totals, certainty), sample=float(count), count=count,
    )  # fmt: skip
    return Judgement(logged=logged, estimates=tuple(estimates), refused=refused)
