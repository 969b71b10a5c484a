"""How wishes and sources are written on the command line.

    --wish brand=Private  --wish 'price~20'  --wish '2*price~20±5'  --wish price:lowest

A wish begins with its weight and a star where it counts more or less than 1. `+-` may stand for `±`.
"""

import re

import click

from shortlist_client.commands.arguments import assignment
from shortlist_client.filters import Filter
from shortlist_client.needs import Direction, Needs, Wish
from shortlist_client.policy import Source

_WISH = re.compile(r"(?:(?P<weight>[0-9.]+)\*)?(?P<name>[^=~:]+)(?P<sign>[=~:])(?P<value>.+)", re.DOTALL)
_NEAR = re.compile(r"(?P<target>.+?)(?:(?:±|\+-)(?P<within>.+))?")


def wish(text: str) -> Wish:
    """Return the wish of [WEIGHT*]NAME=VALUE, NAME~TARGET, NAME~TARGET±WITHIN, NAME:lowest or NAME:highest.

    Raises:
        click.BadParameter: The text is none of these.
    """
    found = _WISH.fullmatch(text)
    if not found:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE, NAME~TARGET±WITHIN, NAME:lowest or NAME:highest")
    name, value = found["name"], found["value"]
    weight = _number(found["weight"], text) if found["weight"] else 1.0
    if found["sign"] == "=":
        return Wish(name, wanted=assignment(f"{name}={value}")[1], weight=weight)
    if found["sign"] == ":":
        return Wish(name, direction=_direction(value, text), weight=weight)
    near = _NEAR.fullmatch(value)
    target, within = (near["target"], near["within"]) if near else (value, None)
    tolerance = None if within is None else _number(within, text)
    return Wish(name, near=_number(target, text), within=tolerance, weight=weight)


def source(text: str) -> tuple[str, Source]:
    """Return name and share of NAME, NAME=WEIGHT, NAME:QUOTA or NAME=WEIGHT:QUOTA.

    A name alone has the weight 1; a name with nothing but a quota has none.

    Raises:
        click.BadParameter: The weight is no number, or the quota no whole one.
    """
    rest, colon, quota = text.rpartition(":")
    if not colon:
        rest, quota = text, "0"
    name, equals, weight = rest.partition("=")
    if not name or not quota.isdecimal():
        raise click.BadParameter(f"{text!r} is not NAME, NAME=WEIGHT, NAME:QUOTA or NAME=WEIGHT:QUOTA")
    usual = 0.0 if colon else 1.0
    return name, Source(weight=_number(weight, text) if equals else usual, quota=int(quota))


def needs(musts: tuple[Filter, ...], wishes: tuple[Wish, ...], weight: float | None, relax: bool) -> Needs | None:
    """Return what the options say, None where they say nothing."""
    return Needs(musts=musts, wishes=wishes, weight=weight, relax=relax) if musts or wishes else None


def _direction(word: str, text: str) -> Direction:
    try:
        return Direction(word)
    except ValueError:
        raise click.BadParameter(f"{text!r} ends neither in :lowest nor in :highest") from None


def _number(digits: str, text: str) -> float:
    try:
        return float(digits)
    except ValueError:
        raise click.BadParameter(f"{digits!r} in {text!r} is not a number") from None
