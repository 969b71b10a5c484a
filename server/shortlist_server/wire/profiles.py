"""Customers as a request describes them."""

from collections.abc import Sequence
from math import isinf, isnan
from typing import Protocol

from shortlist.v1 import customer_pb2 as pb
from shortlist_server.pipeline.request import Event, Profile
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.values import read_features, read_moment, read_names, read_optional_name

NO_PROFILE = Profile()


class Described(Protocol):
    """A message that names or describes a customer: `Customer` and the requests that carry its fields."""

    @property
    def customer_id(self) -> str:
        """The id in the log; empty for none."""

    @property
    def profile(self) -> pb.Profile:
        """What the request itself says."""


def read_customer_id(inspection: Inspection, message: Described, prefix: str = "") -> str | None:
    """Read the id of a customer; None for a customer who has none."""
    return read_optional_name(inspection, message.customer_id, f"{prefix}customer_id") or None


def read_profile(inspection: Inspection, message: Described, prefix: str = "") -> Profile:
    """Read what the request itself says about the customer."""
    profile = message.profile
    if not profile.features and not profile.HasField("history"):
        return NO_PROFILE
    return Profile(
        features=read_features(inspection, profile.features, f"{prefix}profile.features"),
        history=read_history(inspection, profile.history, f"{prefix}profile.history"),
    )


def read_history(inspection: Inspection, message: pb.History, path: str) -> tuple[Event, ...]:
    """Read past interactions, oldest first."""
    items = read_names(inspection, message.item_ids, f"{path}.item_ids", inspection.limits.history)
    if not _parallel(inspection, message, path):
        return ()
    moments = _moments(inspection, message.timestamps, f"{path}.timestamps")
    values = _values(inspection, message.values, f"{path}.values")
    ratings = _ratings(inspection, message.ratings, f"{path}.ratings")
    kinds = [
        read_optional_name(inspection, kind, f"{path}.events[{row}]") or None for row, kind in enumerate(message.events)
    ]
    return tuple(
        Event(
            item_id=item,
            timestamp=moments[row] if moments else None,
            value=values[row] if values else 1.0,
            rating=ratings[row] if ratings else None,
            event=kinds[row] if kinds else None,
        )
        for row, item in enumerate(items)
    )


def _parallel(inspection: Inspection, message: pb.History, path: str) -> bool:
    length = len(message.item_ids)
    lengths = {
        "timestamps": len(message.timestamps),
        "values": len(message.values),
        "ratings": len(message.ratings),
        "events": len(message.events),
    }
    uneven = {name: count for name, count in lengths.items() if count not in (0, length)}
    for name, count in uneven.items():
        inspection.refuse(
            f"{path}.{name}", f"has {count:,} entries where item_ids has {length:,}; send as many or none"
        )
    return not uneven and length <= inspection.limits.history


def _moments(inspection: Inspection, numbers: Sequence[float], path: str) -> list[float | None]:
    return [
        None if isnan(number) else read_moment(inspection, number, f"{path}[{row}]")
        for row, number in enumerate(numbers)
    ]


def _values(inspection: Inspection, numbers: Sequence[float], path: str) -> list[float]:
    for row, number in enumerate(numbers):
        if isinf(number) or not number >= 0.0:
            inspection.refuse(f"{path}[{row}]", f"{number} is not a finite number of at least 0")
    return list(numbers)


def _ratings(inspection: Inspection, numbers: Sequence[float], path: str) -> list[float | None]:
    for row, number in enumerate(numbers):
        if isinf(number):
            inspection.refuse(f"{path}[{row}]", f"{number} is not a finite number; NaN means no rating")
    return [None if isnan(number) else number for number in numbers]
