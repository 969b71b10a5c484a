"""Events of items that nobody knows yet: they wait for the item to be upserted."""

from collections import OrderedDict

from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.log import Position

MOST_WAITING = 10_000
"""Events that wait; the first in the log goes first."""


class WaitingEvents:
    """Keeps events until their item is there. What waits depends on the changes of the log alone.

    Args:
        most: events that are kept.
    """

    def __init__(self, *, most: int = MOST_WAITING) -> None:
        self._most = most
        self._events = OrderedDict[Position, EventRecorded]()
        self._of_item: dict[str, list[Position]] = {}

    def __len__(self) -> int:
        return len(self._events)

    def add(self, position: Position, event: EventRecorded) -> None:
        """Let an event wait."""
        self._events[position] = event
        self._of_item.setdefault(event.item_id, []).append(position)
        while len(self._events) > self._most:
            oldest, dropped = self._events.popitem(last=False)
            self._left(dropped.item_id, oldest)

    def taken(self, item_id: str) -> list[tuple[Position, EventRecorded]]:
        """Return the events of an item in the order of the log; they wait no longer."""
        return [(position, self._events.pop(position)) for position in self._of_item.pop(item_id, [])]

    def forget(self, customer_id: str) -> None:
        """Let a customer's events be gone."""
        own = [position for position, event in self._events.items() if event.customer_id == customer_id]
        for position in own:
            self._left(self._events.pop(position).item_id, position)

    def _left(self, item_id: str, position: Position) -> None:
        self._of_item[item_id].remove(position)
        if not self._of_item[item_id]:
            del self._of_item[item_id]
