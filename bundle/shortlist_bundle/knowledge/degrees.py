"""How far items meet one wish: a value function for each kind of attribute and aim, from 0 to 1."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Attribute, NumberAttribute
from shortlist_bundle.compiled import compiled
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.knowledge.scales import TAIL, Scale
from shortlist_bundle.knowledge.wishes import Aim, Direction, Near, Wanted

Degrees = NDArray[np.float64]

MEASURED = (ColumnKind.NUMBER, ColumnKind.TIME)
DEFAULT_TOLERANCE = 0.1
"""Of the robust range."""
ROUNDING = 1e-9
"""Relative: 19.9 is within 0.1 of 20, whatever binary fractions say."""


def degrees(attribute: Attribute, aim: Aim, scale: Scale) -> Degrees:
    """Return how far each item meets the aim, float64 [n] in [0, 1]; 0 where its value is not known.

    Args:
        attribute: of n items.
        aim: what is wanted.
        scale: of the whole catalogue's values; not read for an aim at values.

    Raises:
        ValueError: The attribute is of a kind that the aim, or one of its values, does not fit.
    """
    if isinstance(aim, Wanted):
        return np.logical_or.reduce([attribute.equals(value) for value in aim.values]).astype(np.float64)
    if not isinstance(attribute, NumberAttribute) or attribute.kind not in MEASURED:
        raise ValueError(f"is of kind {attribute.kind.value}; only a number or a time is near, low or high")
    if isinstance(aim, Near):
        return _near(attribute.values, aim.target, tolerance(aim, scale), ROUNDING)
    if aim is Direction.LOWEST:
        return _lowest(attribute.values, scale.lowest, scale.low, scale.high, scale.highest)
    return _lowest(-attribute.values, -scale.highest, -scale.high, -scale.low, -scale.lowest)


def met(aim: Aim, found: Degrees) -> NDArray[np.bool_]:
    """Return which degrees count as met: all of it, or among the best twentieth for a direction; bool [n]."""
    return found >= (1.0 - TAIL - ROUNDING if isinstance(aim, Direction) else 1.0)


def tolerance(aim: Near, scale: Scale) -> float:
    """Return how far from the target is as good as on it."""
    return DEFAULT_TOLERANCE * (scale.high - scale.low) if aim.within is None else aim.within


def warm_up() -> None:
    """Load the compiled loops, so that the first request need not wait for them."""
    _near(np.zeros(1), 0.0, 1.0, ROUNDING)
    _lowest(np.zeros(1), 0.0, 0.0, 0.0, 0.0)


@compiled
def _near(values: NDArray[np.float64], target: float, within: float, rounding: float) -> Degrees:
    """Full within the tolerance, then its share of the distance: never 0, so that the nearest of the far come first."""
    found = np.zeros(len(values), np.float64)
    for n in range(len(values)):
        distance = abs(values[n] - target)
        if distance <= within + rounding * max(abs(values[n]), abs(target)):
            found[n] = 1.0
        elif distance > 0.0:
            found[n] = within / distance
    return found


@compiled
def _lowest(values: NDArray[np.float64], best: float, good: float, poor: float, worst: float) -> Degrees:
    """Linear over the robust range; the tails get what is left, so that the lowest of the low still comes first."""
    found = np.zeros(len(values), np.float64)
    for n in range(len(values)):
        value = values[n]
        if value <= good:
            found[n] = 1.0 - TAIL * max(value - best, 0.0) / (good - best) if good > best else 1.0
        elif value < poor:
            found[n] = (1.0 - TAIL) - (1.0 - 2.0 * TAIL) * (value - good) / (poor - good)
        elif value <= worst:
            found[n] = TAIL * (worst - value) / (worst - poor) if worst > poor else TAIL
    return found
