"""The catalogue <-> arrays."""

from typing import Any

import numpy as np

from shortlist_bundle.catalogue import Attribute, Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.packing.parts import Parts, Reader
from shortlist_bundle.packing.vocabulary import pack_vocabulary, unpack_vocabulary

_FINITE = 1e300
"""Bundles hold no infinities; an open end is a moment beyond all times."""


def pack_catalogue(parts: Parts, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Add the attributes and return their document, in the order of their arrays."""
    parts.add(
        "catalogue", available_from=catalogue.available_from.clip(-_FINITE, _FINITE),
        available_until=catalogue.available_until.clip(-_FINITE, _FINITE),
    )  # fmt: skip
    document = []
    for n, (name, attribute) in enumerate(catalogue.attributes.items()):
        prefix = f"catalogue/attribute-{n}"
        if isinstance(attribute, NumberAttribute):
            missing = attribute.values != attribute.values
            parts.add(prefix, values=_filled(attribute.values, missing), missing=missing)
        elif isinstance(attribute, TextAttribute):
            pack_vocabulary(parts, prefix, attribute.values, codes=attribute.codes)
        elif isinstance(attribute, ListAttribute):
            pack_vocabulary(parts, prefix, attribute.values, codes=attribute.codes, borders=attribute.offsets)
        document.append({"name": name, "kind": attribute.kind.value})
    return document


def unpack_catalogue(reader: Reader, document: Any) -> Catalogue:
    """Return the catalogue that `pack_catalogue` took apart, over the bundle's own memory wherever that can be."""
    return Catalogue(
        attributes={
            entry["name"]: _attribute(reader, f"catalogue/attribute-{n}", ColumnKind(entry["kind"]))
            for n, entry in enumerate(document)
        },
        available_from=_limits(reader.array("catalogue/available-from"), -1.0),
        available_until=_limits(reader.array("catalogue/available-until"), 1.0),
    )


def _limits(kept: Any, sign: float) -> Any:
    """Return moments with infinity of a sign for an open end."""
    unlimited = sign * kept >= _FINITE
    if unlimited.all():
        # One number, seen N + 1 times: it takes no memory.
        return np.broadcast_to(np.float64(sign * np.inf), kept.shape)
    return np.where(unlimited, sign * np.inf, kept)


def _attribute(reader: Reader, prefix: str, kind: ColumnKind) -> Attribute:
    arrays = reader.arrays(prefix)
    if kind in (ColumnKind.NUMBER, ColumnKind.TIME, ColumnKind.FLAG):
        numbers, missing = arrays["values"], arrays["missing"]
        # A copy only where there is something to mark: a bundle holds no NaN.
        return NumberAttribute(kind=kind, values=np.where(missing, np.nan, numbers) if missing.any() else numbers)
    values = unpack_vocabulary(reader, prefix)
    if kind is ColumnKind.CATEGORIES:
        return ListAttribute(values=values, offsets=arrays["borders"], codes=arrays["codes"])
    return TextAttribute(kind=kind, values=values, codes=arrays["codes"])


def _filled(values: Any, missing: Any) -> Any:
    filled = values.copy()
    filled[missing] = 0.0
    return filled
