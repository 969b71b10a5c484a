"""Changes, one after the other, onto the overlay. One thread writes; whoever reads has a frozen overlay."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from shortlist_bundle.changes.change import Value
from shortlist_bundle.changes.log import Position
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.replacing import with_values
from shortlist_bundle.state.overlay import OverlaidState, Overlay
from shortlist_bundle.state.snapshot import Snapshot
from shortlist_bundle.state.takings import Taking, Takings, Trained, with_taking
from shortlist_bundle.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayLimits:
    """How much is held between two trainings; what goes beyond it pushes out what is oldest.

    Attributes:
        events_each: events of one customer; the oldest by time goes.
        entries: events and descriptions of all customers together; the first in the log goes.
    """

    events_each: int = 1_000
    entries: int = 500_000


class OverlayWriter:
    """Keeps the overlay of one bundle up to date. Not for several threads at once.

    What it has come to after a number of changes depends on these changes alone, however they are handed in.

    Args:
        snapshot: what the bundle knows.
        customers: its customers.
        encoder: of their features.
        position: up to which the snapshot has seen the log.
        limits: of what is held.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        customers: Vocabulary,
        encoder: FeatureEncoder,
        *,
        position: Position,
        limits: OverlayLimits = OverlayLimits(),
    ) -> None:
        self._base = OverlaidState(snapshot=snapshot, customers=customers, overlay=Overlay(position=position))
        self._encoder = encoder
        self._limits = limits
        self._next = len(customers)
        self._ids: dict[int, str] = {}
        # Every entry in the order of the log, so that the first can make room; some are gone by then.
        self._entries: deque[tuple[Position, int]] = deque()
        self._described: dict[int, Position] = {}
        self._held = self._events = self._dropped = 0
        self._position = position
        self._forgotten = set[int]()
        self._rows: dict[str, int | None] = {}
        self._takings: dict[int, Takings | None] = {}
        self._features: dict[int, EncodedFeatures | None] = {}

    @property
    def state(self) -> OverlaidState:
        """Return the snapshot with every change so far laid over it; it stays as it is from now on."""
        old = self._base.overlay
        overlay = Overlay(
            position=self._position,
            rows=old.rows.changed(self._rows),
            takings=old.takings.changed(self._takings),
            features=old.features.changed(self._features),
            forgotten=frozenset(self._forgotten) if len(self._forgotten) > len(old.forgotten) else old.forgotten,
            events=self._events,
            dropped=self._dropped,
        )
        self._base = OverlaidState(snapshot=self._base.snapshot, customers=self._base.customers, overlay=overlay)
        self._rows, self._takings, self._features = {}, {}, {}
        return self._base

    def reach(self, position: Position) -> None:
        """Say that everything up to a position is in the overlay, or no concern of it."""
        self._position = max(self._position, position)

    def take(self, customer_id: str, item: int, *, time: float, value: float, position: Position) -> None:
        """Add an event to a customer's history; `item` is a row above 0, `value` above 0."""
        row = self._row(customer_id)
        own = with_taking(self._takings_of(row), Taking(time, position, item, value))
        excess = len(own) - self._limits.events_each
        if excess > 0:
            own = own[excess:]
            self._count(-excess, dropped=excess)
        self._takings[row] = own
        self._count(1)
        self._entries.append((position, row))
        self._make_room()

    def taken(self, customer_id: str) -> tuple[Trained, Takings]:
        """Return what a customer has taken when the snapshot was made, and what since then."""
        row, events = self.row(customer_id), self._base.snapshot.events
        trained = row if row < len(self._base.customers) else 0
        own = slice(events.offsets[trained], events.offsets[trained + 1])
        return Trained(events.items[own], events.times[own]), self._takings_of(row) if row else ()

    def describe(self, customer_id: str, features: Mapping[str, Value | None], *, position: Position) -> None:
        """Set features of a customer; columns not named stay as they are, None clears one.

        Raises:
            FeatureError: A value that its column cannot hold.
        """
        row = self.row(customer_id)
        before = self.features_of(row)
        after = with_values(self._encoder, before, features)
        row = row or self._row(customer_id)
        if row not in self._described:
            self._held += 1
        self._described[row] = position
        self._features[row] = after
        self._entries.append((position, row))
        self._make_room()

    def forget(self, customer_id: str) -> None:
        """Forget a customer: who comes back under the id is a stranger."""
        row = self.row(customer_id)
        trained = self._base.customers.row(customer_id)
        if trained:
            self._forgotten.add(trained)
        if not row:
            return
        own = len(self._takings_of(row))
        self._count(-own)
        self._takings[row] = None
        if self._described.pop(row, None) is not None:
            self._held -= 1
        self._features[row] = None
        if row in self._ids:
            del self._ids[row]
            self._rows[customer_id] = None

    def row(self, customer_id: str) -> int:
        """Return the customer's row, 0 for one of whom nothing is known."""
        if customer_id in self._rows:
            return self._rows[customer_id] or 0
        found = self._base.overlay.rows.get(customer_id)
        if found is not None:
            return found
        row = self._base.customers.row(customer_id)
        return 0 if row in self._forgotten else row

    def features_of(self, row: int) -> EncodedFeatures:
        """Return the encoded features of one row."""
        own = self._features[row] if row in self._features else self._base.overlay.features.get(row)
        if own is not None:
            return own
        return self._base.snapshot.encoded.take([row if row < len(self._base.customers) else 0])

    def _row(self, customer_id: str) -> int:
        """Return the customer's row, a new one for somebody new."""
        row = self.row(customer_id)
        if not row:
            row, self._next = self._next, self._next + 1
            self._rows[customer_id] = row
            self._ids[row] = customer_id
        return row

    def _takings_of(self, row: int) -> Takings:
        own = self._takings[row] if row in self._takings else self._base.overlay.takings.get(row)
        return own or ()

    def _count(self, events: int, *, dropped: int = 0) -> None:
        self._events += events
        self._held += events
        self._dropped += dropped

    def _make_room(self) -> None:
        while self._held > self._limits.entries:
            self._drop(*self._entries.popleft())
        if len(self._entries) > 2 * self._limits.entries:
            # A customer of many events drops their own and leaves entries that stand for nothing.
            self._entries = deque(entry for entry in self._entries if self._holds(*entry))

    def _holds(self, position: Position, row: int) -> bool:
        return self._described.get(row) == position or any(
            taking.position == position for taking in self._takings_of(row)
        )

    def _drop(self, position: Position, row: int) -> None:
        if not self._holds(position, row):
            return
        if self._described.get(row) == position:
            del self._described[row]
            self._features[row] = None
            self._held -= 1
            self._dropped += 1
        else:
            own = tuple(taking for taking in self._takings_of(row) if taking.position != position)
            self._takings[row] = own or None
            self._count(-1, dropped=1)
        if row in self._ids and row not in self._described and not self._takings_of(row):
            self._rows[self._ids.pop(row)] = None
