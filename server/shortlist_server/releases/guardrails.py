"""Whether a canary does worse than the stable bundle, told apart from chance."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from shortlist_server.releases.window import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a canary is withdrawn.

    Attributes:
        seconds: of the sliding window.
        least: requests that both arms must have had in it.
        errors, empty: by how much the canary's share of errors, and of empty lists, may exceed the stable one's.
        slower: how much later than the stable arm's 99th percentile a request is slow, as a multiple of it.
        slow: by how much the canary's share of slow requests may exceed the stable one's.
        reward: share of the stable arm's mean reward by which the canary's may be lower.
        deviations: standard deviations of chance that a difference must exceed as well; the arms are compared every
            second, so that a rare chance comes often.
    """

    seconds: float = 30.0
    least: int = 50
    errors: float = 0.01
    empty: float = 0.02
    slower: float = 1.5
    slow: float = 0.02
    reward: float = 0.1
    deviations: float = 4.0


@dataclass(frozen=True, slots=True)
class Reward:
    """What feedback says of one arm's lists: how many impressions have one, and its mean and variance."""

    count: int
    mean: float
    variance: float


class RewardSource(Protocol):
    """Where rewards come from: whoever keeps the feedback implements it."""

    def rewards(self, seconds: float) -> Mapping[str, Reward]:
        """Return bundle id -> the rewards of its impressions of the last seconds."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that the canary exceeds, with both numbers."""

    what: str
    stable: float
    canary: float

    def __str__(self) -> str:
        return f"{self.what}: {self.canary:.4g} where the stable bundle has {self.stable:.4g}"


def breaches(stable: Counts, canary: Counts, limits: Limits) -> Iterator[Breach]:
    """Yield what speaks against the canary.

    Shares are compared by the test of two proportions with a pooled variance, plus the allowed difference. A canary
    as fast as the stable bundle exceeds `slower` times its 99th percentile as rarely as that bundle itself.
    """
    if min(stable.requests, canary.requests) < limits.least:
        return
    late = limits.slower * stable.percentile(0.99)
    for what, bad, others, allowed in (
        ("share of errors", canary.errors, stable.errors, limits.errors),
        ("share of empty lists", canary.empty, stable.empty, limits.empty),
        (f"share slower than {1000 * late:.1f} ms", canary.slower_than(late), stable.slower_than(late), limits.slow),
    ):
        one, other = bad / canary.requests, others / stable.requests
        pooled = (bad + others) / (canary.requests + stable.requests)
        chance = math.sqrt(pooled * (1 - pooled) * (1 / canary.requests + 1 / stable.requests))
        if one - other > allowed + limits.deviations * chance:
            yield Breach(what, other, one)


def reward_breach(stable: Reward, canary: Reward, limits: Limits) -> Iterator[Breach]:
    """Yield whether the canary's lists earn less than they may, by Welch's comparison of two means."""
    if min(stable.count, canary.count) < limits.least:
        return
    chance = math.sqrt(stable.variance / stable.count + canary.variance / canary.count)
    if canary.mean < stable.mean - limits.reward * abs(stable.mean) - limits.deviations * chance:
        yield Breach("mean reward", stable.mean, canary.mean)
