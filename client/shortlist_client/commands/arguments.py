"""How values are written on the command line."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

import click

from shortlist_client.profile import Profile


def assignment(text: str) -> tuple[str, Any]:
    """Return name and value of NAME=VALUE; what reads as JSON (number, true, "text", list) is that, the rest is text.

    Raises:
        click.BadParameter: There is no name or no equals sign.
    """
    name, equals, written = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE")
    return name, value(written)


def diversity(text: str) -> tuple[str, float | None]:
    """Return method and strength of METHOD or METHOD:STRENGTH.

    Raises:
        click.BadParameter: The strength is no number from 0 to 1.
    """
    method, colon, strength = text.partition(":")
    try:
        found = float(strength) if colon else None
    except ValueError:
        found = -1.0
    if found is not None and not 0 <= found <= 1:
        raise click.BadParameter(f"{text!r} is not METHOD:STRENGTH with a strength from 0 to 1, such as mmr:0.3")
    return method, found


def cap(text: str) -> tuple[str, int]:
    """Return attribute and number of NAME=NUMBER.

    Raises:
        click.BadParameter: There is no name, or no whole number.
    """
    name, _, number = text.rpartition("=")
    if not name or not number.isdecimal():
        raise click.BadParameter(f"{text!r} is not NAME=NUMBER")
    return name, int(number)


def quota(text: str) -> tuple[str, str, int]:
    """Return attribute, value and number of NAME=VALUE:NUMBER; without a number it is 1.

    Raises:
        click.BadParameter: There is no name or no value.
    """
    name, _, wanted = text.partition("=")
    value, _, number = wanted.rpartition(":")
    value, number = (value, number) if value and number.isdecimal() else (wanted, "1")
    if not name or not value:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE or NAME=VALUE:NUMBER")
    return name, value, int(number)


def ids(text: str) -> tuple[str, ...]:
    """Return ids that are written with commas between them."""
    return tuple(one.strip() for one in text.split(",") if one.strip())


def moment(text: str) -> float:
    """Return seconds since 1970-01-01 UTC; ISO time is in UTC unless it says otherwise.

    Raises:
        click.BadParameter: The text is neither a number nor ISO time.
    """
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither seconds since 1970 nor ISO time such as 2017-06-01T12:00"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def assigned(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the assignments by name; a name given more than once has the list of its values."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def joined(groups: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the ids of an option that may be given more than once."""
    return [one for group in groups for one in group]


def value(text: str) -> Any:
    """Return what the text reads as in JSON (number, true, "text", list), else the text itself."""
    try:
        found = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text
    return text if isinstance(found, dict) else found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are text, as any other word is.


def profile_of(features: tuple[tuple[str, object], ...], history: tuple[tuple[str, ...], ...]) -> Profile | None:
    """Return what the options say of the customer, None where they say nothing."""
    if not features and not history:
        return None
    return Profile(features=assigned(features), history=joined(history))
