"""A filter in words, for people who are told which of their conditions to give up."""

from shortlist.v1 import filter_pb2 as pb
from shortlist.v1 import value_pb2

LONGEST = 200
"""Characters of one condition; a filter can have many parts, and its values can be long."""


def condition_text(message: pb.Filter) -> str:
    """Return the condition in words, e.g. `brand = X`; long ones are cut short."""
    text = _text(message)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(message: pb.Filter) -> str:
    match message.WhichOneof("condition"):
        case "equals":
            return f"{message.equals.attribute} = {_value(message.equals.value)}"
        case "any_of":
            values = " or ".join(_value(value) for value in message.any_of.values)
            return f"{message.any_of.attribute} = {values}"
        case "range":
            return _range(message.range)
        case "flag":
            return f"{message.flag.attribute} = {_yes_or_no(message.flag.wanted)}"
        case "all":
            return " and ".join(_inner(part) for part in message.all.filters)
        case "any":
            return " or ".join(_inner(part) for part in message.any.filters)
        case "negation":
            return f"not {_inner(message.negation.filter)}"
    return ""


def _inner(message: pb.Filter) -> str:
    text = _text(message)
    return f"({text})" if message.WhichOneof("condition") in ("all", "any") else text


def _range(message: pb.RangeFilter) -> str:
    signs = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<"}
    limits = [
        f"{message.attribute} {sign} {getattr(message, limit):.15g}"
        for limit, sign in signs.items()
        if message.HasField(limit)  # type: ignore[arg-type]  # a name from the table above
    ]
    return " and ".join(limits)


def _value(value: value_pb2.Value) -> str:
    match value.WhichOneof("kind"):
        case "text":
            return value.text
        case "number":
            return f"{value.number:.15g}"
        case "integer":
            return str(value.integer)
        case "flag":
            return _yes_or_no(value.flag)
    return "?"


def _yes_or_no(flag: bool) -> str:
    return "yes" if flag else "no"
