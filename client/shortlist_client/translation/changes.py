"""Items and customers to be changed into protobuf, and what became of them into the client's types."""

from collections.abc import Iterable, Mapping

from shortlist.v1 import catalog_service_pb2, customer_service_pb2, item_pb2, value_pb2
from shortlist_client.changes import Deleted, KnownItem, Upserted
from shortlist_client.profile import FeatureValue, Item
from shortlist_client.translation.problems import from_status
from shortlist_client.translation.replies import bundle
from shortlist_client.translation.values import bad_field, seconds, values


def catalogue_messages(items: Item | Iterable[Item]) -> list[item_pb2.Item]:
    """Return the messages of one item or several.

    Raises:
        BadRequest: Something cannot even be sent.
    """
    given = [items] if isinstance(items, Item) else items
    return [_item(item, f"items[{row}]") for row, item in enumerate(given)]


def described_messages(
    features: Mapping[str, Mapping[str, FeatureValue]],
) -> list[customer_service_pb2.CustomerFeatures]:
    """Return the messages of customers' features.

    Raises:
        BadRequest: Something cannot even be sent.
    """
    if not isinstance(features, Mapping):
        raise bad_field("features", f"takes customer id -> column -> value, not {type(features).__name__}")
    return [
        customer_service_pb2.CustomerFeatures(customer_id=name, features=values(own, f'features["{name}"]'))
        for name, own in features.items()
    ]


def upserted(
    reply: catalog_service_pb2.UpsertItemsResponse | customer_service_pb2.UpsertCustomersResponse,
) -> Upserted:
    """Return what became of what was to be stored."""
    return Upserted(
        stored=reply.stored_count,
        errors={error.row: from_status(error.status) for error in reply.errors},
        unknown_attributes=tuple(reply.unknown_attributes),
        position=reply.position,
    )


def deleted(
    reply: catalog_service_pb2.DeleteItemsResponse | customer_service_pb2.DeleteCustomersResponse,
) -> Deleted:
    """Return what became of what was to go."""
    return Deleted(deleted=reply.deleted_count, unknown=reply.unknown_count, position=reply.position)


def known_item(reply: catalog_service_pb2.GetItemResponse) -> KnownItem:
    """Return an item as the server knows it."""
    message = reply.item
    item = Item(
        item_id=message.item_id,
        attributes={name: _plain(value) for name, value in message.attributes.items()},
        available_from=message.available_from if message.HasField("available_from") else None,
        available_until=message.available_until if message.HasField("available_until") else None,
    )
    live = reply.origin == catalog_service_pb2.ITEM_ORIGIN_LIVE
    return KnownItem(item=item, live=live, bundle=bundle(reply.bundle))


def _item(item: Item, field: str) -> item_pb2.Item:
    if not isinstance(item, Item):
        raise bad_field(field, f"takes an Item, not {type(item).__name__}")
    start, end = item.available_from, item.available_until
    return item_pb2.Item(
        item_id=item.item_id,
        attributes=values(item.attributes, f"{field}.attributes"),
        available_from=None if start is None else seconds(start, f"{field}.available_from"),
        available_until=None if end is None else seconds(end, f"{field}.available_until"),
    )


def _plain(value: value_pb2.Value) -> FeatureValue:
    kind = value.WhichOneof("kind")
    if kind == "texts":
        return tuple(value.texts.values)
    plain: FeatureValue = getattr(value, kind) if kind else None
    return plain
