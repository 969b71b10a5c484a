"""Stated needs into protobuf, and what a reply says of them out of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from shortlist.v1 import filter_pb2, needs_pb2, value_pb2
from shortlist_client.needs import Direction, Must, Needs, Relaxation, Wish, WishMet
from shortlist_client.translation.filters import filter_message
from shortlist_client.translation.values import bad_field, seconds, value

_DIRECTIONS = {Direction.LOWEST: needs_pb2.DIRECTION_LOWEST, Direction.HIGHEST: needs_pb2.DIRECTION_HIGHEST}


def needs_message(given: Needs | None) -> needs_pb2.Needs | None:
    """Return the message of needs, or None where there are none.

    Raises:
        BadRequest: A must or a wish cannot be sent.
    """
    if given is None:
        return None
    if isinstance(given.wishes, Wish):
        raise bad_field("needs.wishes", "takes a sequence of wishes, not one")
    return needs_pb2.Needs(
        musts=[_must(must) for must in _musts(given)],
        wishes=[_wish(wish, f"needs.wishes[{row}]") for row, wish in enumerate(given.wishes)],
        weight=given.weight,
        relax=given.relax,
    )


def wishes_met(found: Iterable[needs_pb2.WishMet]) -> tuple[WishMet, ...]:
    """Return how far an item meets each wish."""
    return tuple(
        WishMet(wish=one.wish, attribute=one.attribute, met=one.met, degree=one.degree, value=_plain(one.value))
        for one in found
    )


def relaxations(found: Iterable[needs_pb2.Relaxation]) -> tuple[Relaxation, ...]:
    """Return what to give up."""
    return tuple(Relaxation(musts=tuple(one.musts), items=one.item_count, text=one.text) for one in found)


def _musts(given: Needs) -> Iterable[Must]:
    if isinstance(given.musts, Mapping):
        return [{attribute: wanted} for attribute, wanted in given.musts.items()]
    return given.musts


def _must(given: Must) -> filter_pb2.Filter:
    message = filter_message(given)
    if message is None:
        raise bad_field("needs.musts", "an empty must says nothing; leave it out")
    return message


def _wish(given: Wish, field: str) -> needs_pb2.Wish:
    message = needs_pb2.Wish(attribute=given.attribute, weight=given.weight)
    if sum(aim is not None for aim in (given.wanted, given.near, given.direction)) != 1:
        raise bad_field(field, "takes exactly one of wanted, near and direction")
    if given.within is not None and given.near is None:
        raise bad_field(field, "takes `within` only beside `near`")
    if given.near is not None:
        message.near.CopyFrom(needs_pb2.Near(target=seconds(given.near, field), within=given.within))
    elif given.direction is not None:
        message.direction = _DIRECTIONS[given.direction]
    else:
        single = isinstance(given.wanted, (str, bytes)) or not isinstance(given.wanted, Iterable)
        wanted: Iterable[Any] = [given.wanted] if single else given.wanted  # type: ignore[assignment]  # as looked up
        message.wanted.values.extend(value(one, field) for one in wanted)
    return message


def _plain(given: value_pb2.Value) -> str | float | int | bool | tuple[str, ...] | None:
    kind = given.WhichOneof("kind")
    if kind is None:
        return None
    return tuple(given.texts.values) if kind == "texts" else getattr(given, kind)
