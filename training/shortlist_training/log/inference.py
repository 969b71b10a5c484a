"""What a feature column holds, told from its values and its name.

The file's format is no evidence: the same values give the same kind from CSV and from Parquet. In this order:

1. Types that say it themselves: boolean is a flag, a list is categories, a date or datetime is a time, a duration a
   number of seconds. Structures and bytes are not features.
2. 0 and 1, or yes/no, true/false, y/n, t/f: a flag.
3. Numbers (also as text, but not with leading zeros): whole numbers are a category when the name ends like a code
   (`..._id`, `..._code`, `zip`...) or names a class (`occupation`, `genre`, `segment`...), a time when the name ends
   like one (`..._at`, `..._date`, `timestamp`...) and they count seconds since 1970 or smaller units; all others are
   numbers. A number that merely counts the rows is dropped.
4. Text that is all dates or times: a time.
5. Text of which a tenth or more is joined by `|`, with parts that recur: categories.
6. Text that is mostly different from row to row, with spaces, ten characters or longer: text. So is anything of
   fifty characters and more with spaces.
7. All other text is a category, unless it is different in nearly every row (URLs, serial codes), which no model can
   learn from.

Columns without a value, or with the same value in every row, are dropped.
"""

import re
from dataclasses import dataclass

import polars as pl

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.values import FALSE_WORDS, SEPARATOR, TRUE_WORDS
from shortlist_training.log.numbers import is_missing, read_numbers
from shortlist_training.log.times import read_seconds

CODE_ENDINGS = frozenset({"id", "ids", "code", "zip", "zipcode", "postcode", "sku", "ean", "upc", "isbn", "barcode"})
CLASS_ENDINGS = frozenset(
    {"brand", "category", "class", "cluster", "color", "colour", "country", "department", "gender", "genre", "group"}
    | {"kind", "occupation", "profession", "region", "segment", "sex", "status", "type"}
)
TIME_ENDINGS = frozenset({"at", "date", "datetime", "day", "from", "since", "time", "timestamp", "until"})
EARLIEST_EPOCH = 1e8
"""March 1973: whole numbers below this are not taken for epoch seconds, whatever their name."""

FEW_ROWS = 20
"""Below this, a column that is different in every row may still repeat in the rows to come."""
NEAR_UNIQUE = 0.95
MOSTLY_DISTINCT = 0.5
TEXT_LENGTH, LONG_TEXT_LENGTH = 10, 50
JOINED_SHARE = 0.1
_LEADING_ZERO = r"^[-+]?0\d"


@dataclass(frozen=True, slots=True)
class Inference:
    """The kind of a column; None when it is of no use, and then why."""

    kind: ColumnKind | None
    reason: str = ""


def infer_kind(values: pl.Series) -> Inference:
    """Tell what the column holds, from its values (in file order) and its name.

    Args:
        values: Any type; null, "" and NaN are missing.
    """
    if values.dtype.is_nested():
        return _infer_nested(values)
    if isinstance(values.dtype, pl.Binary | pl.Object | pl.Time):
        return Inference(None, f"values of type {values.dtype} are not features")
    if isinstance(values.dtype, pl.Categorical | pl.Enum):
        values = values.cast(pl.String)
    present = _present(values)
    if present.is_empty():
        return Inference(None, "no value at all")
    distinct = present.unique(maintain_order=True)
    if len(distinct) == 1 and len(present) == len(values) > 1:
        return Inference(None, "the same value in every row")
    if isinstance(distinct.dtype, pl.Boolean):
        return Inference(ColumnKind.FLAG)
    if distinct.dtype.is_temporal():
        return Inference(ColumnKind.NUMBER if isinstance(distinct.dtype, pl.Duration) else ColumnKind.TIME)
    if distinct.dtype.is_numeric():
        return _infer_number(present, distinct.cast(pl.Float64))
    return _infer_text(present, distinct)


