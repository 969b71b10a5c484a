"""Conditions on the attributes of items: protobuf in, the filter language of the bundle out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from shortlist.v1 import filter_pb2 as pb
from shortlist.v1 import value_pb2
from shortlist_bundle.filters.conditions import All, AnyOf, AnyOne, Equals, Filter, Flag, Not, Range
from shortlist_server.pipeline.request import Scalar
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.values import read_name, read_scalar, within

_NO_VALUE = "is missing; a text, number, integer or flag is needed"
_LIMITS = ("at_least", "more_than", "at_most", "less_than")
_REFUSED = Flag("")
"""Stands for what was refused; the inspection holds the reason, so that it is never evaluated."""


def read_filter(inspection: Inspection, message: pb.Filter, path: str = "filter") -> Filter:
    """Read a filter; what it says of the bundle's attributes is checked against the bundle later."""
    return _FilterReader(inspection).read(message, path, depth=1)


@dataclass(slots=True)
class _FilterReader:
    inspection: Inspection
    conditions: int = 0

    def read(self, message: pb.Filter, path: str, depth: int) -> Filter:
        """Read one filter and those inside it."""
        if self.inspection.full or not self._within_limits(path, depth):
            return _REFUSED
        match message.WhichOneof("condition"):
            case "all":
                return All(self._several(message.all.filters, f"{path}.all.filters", depth))
            case "any":
                return AnyOne(self._several(message.any.filters, f"{path}.any.filters", depth))
            case "negation":
                return Not(self.read(message.negation.filter, f"{path}.negation.filter", depth + 1))
            case None:
                return self._refuse(path, "has no condition; leave the filter out to allow every item")
            case form:
                self.conditions += 1
                return self._condition(message, form, f"{path}.{form}")

    def _condition(self, message: pb.Filter, form: str, path: str) -> Filter:
        match form:
            case "equals":
                return self._equals(message.equals, path)
            case "any_of":
                return self._any_of(message.any_of, path)
            case "range":
                return self._range(message.range, path)
            case "flag":
                return Flag(self._attribute(message.flag.attribute, path), message.flag.wanted)
        return self._refuse(path, "is not supported in this version")

    def _several(self, messages: Sequence[pb.Filter], path: str, depth: int) -> tuple[Filter, ...]:
        # Counted before they are looked at: a message of 4 MiB can hold a million empty filters.
        if not within(self.inspection, len(messages), path, self.inspection.limits.filter_conditions, least=1):
            return ()
        return tuple(self.read(inner, f"{path}[{row}]", depth + 1) for row, inner in enumerate(messages))

    def _within_limits(self, path: str, depth: int) -> bool:
        limits = self.inspection.limits
        if depth > limits.filter_depth:
            self.inspection.refuse(path, f"is nested more than {limits.filter_depth} levels deep")
        elif self.conditions >= limits.filter_conditions:
            self.inspection.refuse("filter", f"has more than {limits.filter_conditions} conditions")
        else:
            return True
        return False

    def _equals(self, message: pb.EqualsFilter, path: str) -> Filter:
        attribute, value = self._attribute(message.attribute, path), self._value(message.value, f"{path}.value")
        return _REFUSED if value is None else Equals(attribute, value)

    def _any_of(self, message: pb.AnyOfFilter, path: str) -> Filter:
        attribute = self._attribute(message.attribute, path)
        if not within(
            self.inspection, len(message.values), f"{path}.values", self.inspection.limits.filter_values, least=1
        ):
            return _REFUSED
        values = [self._value(value, f"{path}.values[{row}]") for row, value in enumerate(message.values)]
        return AnyOf(attribute, tuple(value for value in values if value is not None))

    def _range(self, message: pb.RangeFilter, path: str) -> Filter:
        attribute = self._attribute(message.attribute, path)
        limits = {field.name: limit for field, limit in message.ListFields() if field.name in _LIMITS}
        for name, limit in limits.items():
            if not isfinite(limit):
                self.inspection.refuse(f"{path}.{name}", f"{limit} is not a finite number")
        if not limits:
            return self._refuse(path, f"has no limit; at least one of {', '.join(_LIMITS)} is needed")
        return Range(attribute, **limits)

    def _attribute(self, attribute: str, path: str) -> str:
        return read_name(self.inspection, attribute, f"{path}.attribute")

    def _value(self, message: value_pb2.Value, path: str) -> Scalar | None:
        value = read_scalar(self.inspection, message, path)
        if value is None:
            self.inspection.refuse(path, _NO_VALUE)
        return value

    def _refuse(self, path: str, problem: str) -> Filter:
        self.inspection.refuse(path, problem)
        return _REFUSED
