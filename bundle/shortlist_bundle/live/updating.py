"""Changes, one after the other, onto a model: each position of the log has one model."""

from dataclasses import replace

from shortlist_bundle.changes.change import (
    Change,
    CustomerDescribed,
    CustomerForgotten,
    EventRecorded,
    ItemDeleted,
    ItemUpserted,
    ListShown,
)
from shortlist_bundle.changes.log import Position
from shortlist_bundle.errors import FeatureError
from shortlist_bundle.live.items import ItemWriter
from shortlist_bundle.live.learning import HeadLearner
from shortlist_bundle.live.waiting import WaitingEvents
from shortlist_bundle.model import Model, head_of
from shortlist_bundle.state.overlay import OverlaidState
from shortlist_bundle.state.writing import OverlayLimits, OverlayWriter


class ModelUpdater:
    """Brings a model up to date with the log. Not for several threads at once; the models that it gives out are.

    What stands in the log at or before `snapshot.position` is in the bundle already, and is passed over.

    Args:
        model: the bundle's.
        bundle_id: hash of the bundle; the head learns from the lists that it drew itself.
        limits: of what is held of the customers.
    """

    def __init__(
        self,
        model: Model,
        *,
        bundle_id: str = "",
        limits: OverlayLimits = OverlayLimits(),  # noqa: B008 - frozen
    ) -> None:
        self._model = model
        self._start = model.snapshot.position
        self._customers = OverlayWriter(
            model.snapshot, model.customers, model.customer_encoder, position=self._start, limits=limits
        )
        self._items = ItemWriter(model)
        self._head = HeadLearner(
            head_of(model), self._items.vectors, bundle_id=bundle_id, rewards=model.policy.rewards,
            weights=model.event_weights,
        )  # fmt: skip
        self._items_changed = False
        self._waiting = WaitingEvents()
        self.position: Position = self._start
        self.skipped = 0
        """Changes without an effect so far: an event of an item that nobody knows, a value that no column can hold."""

    def apply(self, position: Position, change: Change) -> None:
        """Take a change in; one at or before the position reached was taken in before."""
        if position <= self.position:
            return
        self.position = position
        match change:
            case EventRecorded():
                self._record(position, change)
                self._head.reward(change)
            case ListShown():
                self._head.show(change, [self._items.row(item) for item in change.item_ids])
            case CustomerDescribed():
                self._describe(position, change)
            case CustomerForgotten():
                self._customers.forget(change.customer_id)
                self._waiting.forget(change.customer_id)
                self._head.forget(change.customer_id)
            case ItemUpserted():
                self._upsert(change)
            case ItemDeleted():
                self._items.delete(change)
                self._items_changed = True
        self._customers.reach(position)

    def model(self) -> Model:
        """Return the model as it is at the position reached; it stays as it is from now on."""
        if self.position == self._start:
            return self._model
        model = replace(self._model, live=self._customers.state, posterior=self._head.posterior())
        if self._items_changed:
            model = self._items.model(model)
            self._items_changed = False
        elif self._items.paired:
            model = self._items.with_pairs(model)
        if model.live and model.live_items and model.live.moved is not model.live_items.moved:
            model = replace(model, live=replace(model.live, moved=model.live_items.moved))
        self._model = model
        return model

    def merge(self) -> bool:
        """Make what was added cheaper to search, where it is much; return whether `model` has to be asked again."""
        self._items_changed |= self._items.merge()
        return self._items_changed

    @property
    def state(self) -> OverlaidState:
        """The customers' state at the position reached."""
        return self._customers.state

    def _record(self, position: Position, event: EventRecorded) -> None:
        item = self._items.row(event.item_id)
        amount = self._model.event_weights.amount(event.event, event.value)
        if not item or amount <= 0:
            self.skipped += 1
            if amount > 0:
                self._waiting.add(position, event)
            return
        time = event.timestamp if self._model.clock.has_times else 0.0
        self._items.pair(item, time, *self._customers.taken(event.customer_id))
        self._customers.take(event.customer_id, item, time=time, value=amount, position=position)
        self._items_changed |= self._items.count(item, amount)

    def _upsert(self, item: ItemUpserted) -> None:
        try:
            stored = self._items.upsert(item)
        except FeatureError:
            stored = False
        self.skipped += not stored
        self._items_changed |= stored
        if stored:
            for position, event in self._waiting.taken(item.item_id):
                self.skipped -= 1
                self._record(position, event)

    def _describe(self, position: Position, change: CustomerDescribed) -> None:
        try:
            self._customers.describe(change.customer_id, change.features, position=position)
        except FeatureError:
            # Checked when it was written; another bundle may read the column as something else.
            self.skipped += 1