def _infer_nested(values: pl.Series) -> Inference:
    if isinstance(values.dtype, pl.Struct):
        return Inference(None, "a structure is not a feature: give each of its fields a column")
    inner = values.dtype.inner  # type: ignore[attr-defined]
    if inner.is_nested() or isinstance(inner, pl.Binary | pl.Object):
        return Inference(None, f"values of type {values.dtype} are not features")
    some = (values.list.len() if isinstance(values.dtype, pl.List) else values.arr.len()).fill_null(0) > 0
    return Inference(ColumnKind.CATEGORIES) if some.any() else Inference(None, "no value at all")


def _present(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.String):
        stripped = values.str.strip_chars()
        return stripped.filter(stripped.is_not_null() & (stripped != ""))
    return values.drop_nans().drop_nulls() if values.dtype.is_float() else values.drop_nulls()


def _infer_number(present: pl.Series, distinct: pl.Series) -> Inference:
    if distinct.is_in([0.0, 1.0]).all():
        return Inference(ColumnKind.FLAG)
    if not (distinct == distinct.round()).all():
        return Inference(ColumnKind.NUMBER)
    ending = _ending(present.name)
    if ending in CODE_ENDINGS | CLASS_ENDINGS:
        return _category(present, distinct)
    if ending in TIME_ENDINGS and float(distinct.min()) >= EARLIEST_EPOCH:  # type: ignore[arg-type]
        return Inference(ColumnKind.TIME)
    if _counts_rows(present):
        return Inference(None, "it counts the rows")
    return Inference(ColumnKind.NUMBER)


def _infer_text(present: pl.Series, distinct: pl.Series) -> Inference:
    lowered = distinct.str.to_lowercase()
    if lowered.is_in([*TRUE_WORDS, *FALSE_WORDS]).all() and not lowered.is_in(["1.0", "0.0"]).all():
        return Inference(ColumnKind.FLAG)
    meaning = distinct.filter(~is_missing(distinct))
    if len(meaning):
        numbers = read_numbers(meaning)
        if not numbers.null_count():
            return _infer_written_number(present, meaning, numbers)
        if not read_seconds(meaning).values.null_count():
            return Inference(ColumnKind.TIME)
    if _is_joined(present):
        return Inference(ColumnKind.CATEGORIES)
    if _is_text(present, distinct):
        return Inference(ColumnKind.TEXT)
    return _category(present, distinct)


def _infer_written_number(present: pl.Series, meaning: pl.Series, numbers: pl.Series) -> Inference:
    if meaning.str.contains(_LEADING_ZERO).any():
        return _category(present, meaning)
    return _infer_number(read_numbers(present).drop_nulls(), numbers)


def _category(present: pl.Series, distinct: pl.Series) -> Inference:
    if len(present) >= FEW_ROWS and len(distinct) >= NEAR_UNIQUE * len(present):
        return Inference(None, "a code that is different in nearly every row")
    return Inference(ColumnKind.CATEGORY)


def _counts_rows(numbers: pl.Series) -> bool:
    return len(numbers) >= FEW_ROWS and bool((numbers.cast(pl.Float64).diff().drop_nulls() == 1).all())


def _is_joined(present: pl.Series) -> bool:
    if present.str.contains(SEPARATOR, literal=True).mean() < JOINED_SHARE:  # type: ignore[operator]
        return False
    parts = present.str.split(SEPARATOR).explode()
    recurring = 0.5 if len(present) >= FEW_ROWS else 0.99
    return parts.n_unique() <= recurring * len(parts)


def _is_text(present: pl.Series, distinct: pl.Series) -> bool:
    spaced = distinct.str.contains(" ", literal=True).mean()
    length = distinct.str.len_chars().mean()
    if spaced < 0.5:  # type: ignore[operator]
        return False
    mostly_distinct = len(distinct) >= MOSTLY_DISTINCT * len(present)
    return bool(length >= LONG_TEXT_LENGTH or (mostly_distinct and length >= TEXT_LENGTH))  # type: ignore[operator]


def _ending(name: str) -> str:
    """Return the last word of a name written in snake_case, camelCase or with spaces, in lower case."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return words[-1].lower() if words else ""
