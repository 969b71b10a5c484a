"""A filter and the attributes of all items -> which items meet it, or what is wrong with the filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from shortlist_bundle.attributes import Attribute, Mask, NumberAttribute, Value
from shortlist_bundle.errors import FilterError, FilterProblem, shown
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.filters.conditions import All, AnyOf, AnyOne, Equals, Filter, Flag, Not, Range

_MOST_PROBLEMS = 100
"""A filter may hold 64,000 values; nobody reads about all of them."""
_MOST_NAMES = 20
_MEASURED = (ColumnKind.NUMBER, ColumnKind.TIME)


def evaluate(filter: Filter, attributes: Mapping[str, Attribute], width: int) -> Mask:
    """Return which items meet a filter, bool [width]; never item 0.

    Args:
        filter: the condition.
        attributes: of the items, by column name.
        width: number of items plus one, N + 1.

    Raises:
        FilterError: Attributes that do not exist, conditions that their kind does not have, values of the wrong type:
            all of them, each with the path of its field from the filter.
    """
    evaluation = _Evaluation(attributes, width)
    mask = evaluation.mask(filter, "")
    if evaluation.problems:
        raise FilterError(evaluation.problems)
    mask[0] = False
    return mask


@dataclass(slots=True)
class _Evaluation:
    attributes: Mapping[str, Attribute]
    width: int
    problems: list[FilterProblem] = field(default_factory=list)

    def mask(self, filter: Filter, path: str) -> Mask:
        """Return which items meet a filter, a mask of its own; without meaning once there is a problem."""
        match filter:
            case Equals(name, value):
                return self._equals(name, [value], f"{path}equals", ["value"])
            case AnyOf(name, values):
                return self._equals(name, values, f"{path}any_of", [f"values[{row}]" for row in range(len(values))])
            case Range():
                return self._range(filter, f"{path}range")
            case Flag(name, wanted):
                return self._flag(name, wanted, f"{path}flag")
            case All(filters):
                return np.logical_and.reduce(self._masks(filters, f"{path}all"))
            case AnyOne(filters):
                return np.logical_or.reduce(self._masks(filters, f"{path}any"))
            case Not(inner):
                return ~self.mask(inner, f"{path}negation.filter.")

    def _masks(self, filters: Sequence[Filter], path: str) -> list[Mask]:
        return [self.mask(inner, f"{path}.filters[{row}].") for row, inner in enumerate(filters)]

    def _equals(self, name: str, values: Sequence[Value], path: str, fields: Sequence[str]) -> Mask:
        attribute = self._attribute(name, path)
        if attribute is None:
            return self._nothing()
        wrong = False
        for value, entry in zip(values, fields, strict=True):
            needed = attribute.lacks(value)
            if needed:
                wrong = True
                self._refuse(f"{path}.{entry}", f"{name!r} needs {needed}, not {shown(value)}")
        return self._nothing() if wrong else attribute.any_of(values)

    def _range(self, filter: Range, path: str) -> Mask:
        attribute = self._attribute(filter.attribute, path)
        if isinstance(attribute, NumberAttribute) and attribute.kind in _MEASURED:
            return attribute.within(
                at_least=filter.at_least,
                more_than=filter.more_than,
                at_most=filter.at_most,
                less_than=filter.less_than,
            )
        return self._misfit(filter.attribute, attribute, path, "a range needs a number or a time")

    def _flag(self, name: str, wanted: bool, path: str) -> Mask:
        attribute = self._attribute(name, path)
        if attribute is not None and attribute.kind is ColumnKind.FLAG:
            return attribute.any_of([wanted])
        return self._misfit(name, attribute, path, "a flag needs an attribute of yes and no")

    def _attribute(self, name: str, path: str) -> Attribute | None:
        attribute = self.attributes.get(name)
        if attribute is None:
            text = f"the bundle has no attribute {shown(name)}; it has {_listed(self.attributes)}"
            self._refuse(f"{path}.attribute", text, unknown=name)
        return attribute

    def _misfit(self, name: str, attribute: Attribute | None, path: str, needed: str) -> Mask:
        if attribute is not None:
            self._refuse(f"{path}.attribute", f"{name!r} is of the kind {attribute.kind.value}; {needed}")
        return self._nothing()

    def _refuse(self, path: str, text: str, *, unknown: str = "") -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(FilterProblem(path, text, unknown))

    def _nothing(self) -> Mask:
        return np.zeros(self.width, np.bool_)


def _listed(attributes: Mapping[str, Attribute]) -> str:
    names = sorted(attributes)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more or "none"
