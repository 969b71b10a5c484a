"""Who proposes the candidates of a list, between a request and its placement's policy; and what became of quotas."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.knowledge.utility import NAME as KNOWLEDGE
from shortlist_bundle.model import Model
from shortlist_bundle.policy import DEFAULT_PLACEMENT, Placement, Policy
from shortlist_bundle.shares import Shares, SourceShare
from shortlist_server.errors import UnknownPlacement
from shortlist_server.pipeline.request import RecommendRequest

SOURCE_QUOTA_MISSED = "source_quota_missed"
"""A source proposed fewer allowed items than its quota, or other rules of the list are in their way."""


def placement_of(policy: Policy, name: str) -> Placement:
    """Return the placement that a request names; the default one for an empty name.

    Raises:
        UnknownPlacement: There is no policy of this name.
    """
    placement = policy.placements.get(name or DEFAULT_PLACEMENT)
    if placement is None:
        raise UnknownPlacement(name)
    return placement


def shares_of(policy: Policy, request: RecommendRequest) -> Shares:
    """Return what holds for a request: the sources that it names, else those of its placement.

    The source of stated needs has no part in a placement's lists for those who state none.

    Raises:
        UnknownPlacement: There is no policy of the request's name.
    """
    placement = placement_of(policy, request.placement)
    if not (request.sources or request.source_quotas):
        if not placement.sources:
            return ()
        return tuple(share for share in placement.sources if request.needs or share.source != KNOWLEDGE)
    names = sorted({*request.sources, *request.source_quotas})
    return tuple(
        SourceShare(source=name, weight=request.sources.get(name, 0.0), quota=request.source_quotas.get(name, 0))
        for name in names
    )


def quota_columns(model: Model, shares: Shares, width: int) -> Sequence[tuple[int, int]]:
    """Return for each quota of a source its column among `width` columns of ranks, and how many items it asks for.

    A source without a column proposed nothing: ratings rank every item without asking anybody.
    """
    own = model.engine.retriever.signals.sources if model.engine else ()
    columns = {name: column for column, name in enumerate((*own, KNOWLEDGE)) if column < width}
    quotas = [(share.source, share.quota) for share in shares if share.quota]
    return [(columns[name], least) for name, least in quotas if name in columns]


def missed(model: Model, shares: Shares, ranks: NDArray[np.int16]) -> tuple[str, ...]:
    """Return whether a list does not hold what the quotas ask for, as fallbacks of the reply.

    Args:
        model: the bundle.
        shares: of the sources.
        ranks: int16 [n, S], each source's rank of the list's n items, -1 where it did not propose them.
    """
    if not any(share.quota for share in shares):
        return ()
    columns = quota_columns(model, shares, ranks.shape[1])
    kept = all(np.count_nonzero(ranks[:, column] >= 0) >= least for column, least in columns)
    asked = sum(share.quota > 0 for share in shares)
    return () if kept and len(columns) == asked else (SOURCE_QUOTA_MISSED,)
