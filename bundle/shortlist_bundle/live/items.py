"""Items that come, change and go after a bundle was made."""

from dataclasses import replace

import numpy as np

from shortlist_bundle.changes.change import ItemDeleted, ItemUpserted
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.live.catalogue import LiveCatalogue
from shortlist_bundle.live.co_occurrence import CoOccurrence
from shortlist_bundle.live.engine import LiveEngine
from shortlist_bundle.live.ids import GrowingVocabulary
from shortlist_bundle.live.ratings import LiveRatings
from shortlist_bundle.model import Model
from shortlist_bundle.state.live_items import LiveItems
from shortlist_bundle.state.shards import Shards
from shortlist_bundle.state.takings import Takings, Trained
from shortlist_bundle.towers.layers import Float

LEAST_STEP, STEP_SHARE = 100, 100
"""What is popular moves after so many takings, or after a hundredth as many as there are items where that is more."""
LEAST_MOST, MOST_SHARE = 10_000, 4
"""There may be so many new items between two trainings, or a quarter of the catalogue's where that is more."""


class ItemWriter:
    """Writes items into a model that others go on reading as it was. Not for several threads at once.

    An item of the bundle keeps the place that training has learnt for it; what is said of it anew holds for filters,
    wishes and availability. Any other gets a place by its features. One that is replaced gets a new row, for nothing
    that was handed out ever changes.

    Args:
        model: of the bundle.
    """

    def __init__(self, model: Model) -> None:
        self._base = model
        self._ids = GrowingVocabulary(model.items)
        self._catalogue = LiveCatalogue(model.catalogue)
        side = model.item_side or ItemSide()
        self._engine = LiveEngine(model.engine, side, born=model.clock.log_end) if model.engine else None
        sources = model.engine.retriever.counting if model.engine else {}
        self._pairs = CoOccurrence(sources, model.snapshot.events, len(model.items))
        self._ratings = LiveRatings(model.ratings, side) if model.ratings else None
        self._encoded: list[EncodedFeatures] = []
        self._upserted = Shards[str, ItemUpserted]()
        self._changes: dict[str, ItemUpserted | None] = {}
        self._moved: dict[int, int] = {}
        self._takings: list[tuple[int, float]] = []
        self._step = max(LEAST_STEP, len(model.items) // STEP_SHARE)
        self._most = max(LEAST_MOST, len(model.items) // MOST_SHARE)

    def row(self, item_id: str) -> int:
        """Return an item's row, 0 for one that nobody knows."""
        return self._ids.row(item_id)

    def vectors(self) -> Float:
        """Return the two-tower's items as they are now, float32 [N + 1, D + 1]; none for a bundle without towers."""
        self._encode()
        return self._engine.vectors if self._engine else np.zeros((1, 1), np.float32)

    def upsert(self, item: ItemUpserted) -> bool:
        """Add an item or replace it whole; return whether there was room for it.

        Raises:
            FeatureError: A column cannot hold the item's value.
        """
        self._catalogue.read(item)
        row = self._ids.row(item.item_id)
        if 0 < row < len(self._base.items):
            self._catalogue.replace(row, item)
        elif len(self._ids) - len(self._base.items) >= self._most:
            return False
        else:
            self._add(row, item)
        self._changes[item.item_id] = item
        return True

    def delete(self, item: ItemDeleted) -> None:
        """Take an item out; nothing happens where nobody knows it."""
        row = self._ids.row(item.item_id)
        if row:
            self._catalogue.take_out(row)
        if row >= len(self._base.items):
            self._ids.take_out(item.item_id)
        self._changes[item.item_id] = None

    def pair(self, item: int, time: float, trained: Trained, takings: Takings) -> None:
        """Count what is taken together, and what soon after what; see `CoOccurrence.take`."""
        self._pairs.take(item, time, trained, takings)

    @property
    def paired(self) -> bool:
        """Whether pairs were counted since the last look."""
        return self._pairs.changed

    def with_pairs(self, model: Model) -> Model:
        """Return a model with the pairs that were counted, and all else as it is."""
        return replace(model, engine=self._pairs.laid_over(model.engine)) if model.engine else model

    def count(self, item: int, value: float) -> bool:
        """Count a taking; return whether what is popular has moved.

        It moves in steps of so many takings that a step costs little beside them, and that a position of the log says
        how far it has moved.
        """
        if self._engine is None:
            return False
        self._takings.append((item, min(value, 1.0)))
        if len(self._takings) < self._step:
            return False
        self._encode()
        items, strengths = zip(*self._takings, strict=True)
        self._takings = []
        self._engine.count(np.array(items, np.int32), np.array(strengths, np.float32))
        return True

    def merge(self) -> bool:
        """Take what stands beside the indexes into copies of them, where it is much; return whether it was."""
        return self._engine is not None and self._engine.merge()

    def model(self, model: Model) -> Model:
        """Return a model with the items as they are now; it stays as it is."""
        self._encode()
        self._upserted = self._upserted.changed(self._changes)
        self._changes = {}
        left = self._most - (len(self._ids) - len(self._base.items))
        return replace(
            model,
            items=self._ids.vocabulary,
            catalogue=self._catalogue.catalogue(),
            engine=self._pairs.laid_over(self._engine.engine()) if self._engine else None,
            ratings=self._ratings.model() if self._ratings else None,
            live_items=LiveItems(upserted=self._upserted, moved=dict(self._moved), left=left),
        )

    def _encode(self) -> None:
        """Give the items that came since a place in every table."""
        if not self._encoded:
            return
        features = EncodedFeatures.concatenate(self._encoded)
        self._encoded = []
        if self._engine:
            self._engine.append(features)
        if self._ratings:
            self._ratings.append(features)
        self._pairs.append(len(features))

    def _add(self, before: int, item: ItemUpserted) -> None:
        encoder = self._base.item_encoder
        self._encoded.append(encoder.encode({name: [value] for name, value in item.attributes.items()}, 1))
        self._catalogue.append(item)
        row = self._ids.add(item.item_id)
        if before:
            self._catalogue.take_out(before)
            # Also rows that had moved to the one that moves now.
            self._moved = {old: row if new == before else new for old, new in self._moved.items()} | {before: row}
            self._pairs.move(self._moved, before, row)
