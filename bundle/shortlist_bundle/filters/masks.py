"""Filters that were evaluated before: a mask is computed once and kept while it is asked for."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shortlist_bundle.attributes import Mask
from shortlist_bundle.filters.conditions import Filter, fingerprint

CELLS = 2**25
"""Bytes of masks that are kept for one catalogue."""
LEAST, MOST = 8, 256
"""Masks that are kept, however large or small the catalogue is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matching:
    """Which items meet a filter.

    Attributes:
        mask: bool [N + 1], read-only; item 0 never does.
        count: how many do, 0 to N.
    """

    mask: Mask
    count: int


class Masks:
    """The masks of the filters that were asked for last. Safe to use from several threads.

    Args:
        evaluate: computes the mask of a filter that is not kept.
        width: of a mask, N + 1.
    """

    def __init__(self, evaluate: Callable[[Filter], Mask], width: int) -> None:
        self._evaluate = evaluate
        self._most = int(np.clip(CELLS // max(width, 1), LEAST, MOST))
        self._kept: OrderedDict[bytes, Matching] = OrderedDict()
        self._last: tuple[Filter, Matching] | None = None
        self._lock = threading.Lock()

    def of(self, filter: Filter) -> Matching:
        """Return which items meet the filter.

        Raises:
            FilterError: See `evaluate`; what is refused is not kept.
        """
        last = self._last
        if last is not None and last[0] is filter:
            # The rows of a batch share one filter, which may hold thousands of values: it is not even read again.
            return last[1]
        key = fingerprint(filter)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is None:
            found = self._computed(key, filter)
        self._last = (filter, found)
        return found

    def _computed(self, key: bytes, filter: Filter) -> Matching:
        # Outside the lock: two threads may both compute it, and nobody waits for a filter that is not theirs.
        mask = self._evaluate(filter)
        mask.flags.writeable = False
        found = Matching(mask=mask, count=int(np.count_nonzero(mask)))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
