"""What an event counts in a history: its value, times the weight of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWeights:
    """The weights that training gave to the kinds of events.

    Attributes:
        weights: kind -> weight; where there are any, a kind without one is no taking. Without any all count the same.
        main: the log's main event, which an event without a kind is taken for; empty in a log that names none.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    main: str = ""

    def amount(self, event: str, value: float) -> float:
        """Return what an event adds to a history; 0 or less for one that is no taking."""
        if not self.weights:
            return value
        return value * self.weights.get(event or self.main, 0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the weights as plain JSON."""
        return {"weights": dict(self.weights), "main": self.main}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "EventWeights":
        """Read what `to_json` wrote."""
        return cls(weights={name: float(weight) for name, weight in document["weights"].items()}, main=document["main"])
