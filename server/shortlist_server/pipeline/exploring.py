"""What a list tries out, between a request and its placement's policy."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from secrets import randbits

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Ranked
from shortlist_bundle.exploration.explorer import Explored, FeaturesOf, RulesOf, explore, policy_of
from shortlist_bundle.exploration.head import head_features, novelty_of
from shortlist_bundle.exploration.posterior import Vector
from shortlist_bundle.exploration.settings import LEARNT, NONE, STRENGTHS, TEMPERATURES, Exploration
from shortlist_bundle.model import Model, head_of
from shortlist_bundle.towers.layers import Float
from shortlist_server.errors import InvalidRequest
from shortlist_server.pipeline.reply import ExplorationReport, HeadView
from shortlist_server.pipeline.request import EXPLORE_AS_THE_POLICY_SAYS, ExplorationRequest, RecommendRequest
from shortlist_server.pipeline.shares import placement_of

SEED_BITS = 64
Chances = Callable[[int, int], Vector]
"""Row of the batch, and how many candidates it has -> how likely each is to be taken, float64 [K]."""


class Exploring:
    """The exploration of one bundle's lists. Safe to call from several threads at once.

    Args:
        model: the bundle, as it is at a position of the log.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.posterior = head_of(model)

    def wanted(self, request: RecommendRequest) -> Exploration:
        """Return what holds for a request.

        Raises:
            UnknownPlacement: There is no policy of this name.
            InvalidRequest: The policy is unknown, or the bundle cannot serve it.
        """
        found = placement_of(self._model.policy, request.placement).exploration
        if request.exploration is not EXPLORE_AS_THE_POLICY_SAYS:
            found = merged(request.exploration, found)
        if found.active and found.policy in LEARNT and self.posterior is None:
            raise InvalidRequest.at("exploration.policy", f"{found.policy!r} needs towers, and the bundle has none")
        return found

    def explore(
        self,
        pool: Ranked,
        listed: Ranked,
        wanted: Exploration,
        k: int,
        *,
        generators: Sequence[np.random.Generator],
        rules: RulesOf,
        chances: Chances,
        vectors: Callable[[], Float],
        items: Float,
        takings: NDArray[np.float32],
    ) -> Explored:
        """Return lists with drawn places; see `explorer.explore`.

        Args:
            pool: the candidates.
            listed: the lists without exploration.
            wanted: what is drawn.
            k: length of the lists.
            generators: one for each customer.
            rules: of the lists.
            chances: of the candidates, for the head.
            vectors: returns the two-tower's customer vectors, float32 [B, D + 1]; called for the head only.
            items: float32 [N + 1, D + 1], those of the items as they are now.
            takings: float32 [N + 1], of the items.
        """
        features: FeaturesOf | None = None
        customers: Float | None = None
        if wanted.policy in LEARNT:
            customers = vectors()
            features = partial(_features, pool, chances, customers, items, takings)
        policy = policy_of(wanted, self.posterior)
        explored = explore(
            pool, listed, wanted, k, policy=policy, generators=generators, rules=rules, features=features
        )
        return explored if customers is None else replace(explored, customers=customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn for a group of customers of one batch.

    Attributes:
        exploring: by whom.
        generators: by which generators, one for each.
        items: float32 [N + 1, D + 1], the two-tower's vectors of the items that there are now; empty without towers.
        takings: float32 [N + 1], how often each was taken.
    """

    exploring: Exploring
    generators: Sequence[np.random.Generator]
    items: Float
    takings: NDArray[np.float32]


def _features(
    pool: Ranked,
    chances: Chances,
    customers: Float,
    items: Float,
    takings: NDArray[np.float32],
    row: int,
    count: int,
) -> NDArray[np.float64]:
    rows = pool.items[row, :count]
    return head_features(chances(row, count), customers[row], items[rows], novelty=novelty_of(takings[rows]))


def merged(asked: ExplorationRequest, policy: Exploration) -> Exploration:
    """Return what a request asks for, and the policy's settings where it does not say.

    Raises:
        InvalidRequest: The policy is unknown, or there is a strength without one.
    """
    name = asked.policy or policy.policy
    if name not in STRENGTHS:
        raise InvalidRequest.at("exploration.policy", f"{name!r} is not one of {', '.join(STRENGTHS)}")
    own = policy if name == policy.policy else Exploration(
        policy=name, strength=STRENGTHS[name], temperature=TEMPERATURES[name], slots=policy.slots
    )  # fmt: skip
    strength = own.strength if asked.strength is None else asked.strength
    if name == NONE and strength > 0:
        known = ", ".join(one for one in STRENGTHS if one != NONE)
        raise InvalidRequest.at("exploration.strength", f"needs a policy, and the placement has none: {known}")
    return Exploration(
        policy=name,
        strength=strength,
        temperature=own.temperature if asked.temperature is None else asked.temperature,
        slots=asked.slots or own.slots,
    )


def seed_of(request: RecommendRequest) -> int:
    """Return the seed of a list, 0 to 2^64 - 1: the request's, or a fresh one."""
    return randbits(SEED_BITS) if request.exploration.seed is None else request.exploration.seed


def generator_of(seed: int, customer_id: str | None) -> np.random.Generator:
    """Return what draws a list: the same for one seed and customer, alone or in a batch."""
    return np.random.default_rng([seed, zlib.crc32((customer_id or "").encode("utf-8", "surrogatepass"))])


def told(
    wanted: Exploration, seed: int | None, explored: Explored | None, row: int, count: int
) -> ExplorationReport | None:
    """Say how the places of one list of `count` items were drawn; None where they were not."""
    if seed is None or explored is None:
        return None
    errors = explored.errors[row, :count]
    return ExplorationReport(
        policy=wanted.policy,
        seed=seed,
        strength=wanted.strength,
        temperature=wanted.temperature,
        slots=wanted.slots,
        propensities=explored.propensities[row, :count].tolist(),
        standard_errors=errors.tolist() if errors.any() else (),
        head=_view(explored, row),
    )


def _view(explored: Explored, row: int) -> HeadView | None:
    if explored.customers is None:
        return None
    # A row of its own: a view would keep the batch in memory.
    return HeadView(features=explored.features[row], customer=explored.customers[row].copy())
