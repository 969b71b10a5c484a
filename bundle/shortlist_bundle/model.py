"""Everything a bundle holds, in memory: what the pipeline serves from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.calibration import Calibration
from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.changes.log import Position
from shortlist_bundle.customer_space import CustomerSpace
from shortlist_bundle.diversity.trade import BY_SHARES, Trade
from shortlist_bundle.documents import JSON
from shortlist_bundle.engine import Engine
from shortlist_bundle.exploration.head import head_prior, head_width
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.policy import Policy
from shortlist_bundle.ratings import RatingModel
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_bundle.state.live_items import LiveItems
from shortlist_bundle.state.overlay import OverlaidState
from shortlist_bundle.state.snapshot import Snapshot, State
from shortlist_bundle.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A bundle in memory.

    Attributes:
        customers, items: ids <-> rows.
        customer_encoder, item_encoder: raw feature values -> numbers.
        context_encoder: a request's context -> numbers; None for a bundle that reads none.
        catalogue: the items' attributes.
        snapshot: the customers' state at the end of the log.
        clock: the range of time that training has seen.
        engine: sources and scorer; None in a bundle that only predicts ratings.
        ratings: predicted ratings; None where the log has none.
        policy: the defaults.
        figures: the figures of the evaluation, as in the bundle's metrics.
        calibration: of the scorer's probabilities; None in a bundle without an engine, or of an older release.
        customer_space: where the customers stood at the end of the log; None likewise.
        event_weights: what each kind of event counts in a history.
        item_side: what encodes an item that training has not seen; None in a bundle of an older release.
        live_items: the items that came or changed since; None where none has.
        live: the snapshot with what has happened since; None where nothing has.
        posterior: of the head that explores; None in a bundle without an engine.
    """

    customers: Vocabulary
    items: Vocabulary
    customer_encoder: FeatureEncoder
    item_encoder: FeatureEncoder
    catalogue: Catalogue
    snapshot: Snapshot
    clock: Clock
    engine: Engine | None
    ratings: RatingModel | None
    policy: Policy
    figures: Mapping[str, JSON]
    context_encoder: FeatureEncoder | None = None
    calibration: Calibration | None = None
    customer_space: CustomerSpace | None = None
    posterior: Posterior | None = None
    event_weights: EventWeights = field(default_factory=EventWeights)
    item_side: ItemSide | None = None
    live_items: LiveItems | None = None
    live: OverlaidState | None = None

    @property
    def state(self) -> State:
        """The customers' state as it is now."""
        return self.live or self.snapshot

    @property
    def position(self) -> Position:
        """Up to which position of the log of changes it knows what happened."""
        return self.live.overlay.position if self.live else self.snapshot.position

    def customer_row(self, customer_id: str) -> int:
        """Return the row of a customer for `state`, 0 for a stranger; above M for one whom training has not seen."""
        return self.live.row(customer_id) if self.live else self.customers.row(customer_id)

    def trained_rows(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the rows with 0 in place of those that training has not seen: what the models look up."""
        return np.where(rows < len(self.customers), rows, np.int32(0)) if self.live else rows

    def trade(self, *, seen_allowed: bool) -> Trade:
        """Return what variety may cost in lists of the scorer's logits; by shares where training has not learnt it.

        The curve of the shortlist holds for every candidate, also for the few that no source proposes: with one curve
        a higher logit is never a lower chance.
        """
        scale = self.policy.max_sum_scales.get(seen_allowed)
        if scale is None or self.calibration is None:
            return BY_SHARES
        return Trade(chances=self.calibration.proposed, scale=scale)


def head_of(model: Model) -> Posterior | None:
    """Return what a bundle's head knows; one of an older release starts from the prior. None without towers."""
    if model.posterior is None and model.engine is not None:
        return head_prior(head_width(model.engine.retriever.tower_items.vectors))
    return model.posterior
