"""What an event is worth to the head that explores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import DocumentError, shown
from shortlist_bundle.state.event_weights import EventWeights

MOST_KINDS = 256


@dataclass(frozen=True, slots=True)
class Rewards:
    """Rewards of the kinds of events, in [-1, 1].

    Attributes:
        kinds: kind -> reward; where there are any, a kind without one is worth nothing. Without any a kind is worth its
            weight in the log, and 1 where the log has no weights.
    """

    kinds: Mapping[str, float] = field(default_factory=dict)

    def of(self, event: str, weights: EventWeights) -> float:
        """Return what one event is worth, however much of the item was taken.

        Args:
            event: its kind; empty for the log's main event.
            weights: of the log.
        """
        if self.kinds:
            return self.kinds.get(event or weights.main, 0.0)
        return min(max(weights.amount(event, 1.0), -1.0), 1.0)

    def to_json(self) -> dict[str, JSON]:
        """Return the rewards as they stand in a bundle and in TOML."""
        return dict(self.kinds)

    @classmethod
    def from_json(cls, value: Any, where: str) -> "Rewards":
        """Read what `to_json` wrote, or a user's file.

        Raises:
            DocumentError: It is no table of numbers from -1 to 1.
        """
        if not isinstance(value, Mapping) or len(value) > MOST_KINDS:
            raise DocumentError(f"{where}: must be a table of at most {MOST_KINDS} kinds of events, is {shown(value)}")
        for kind, reward in value.items():
            if isinstance(reward, bool) or not isinstance(reward, int | float) or not -1 <= reward <= 1:
                raise DocumentError(f"{where}.{kind}: must be a number from -1 to 1, is {shown(reward)}")
        return cls({kind: float(reward) for kind, reward in value.items()})
