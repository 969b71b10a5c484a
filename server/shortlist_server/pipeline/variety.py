"""How varied a list is to be, between a request and its placement's policy; and the candidates that this takes."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.rules import Rules
from shortlist_bundle.diversity.settings import NONE, STRENGTHS, Diversity
from shortlist_bundle.diversity.trade import BY_SHARES, Trade
from shortlist_bundle.engine import Encoded, Engine, Ranked
from shortlist_bundle.merge import Candidates, filled
from shortlist_bundle.model import Model
from shortlist_bundle.shares import Shares
from shortlist_bundle.sources.scoreboard import Items, Mask
from shortlist_bundle.state.histories import Histories
from shortlist_server.errors import InvalidRequest, UnknownAttribute, Violation
from shortlist_server.pipeline.request import AS_THE_POLICY_SAYS, DiversityRequest, RecommendRequest
from shortlist_server.pipeline.shares import placement_of, quota_columns

POOL = 200
"""Candidates that a bundle of ratings varies its lists with; one with an engine takes all that it reranks."""


BestForQuota = Callable[[int, int, NDArray[np.bool_]], Items]
"""Row of the batch, how many, and bool [N + 1], among which items -> the best of them, item rows int32."""


class Variety:
    """The diversity of one bundle's lists.

    Args:
        model: the bundle.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def wanted(self, request: RecommendRequest) -> Diversity:
        """Return what holds for a request.

        Raises:
            UnknownPlacement: There is no policy of this name.
            UnknownAttribute, InvalidRequest: The bundle cannot serve a setting of the request.
        """
        placement = placement_of(self._model.policy, request.placement)
        if request.diversity == AS_THE_POLICY_SAYS:
            return placement.diversity
        found = merged(request.diversity, placement.diversity)
        if found.active:
            self._check(found)
        return found

    def pool(self, wanted: Diversity, k: int, width: int, *, more: bool) -> int:
        """Return how many of `width` scored items a list of length k is picked from.

        Args:
            wanted: the diversity of the list.
            k: its length.
            width: how many items there are.
            more: whether others choose among the candidates: quotas of sources, or exploration.
        """
        if not (wanted.active or more):
            return k
        return max(width, k) if self._model.engine or wanted.ruled else max(POOL, k)

    def pick(
        self, ranked: Ranked, history: Histories, wanted: Diversity, k: int, shares: Shares, trade: Trade
    ) -> Ranked:
        """Return the lists of length k."""
        quotas = quota_columns(self._model, shares, ranked.ranks.shape[2])
        return self._diversifier(ranked, history, wanted, k, quotas, trade)

    def rules(self, ranked: Ranked, wanted: Diversity, k: int, shares: Shares, row: int) -> Rules:
        """Return the caps and quotas of one list of length k, made anew: filling it uses their room up."""
        return self._diversifier.rules(
            ranked, row, wanted, k, quota_columns(self._model, shares, ranked.ranks.shape[2])
        )

    def trade(self, *, logits: bool, seen_allowed: bool) -> Trade:
        """Return what variety may cost in a list.

        Args:
            logits: whether its scores are the scorer's; nothing was learnt of ratings, nor of scores mixed with wishes.
            seen_allowed: whether seen items may be in it.
        """
        return self._model.trade(seen_allowed=seen_allowed) if logits else BY_SHARES

    def broken(self, wanted: Diversity, items: Items) -> tuple[str, ...]:
        """Return which caps and quotas a list, item rows int32 [k], does not keep, as fallbacks of the reply."""
        return self._diversifier.broken(wanted, items) if wanted.ruled else ()

    def complete(
        self,
        engine: Engine,
        encoded: Encoded,
        candidates: Candidates,
        allowed: Mask,
        wanted: Diversity,
        best: BestForQuota | None = None,
    ) -> Candidates:
        """Return the candidates with the best items, by default the two-tower's, for each quota they cannot meet."""
        tower = engine.retriever.tower_items
        pick = best or (lambda row, count, rest: tower.exact(encoded.vectors[row], count, rest).items.astype(np.int32))
        for quota in wanted.quotas:
            serves = self._model.catalogue.attributes[quota.attribute].equals(quota.value)
            missing = quota.at_least - np.count_nonzero(serves[candidates.items], axis=1)
            extra = np.zeros((len(allowed), max(int(missing.max(initial=0)), 0)), np.int32)
            for row in np.flatnonzero(missing > 0):
                rest = allowed[row] & serves
                rest[candidates.items[row]] = False
                found = pick(int(row), int(missing[row]), rest)
                extra[row, : len(found)] = found
            candidates = filled(candidates, extra)
        return candidates

    @cached_property
    def _diversifier(self) -> Diversifier:
        # Made at the first use; two threads may both make it, and make the same.
        engine = self._model.engine
        return Diversifier(self._model.catalogue, engine.retriever.tower_items.vectors[:, :-1] if engine else None)

    def _check(self, wanted: Diversity) -> None:
        for place, name in wanted.attributes:
            if name not in self._model.catalogue.attributes:
                raise UnknownAttribute(f"diversity.{place}", name)
        problems = [Violation(f"diversity.{place}", text) for place, text in self._diversifier.problems(wanted)]
        if problems:
            raise InvalidRequest(*problems)


def merged(asked: DiversityRequest, policy: Diversity) -> Diversity:
    """Return what a request asks for, and the policy's settings where it does not say.

    Raises:
        InvalidRequest: A strength without a method.
    """
    if asked.method == NONE:
        policy = Diversity()
    method = asked.method or policy.method
    usual = policy.strength if method == policy.method else STRENGTHS[method]
    strength = usual if asked.strength is None else asked.strength
    if method == NONE and strength > 0:
        methods = ", ".join(name for name in STRENGTHS if name != NONE)
        raise InvalidRequest.at("diversity.strength", f"needs a method, and the placement has none: {methods}")
    return Diversity(
        method=method,
        strength=strength,
        serendipity=policy.serendipity if asked.serendipity is None else asked.serendipity,
        caps=asked.caps or policy.caps,
        quotas=asked.quotas or policy.quotas,
        calibrate=asked.calibrate or policy.calibrate,
    )
