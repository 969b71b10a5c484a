"""Each verb of the client as a call: where it goes, what it carries, how its answer is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Generic, ParamSpec, TypeVar

from google.protobuf.message import DecodeError, Message

from shortlist.v1 import (
    catalog_service_pb2,
    customer_service_pb2,
    encode_pb2,
    feedback_service_pb2,
    model_service_pb2,
    recommend_pb2,
    score_pb2,
    similar_pb2,
)
from shortlist_client.changes import Deleted, KnownItem, Upserted
from shortlist_client.description import ModelDescription
from shortlist_client.errors import ServerError
from shortlist_client.feedback import FeedbackEvent, Recorded
from shortlist_client.options import CallOptions
from shortlist_client.policy import FilterLike, ListSettings
from shortlist_client.profile import Customer, FeatureValue, Item, Moment, Profile
from shortlist_client.recommendations import Batch, Recommendations
from shortlist_client.scores import Scores
from shortlist_client.similar import SimilarCustomers, SimilarItems
from shortlist_client.translation import changes, replies
from shortlist_client.translation.customers import customer_messages, item_messages, profile_message
from shortlist_client.translation.feedback import event_messages, recorded
from shortlist_client.translation.filters import filter_message
from shortlist_client.translation.lists import list_fields
from shortlist_client.translation.values import bad_field, ids, list_length, seconds, values
from shortlist_client.vectors import Vectors

P = ParamSpec("P")
Reply = TypeVar("Reply")
MessageType = TypeVar("MessageType", bound=Message)


@dataclass(frozen=True, slots=True)
class Call(Generic[Reply]):
    """One call, ready to be sent as often as it takes."""

    path: str
    payload: bytes
    read: Callable[[bytes], Reply]
    timeout: float
    """Seconds, all attempts together."""


def _sendable(make: Callable[P, Call[Reply]]) -> Callable[P, Call[Reply]]:
    """Let protobuf's complaint about a number out of range or ill-formed text become a BadRequest."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Call[Reply]:
        try:
            return make(*args, **kwargs)
        except ValueError as problem:
            raise bad_field("request", str(problem)) from problem

    return made


@_sendable
def recommend(
    customer_id: str | None, profile: Profile | None, settings: ListSettings, options: CallOptions
) -> Call[Recommendations]:
    """Return the call for one customer's list."""
    request = recommend_pb2.RecommendRequest(
        customer_id=customer_id or "",
        profile=profile_message(profile),
        model=options.model,
        placement=options.placement,
        **list_fields(settings),
    )
    return _call(
        options, "RecommenderService/Recommend", request, recommend_pb2.RecommendResponse, replies.recommendations
    )


@_sendable
def recommend_batch(
    customers: Iterable[str | Profile | Customer], settings: ListSettings, options: CallOptions
) -> Call[Batch]:
    """Return the call for one list for each of many customers."""
    request = recommend_pb2.BatchRecommendRequest(
        customers=customer_messages(customers),
        model=options.model,
        placement=options.placement,
        **list_fields(settings),
    )
    return _call(
        options, "RecommenderService/BatchRecommend", request, recommend_pb2.BatchRecommendResponse, replies.batch
    )


@_sendable
def similar_items(
    item_id: str, *, k: int, space: str, filter: FilterLike | None, exclude_items: Iterable[str], options: CallOptions
) -> Call[SimilarItems]:
    """Return the call for the items near an item."""
    request = similar_pb2.SimilarItemsRequest(
        item_id=item_id,
        k=list_length(k),
        space=space,
        filter=filter_message(filter),
        exclude_item_ids=ids(exclude_items, "exclude_items"),
        model=options.model,
        placement=options.placement,
    )
    return _call(
        options, "RecommenderService/SimilarItems", request, similar_pb2.SimilarItemsResponse, replies.similar_items
    )


@_sendable
def similar_customers(
    customer: Customer, *, k: int, as_of: Moment | None, require_known: bool, options: CallOptions
) -> Call[SimilarCustomers]:
    """Return the call for the customers near a customer."""
    request = similar_pb2.SimilarCustomersRequest(
        customer_id=customer.customer_id,
        profile=profile_message(customer.profile),
        k=list_length(k),
        as_of=_as_of(as_of),
        require_known=require_known,
        model=options.model,
        placement=options.placement,
    )
    return _call(
        options, "RecommenderService/SimilarCustomers", request, similar_pb2.SimilarCustomersResponse,
        replies.similar_customers,
    )  # fmt: skip


@_sendable
def score(
    customer: Customer,
    items: Iterable[str],
    *,
    as_of: Moment | None,
    context: Mapping[str, FeatureValue] | None,
    require_known: bool,
    options: CallOptions,
) -> Call[Scores]:
    """Return the call for one customer's scores of given items."""
    request = score_pb2.ScoreRequest(
        customer_id=customer.customer_id,
        profile=profile_message(customer.profile),
        item_ids=ids(items, "items"),
        as_of=_as_of(as_of),
        context=values(context, "context"),
        require_known=require_known,
        model=options.model,
        placement=options.placement,
    )
    return _call(options, "RecommenderService/Score", request, score_pb2.ScoreResponse, replies.scores)


