"""What a searched setting may be, and how Optuna draws and keeps it."""

import json
from typing import Any, Protocol

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

DIGITS = 3
"""Significant digits of a number that is drawn: more of them only make a file hard to read."""


class Reach(Protocol):
    """The values of one setting."""

    def distribution(self, start: Any) -> BaseDistribution:
        """Return what Optuna draws from; the value that the study starts from is in it."""
        ...

    def drawn(self, value: Any) -> Any:
        """Return a value as a draw."""
        ...

    def value(self, drawn: Any, start: Any) -> Any:
        """Return a draw as a value."""
        ...


class Between:
    """Numbers from `low` to `high`; with `log`, each doubling gets as much attention."""

    def __init__(self, low: float, high: float, *, log: bool = False) -> None:
        self.low, self.high, self.log = low, high, log

    def distribution(self, start: float) -> FloatDistribution:
        """See `Reach`."""
        return FloatDistribution(min(self.low, start), max(self.high, start), log=self.log)

    def drawn(self, value: float) -> float:
        """See `Reach`."""
        return value

    def value(self, drawn: float, start: float) -> float:
        """See `Reach`."""
        return start if drawn == start else float(f"{drawn:.{DIGITS}g}")


class OneOf:
    """A few values; lists of numbers, which Optuna does not know, are drawn as their JSON text."""

    def __init__(self, *options: Any) -> None:
        self.options = options

    def distribution(self, start: Any) -> CategoricalDistribution:
        """See `Reach`."""
        return CategoricalDistribution([self.drawn(option) for option in self._with(start)])

    def drawn(self, value: Any) -> Any:
        """See `Reach`."""
        return json.dumps(value) if isinstance(value, tuple) else value

    def value(self, drawn: Any, start: Any) -> Any:
        """See `Reach`."""
        return next(option for option in self._with(start) if self.drawn(option) == drawn)

    def _with(self, start: Any) -> tuple[Any, ...]:
        return self.options if start in self.options else (*self.options, start)
