"""What a bundle does unless a request says otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import DocumentError, shown
from shortlist_bundle.exploration.rewards import Rewards
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.shares import Shares, shares_from_json, shares_to_json, unknown_sources

DEFAULT_PLACEMENT = "default"
MODES: Mapping[bool, str] = {True: "seen_allowed", False: "unseen_only"}
"""Whether seen items may be in a list -> how a bundle names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The defaults of one place where lists are shown.

    Attributes:
        diversity: how varied its lists are.
        sources: who proposes the candidates, and what its lists hold of each; empty: as learnt.
        exploration: what its lists try out.
    """

    diversity: Diversity = field(default_factory=Diversity)
    sources: Shares = ()
    exploration: Exploration = field(default_factory=Exploration)

    def to_json(self) -> dict[str, JSON]:
        """Return the settings that differ from the defaults."""
        settings = {
            "diversity": self.diversity.to_json(),
            "sources": shares_to_json(self.sources),
            "exploration": self.exploration.to_json(),
        }
        return {name: value for name, value in settings.items() if value}

    @classmethod
    def from_json(cls, value: Any, where: str) -> "Placement":
        """Read what `to_json` wrote, or a user's file.

        Raises:
            DocumentError: A setting is unknown or cannot have its value; it is named with `where`.
        """
        if not isinstance(value, Mapping) or set(value) - {"diversity", "sources", "exploration"}:
            raise DocumentError(f"{where}: must be a table of diversity, sources and exploration, is {shown(value)}")
        return cls(
            diversity=Diversity.from_json(value.get("diversity", {}), f"{where}.diversity"),
            sources=shares_from_json(value.get("sources", {}), f"{where}.sources"),
            exploration=Exploration.from_json(value.get("exploration", {}), f"{where}.exploration"),
        )


def _only_the_default() -> dict[str, Placement]:
    return {DEFAULT_PLACEMENT: Placement()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the bundle does unless a request says otherwise.

    Attributes:
        seen_allowed: whether items that the customer has taken may be in the list.
        ranks_by_rating: whether lists are ordered by predicted rating; the scorer orders them otherwise.
        people_to_people: whether items are customers, so that nobody may be recommended to themselves.
        placements: by name; "default" is always among them.
        max_sum_scales: whether seen items may be in the list -> the `Trade.scale` that training has learnt, above 0;
            nothing for a mode in which there was nothing to learn from.
        rewards: what events are worth to the head that explores.
    """

    seen_allowed: bool
    ranks_by_rating: bool
    people_to_people: bool = False
    placements: Mapping[str, Placement] = field(default_factory=_only_the_default)
    max_sum_scales: Mapping[bool, float] = field(default_factory=dict)
    rewards: Rewards = field(default_factory=Rewards)

    def __post_init__(self) -> None:
        if DEFAULT_PLACEMENT not in self.placements:
            object.__setattr__(self, "placements", {**_only_the_default(), **self.placements})

    def unknown_sources(self, known: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield each placement that names a source which is not among the bundle's, and what is wrong with it."""
        for name, placement in self.placements.items():
            for source, problem in unknown_sources(placement.sources, known):
                yield f"{name}.sources.{source}", problem

    def to_json(self) -> dict[str, JSON]:
        """Return the policy as it stands in a bundle."""
        scales: dict[str, JSON] = {MODES[mode]: scale for mode, scale in self.max_sum_scales.items()}
        return {
            "seen_allowed": self.seen_allowed,
            "ranks_by_rating": self.ranks_by_rating,
            "people_to_people": self.people_to_people,
            "placements": {name: placement.to_json() for name, placement in self.placements.items()},
            **({"max_sum_scales": scales} if scales else {}),
            **({"rewards": self.rewards.to_json()} if self.rewards.kinds else {}),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Policy":
        """Read what `to_json` wrote; a bundle from before there were placements has the default one.

        Raises:
            DocumentError: A placement or a scale cannot be read.
        """
        placements, scales = document.get("placements", {}), document.get("max_sum_scales", {})
        return cls(
            seen_allowed=document["seen_allowed"],
            ranks_by_rating=document["ranks_by_rating"],
            people_to_people=document.get("people_to_people", False),
            placements={name: Placement.from_json(one, f"policy.{name}") for name, one in placements.items()},
            max_sum_scales={mode: _scale(scales[name], name) for mode, name in MODES.items() if name in scales},
            rewards=Rewards.from_json(document.get("rewards", {}), "policy.rewards"),
        )


def _scale(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < inf:
        raise DocumentError(f"policy.max_sum_scales.{name}: must be a number above 0, is {shown(value)}")
    return float(value)
