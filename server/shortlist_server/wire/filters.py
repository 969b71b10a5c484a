"""Conditions on the attributes of items: so far equality, and several equalities at once."""

from dataclasses import dataclass, field

from shortlist.v1 import filter_pb2 as pb
from shortlist_server.pipeline.request import Scalar
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.values import read_name, read_scalar

_UNSUPPORTED = "is not supported in this version: only `equals`, `flag` and `all` of those are"


def read_filters(inspection: Inspection, message: pb.Filter, path: str = "filter") -> dict[str, Scalar]:
    """Read a filter as attribute -> required value."""
    reader = _FilterReader(inspection)
    reader.read(message, path, depth=1)
    return reader.required


@dataclass(slots=True)
class _FilterReader:
    inspection: Inspection
    required: dict[str, Scalar] = field(default_factory=dict)
    conditions: int = 0

    def read(self, message: pb.Filter, path: str, depth: int) -> None:
        """Read one filter and those inside it."""
        if self.inspection.full or not self._within_limits(path, depth):
            return
        form = message.WhichOneof("condition")
        if form == "all" and message.all.filters:
            for row, inner in enumerate(message.all.filters):
                self.read(inner, f"{path}.all.filters[{row}]", depth + 1)
            return
        self.conditions += 1
        if form == "equals":
            self._equals(message.equals, f"{path}.equals")
        elif form == "flag":
            self._require(message.flag.attribute, message.flag.wanted, f"{path}.flag")
        elif form == "all":
            self.inspection.refuse(f"{path}.all.filters", "is empty; 1 to 64 filters are needed")
        elif form is None:
            self.inspection.refuse(path, "has no condition; leave the filter out to allow every item")
        else:
            self.inspection.refuse(f"{path}.{form}", _UNSUPPORTED)

    def _within_limits(self, path: str, depth: int) -> bool:
        limits = self.inspection.limits
        if depth > limits.filter_depth:
            self.inspection.refuse(path, f"is nested more than {limits.filter_depth} levels deep")
        elif self.conditions >= limits.filter_conditions:
            self.inspection.refuse("filter", f"has more than {limits.filter_conditions} conditions")
        else:
            return True
        return False

    def _equals(self, message: pb.EqualsFilter, path: str) -> None:
        value = read_scalar(self.inspection, message.value, f"{path}.value")
        if value is None:
            self.inspection.refuse(f"{path}.value", "is missing; a text, number, integer or flag is needed")
        else:
            self._require(message.attribute, value, path)

    def _require(self, attribute: str, value: Scalar, path: str) -> None:
        name = read_name(self.inspection, attribute, f"{path}.attribute")
        if self.required.setdefault(name, value) != value:
            problem = f"{name!r} is required twice with different values, which is not supported in this version"
            self.inspection.refuse(f"{path}.attribute", problem)
