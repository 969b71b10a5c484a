"""The state of the customers: what the log said of them when the bundle was made."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.histories import Histories


class State(Protocol):
    """Where histories and features of known customers come from: the snapshot, or the snapshot and what came after."""

    def histories(self, rows: NDArray[np.int32]) -> Histories:
        """Return what these customers have taken, oldest first; row 0 has taken nothing."""
        ...

    def features(self, rows: NDArray[np.int32]) -> EncodedFeatures:
        """Return their encoded features; row 0 has none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state as arrays, frozen at the log's end.

    Attributes:
        events: histories of customer rows 0..M.
        encoded: features of customer rows 0..M.
        watermark: how many events of the log the snapshot contains: what came later is not in it.
        position: up to which position training has read the log of changes: what stands behind it is laid over the
            snapshot, and nothing counts twice. `START` where training has read none.
    """

    events: Histories
    encoded: EncodedFeatures
    watermark: int
    position: Position = START

    def histories(self, rows: NDArray[np.int32]) -> Histories:
        """See `State.histories`."""
        return self.events.take(rows)

    def features(self, rows: NDArray[np.int32]) -> EncodedFeatures:
        """See `State.features`."""
        return self.encoded.take(rows)
