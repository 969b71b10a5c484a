"""One raw value -> the number or the text it stands for; None where nothing is known.

A request may send what stood in the table that the bundle was trained on: yes and no as words, several categories
joined by '|', blanks around a text. Missing is None and, from tables, NaN. The empty text is missing too: a CSV file
writes both the same way.
"""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.errors import FeatureError

RawColumn: TypeAlias = Sequence[object] | NDArray[Any]
"""The raw values of one column, in the order of the rows."""

MAX_VALUES = 64
"""Values of a list that are looked at; the rest of a longer one is cut."""
SEPARATOR = "|"
"""Stands between the categories of a list that is written as one text."""
TRUE_WORDS = ("true", "yes", "y", "t", "1", "1.0")
FALSE_WORDS = ("false", "no", "n", "f", "0", "0.0")

_ANSWERS: dict[str, float | None] = {"": None, **dict.fromkeys(TRUE_WORDS, 1.0), **dict.fromkeys(FALSE_WORDS, 0.0)}


def number(column: str, value: object) -> float | None:
    """Return a number, or None where it is missing.

    Raises:
        FeatureError: The value is no number, or infinite.
    """
    value = _plain(value)
    if value is None:
        return None
    if not isinstance(value, int | float | Decimal):
        raise FeatureError.of_value(column, value, "a number")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    except ValueError:  # a signalling NaN of Decimal
        return None
    if math.isinf(result):
        raise FeatureError.of_value(column, value, "a finite number")
    return None if math.isnan(result) else result


def flag(column: str, value: object) -> float | None:
    """Return 1.0 for yes, 0.0 for no, or None where it is missing.

    Raises:
        FeatureError: The value is neither a boolean, nor 0 or 1, nor a word for yes or no.
    """
    value = _plain(value)
    if isinstance(value, str):
        result = _ANSWERS.get(value.strip().lower(), math.nan)
    elif isinstance(value, int | float | Decimal | None):
        result = number(column, value)
    else:
        result = math.nan
    if result not in (None, 0.0, 1.0):
        raise FeatureError.of_value(column, value, "true or false")
    return result


def seconds(column: str, value: object) -> float | None:
    """Return seconds since 1970 in UTC from a number, a date, a datetime or ISO text, or None where it is missing.

    A datetime without a zone is taken as UTC, so that no machine's local time can change an encoding.

    Raises:
        FeatureError: The value is no time.
    """
    value = _plain(value)
    if isinstance(value, str):
        value = _moment(column, value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (zoned - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return number(column, value)


def category(column: str, value: object) -> str | None:
    """Return a category's text, or None where it is missing; 3, 3.0 and "3" are the same category.

    Raises:
        FeatureError: The value is no single value.
    """
    value = _plain(value)
    if isinstance(value, str):
        return value.strip() or None
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, int | float | Decimal):
        raise FeatureError.of_value(column, value, "a category (a text, a number or a flag)")
    result = number(column, value)
    if result is None:
        return None
    # A large whole number keeps all its digits; a float of the same worth gets the same text.
    return str(int(value)) if value == int(value) else repr(result)


def categories(column: str, value: object) -> list[str]:
    """Return the texts of a list of categories, at most 64; a lone value is a list of one, a lone text is split.

    Raises:
        FeatureError: One of the values is no category.
    """
    if isinstance(value, str):
        value = value.split(SEPARATOR, MAX_VALUES)
    listed = value if isinstance(value, Sequence | np.ndarray) and not isinstance(value, bytes) else (value,)
    texts = (category(column, item) for item in listed[:MAX_VALUES])
    return [text for text in texts if text is not None]


def text(column: str, value: object) -> str:
    """Return a text, empty where it is missing.

    Raises:
        FeatureError: The value is no text.
    """
    value = _plain(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, str):
        raise FeatureError.of_value(column, value, "a text")
    return value


def _moment(column: str, text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise FeatureError.of_value(column, text, "a time (seconds, or ISO 8601 text)") from None


def _plain(value: object) -> object:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]")  # in nanoseconds `item` would give a bare integer
    return value.item() if isinstance(value, np.generic) else value
