"""What was learnt about the feature columns: all that encoding needs, and nothing of the rows it was learnt from."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from shortlist_bundle.documents import JSON, Fields
from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features.kinds import ColumnKind

ENCODER_VERSION = 1
"""Raised whenever the same spec and the same values would encode to other numbers."""

MAX_BAG_WIDTH = 32
MAX_CODES = 1 << 24
MAX_COLUMNS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFit:
    """How a number, a flag (0 or 1) or a time (seconds) is scaled: clip to [low, high], then (x - mean) / scale."""

    mean: float
    scale: float
    low: float
    high: float

    def problem(self) -> str | None:
        """Say what makes the parameters impossible."""
        if not all(map(math.isfinite, (self.mean, self.scale, self.low, self.high))):
            return "mean, scale, low and high must be finite"
        return "needs scale > 0 and low <= high" if self.scale <= 0 or self.low > self.high else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesFit:
    """The values a category may have, most frequent first, and the bag's width W; value j has the code j + 2."""

    values: tuple[str, ...]
    width: int = 1

    def problem(self) -> str | None:
        """Say what makes the parameters impossible."""
        if len(set(self.values)) != len(self.values) or "" in self.values:
            return "the values must be distinct and not empty"
        return None if 1 <= self.width <= MAX_BAG_WIDTH else f"width must be from 1 to {MAX_BAG_WIDTH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFit:
    """How a text becomes a bag: runs of 1 to `longest` words, hashed into `buckets`, the first `width` of them."""

    buckets: int = 4096
    longest: int = 2
    width: int = 32

    def problem(self) -> str | None:
        """Say what makes the parameters impossible."""
        if not (1 <= self.buckets < MAX_CODES and 1 <= self.longest <= 4 and 1 <= self.width <= MAX_BAG_WIDTH):
            return f"needs 1 <= buckets < {MAX_CODES}, 1 <= longest <= 4, 1 <= width <= {MAX_BAG_WIDTH}"
        return None


ColumnFit: TypeAlias = NumberFit | ValuesFit | TextFit

FIT_OF_KIND: dict[ColumnKind, type[ColumnFit]] = {
    ColumnKind.NUMBER: NumberFit,
    ColumnKind.FLAG: NumberFit,
    ColumnKind.TIME: NumberFit,
    ColumnKind.CATEGORY: ValuesFit,
    ColumnKind.CATEGORIES: ValuesFit,
    ColumnKind.TEXT: TextFit,
}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: its name, what it holds, and what was learnt about it."""

    name: str
    kind: ColumnKind
    fit: ColumnFit

    def __post_init__(self) -> None:
        needed = FIT_OF_KIND[self.kind]
        if not self.name:
            raise FeatureError(self.name, "a column needs a name")
        if not isinstance(self.fit, needed):
            raise FeatureError(self.name, f"a {self.kind.value} column needs a {needed.__name__}")
        if problem := self.fit.problem():
            raise FeatureError(self.name, problem)
        if self.kind is ColumnKind.CATEGORY and isinstance(self.fit, ValuesFit) and self.fit.width != 1:
            raise FeatureError(self.name, "a category has one value, so its width is 1")


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """The feature columns of customers, of items or of an event's context, in the order of their encoding."""

    columns: tuple[ColumnSpec, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for column in self.columns:
            if column.name in seen:
                raise FeatureError(column.name, "there are two columns of this name")
            seen.add(column.name)

    def to_json(self) -> dict[str, JSON]:
        """Return the spec as a JSON document."""
        return {"encoder": ENCODER_VERSION, "columns": [_column_to_json(column) for column in self.columns]}

    @classmethod
    def from_json(cls, value: JSON, where: str = "features") -> "FeatureSpec":
        """Read the document that `to_json` wrote.

        Raises:
            DocumentError: A field is unknown, missing, of the wrong type or out of range; it is named with `where`.
            FeatureError: The parameters of a column contradict each other.
        """
        fields = Fields(value, where)
        fields.integer("encoder", ENCODER_VERSION, ENCODER_VERSION)
        columns = fields.objects("columns")
        fields.end()
        if len(columns) > MAX_COLUMNS:
            raise fields.wrong("columns", f"at most {MAX_COLUMNS} columns", f"{len(columns)} columns")
        return cls(tuple(_column_from_json(column) for column in columns))


def _column_to_json(column: ColumnSpec) -> dict[str, JSON]:
    head: dict[str, JSON] = {"name": column.name, "kind": column.kind.value}
    match column.fit:
        case NumberFit() as fit:
            return {**head, "mean": fit.mean, "scale": fit.scale, "low": fit.low, "high": fit.high}
        case ValuesFit() as fit:
            return {**head, "values": list(fit.values), "width": fit.width}
        case TextFit() as fit:
            return {**head, "buckets": fit.buckets, "longest": fit.longest, "width": fit.width}


def _column_from_json(fields: Fields) -> ColumnSpec:
    name, word = fields.text("name"), fields.text("kind")
    if word not in {kind.value for kind in ColumnKind}:
        raise fields.wrong("kind", "one of " + ", ".join(kind.value for kind in ColumnKind), word)
    kind = ColumnKind(word)
    fit = _fit_from_json(FIT_OF_KIND[kind], fields)
    fields.end()
    return ColumnSpec(name, kind, fit)


def _fit_from_json(needed: type[ColumnFit], fields: Fields) -> ColumnFit:
    if needed is NumberFit:
        mean, scale = fields.number("mean"), fields.number("scale")
        return NumberFit(mean=mean, scale=scale, low=fields.number("low"), high=fields.number("high"))
    width = fields.integer("width", 1, MAX_BAG_WIDTH)
    if needed is ValuesFit:
        return ValuesFit(values=fields.texts("values"), width=width)
    buckets = fields.integer("buckets", 1, MAX_CODES - 1)
    return TextFit(buckets=buckets, longest=fields.integer("longest", 1, 4), width=width)
