"""The client's filters into protobuf."""

from collections.abc import Iterable, Mapping

from shortlist.v1 import filter_pb2
from shortlist_client import filters
from shortlist_client.policy import FilterLike
from shortlist_client.profile import Moment
from shortlist_client.translation.values import bad_field, seconds, value


def filter_message(given: FilterLike | None) -> filter_pb2.Filter | None:
    """Return the message of a filter, or None where there is none.

    Raises:
        BadRequest: It holds something that is no filter, or a value that cannot be sent.
    """
    if given is None or given == {}:
        return None
    return _message(_from_mapping(given) if isinstance(given, Mapping) else given)


def _from_mapping(given: Mapping[str, object]) -> filters.Filter:
    conditions = [_condition(attribute, wanted) for attribute, wanted in given.items()]
    return conditions[0] if len(conditions) == 1 else filters.All(conditions)


def _condition(attribute: str, wanted: object) -> filters.Filter:
    if isinstance(wanted, Iterable) and not isinstance(wanted, (str, bytes)):
        return filters.AnyOf(attribute, list(wanted))
    return filters.Equals(attribute, wanted)  # type: ignore[arg-type]  # `value` refuses what is no scalar


def _message(given: filters.Filter) -> filter_pb2.Filter:
    match given:
        case filters.Equals(attribute, wanted):
            equals = filter_pb2.EqualsFilter(attribute=attribute, value=value(wanted, f"filter {attribute!r}"))
            return filter_pb2.Filter(equals=equals)
        case filters.AnyOf(attribute, options):
            if isinstance(options, str):
                raise bad_field(f"filter {attribute!r}", f"takes a sequence of values, not one text; use [{options!r}]")
            allowed = [value(one, f"filter {attribute!r}") for one in options]
            return filter_pb2.Filter(any_of=filter_pb2.AnyOfFilter(attribute=attribute, values=allowed))
        case filters.Range():
            return filter_pb2.Filter(range=_range(given))
        case filters.Flag(attribute, state):
            return filter_pb2.Filter(flag=filter_pb2.FlagFilter(attribute=attribute, wanted=state))
        case filters.All(parts):
            return filter_pb2.Filter(all=filter_pb2.AllFilter(filters=[_message(part) for part in parts]))
        case filters.Any(parts):
            return filter_pb2.Filter(any=filter_pb2.AnyFilter(filters=[_message(part) for part in parts]))
        case filters.Not(part):
            return filter_pb2.Filter(negation=filter_pb2.NotFilter(filter=_message(part)))
    raise bad_field("filter", f"takes a filter or a mapping, not {type(given).__name__}")


def _range(given: filters.Range) -> filter_pb2.RangeFilter:
    def limit(moment: Moment | None) -> float | None:
        return None if moment is None else seconds(moment, f"filter {given.attribute!r}")

    return filter_pb2.RangeFilter(
        attribute=given.attribute,
        at_least=limit(given.at_least),
        more_than=limit(given.more_than),
        at_most=limit(given.at_most),
        less_than=limit(given.less_than),
    )
