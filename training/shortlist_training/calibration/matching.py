"""A curve that was fitted on one scorer's logits, carried over to another scorer of the same pairs.

Two scorers that learn from the same signals by the same losses differ in where their logits lie and how far these
spread: a listwise loss leaves the first open altogether, and the second grows with the steps that are taken. Both are
seen without looking at what was taken. The other scorer's logits are put where the first one's were, with the same mean
and the same spread over the same pairs: the mean-sigma method of putting two tests on one scale (Kolen and Brennan
2014, "Test equating, scaling, and linking", https://doi.org/10.1007/978-1-4939-0317-7).
"""

from dataclasses import asdict, dataclass
from typing import Any

from shortlist_bundle.calibration import UNCALIBRATED, Curve
from shortlist_training.calibration.pairs import Judged

LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`scale * logit + shift` puts another scorer's logits where the first one's were; `scale` is above 0."""

    scale: float
    shift: float

    def to_json(self) -> dict[str, Any]:
        """Return both numbers as plain JSON."""
        return asdict(self)


SAME = Match(scale=1.0, shift=0.0)


def match(first: Judged, other: Judged) -> Match:
    """Return what gives the other scorer's logits the mean and the spread of the first one's.

    Without any spread in one of the two, the mean alone is matched; without pairs there is nothing to match.

    Args:
        first: the pairs that a curve was fitted on, P of them.
        other: the same pairs, as another scorer sees them.

    Raises:
        ValueError: They are not as many.
    """
    if len(first.logits) != len(other.logits):
        raise ValueError(f"needs the same pairs twice, got {len(first.logits)} and {len(other.logits)}")
    if not len(first.logits):
        return SAME
    spread, others = (float(part.logits.std(dtype="float64")) for part in (first, other))
    scale = spread / others if min(spread, others) > LEAST_SPREAD else 1.0
    mean, other_mean = (float(part.logits.mean(dtype="float64")) for part in (first, other))
    return Match(scale=scale, shift=mean - scale * other_mean)


def carried(curve: Curve, found: Match) -> Curve:
    """Return the curve for the other scorer's logits.

    A scorer whose own number stands, because nothing could be fitted, keeps its own number.
    """
    return curve if curve is UNCALIBRATED else curve.moved(found.scale, found.shift)
