"""One raw value -> the number or the text it stands for; None where nothing is known.

Missing is None and, from tables, NaN. The empty text is missing too: a CSV file writes both the same way.
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
        FeatureError: The value is neither a boolean nor 0 or 1.
    """
    value = _plain(value)
    if not isinstance(value, int | float | Decimal | None):
        raise FeatureError.of_value(column, value, "true or false")
    result = number(column, value)
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
        if not value:
            return None
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise FeatureError.of_value(column, value, "a time (seconds, or ISO 8601 text)") from None
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
        return value or None
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
    """Return the texts of a list of categories, at most 64; a lone value counts as a list of one.

    Raises:
        FeatureError: One of the values is no category.
    """
    listed = value if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes) else (value,)
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


def _plain(value: object) -> object:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]")  # in nanoseconds `item` would give a bare integer
    return value.item() if isinstance(value, np.generic) else value
