"""The items' side of the models <-> arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from shortlist_bundle.item_side.content import BagAxes, ContentAxes
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.item_side.tower import BiasLine, ItemTower
from shortlist_bundle.packing.parts import Parts, Reader, numbered
from shortlist_bundle.packing.scorers import pack_tables, unpack_input, unpack_sum
from shortlist_bundle.towers.layers import Dense

FOLDER = "items/side"


def pack_item_side(parts: Parts, side: ItemSide) -> dict[str, Any]:
    """Add the arrays and return their document."""
    return {
        "tower": _pack_tower(parts, f"{FOLDER}/tower", side.tower) if side.tower else None,
        "scorer": _pack_pairs(parts, f"{FOLDER}/scorer", side.scorer) if side.scorer else None,
        "content": _pack_content(parts, f"{FOLDER}/content", side.content) if side.content else None,
        "ratings": _pack_pairs(parts, f"{FOLDER}/ratings", side.ratings) if side.ratings else None,
    }


def unpack_item_side(reader: Reader, document: Any, bags: Sequence[str]) -> ItemSide:
    """Return what `pack_item_side` took apart; `bags` are the item encoder's in order."""
    tower, scorer, content, ratings = (document[name] for name in ("tower", "scorer", "content", "ratings"))
    return ItemSide(
        tower=_unpack_tower(reader, f"{FOLDER}/tower", tower, bags) if tower else None,
        scorer=_unpack_pairs(reader, f"{FOLDER}/scorer", scorer, bags) if scorer else None,
        content=_unpack_content(reader, f"{FOLDER}/content", content, bags) if content else None,
        ratings=_unpack_pairs(reader, f"{FOLDER}/ratings", ratings, bags) if ratings else None,
    )


def _pack_tower(parts: Parts, prefix: str, tower: ItemTower) -> dict[str, Any]:
    pack_tables(parts, prefix, tower.features)
    if tower.lengths is not None:
        parts.add(prefix, lengths=tower.lengths)
    line = None
    if tower.bias is not None:
        parts.add(prefix, bias=tower.bias.weights)
        line = {name: getattr(tower.bias, name) for name in ("intercept", "low", "high")}
    return {"shift": tower.shift, "least": tower.least, "line": line}


def _unpack_tower(reader: Reader, prefix: str, document: Any, bags: Sequence[str]) -> ItemTower:
    line = document["line"]
    return ItemTower(
        features=unpack_sum(reader, prefix, bags),
        bias=BiasLine(weights=reader.array(f"{prefix}/bias"), **line) if line else None,
        shift=document["shift"],
        least=document["least"],
        lengths=reader.arrays(prefix).get("lengths"),
    )


def _pack_pairs(parts: Parts, prefix: str, items: PairItems) -> dict[str, Any]:
    pack_tables(parts, f"{prefix}/features", items.feature_input)
    parts.add(prefix, kernel=items.kernel)
    for n, layer in enumerate(items.layers):
        parts.add(prefix, **{f"kernel-{n}": layer.kernel, f"bias-{n}": layer.bias})
    return {"vector_width": items.vector_width, "relu": [layer.relu for layer in items.layers]}


def _unpack_pairs(reader: Reader, prefix: str, document: Any, bags: Sequence[str]) -> PairItems:
    arrays = reader.arrays(prefix)
    layers = zip(numbered(arrays, "kernel"), numbered(arrays, "bias"), document["relu"], strict=True)
    return PairItems(
        feature_input=unpack_input(reader, f"{prefix}/features", bags),
        vector_width=document["vector_width"],
        layers=tuple(Dense(kernel=kernel, bias=bias, relu=relu) for kernel, bias, relu in layers),
        kernel=arrays["kernel"],
    )


def _pack_content(parts: Parts, prefix: str, content: ContentAxes) -> dict[str, Any]:
    parts.add(prefix, numbers=content.numbers, number_axes=content.number_axes)
    for n, bag in enumerate(content.bags.values()):
        parts.add(prefix, **{f"surprise-{n}": bag.surprise, f"axes-{n}": bag.axes})
    return {"width": content.width, "first": [bag.first for bag in content.bags.values()]}


def _unpack_content(reader: Reader, prefix: str, document: Any, bags: Sequence[str]) -> ContentAxes:
    arrays = reader.arrays(prefix)
    found = zip(numbered(arrays, "surprise"), numbered(arrays, "axes"), document["first"], strict=True)
    own = [BagAxes(first=first, surprise=surprise, axes=axes) for surprise, axes, first in found]
    return ContentAxes(
        width=document["width"],
        numbers=arrays["numbers"].astype(np.int64, copy=False),
        number_axes=arrays["number-axes"],
        bags=dict(zip(bags, own, strict=True)),
    )