@_sendable
def encode_customers(
    customers: Iterable[str | Profile | Customer], *, as_of: Moment | None, options: CallOptions
) -> Call[Vectors]:
    """Return the call for customers' vectors."""
    request = encode_pb2.EncodeCustomersRequest(
        customers=customer_messages(customers),
        as_of=_as_of(as_of),
        model=options.model,
        placement=options.placement,
    )
    return _call(
        options, "RecommenderService/EncodeCustomers", request, encode_pb2.EncodeCustomersResponse, replies.vectors
    )


@_sendable
def encode_items(items: Iterable[str | Item], *, options: CallOptions) -> Call[Vectors]:
    """Return the call for items' vectors."""
    request = encode_pb2.EncodeItemsRequest(
        items=item_messages(items), model=options.model, placement=options.placement
    )
    return _call(options, "RecommenderService/EncodeItems", request, encode_pb2.EncodeItemsResponse, replies.vectors)


@_sendable
def record(events: FeedbackEvent | Iterable[FeedbackEvent], options: CallOptions) -> Call[Recorded]:
    """Return the call that records events."""
    request = feedback_service_pb2.RecordEventsRequest(
        events=event_messages(events), model=options.model, placement=options.placement
    )
    return _call(options, "FeedbackService/RecordEvents", request, feedback_service_pb2.RecordEventsResponse, recorded)


@_sendable
def upsert_items(items: Item | Iterable[Item], options: CallOptions) -> Call[Upserted]:
    """Return the call that adds items or replaces them."""
    request = catalog_service_pb2.UpsertItemsRequest(items=changes.catalogue_messages(items), model=options.model)
    return _call(
        options, "CatalogService/UpsertItems", request, catalog_service_pb2.UpsertItemsResponse, changes.upserted
    )


@_sendable
def delete_items(items: Iterable[str], options: CallOptions) -> Call[Deleted]:
    """Return the call that takes items out."""
    request = catalog_service_pb2.DeleteItemsRequest(item_ids=ids(items, "items"), model=options.model)
    return _call(
        options, "CatalogService/DeleteItems", request, catalog_service_pb2.DeleteItemsResponse, changes.deleted
    )


@_sendable
def get_item(item_id: str, options: CallOptions) -> Call[KnownItem]:
    """Return the call for one item as it is known."""
    request = catalog_service_pb2.GetItemRequest(item_id=item_id, model=options.model)
    return _call(options, "CatalogService/GetItem", request, catalog_service_pb2.GetItemResponse, changes.known_item)


@_sendable
def upsert_customers(features: Mapping[str, Mapping[str, FeatureValue]], options: CallOptions) -> Call[Upserted]:
    """Return the call that sets features of customers."""
    request = customer_service_pb2.UpsertCustomersRequest(
        customers=changes.described_messages(features), model=options.model
    )
    return _call(
        options, "CustomerService/UpsertCustomers", request, customer_service_pb2.UpsertCustomersResponse,
        changes.upserted,
    )  # fmt: skip


@_sendable
def delete_customers(customers: Iterable[str], options: CallOptions) -> Call[Deleted]:
    """Return the call that forgets customers."""
    request = customer_service_pb2.DeleteCustomersRequest(customer_ids=ids(customers, "customers"), model=options.model)
    return _call(
        options, "CustomerService/DeleteCustomers", request, customer_service_pb2.DeleteCustomersResponse,
        changes.deleted,
    )  # fmt: skip


@_sendable
def describe_model(version: str, options: CallOptions) -> Call[ModelDescription]:
    """Return the call for a bundle's description."""
    request = model_service_pb2.DescribeModelRequest(version=version, model=options.model, placement=options.placement)
    return _call(
        options, "ModelService/DescribeModel", request, model_service_pb2.DescribeModelResponse, replies.description
    )


def _call(
    options: CallOptions,
    method: str,
    request: Message,
    reply_type: type[MessageType],
    read: Callable[[MessageType], Reply],
) -> Call[Reply]:
    def parse(payload: bytes) -> Reply:
        try:
            message = reply_type.FromString(payload)
        except DecodeError as problem:
            raise ServerError(f"the answer to {method} is not a {reply_type.DESCRIPTOR.full_name}") from problem
        return read(message)

    return Call(f"/shortlist.v1.{method}", request.SerializeToString(), parse, options.timeout)


def _as_of(moment: Moment | None) -> float | None:
    return None if moment is None else seconds(moment, "as_of")


call_of = _call
"""Makes a call of a method, its request and how its answer is read; the verbs of other rooms are made with it."""
