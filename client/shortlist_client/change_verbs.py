"""The verbs that tell the service something: events, items and customers, as they come, change and go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shortlist_client.changes import Deleted, KnownItem, Upserted
from shortlist_client.feedback import FeedbackEvent, Recorded
from shortlist_client.options import CallOptions
from shortlist_client.profile import FeatureValue, Item
from shortlist_client.translation import calls
from shortlist_client.translation.calls import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeVerbs:
    """Turn what a caller tells into calls; see `Verbs`.

    Attributes:
        defaults: options of calls that say nothing else.
    """

    defaults: CallOptions

    def record(
        self,
        events: FeedbackEvent | Iterable[FeedbackEvent],
        *,
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Call[Recorded]:
        """Record what customers did; when this returns, the events are on the server's disk.

        Each event stands or falls alone: one that is refused is told in the answer. Sending the same events again is
        safe, also after an error that leaves open whether they arrived: their ids are recorded once.

        Args:
            events: One event, or up to 1,000; `record_run` takes any number.
            model: Name of the model; None takes the client's.
            placement: Name of the placement where it happened; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        return calls.record(events, self._options(model, placement, timeout))

    def upsert_items(
        self, items: Item | Iterable[Item], *, model: str | None = None, timeout: float | None = None
    ) -> Call[Upserted]:
        """Add items to the catalogue or replace them whole; no training is needed for them to be recommended.

        Each item stands or falls alone: one that is refused is told in the answer.

        Args:
            items: One item, or up to 1,000, each with an id and attributes.
            model: Name of the model; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        return calls.upsert_items(items, self._options(model, None, timeout))

    def delete_items(
        self, items: Iterable[str], *, model: str | None = None, timeout: float | None = None
    ) -> Call[Deleted]:
        """Take items out of the catalogue, up to 1,000 by their ids."""
        return calls.delete_items(items, self._options(model, None, timeout))

    def get_item(self, item_id: str, *, model: str | None = None, timeout: float | None = None) -> Call[KnownItem]:
        """Return an item as the server knows it; raises `NotFound` for an unknown one."""
        return calls.get_item(item_id, self._options(model, None, timeout))

    def upsert_customers(
        self,
        features: Mapping[str, Mapping[str, FeatureValue]],
        *,
        model: str | None = None,
        timeout: float | None = None,
    ) -> Call[Upserted]:
        """Set features of customers.

        Args:
            features: Customer id -> column name -> value, of up to 1,000 customers. Columns not named stay as they
                are; None clears one.
            model: Name of the model; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        return calls.upsert_customers(features, self._options(model, None, timeout))

    def delete_customers(
        self, customers: Iterable[str], *, model: str | None = None, timeout: float | None = None
    ) -> Call[Deleted]:
        """Forget up to 1,000 customers by their ids: events and features at once, the rest with the next bundle."""
        return calls.delete_customers(customers, self._options(model, None, timeout))

    def run(self, model: str | None, placement: str | None, timeout: float | None) -> CallOptions:
        """Return what every stream of a run carries; the clients' `record_run` has the rest."""
        return self._options(model, placement, timeout)

    def _options(self, model: str | None, placement: str | None, timeout: float | None) -> CallOptions:
        own = self.defaults
        return CallOptions(
            model=own.model if model is None else model,
            placement=own.placement if placement is None else placement,
            timeout=own.timeout if timeout is None else timeout,
        )
