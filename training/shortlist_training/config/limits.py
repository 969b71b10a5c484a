"""What a setting may be: ranges of numbers, choices of words."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from shortlist_training.config.run import RunConfig, SourcesConfig
from shortlist_training.errors import ConfigError
from shortlist_training.suggestion import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from `low` to `high`.

    Attributes:
        low, high: the borders.
        open: whether the borders themselves are left out.
    """

    low: float
    high: float = math.inf
    open: bool = False

    def __contains__(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        return self.low < value < self.high if self.open else self.low <= value <= self.high

    def __str__(self) -> str:
        if math.isinf(self.high):
            return f"above {self.low:g}" if self.open else f"at least {self.low:g}"
        return f"between {self.low:g} and {self.high:g}" + (", both left out" if self.open else "")


COUNT = Range(low=1)
AMOUNT = Range(low=0)
POSITIVE = Range(low=0, open=True)
SHARE = Range(low=0, high=1, open=True)
DROPOUT = Range(low=0, high=0.99)

RANGES = {
    "run.seed": Range(low=0, high=2**32 - 1),
    "run.budget_minutes": POSITIVE,
    # Three windows are cut off.
    "split.share": Range(low=0, high=1 / 3, open=True),
    "embedding.learning_rate": POSITIVE,
    "two_tower.learning_rate": POSITIVE,
    "two_tower.refit_learning_rate": POSITIVE,
    "two_tower.temperature": POSITIVE,
    "two_tower.full_softmax_items": AMOUNT,
    "two_tower.refit_rounds": AMOUNT,
    "scorer.learning_rate": POSITIVE,
    "scorer.members": Range(low=1, high=32),
    "scorer.strangers": Range(low=0, high=1),
    "ratings.learning_rate": POSITIVE,
    "ratings.held_out": SHARE,
    "index.exact_items": AMOUNT,
    "index.recall": Range(low=0, high=1),
}
"""Section and setting -> its range, where it is not that of its type: whole numbers count from 1, others from 0."""

CHOICES = {
    "split.kind": ("time", "last", "random"),
    "embedding.objective": ("least_squares", "sampled_softmax", "bpr"),
    "scorer.loss": ("listwise", "cross_entropy"),
    "ratings.model": ("embedding", "scorer", "two_tower"),
    "ratings.loss": ("squared_error", "cross_entropy"),
    "sources.names": SourcesConfig().names,
}
"""Section and setting -> the words it may be, or consist of; other texts are free."""

FILLED = ("scorer.hidden", "ratings.hidden", "sources.names")
"""Lists that must not be empty, nor say the same word twice."""


def check_config(config: RunConfig) -> None:
    """Refuse settings that no run can be made with.

    Raises:
        ConfigError: Names the setting, its value and what it may be.
    """
    for place, value in _settings(config):
        section, name = place.split(".")
        said = f"[{section}] {name} = {list(value) if isinstance(value, tuple) else value!r}"
        elements = value if isinstance(value, tuple) else (value,)
        for element in elements:
            _check_element(place, said, element)
        words = [element for element in elements if isinstance(element, str)]
        if place in FILLED and (not elements or len(set(words)) < len(words)):
            raise ConfigError(f"{said} must not be empty, nor say anything twice")


def _settings(config: RunConfig) -> Iterator[tuple[str, Any]]:
    for entry in fields(config):
        value = getattr(config, entry.name)
        if entry.name in ("data", "policies", "rewards"):
            continue  # checked where they are parsed
        if is_dataclass(value):
            yield from ((f"{entry.name}.{own.name}", getattr(value, own.name)) for own in fields(value))
        else:
            yield f"run.{entry.name}", value


def _check_element(place: str, said: str, value: Any) -> None:
    if isinstance(value, str) and value not in CHOICES.get(place, (value,)):
        raise ConfigError(
            f"{said}: {value!r} is not one of {', '.join(CHOICES[place])}. {_guess(place, value)}".rstrip()
        )
    if isinstance(value, int | float) and not isinstance(value, bool) and value not in range_of(place, value):
        raise ConfigError(f"{said} must be {range_of(place, value)}")


def _guess(place: str, value: str) -> str:
    guess = did_you_mean(value, CHOICES[place])
    return guess if guess.startswith("Did") else ""


def range_of(place: str, value: float) -> Range:
    """Return the range of a setting, such as "scorer.rounds", that holds numbers like `value`."""
    if place.endswith("dropout"):
        return DROPOUT
    return RANGES.get(place, COUNT if isinstance(value, int) else AMOUNT)
