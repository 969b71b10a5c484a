"""Scores of given items for one customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from shortlist_client.recommendations import Bundle, Clock, Fallback


class ScoreKind(Enum):
    """What a score means: a rating on the scale of the log, or a probability in [0, 1]."""

    RATING = "rating"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """One item and its score."""

    item_id: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What makes scores mean what they say.

    Attributes:
        method: How probabilities were fitted to what happened: "isotonic", "platt", "rate" (one share for all), or
            "none" (the scorer's own number stands); "regression" for ratings.
        window: The part of the log that this was fitted on, "tuning"; of ratings that they were checked on.
        window_start: That window's first moment, seconds since 1970-01-01 UTC; None without times.
        window_end: Its last moment.
        error: Expected calibration error of probabilities, root mean squared error of ratings, both on a part of the
            log not used for them; None where not measured.
    """

    method: str
    window: str = ""
    window_start: float | None = None
    window_end: float | None = None
    error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One score for each item asked for, in that order.

    Attributes:
        items: The items and their scores.
        kind: What the scores mean; None when this client does not know the word for it.
        bundle: The bundle that made them.
        as_of: The "now" that was used, seconds since 1970-01-01 UTC.
        clock: Where that "now" came from; None when this client does not know the word for it.
        known_customer: Whether the customer's id is known.
        fallbacks: What was degraded or fell back; empty when nothing was.
        calibration: What the scores rest on; None from a server that does not say.
    """

    items: tuple[ItemScore, ...]
    kind: ScoreKind | None
    bundle: Bundle
    as_of: float = 0.0
    clock: Clock | None = None
    known_customer: bool = True
    fallbacks: tuple[Fallback, ...] = ()
    calibration: Calibration | None = None

    def __iter__(self) -> Iterator[ItemScore]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, row: int) -> ItemScore:
        return self.items[row]
