"""Plain Python values into protobuf."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from numbers import Integral, Real

from shortlist.v1 import value_pb2
from shortlist_client.errors import BadRequest
from shortlist_client.profile import FeatureValue, Moment

_INT64 = 2**63
_UINT32 = 2**32


def bad_field(field: str, problem: str) -> BadRequest:
    """Return the error for a field that cannot even be sent."""
    return BadRequest(f"{field}: {problem}", violations={field: problem})


def seconds(moment: Moment, field: str) -> float:
    """Return a moment as seconds since 1970-01-01 UTC.

    Raises:
        BadRequest: A datetime has no time zone.
    """
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise bad_field(field, f"{moment.isoformat()} has no time zone; use e.g. datetime.now(UTC)")
        return moment.timestamp()
    return float(moment)


def list_length(k: int) -> int:
    """Return the length of a list; the server knows its own upper limit.

    Raises:
        BadRequest: It is below 0, or too large to be sent.
    """
    return count(k, "k")


def count(number: int, field: str, *, least: int = 1) -> int:
    """Return a number of items; the server knows its own limits.

    Raises:
        BadRequest: It is below 0, or too large to be sent.
    """
    if not 0 <= number < _UINT32:
        raise bad_field(field, f"must be at least {least}, and no more than the server allows, not {number}")
    return number


def ids(values: Iterable[str], field: str) -> list[str]:
    """Return ids as a list.

    Raises:
        BadRequest: One text was given where a sequence of ids belongs.
    """
    if isinstance(values, str):
        raise bad_field(field, f"takes a sequence of ids, not one text; write [{values!r}]")
    return list(values)


def value(given: FeatureValue, field: str) -> value_pb2.Value:
    """Return one value; its kind follows from its Python type.

    Raises:
        BadRequest: There is no kind for that type.
    """
    if given is None:
        return value_pb2.Value()
    # Before the numbers: a bool is an int as well.
    if isinstance(given, bool):
        return value_pb2.Value(flag=given)
    if isinstance(given, str):
        return value_pb2.Value(text=given)
    if isinstance(given, Integral) and -_INT64 <= int(given) < _INT64:
        return value_pb2.Value(integer=int(given))
    if isinstance(given, (Real, datetime)):
        return value_pb2.Value(number=seconds(given, field) if isinstance(given, datetime) else float(given))
    if isinstance(given, Iterable) and not isinstance(given, (bytes, Mapping)):
        return value_pb2.Value(texts=value_pb2.TextList(values=[_category(one, field) for one in given]))
    raise bad_field(field, f"takes text, numbers, bools, datetimes or lists of text, not {type(given).__name__}")


def values(given: Mapping[str, FeatureValue] | None, field: str) -> dict[str, value_pb2.Value]:
    """Return values by column name."""
    return {name: value(one, f'{field}["{name}"]') for name, one in (given or {}).items()}


def _category(given: object, field: str) -> str:
    if not isinstance(given, str):
        raise bad_field(field, f"a list of categories holds text, not {type(given).__name__}")
    return given
