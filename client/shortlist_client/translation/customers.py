"""Customers, profiles and items into protobuf."""

from collections.abc import Iterable
from math import nan

from shortlist.v1 import customer_pb2, item_pb2
from shortlist_client.profile import Customer, Event, Item, Profile
from shortlist_client.translation.values import bad_field, seconds, values


def profile_message(profile: Profile | None) -> customer_pb2.Profile | None:
    """Return the message of a profile, or None where there is none."""
    if profile is None:
        return None
    return customer_pb2.Profile(
        features=values(profile.features, "profile.features"), history=_history(profile.history)
    )


def customer_messages(customers: Iterable[str | Profile | Customer]) -> list[customer_pb2.Customer]:
    """Return the messages of customers who are given by id, by profile or by both.

    Raises:
        BadRequest: One text was given where a sequence of customers belongs.
    """
    if isinstance(customers, (str, Profile, Customer)):
        raise bad_field("customers", "takes a sequence of customers, not one")
    return [_customer(customer) for customer in customers]


def item_messages(items: Iterable[str | Item]) -> list[item_pb2.Item]:
    """Return the messages of items that are given by id or by attributes.

    Raises:
        BadRequest: One item was given where a sequence of items belongs.
    """
    if isinstance(items, (str, Item)):
        raise bad_field("items", "takes a sequence of items, not one")
    return [_item(item) for item in items]


def _customer(given: str | Profile | Customer) -> customer_pb2.Customer:
    match given:
        case str():
            return customer_pb2.Customer(customer_id=given)
        case Profile():
            return customer_pb2.Customer(profile=profile_message(given))
        case Customer():
            return customer_pb2.Customer(customer_id=given.customer_id, profile=profile_message(given.profile))
    raise bad_field("customers", f"takes ids, Profile or Customer, not {type(given).__name__}")


def _item(given: str | Item) -> item_pb2.Item:
    if isinstance(given, str):
        return item_pb2.Item(item_id=given)
    return item_pb2.Item(item_id=given.item_id, attributes=values(given.attributes, "items.attributes"))


def _history(history: Iterable[Event | str]) -> customer_pb2.History | None:
    if isinstance(history, str):
        raise bad_field("profile.history", f"takes a sequence of events or ids, not one text; write [{history!r}]")
    events = [Event(item_id=event) if isinstance(event, str) else event for event in history]
    if not events:
        return None
    # An array in which every element is the default is left out: the server reads an absent one as just that.
    return customer_pb2.History(
        item_ids=[event.item_id for event in events],
        timestamps=_unless_all_absent(
            [None if event.timestamp is None else seconds(event.timestamp, "profile.history") for event in events]
        ),
        values=[event.value for event in events] if any(event.value != 1.0 for event in events) else (),
        ratings=_unless_all_absent([event.rating for event in events]),
        events=[event.event for event in events] if any(event.event for event in events) else (),
    )


def _unless_all_absent(numbers: list[float | None]) -> list[float]:
    if all(number is None for number in numbers):
        return []
    return [nan if number is None else number for number in numbers]
