"""Requests: protobuf in, the pipeline's dataclasses out. Every violation of a request is reported at once."""

from dataclasses import replace

from shortlist.v1 import customer_pb2, encode_pb2, recommend_pb2, score_pb2, similar_pb2
from shortlist_server.errors import FeatureOff, InvalidRequest
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.pipeline.request import (
    RecommendRequest,
    ScoreRequest,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)
from shortlist_server.wire.filters import read_filter
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.profiles import read_customer_id, read_profile
from shortlist_server.wire.settings import (
    read_list_length,
    read_settings,
)
from shortlist_server.wire.values import read_context, read_moment, read_name, read_names, read_optional_name, within

DEFAULT_SPACE = "two_tower"


def read_recommend(message: recommend_pb2.RecommendRequest, limits: Limits = LIMITS) -> RecommendRequest:
    """Read a request for one list.

    Raises:
        InvalidRequest: Fields cannot be meant.
    """
    inspection = Inspection(limits)
    customer_id, profile = read_customer_id(inspection, message), read_profile(inspection, message)
    request = read_settings(inspection, message, customer_id, profile)
    inspection.finish()
    return request


def read_batch(
    message: recommend_pb2.BatchRecommendRequest, limits: Limits = LIMITS
) -> list[RecommendRequest | InvalidRequest]:
    """Read a request for many lists; a row that cannot be meant holds its error.

    Raises:
        InvalidRequest: A field that all rows share cannot be meant, or there are too many rows.
    """
    inspection = Inspection(limits)
    settings = read_settings(inspection, message)
    _inspect_size(inspection, message, settings.k)
    inspection.finish()
    return [_read_row(settings, customer, limits) for customer in message.customers]


def read_similar_items(message: similar_pb2.SimilarItemsRequest, limits: Limits = LIMITS) -> SimilarItemsRequest:
    """Read a request for the items near one.

    Raises:
        InvalidRequest: Fields cannot be meant.
    """
    inspection = Inspection(limits)
    request = SimilarItemsRequest(
        item_id=read_name(inspection, message.item_id, "item_id"),
        k=read_list_length(inspection, message.k if message.HasField("k") else None),
        space=read_optional_name(inspection, message.space, "space") or DEFAULT_SPACE,
        filter=read_filter(inspection, message.filter) if message.HasField("filter") else None,
        exclude_items=read_names(inspection, message.exclude_item_ids, "exclude_item_ids", limits.excluded),
    )
    inspection.finish()
    return request


def read_similar_customers(
    message: similar_pb2.SimilarCustomersRequest, limits: Limits = LIMITS
) -> SimilarCustomersRequest:
    """Read a request for the customers near one.

    Raises:
        InvalidRequest: Fields cannot be meant.
    """
    inspection = Inspection(limits)
    request = SimilarCustomersRequest(
        customer_id=read_customer_id(inspection, message),
        profile=read_profile(inspection, message),
        k=read_list_length(inspection, message.k if message.HasField("k") else None),
        as_of=read_moment(inspection, message.as_of, "as_of") if message.HasField("as_of") else None,
        require_known=message.require_known,
    )
    inspection.finish()
    return request


def read_score(message: score_pb2.ScoreRequest, limits: Limits = LIMITS) -> ScoreRequest:
    """Read a request to score items.

    Raises:
        InvalidRequest: Fields cannot be meant.
    """
    inspection = Inspection(limits)
    within(inspection, len(message.item_ids), "item_ids", limits.items, least=1)
    request = ScoreRequest(
        items=read_names(inspection, message.item_ids, "item_ids", limits.items),
        customer_id=read_customer_id(inspection, message),
        profile=read_profile(inspection, message),
        as_of=read_moment(inspection, message.as_of, "as_of") if message.HasField("as_of") else None,
        context=read_context(inspection, message.context, "context"),
        require_known=message.require_known,
    )
    inspection.finish()
    return request


def read_encode_customers(
    message: encode_pb2.EncodeCustomersRequest, limits: Limits = LIMITS
) -> list[RecommendRequest]:
    """Read the customers to encode.

    Raises:
        InvalidRequest: Fields cannot be meant.
    """
    inspection = Inspection(limits)
    as_of = read_moment(inspection, message.as_of, "as_of") if message.HasField("as_of") else None
    _inspect_customers(inspection, message)
    inspection.finish()
    requests = [
        RecommendRequest(
            customer_id=read_customer_id(inspection, customer, f"customers[{row}]."),
            profile=read_profile(inspection, customer, f"customers[{row}]."),
            as_of=as_of,
        )
        for row, customer in enumerate(message.customers)
    ]
    inspection.finish()
    return requests


def read_encode_items(message: encode_pb2.EncodeItemsRequest, limits: Limits = LIMITS) -> tuple[str, ...]:
    """Read the ids of the items to encode.

    Raises:
        InvalidRequest: Fields cannot be meant.
        FeatureOff: An item brings attributes of its own.
    """
    inspection = Inspection(limits)
    if within(inspection, len(message.items), "items", limits.items, least=1):
        ids = tuple(
            read_name(inspection, item.item_id, f"items[{row}].item_id") for row, item in enumerate(message.items)
        )
    inspection.finish()
    if any(item.attributes for item in message.items):
        raise FeatureOff("items.attributes", "is not supported in this version; name items of the catalogue")
    return ids


def _read_row(
    settings: RecommendRequest, customer: customer_pb2.Customer, limits: Limits
) -> RecommendRequest | InvalidRequest:
    inspection = Inspection(limits)
    row = replace(
        settings, customer_id=read_customer_id(inspection, customer), profile=read_profile(inspection, customer)
    )
    return inspection.error() or row


def _inspect_size(inspection: Inspection, message: recommend_pb2.BatchRecommendRequest, k: int) -> None:
    _inspect_customers(inspection, message)
    items = k * len(message.customers)
    most = inspection.limits.explained_items if message.explain else inspection.limits.batch_items
    if items > most:
        problem = f"{len(message.customers):,} lists of {k:,} are {items:,} items"
        explained = " with `explain`" if message.explain else ""
        inspection.refuse("customers", f"{problem}; at most {most:,} are allowed{explained}: send smaller batches")


def _inspect_customers(
    inspection: Inspection, message: recommend_pb2.BatchRecommendRequest | encode_pb2.EncodeCustomersRequest
) -> None:
    if not within(inspection, len(message.customers), "customers", inspection.limits.customers, least=1):
        return
    events = sum(len(customer.profile.history.item_ids) for customer in message.customers)
    if events > inspection.limits.batch_history:
        problem = f"have {events:,} events of history together; at most {inspection.limits.batch_history:,} are allowed"
        inspection.refuse("customers", f"{problem}: send smaller batches")
