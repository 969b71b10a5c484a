"""Lists that a head drew -> what the log of changes says of them, so that every worker's head learns from them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.change import ListShown
from shortlist_server.impressions.sampling import Shown

_DIGITS = 6
"""Of a number in the log: everybody reads it as it stands there."""


def lists_of(shown: Iterable[Shown]) -> Sequence[ListShown]:
    """Return those of the lists that a head has drawn."""
    found = (_list_of(one) for one in shown)
    return [one for one in found if one is not None]


def _list_of(shown: Shown) -> ListShown | None:
    drawn = shown.answer.exploration
    if drawn is None or drawn.head is None or not len(drawn.head.features):
        return None
    return ListShown(
        impression_id=shown.impression_id,
        bundle_id=shown.pipeline.bundle_id,
        customer_id=shown.request.customer_id or "",
        moment=shown.answer.as_of,
        item_ids=tuple(shown.answer.item_ids),
        chances=_short(drawn.head.features[:, 1]),
        novelty=_short(drawn.head.features[:, -1]),
        vector=_short(drawn.head.customer[:-1]),
    )


def _short(numbers: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(f"{number:.{_DIGITS}g}") for number in numbers.tolist())
