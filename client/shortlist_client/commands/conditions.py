"""How filters are written on the command line."""

import re
from collections.abc import Iterable
from typing import Any

import click

from shortlist_client.commands.arguments import moment, value
from shortlist_client.filters import All, AnyOf, Equals, Filter, Not, Range

SYNTAX = "NAME=VALUE"
_CONDITION = re.compile(r"\s*([^<>=!]+?)\s*(<=|>=|!=|=|<|>)(.*)", re.DOTALL)
_LIMITS = {"<=": "at_most", "<": "less_than", ">=": "at_least", ">": "more_than"}
_SEPARATOR = "|"


def condition(text: str) -> Filter:
    """Return the filter that `brand=Private`, `kind!=milk|nuts`, `price<=20` or `since>=2017-06-01` stands for.

    Several values stand with `|` between them. A value that reads as JSON is that, as in `organic=true`; in quotes it
    is text whatever it looks like, as in `size="20"` or `name="a|b"`. Limits are numbers or ISO times.

    Raises:
        click.BadParameter: It is no condition, or a limit is neither a number nor a time.
    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not a condition such as brand=Private, kind=milk|nuts or price<=20")
    name, sign, wanted = found.groups()
    if sign in _LIMITS:
        return Range(name, **{_LIMITS[sign]: moment(wanted.strip())})
    return _one_of(name, _values(wanted)) if sign == "=" else Not(_one_of(name, _values(wanted)))


def joined_conditions(given: Iterable[Filter]) -> Filter | None:
    """Return the filter that requires every condition; of one attribute's values either will do.

    `brand=a` and `brand=b`, given separately, could never both hold and are meant as `brand=a|b`.
    """
    values: dict[str, list[Any]] = {}
    others: list[Filter] = []
    for one in given:
        match one:
            case Equals(attribute, wanted):
                values.setdefault(attribute, []).append(wanted)
            case AnyOf(attribute, several):
                values.setdefault(attribute, []).extend(several)
            case _:
                others.append(one)
    every = [*(_one_of(attribute, wanted) for attribute, wanted in values.items()), *others]
    return every[0] if len(every) == 1 else All(every) if every else None


def _one_of(attribute: str, values: list[Any]) -> Filter:
    return Equals(attribute, values[0]) if len(values) == 1 else AnyOf(attribute, values)


def _values(text: str) -> list[Any]:
    whole = value(text)
    if isinstance(whole, list):
        return whole
    # Text that was in quotes is whole; other text may be several values.
    return [whole] if whole != text else [value(part) for part in text.split(_SEPARATOR)]
