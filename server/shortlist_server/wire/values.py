"""Ids, moments and the values of features, attributes and context."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from shortlist.v1 import value_pb2 as pb
from shortlist_bundle.errors import shown
from shortlist_server.pipeline.request import Scalar
from shortlist_server.wire.inspection import Inspection

_LONGEST_UTF8_CHARACTER = 4


def fits(text: str, most_bytes: int) -> bool:
    """Return whether the text has at most so many bytes in UTF-8."""
    return len(text) * _LONGEST_UTF8_CHARACTER <= most_bytes or len(text.encode()) <= most_bytes


def read_name(inspection: Inspection, text: str, field: str) -> str:
    """Read an id or a name that must be there."""
    if not text:
        inspection.refuse(field, "is empty; an id or a name of 1 to 256 bytes is needed")
    return read_optional_name(inspection, text, field)


def read_optional_name(inspection: Inspection, text: str, field: str) -> str:
    """Read an id or a name that may be empty."""
    if not fits(text, inspection.limits.id_bytes):
        inspection.refuse(
            field, f"has {len(text.encode()):,} bytes; at most {inspection.limits.id_bytes:,} are allowed"
        )
    return text


def read_names(inspection: Inspection, texts: Sequence[str], field: str, most: int) -> tuple[str, ...]:
    """Read a list of ids, none of which may be empty."""
    # Counted before a Python list is made: a message of 4 MiB can hold a million ids.
    if not within(inspection, len(texts), field, most):
        return ()
    names = tuple(texts)
    # No id is empty and none can be too long in any script: nothing to look at one by one.
    if all(names) and max(map(len, names), default=0) * _LONGEST_UTF8_CHARACTER <= inspection.limits.id_bytes:
        return names
    return tuple(read_name(inspection, name, f"{field}[{row}]") for row, name in enumerate(names))


def within(inspection: Inspection, count: int, field: str, most: int, least: int = 0) -> bool:
    """Return whether a list has an allowed length."""
    if least <= count <= most:
        return True
    inspection.refuse(field, f"has {count:,} entries; {least:,} to {most:,} are allowed")
    return False


def read_moment(inspection: Inspection, seconds: float, field: str) -> float:
    """Read a moment in seconds since 1970-01-01 UTC."""
    if not inspection.limits.earliest <= seconds <= inspection.limits.latest:
        advice = "a moment is given in seconds since 1970-01-01 UTC, not in milliseconds"
        inspection.refuse(field, f"{seconds!r} is not a moment of the years 1 to 9999; {advice}")
    return seconds


def read_scalar(inspection: Inspection, value: pb.Value, field: str) -> Scalar | None:
    """Read a text, number, whole number or flag; None when the value is of no kind."""
    kind = value.WhichOneof("kind")
    if kind == "texts":
        inspection.refuse(field, "is a list of categories; one text, number, integer or flag is needed")
        return None
    if kind is None:
        return None
    scalar: Scalar = getattr(value, kind)
    if kind == "number" and not isfinite(value.number):
        inspection.refuse(field, f"{value.number} is not a finite number")
    if kind == "text" and not fits(value.text, inspection.limits.text_bytes):
        inspection.refuse(field, f"{shown(value.text)} has more than {inspection.limits.text_bytes:,} bytes")
    return scalar


def read_value(inspection: Inspection, value: pb.Value, field: str) -> Scalar | tuple[str, ...] | None:
    """Read a value that may also be a list of categories."""
    if value.WhichOneof("kind") != "texts":
        return read_scalar(inspection, value, field)
    path = f"{field}.texts.values"
    if not within(inspection, len(value.texts.values), path, inspection.limits.categories):
        return None
    for row, text in enumerate(value.texts.values):
        if not fits(text, inspection.limits.text_bytes):
            inspection.refuse(f"{path}[{row}]", f"has more than {inspection.limits.text_bytes:,} bytes")
    return tuple(value.texts.values)


def read_features(
    inspection: Inspection, entries: Mapping[str, pb.Value], field: str
) -> dict[str, Scalar | Sequence[str]]:
    """Read features by column name; values of no kind are left out, as empty cells of the log are."""
    if not within(inspection, len(entries), field, inspection.limits.features):
        return {}
    found = ((name, read_value(inspection, value, entry)) for name, value, entry in _named(inspection, entries, field))
    return {name: value for name, value in found if value is not None}


def named_values(
    inspection: Inspection, entries: Mapping[str, pb.Value], field: str
) -> dict[str, Scalar | tuple[str, ...] | None]:
    """Read values by column name; one of no kind is None, which says that nothing is known."""
    if not within(inspection, len(entries), field, inspection.limits.features):
        return {}
    return {name: read_value(inspection, value, entry) for name, value, entry in _named(inspection, entries, field)}


def read_context(inspection: Inspection, entries: Mapping[str, pb.Value], field: str) -> dict[str, Scalar]:
    """Read the context of an event or a request by column name."""
    if not within(inspection, len(entries), field, inspection.limits.context):
        return {}
    found = ((name, read_scalar(inspection, value, entry)) for name, value, entry in _named(inspection, entries, field))
    return {name: value for name, value in found if value is not None}


def _named(inspection: Inspection, entries: Mapping[str, pb.Value], field: str) -> Iterable[tuple[str, pb.Value, str]]:
    for name, value in entries.items():
        entry = f"{field}[{name if fits(name, inspection.limits.id_bytes) else shown(name)}]"
        yield read_name(inspection, name, entry), value, entry
