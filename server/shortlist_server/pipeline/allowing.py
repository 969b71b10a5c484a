"""Which items may be in a list: filters, exclusions, availability, and what the customer has seen."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.filters.conditions import Filter
from shortlist_bundle.model import Model
from shortlist_server.pipeline.filtering import matching
from shortlist_server.pipeline.request import RecommendRequest, Seen

Mask = NDArray[np.bool_]


def seen_allowed(model: Model, seen: Seen) -> bool:
    """Return whether seen items may be in the list; the bundle's policy decides where the request does not."""
    return model.policy.seen_allowed if seen is Seen.POLICY else seen is Seen.INCLUDE


def to_be_had(model: Model, filter: Filter | None, now: float) -> Mask:
    """Return which items meet the filter and can be had at `now`, epoch seconds; a bool [N + 1] of the caller's own.

    Raises:
        UnknownAttribute, InvalidRequest: See `matching`.
    """
    mask = np.ones(len(model.items), np.bool_) if filter is None else matching(model, filter).mask.copy()
    available = model.catalogue.available(now)
    if available is not None:
        mask &= available
    mask[0] = False
    return mask


def allowed(model: Model, request: RecommendRequest, seen: NDArray[np.int32], now: float) -> tuple[Mask, int]:
    """Return which items may be in the list, bool [N + 1], and how many excluded ids the catalogue does not have.

    Args:
        model: the bundle.
        request: filter, exclusions, and whether seen items count.
        seen: rows of the items that this one customer has taken.
        now: epoch seconds, for availability.

    Raises:
        UnknownAttribute, InvalidRequest: See `matching`.
    """
    mask = to_be_had(model, request.filter, now)
    unknown = 0
    if request.exclude_items:
        rows = model.items.rows(request.exclude_items)
        unknown = int(np.count_nonzero(rows == 0))
        mask[rows] = False
    if not seen_allowed(model, request.seen):
        mask[seen] = False
    if model.policy.people_to_people and request.customer_id:
        # Oneself never, whatever the request says of seen items; also somebody whom others took and who took nobody.
        mask[model.items.row(request.customer_id)] = False
    if request.taken and request.seen is not Seen.INCLUDE:
        mask[model.items.rows(request.taken)] = False
    mask[0] = False
    return mask, unknown
