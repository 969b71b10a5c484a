"""Columns of categories and of text -> bags of codes, to be looked up in an embedding table and pooled.

Code 0 is padding: nothing there. For categories code 1 is a value nobody saw in training and the known values follow
from 2; for text codes 1.. are the hash buckets.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features import values, words
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ColumnSpec, TextFit, ValuesFit
from shortlist_bundle.features.values import RawColumn

PADDING = 0
UNSEEN = 1
FIRST_KNOWN = 2

Bag = NDArray[np.int32]
BagColumn = Callable[[RawColumn], Bag]
"""Turns the B raw values of a column into its bag [B, W], or raises a FeatureError."""

_Key = TypeVar("_Key", bound=Hashable)
_WHOLE = re.compile(r"-?\d+")


def bag_size(fit: ValuesFit | TextFit) -> int:
    """Return the number of codes, padding included: the rows of the column's embedding table."""
    return FIRST_KNOWN + len(fit.values) if isinstance(fit, ValuesFit) else 1 + fit.buckets


def bag_column(column: ColumnSpec, fit: ValuesFit | TextFit) -> BagColumn:
    """Return the encoder of a category, categories or text column, with its look-up table built once."""
    name = column.name
    if isinstance(fit, TextFit):
        return lambda raw: _texts(name, raw, fit)
    known = _known(fit)
    if column.kind is ColumnKind.CATEGORIES:
        return lambda raw: _lists(name, raw, known, fit.width)
    code_of = {None: PADDING, "": PADDING, **known}
    return lambda raw: _singles(name, raw, code_of)


def _known(fit: ValuesFit) -> dict[object, int]:
    codes = list(enumerate(fit.values, start=FIRST_KNOWN))
    # The table may have said 2.0 where the fit says 2; a request that repeats the table's text means the same.
    decimal: dict[object, int] = {f"{value}.0": code for code, value in codes if _WHOLE.fullmatch(value)}
    return decimal | {value: code for code, value in codes}


def _singles(name: str, raw: RawColumn, code_of: Mapping[object, int]) -> Bag:
    # A column of nothing but texts, the usual case in bulk, needs no reading value by value.
    plain = set(map(type, raw)) <= {str, type(None)}
    read = _stripped if plain else partial(values.category, name)
    codes = (code_of.get(text, UNSEEN) for text in map(read, raw))
    return np.fromiter(codes, dtype=np.int32, count=len(raw)).reshape(-1, 1)


def _stripped(value: object) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _lists(name: str, raw: RawColumn, known: Mapping[object, int], width: int) -> Bag:
    lists = [tuple(values.categories(name, value)) for value in raw]
    return _padded(_each_once(lists, lambda texts: _list_codes(texts, known, width)), width)


def _list_codes(texts: Sequence[str], known: Mapping[object, int], width: int) -> list[int]:
    """Give known values the room first, in the order of the list; all unseen ones share one code."""
    distinct = dict.fromkeys(known.get(text, UNSEEN) for text in texts)
    first = [code for code in distinct if code != UNSEEN]
    return (first + [UNSEEN] * (UNSEEN in distinct))[:width]


def _texts(name: str, raw: RawColumn, fit: TextFit) -> Bag:
    texts = [values.text(name, value) for value in raw]
    return _padded(_each_once(texts, lambda text: words.codes(text, fit)), fit.width)


def _each_once(keys: Sequence[_Key], encode: Callable[[_Key], list[int]]) -> list[list[int]]:
    done = {key: encode(key) for key in dict.fromkeys(keys)}
    return [done[key] for key in keys]


def _padded(codes: Sequence[Sequence[int]], width: int) -> Bag:
    bag = np.full((len(codes), width), PADDING, dtype=np.int32)
    lengths = np.fromiter(map(len, codes), dtype=np.int64, count=len(codes))
    flat = (code for row in codes for code in row)
    bag[np.arange(width) < lengths[:, None]] = np.fromiter(flat, dtype=np.int32, count=int(lengths.sum()))
    return bag
