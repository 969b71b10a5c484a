"""Changes <-> the bytes they are kept as: JSON objects that name only what differs from the defaults."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from shortlist_bundle.changes.change import (
    Change,
    CustomerDescribed,
    CustomerForgotten,
    EventRecorded,
    ItemDeleted,
    ItemUpserted,
    ListShown,
)
from shortlist_bundle.documents import JSON, Fields, read_document, write_document

KIND = "change"
_KINDS: Mapping[str, type[Change]] = {
    "event_recorded": EventRecorded,
    "item_upserted": ItemUpserted,
    "item_deleted": ItemDeleted,
    "customer_described": CustomerDescribed,
    "customer_forgotten": CustomerForgotten,
    "list_shown": ListShown,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_WHERE = "change"
_MOST_RANK = 2**32 - 1
_MOST = 1e30
"""Of a number in a list: more is no chance, and no length of a vector."""


def write_change(change: Change) -> bytes:
    """Return the bytes of a change.

    Raises:
        DocumentError: It holds what JSON cannot, such as NaN.
    """
    document: dict[str, JSON] = {KIND: _NAMES[type(change)]}
    for name, default in _FIELDS[type(change)]:
        value = getattr(change, name)
        if value != default:
            document[name] = value
    return write_document(document, _WHERE)


def read_change(data: bytes) -> Change:
    """Return the change of such bytes.

    Raises:
        DocumentError: The bytes are no change that this release knows.
    """
    found = Fields(read_document(data, _WHERE), _WHERE)
    name = found.text(KIND)
    if name not in _KINDS:
        raise found.wrong(KIND, f"one of {', '.join(_KINDS)}", name)
    kind = _KINDS[name]
    values = {
        field: _READERS[field](found, field)
        for field, default in _FIELDS[kind]
        if default is MISSING or found.has(field)
    }
    found.end()
    return kind(**values)


def _defaults(kind: type[Change]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (one.name, one.default_factory() if one.default_factory is not MISSING else one.default) for one in fields(kind)
    )


_FIELDS: Mapping[type[Change], tuple[tuple[str, Any], ...]] = {kind: _defaults(kind) for kind in _NAMES}
"""The fields of each kind with their defaults; `MISSING` for a field that is always there."""


def _values(found: Fields, name: str) -> dict[str, Any]:
    """Return a mapping of column names to values; a list of categories becomes a tuple again."""
    values = found.mapping(name)
    for column, value in values.items():
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise found.wrong(f"{name}.{column}", "a list of texts", value)
        if isinstance(value, dict):
            raise found.wrong(f"{name}.{column}", "a value", value)
    return {column: tuple(value) if isinstance(value, list) else value for column, value in values.items()}


def _numbers(found: Fields, name: str) -> tuple[float, ...]:
    values = found.list(name)
    numbers = tuple(
        float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= _MOST
    )
    if len(numbers) != len(values):
        raise found.wrong(name, "a list of numbers", values)
    return numbers


_READERS: Mapping[str, Callable[[Fields, str], Any]] = {
    **dict.fromkeys(
        (
            "event_id",
            "customer_id",
            "item_id",
            "event",
            "order_id",
            "impression_id",
            "placement",
            "bundle_id",
        ),
        Fields.text,
    ),
    **dict.fromkeys(("timestamp", "value", "rating", "available_from", "available_until", "moment"), Fields.number),
    **dict.fromkeys(("context", "attributes", "features"), _values),
    **dict.fromkeys(("chances", "novelty", "vector"), _numbers),
    "item_ids": Fields.texts,
    "rank": lambda found, name: found.integer(name, 0, _MOST_RANK),
}
