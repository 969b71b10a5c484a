"""Items encoded again from what the catalogue says of them, beside where they stand: do the two still agree?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.attributes import Attribute, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.model import Model
from shortlist_bundle.sources.content import Content
from shortlist_bundle.towers.layers import Float

SAME = 0.999
"""Vectors whose cosine is above it stand at one place; rounding alone leaves far less."""


@dataclass(frozen=True, slots=True)
class Apart:
    """How many items of a sample were encoded again, and how many of them lie elsewhere."""

    checked: int
    apart: int


def encode_again(model: Model, rows: NDArray[np.int32]) -> Mapping[str, Apart]:
    """Encode items by their attributes as they are now, and compare with the vectors that are searched, by space.

    The content space has every item by its features alone. The two-tower has only those by features alone that nobody
    has taken: where an item stands that was taken, its id has a say, and cannot be told from its features.

    Args:
        model: with or without what came since its bundle was made.
        rows: int32 [B], item rows.
    """
    side, engine = model.item_side, model.engine
    if side is None or engine is None or not len(rows):
        return {}
    found = {}
    content = [source for source in engine.retriever.counting.values() if isinstance(source, Content)]
    if side.content is not None and content:
        found[Content.name] = _compared(side.content(features_of(model, rows)), content[0].items.vectors[rows])
    fresh = rows[engine.retriever.counts.cumulative[-1][rows] == 0]
    if side.tower is not None and len(fresh):
        # Without the bias, which is no matter of direction.
        found["two_tower"] = _compared(
            side.tower(features_of(model, fresh))[:, :-1], engine.retriever.tower_items.vectors[fresh, :-1]
        )
    return found


def features_of(model: Model, rows: NDArray[np.int32]) -> EncodedFeatures:
    """Encode items by what the catalogue says of them now."""
    attributes = model.catalogue.attributes
    raw = {
        column.name: _raw_values(attributes[column.name], rows)
        for column in model.item_encoder.spec.columns
        if column.name in attributes
    }
    return model.item_encoder.encode(raw, len(rows))


def _compared(again: Float, kept: Float) -> Apart:
    """Count the rows that point elsewhere; nothing is known of a row of zeros, and both sides have to say so."""
    lengths = np.linalg.norm(again, axis=1) * np.linalg.norm(kept, axis=1)
    cosines = np.einsum("bd,bd->b", again, kept) / np.maximum(lengths, 1e-12)
    nothing = ~again.any(axis=1) & ~kept.any(axis=1)
    return Apart(len(kept), int(np.count_nonzero(~nothing & ~(cosines > SAME))))


def _raw_values(attribute: Attribute, rows: NDArray[np.int32]) -> Sequence[Any]:
    """Return what the log said of each item in one column, None where nothing."""
    match attribute:
        case NumberAttribute():
            values = [None if value != value else value for value in attribute.values[rows].tolist()]
            flags = attribute.kind is ColumnKind.FLAG
            return [None if value is None else bool(value) for value in values] if flags else values
        case TextAttribute():
            return [attribute.values.id(code) if code else None for code in attribute.codes[rows].tolist()]
        case ListAttribute():
            borders = zip(attribute.offsets[rows].tolist(), attribute.offsets[rows + 1].tolist(), strict=True)
            return [attribute.values.ids(attribute.codes[start:stop]) for start, stop in borders]
    raise TypeError(f"an attribute of an unknown kind: {type(attribute).__name__}")
