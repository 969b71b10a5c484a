"""The catalogue <-> arrays."""

from typing import Any

from shortlist_bundle.catalogue import Attribute, Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.packing.parts import Parts, Reader
from shortlist_bundle.vocabulary import Vocabulary

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
            parts.add(prefix, codes=attribute.codes, **attribute.values.to_arrays())
        elif isinstance(attribute, ListAttribute):
            parts.add(prefix, codes=attribute.codes, borders=attribute.offsets, **attribute.values.to_arrays())
        document.append({"name": name, "kind": attribute.kind.value})
    return document


def unpack_catalogue(reader: Reader, document: Any) -> Catalogue:
    """Return the catalogue that `pack_catalogue` took apart."""
    start, end = reader.array("catalogue/available-from").copy(), reader.array("catalogue/available-until").copy()
    start[start <= -_FINITE] = float("-inf")
    end[end >= _FINITE] = float("inf")
    return Catalogue(
        attributes={
            entry["name"]: _attribute(reader.arrays(f"catalogue/attribute-{n}"), ColumnKind(entry["kind"]))
            for n, entry in enumerate(document)
        },
        available_from=start,
        available_until=end,
    )


def _attribute(arrays: dict[str, Any], kind: ColumnKind) -> Attribute:
    if kind in (ColumnKind.NUMBER, ColumnKind.TIME, ColumnKind.FLAG):
        values = arrays["values"].copy()
        values[arrays["missing"]] = float("nan")
        return NumberAttribute(kind=kind, values=values)
    values = Vocabulary.from_arrays({name: arrays[name] for name in ("bytes", "offsets")})
    if kind is ColumnKind.CATEGORIES:
        return ListAttribute(values=values, offsets=arrays["borders"], codes=arrays["codes"])
    return TextAttribute(kind=kind, values=values, codes=arrays["codes"])


def _filled(values: Any, missing: Any) -> Any:
    filled = values.copy()
    filled[missing] = 0.0
    return filled
