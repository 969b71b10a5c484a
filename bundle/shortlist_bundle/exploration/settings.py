"""Which places of a list are drawn, and how: what a placement's policy says, and what a request makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import DocumentError, shown

NONE = "none"
STRENGTHS: Mapping[str, float] = {NONE: 0.0, "epsilon_greedy": 0.1, "boltzmann": 1.0, "thompson": 1.0, "linucb": 0.1}
"""Policy -> its strength where nobody names one."""
TEMPERATURES: Mapping[str, float] = {
    NONE: 1.0,
    "epsilon_greedy": 1.0,
    "boltzmann": 0.25,
    "thompson": 1.0,
    "linucb": 1.0,
}
"""Policy -> its temperature where nobody names one."""
LEARNT = ("thompson", "linucb")
"""Policies that need a posterior."""
COLDEST, HOTTEST = 1e-6, 1e6
MOST_SLOTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a list tries out.

    Attributes:
        policy: a name of `STRENGTHS`.
        strength: share of its draws, 0 (none) to 1; with the rest a place has what it would have without exploration,
            or, of "linucb", what has the highest bound.
        temperature: how far draws stray, `COLDEST` to `HOTTEST`: of the softmax over standardised scores
            ("boltzmann"), or how many deviations of the posterior are drawn ("thompson") or added ("linucb").
        slots: the places, counted from 0, rising, that are drawn; none means every place.
    """

    policy: str = NONE
    strength: float = 0.0
    temperature: float = 1.0
    slots: tuple[int, ...] = ()

    @property
    def active(self) -> bool:
        """Whether anything is drawn."""
        return self.policy != NONE and self.strength > 0

    def to_json(self) -> dict[str, JSON]:
        """Return the settings that differ from the default, as they stand in a bundle and in TOML."""
        plain: dict[str, JSON] = {
            "policy": self.policy, "strength": self.strength, "temperature": self.temperature, "slots": list(self.slots)
        }  # fmt: skip
        default: dict[str, JSON] = {
            "policy": NONE,
            "strength": STRENGTHS[self.policy],
            "temperature": TEMPERATURES[self.policy],
            "slots": [],
        }
        return {name: value for name, value in plain.items() if value != default[name]}

    @classmethod
    def from_json(cls, value: Any, where: str) -> "Exploration":
        """Read what `to_json` wrote, or a user's file; what is left out has its default.

        Raises:
            DocumentError: A setting is unknown or cannot have its value; it is named with `where`.
        """
        known = ("policy", "strength", "temperature", "slots")
        if not isinstance(value, Mapping) or set(value) - set(known):
            raise DocumentError(f"{where}: must be a table of {', '.join(known)}, is {shown(value)}")
        policy = value.get("policy", NONE)
        if not isinstance(policy, str) or policy not in STRENGTHS:
            raise DocumentError(f"{where}.policy: must be one of {', '.join(STRENGTHS)}, is {shown(policy)}")
        return cls(
            policy=policy,
            strength=_number(value.get("strength", STRENGTHS[policy]), f"{where}.strength", 0.0, 1.0),
            temperature=_number(
                value.get("temperature", TEMPERATURES[policy]), f"{where}.temperature", COLDEST, HOTTEST
            ),
            slots=_slots(value.get("slots", ()), f"{where}.slots"),
        )


def _number(value: Any, where: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise DocumentError(f"{where}: must be a number from {low:g} to {high:g}, is {shown(value)}")
    return float(value)


def _slots(value: Any, where: str) -> tuple[int, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MOST_SLOTS:
        raise DocumentError(f"{where}: must be a list of at most {MOST_SLOTS} places, is {shown(value)}")
    for place in value:
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < MOST_SLOTS:
            raise DocumentError(f"{where}: a place is a whole number from 0 to {MOST_SLOTS - 1}, not {shown(place)}")
    return tuple(sorted(set(value)))
