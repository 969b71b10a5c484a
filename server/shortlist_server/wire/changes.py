"""Items and customers to be changed: protobuf in, changes of the log out; and what became of them."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import TypeVar

from shortlist.v1 import catalog_service_pb2, customer_service_pb2, item_pb2, reply_pb2, value_pb2
from shortlist_bundle.changes.change import CustomerDescribed, ItemUpserted, Value
from shortlist_server.errors import InvalidRequest, PipelineError
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.pipeline.changing import Changed, KnownItem
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.positions import write_position
from shortlist_server.wire.status import write_status
from shortlist_server.wire.values import named_values, read_moment, read_name, read_names, within

Row = TypeVar("Row")
Message = TypeVar("Message")


def read_items(
    message: catalog_service_pb2.UpsertItemsRequest, limits: Limits = LIMITS
) -> tuple[dict[int, ItemUpserted], dict[int, InvalidRequest]]:
    """Return the items that can be meant, and what is wrong with the others, by row.

    Raises:
        InvalidRequest: There are none, or too many.
    """
    return _rows(message.items, "items", _read_item, limits)


def read_described_customers(
    message: customer_service_pb2.UpsertCustomersRequest, limits: Limits = LIMITS
) -> tuple[dict[int, CustomerDescribed], dict[int, InvalidRequest]]:
    """Return the same of customers.

    Raises:
        InvalidRequest: There are none, or too many.
    """
    return _rows(message.customers, "customers", _read_customer, limits)


def read_ids(ids: Sequence[str], field: str, limits: Limits = LIMITS) -> tuple[str, ...]:
    """Return the ids of a request.

    Raises:
        InvalidRequest: There are none, or too many, or one cannot be meant.
    """
    inspection = Inspection(limits)
    within(inspection, len(ids), field, limits.changes, least=1)
    found = read_names(inspection, ids, field, limits.changes)
    inspection.finish()
    return found


def read_id(text: str, field: str, limits: Limits = LIMITS) -> str:
    """Return the id of a request for one thing.

    Raises:
        InvalidRequest: It is empty or too long.
    """
    inspection = Inspection(limits)
    found = read_name(inspection, text, field)
    inspection.finish()
    return found


def write_errors(changed: Changed, refused: Mapping[int, PipelineError]) -> list[reply_pb2.RowError]:
    """Write the rows that were refused, whoever refused them, in their order."""
    every = {**changed.errors, **refused}
    return [reply_pb2.RowError(row=row, status=write_status(every[row])) for row in sorted(every)]


def write_upserted_items(
    changed: Changed, refused: Mapping[int, PipelineError]
) -> catalog_service_pb2.UpsertItemsResponse:
    """Write what became of items."""
    return catalog_service_pb2.UpsertItemsResponse(
        stored_count=changed.stored,
        errors=write_errors(changed, refused),
        unknown_attributes=changed.unknown_attributes,
        position=write_position(changed.position),
    )


def write_upserted_customers(
    changed: Changed, refused: Mapping[int, PipelineError]
) -> customer_service_pb2.UpsertCustomersResponse:
    """Write what became of customers."""
    return customer_service_pb2.UpsertCustomersResponse(
        stored_count=changed.stored,
        errors=write_errors(changed, refused),
        unknown_attributes=changed.unknown_attributes,
        position=write_position(changed.position),
    )


def write_item(known: KnownItem, bundle: reply_pb2.Bundle) -> catalog_service_pb2.GetItemResponse:
    """Write an item as it is known."""
    item = known.item
    origin = catalog_service_pb2.ITEM_ORIGIN_LIVE if known.live else catalog_service_pb2.ITEM_ORIGIN_BUNDLE
    return catalog_service_pb2.GetItemResponse(
        item=item_pb2.Item(
            item_id=item.item_id,
            attributes={name: _value(value) for name, value in item.attributes.items()},
            available_from=item.available_from,
            available_until=item.available_until,
        ),
        origin=origin,
        bundle=bundle,
    )


def _rows(
    messages: Sequence[Message], field: str, read: Callable[[Inspection, Message], Row], limits: Limits
) -> tuple[dict[int, Row], dict[int, InvalidRequest]]:
    whole = Inspection(limits)
    within(whole, len(messages), field, limits.changes, least=1)
    whole.finish()
    found, refused = dict[int, Row](), dict[int, InvalidRequest]()
    for number, message in enumerate(messages):
        inspection = Inspection(limits)
        row = read(inspection, message)
        error = inspection.error()
        if error is None:
            found[number] = row
        else:
            refused[number] = error
    return found, refused


def _read_item(inspection: Inspection, message: item_pb2.Item) -> ItemUpserted:
    values = named_values(inspection, message.attributes, "attributes")
    start = read_moment(inspection, message.available_from, "available_from")
    end = read_moment(inspection, message.available_until, "available_until")
    start_given, end_given = message.HasField("available_from"), message.HasField("available_until")
    if start_given and end_given and not isnan(start) and not start < end:
        inspection.refuse("available_until", "is not after available_from: the item could never be had")
    return ItemUpserted(
        item_id=read_name(inspection, message.item_id, "item_id"),
        attributes={name: value for name, value in values.items() if value is not None},
        available_from=start if start_given else None,
        available_until=end if end_given else None,
    )


def _read_customer(inspection: Inspection, message: customer_service_pb2.CustomerFeatures) -> CustomerDescribed:
    return CustomerDescribed(
        customer_id=read_name(inspection, message.customer_id, "customer_id"),
        features=named_values(inspection, message.features, "features"),
    )


def _value(value: Value) -> value_pb2.Value:
    if isinstance(value, bool):
        return value_pb2.Value(flag=value)
    if isinstance(value, tuple):
        return value_pb2.Value(texts=value_pb2.TextList(values=value))
    if isinstance(value, str):
        return value_pb2.Value(text=value)
    return value_pb2.Value(integer=value) if isinstance(value, int) else value_pb2.Value(number=value)
