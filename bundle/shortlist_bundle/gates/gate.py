"""One gate: two numbers, a limit, and whether the candidate may pass."""

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What one gate found.

    Attributes:
        name: What was compared, e.g. 'ndcg@20 (new)'.
        live, candidate: The number of each bundle; None where there is none to compare with.
        limit: What the candidate's number has to reach, or may not exceed.
        passed: Whether it does.
        note: What else explains it.
    """

    name: str
    live: float | None
    candidate: float | None
    limit: float | None
    passed: bool
    note: str = ""

    def __str__(self) -> str:
        numbers = f"live {_shown(self.live)}, candidate {_shown(self.candidate)}, limit {_shown(self.limit)}"
        return f"{'pass' if self.passed else 'FAIL'}  {self.name}: {numbers}{f' ({self.note})' if self.note else ''}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def at_least(name: str, live: float, candidate: float, *, drop: float, noise: float = 0.0, note: str = "") -> Gate:
    """Return the gate of a number that may not fall by more than a share, and the noise of the difference."""
    limit = (1.0 - drop) * live - noise
    # Not `candidate < limit`: what is no number does not pass.
    return Gate(name=name, live=live, candidate=candidate, limit=limit, passed=candidate >= limit, note=note)


def at_most(name: str, live: float | None, candidate: float, limit: float, *, note: str = "") -> Gate:
    """Return the gate of a number that may not exceed a limit."""
    return Gate(name=name, live=live, candidate=candidate, limit=limit, passed=candidate <= limit, note=note)


def _shown(number: float | None) -> str:
    if number is None or math.isnan(number):
        return "none"
    return f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:.4g}"
