"""How a list is to be made, where the request wants something else than the server's policy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from shortlist_client.filters import Filter
from shortlist_client.needs import Needs
from shortlist_client.profile import FeatureValue, Moment, Scalar

FilterLike = Filter | Mapping[str, Scalar | Iterable[Scalar]]
"""A filter, or attribute -> required value (or the values allowed); all must hold."""


class Seen(Enum):
    """Whether items that the customer has already taken may be in the list."""

    POLICY = "policy"
    INCLUDE = "include"
    EXCLUDE = "exclude"


class DiversityMethod(Enum):
    """How a list is kept from being the same thing many times over."""

    POLICY = "policy"
    NONE = "none"
    MMR = "mmr"
    """Maximal marginal relevance (Carbonell and Goldstein, 1998)."""
    DPP = "dpp"
    """Greedy determinantal point process (Chen et al., 2018)."""
    CALIBRATION = "calibration"
    """Calibrated to the mix in the customer's history (Steck, 2018)."""
    MAX_SUM = "max_sum"
    """Max-sum diversification (Gollapudi and Sharma, 2009): the set with the most takings and distance together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversity:
    """How varied a list is to be; what is left out is as the placement's policy says.

    Attributes:
        method: A method, or its name, e.g. "mmr". NONE leaves out the policy's caps, quotas and serendipity as well.
        strength: From the best single items (0) to variety alone (1).
        caps: Attribute -> how many items of the list may share one value of it.
        quotas: Attribute -> value -> how many items of the list must have it.
        serendipity: How much being unlike what the customer knows counts, 0 to 1.
        calibrate: The attribute whose mix calibration follows; empty leaves the choice to the policy.
    """

    method: DiversityMethod | str = DiversityMethod.POLICY
    strength: float | None = None
    caps: Mapping[str, int] = field(default_factory=dict)
    quotas: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    serendipity: float | None = None
    calibrate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one candidate source counts; a plain number stands for its weight alone.

    Attributes:
        weight: Relative to the other sources named. 0 switches the source off, but for what its quota
            needs. Where none of them has a weight, the other sources keep what was learnt.
        quota: The list holds at least so many items that this source proposed; 0 for none.
    """

    weight: float = 0.0
    quota: int = 0


Sources = Mapping[str, float | Source]
"""Candidate source -> its weight, or its weight and quota."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """Whether the list may try items out.

    Attributes:
        policy: "none", "epsilon_greedy", "boltzmann", "thompson" or "linucb"; empty leaves it to the placement.
        seed: Makes the draw repeatable; None lets the server draw one.
        strength: Share of its draws, 0 to 1; None leaves it to the placement.
        temperature: How far draws stray; None leaves it to the placement.
        slots: The places that are drawn, counted from 0; empty leaves them to the placement, and there to every place.
    """

    policy: str = ""
    seed: int | None = None
    strength: float | None = None
    temperature: float | None = None
    slots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSettings:
    """Everything about a list but whom it is for; `Client.recommend` describes each."""

    k: int = 10
    as_of: Moment | None = None
    context: Mapping[str, FeatureValue] = field(default_factory=dict)
    filter: FilterLike | None = None
    exclude_items: Iterable[str] = ()
    seen: Seen = Seen.POLICY
    sources: Sources = field(default_factory=dict)
    diversity: Diversity | None = None
    exploration: Exploration | None = None
    require_known: bool = False
    explain: bool = False
    include_timings: bool = False
    after_position: str = ""
    needs: Needs | None = None
