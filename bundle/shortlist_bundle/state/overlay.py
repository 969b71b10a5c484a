"""What has changed about the customers since the snapshot, laid over it: one frozen object for each position."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.state.shards import Shards
from shortlist_bundle.state.snapshot import Snapshot
from shortlist_bundle.state.takings import Takings, as_histories
from shortlist_bundle.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """The changes of the customers up to one position of the log.

    A customer whom the snapshot does not have gets a row behind its rows, and so does one who was forgotten and has
    come back: what was learnt of them before is theirs no longer.

    Attributes:
        position: the newest change that is in it.
        rows: ids -> rows behind those of the snapshot.
        takings: rows -> what was taken since the snapshot.
        features: rows -> encoded features, one row each, where they were set since then.
        forgotten: rows of the snapshot that nobody has any more.
        events: events that are held.
        dropped: events and descriptions that had to make room for newer ones.
    """

    position: Position = START
    rows: Shards[str, int] = field(default_factory=Shards[str, int])
    takings: Shards[int, Takings] = field(default_factory=Shards[int, Takings])
    features: Shards[int, EncodedFeatures] = field(default_factory=Shards[int, EncodedFeatures])
    forgotten: frozenset[int] = frozenset()
    events: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlaidState:
    """The snapshot and what came after it. See `State`.

    Attributes:
        snapshot: of customer rows 0..M.
        customers: ids <-> rows 0..M.
        overlay: what came after.
        moved: rows that items had before they were replaced -> the rows that they have now.
    """

    snapshot: Snapshot
    customers: Vocabulary
    overlay: Overlay
    moved: Mapping[int, int] = field(default_factory=dict)

    def row(self, customer_id: str) -> int:
        """Return the customer's row for `histories` and `features`, 0 for a stranger; above M for one who is new."""
        found = self.overlay.rows.get(customer_id)
        if found is not None:
            return found
        row = self.customers.row(customer_id)
        return 0 if row in self.overlay.forgotten else row

    def histories(self, rows: NDArray[np.int32]) -> Histories:
        """See `State.histories`; rows may lie behind those of the snapshot."""
        history = self.snapshot.histories(self._trained(rows))
        takings = [self.overlay.takings.get(row) or () for row in rows.tolist()]
        if not any(takings):
            return history
        recent = as_histories(takings)
        if self.moved:
            now = [self.moved.get(item, item) for item in recent.items.tolist()]
            recent = replace(recent, items=np.array(now, np.int32))
        return history.followed(recent)

    def features(self, rows: NDArray[np.int32]) -> EncodedFeatures:
        """See `State.features`; likewise."""
        stored = self.snapshot.features(self._trained(rows))
        found = [(place, self.overlay.features.get(row)) for place, row in enumerate(rows.tolist())]
        described = [(place, own) for place, own in found if own is not None]
        if not described:
            return stored
        every = EncodedFeatures.concatenate([stored, *(own for _, own in described)])
        order = np.arange(len(rows))
        order[[place for place, _ in described]] = len(rows) + np.arange(len(described))
        return every.take(order)

    def _trained(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the rows with 0 in place of those that the snapshot does not have."""
        return np.where(rows < len(self.customers), rows, np.int32(0))
