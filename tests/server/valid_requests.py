"""One valid request for each message of the API, with most fields set: where mutations and tables start from."""

from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from shortlist.v1 import (
    catalog_service_pb2,
    customer_pb2,
    customer_service_pb2,
    encode_pb2,
    feedback_service_pb2,
    filter_pb2,
    item_pb2,
    model_service_pb2,
    needs_pb2,
    policy_pb2,
    recommend_pb2,
    recommender_service_pb2,
    score_pb2,
    similar_pb2,
    value_pb2,
)


def text(value):
    return value_pb2.Value(text=value)


def equals(attribute, value):
    return filter_pb2.Filter(equals=filter_pb2.EqualsFilter(attribute=attribute, value=text(value)))


def every(*filters):
    return filter_pb2.Filter(all=filter_pb2.AllFilter(filters=filters))


def profile():
    return customer_pb2.Profile(
        features={
            "age": value_pb2.Value(number=42.5),
            "member": value_pb2.Value(flag=True),
            "tags": value_pb2.Value(texts=value_pb2.TextList(values=["a", "b"])),
        },
        history=customer_pb2.History(
            item_ids=["apple", "bread"],
            timestamps=[1.4e9, float("nan")],
            values=[1.0, 2.0],
            ratings=[float("nan"), 4.0],
            events=["purchase", ""],
        ),
    )


def needs(**changes):
    kinds = [text("food"), value_pb2.Value(integer=2), value_pb2.Value(number=2.5), value_pb2.Value(flag=True)]
    wishes = [
        needs_pb2.Wish(attribute="department", wanted=needs_pb2.WantedValues(values=kinds)),
        needs_pb2.Wish(attribute="price", near=needs_pb2.Near(target=20.0, within=5.0), weight=2.0),
        needs_pb2.Wish(attribute="price", near=needs_pb2.Near(target=20.0)),
        needs_pb2.Wish(attribute="price", direction=needs_pb2.DIRECTION_LOWEST),
        needs_pb2.Wish(attribute="price", direction=needs_pb2.DIRECTION_HIGHEST),
    ]
    fields = {"musts": [equals("department", "food")], "wishes": wishes, "weight": 0.25, "relax": True}
    return needs_pb2.Needs(**{**fields, **changes})


def recommend(**changes):
    fields = {
        "model": "default",
        "customer_id": "ann",
        "profile": profile(),
        "k": 2,
        "as_of": 1.5e9,
        "context": {"device": text("phone"), "hour": value_pb2.Value(integer=7)},
        "filter": every(equals("department", "food"), equals("department", "food")),
        "exclude_item_ids": ["cheese", "no such item"],
        "seen": policy_pb2.SEEN_EXCLUDE,
        "sources": [policy_pb2.SourceWeight(source="popular", weight=0.5, quota=1)],
        "explain": True,
        "include_timings": True,
    }
    return recommend_pb2.RecommendRequest(**{**fields, **changes})


def session_event(**changes):
    fields = {"item_id": "apple", "timestamp": 1.5e9, "value": 2.0, "rating": 4.0, "event": "purchase"}
    return recommend_pb2.StreamRecommendRequest(event=recommend_pb2.SessionEvent(**{**fields, **changes}))


def session_request(**changes):
    settings = recommend(**{"model": "", "customer_id": "", "profile": None, **changes})
    return recommend_pb2.StreamRecommendRequest(request=settings)


def batch(**changes):
    customers = [customer_pb2.Customer(customer_id="ann"), customer_pb2.Customer(profile=profile())]
    return recommend_pb2.BatchRecommendRequest(**{"k": 2, "as_of": 1.5e9, "customers": customers, **changes})


def similar(**changes):
    fields = {"item_id": "apple", "k": 2, "filter": equals("department", "food"), "exclude_item_ids": ["cheese"]}
    return similar_pb2.SimilarItemsRequest(**{**fields, **changes})


def similar_customers(**changes):
    fields = {"customer_id": "ann", "profile": profile(), "k": 3, "as_of": 1.5e9}
    return similar_pb2.SimilarCustomersRequest(**{**fields, **changes})


def score(**changes):
    fields = {"customer_id": "ann", "profile": profile(), "item_ids": ["apple", "bread"], "as_of": 1.5e9}
    return score_pb2.ScoreRequest(**{**fields, **changes})


def encode_customers(**changes):
    customers = [customer_pb2.Customer(customer_id="ann", profile=profile())]
    return encode_pb2.EncodeCustomersRequest(**{"customers": customers, "as_of": 1.5e9, **changes})


def encode_items(**changes):
    return encode_pb2.EncodeItemsRequest(**{"items": [item_pb2.Item(item_id="apple")], **changes})


RECOMMENDER = recommender_service_pb2.DESCRIPTOR.services_by_name["RecommenderService"]
MODEL = model_service_pb2.DESCRIPTOR.services_by_name["ModelService"]
CUSTOMER = customer_service_pb2.DESCRIPTOR.services_by_name["CustomerService"]
CATALOG = catalog_service_pb2.DESCRIPTOR.services_by_name["CatalogService"]
FEEDBACK = feedback_service_pb2.DESCRIPTOR.services_by_name["FeedbackService"]
HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"]
REFLECTION = reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"]

SERVICES = (RECOMMENDER, MODEL, CUSTOMER, CATALOG, FEEDBACK, HEALTH, REFLECTION)
METHODS = {method.full_name: method for service in SERVICES for method in service.methods}

VALID = {
    f"{RECOMMENDER.full_name}.Recommend": recommend(needs=needs()),
    f"{RECOMMENDER.full_name}.BatchRecommend": batch(),
    f"{RECOMMENDER.full_name}.StreamRecommend": recommend_pb2.StreamRecommendRequest(open=recommend()),
    f"{RECOMMENDER.full_name}.SimilarItems": similar(),
    f"{RECOMMENDER.full_name}.SimilarCustomers": similar_customers(),
    f"{RECOMMENDER.full_name}.Score": score(),
    f"{RECOMMENDER.full_name}.EncodeCustomers": encode_customers(),
    f"{RECOMMENDER.full_name}.EncodeItems": encode_items(),
    f"{MODEL.full_name}.DescribeModel": model_service_pb2.DescribeModelRequest(model="default", version="stable"),
    f"{MODEL.full_name}.ListModels": model_service_pb2.ListModelsRequest(model="default", page_size=10),
    f"{MODEL.full_name}.LoadModel": model_service_pb2.LoadModelRequest(version="v1"),
    f"{MODEL.full_name}.PromoteModel": model_service_pb2.PromoteModelRequest(version="v1", alias="stable"),
    f"{MODEL.full_name}.RollbackModel": model_service_pb2.RollbackModelRequest(alias="stable"),
    f"{CUSTOMER.full_name}.UpsertCustomers": customer_service_pb2.UpsertCustomersRequest(
        customers=[customer_service_pb2.CustomerFeatures(customer_id="ann", features={"age": text("old")})]
    ),
    f"{CUSTOMER.full_name}.DeleteCustomers": customer_service_pb2.DeleteCustomersRequest(customer_ids=["ann"]),
    f"{CATALOG.full_name}.UpsertItems": catalog_service_pb2.UpsertItemsRequest(
        items=[item_pb2.Item(item_id="apple", attributes={"department": text("food")}, available_from=1.0)]
    ),
    f"{CATALOG.full_name}.DeleteItems": catalog_service_pb2.DeleteItemsRequest(item_ids=["apple"]),
    f"{CATALOG.full_name}.GetItem": catalog_service_pb2.GetItemRequest(item_id="apple"),
    f"{FEEDBACK.full_name}.RecordEvents": feedback_service_pb2.RecordEventsRequest(
        events=[feedback_service_pb2.Event(event_id="e1", customer_id="ann", item_id="apple", timestamp=1.0)]
    ),
    f"{FEEDBACK.full_name}.RecordEventStream": feedback_service_pb2.RecordEventStreamRequest(model="default"),
    f"{HEALTH.full_name}.Check": health_pb2.HealthCheckRequest(service=RECOMMENDER.full_name),
    f"{HEALTH.full_name}.List": health_pb2.HealthListRequest(),
    f"{HEALTH.full_name}.Watch": health_pb2.HealthCheckRequest(service=RECOMMENDER.full_name),
    f"{REFLECTION.full_name}.ServerReflectionInfo": reflection_pb2.ServerReflectionRequest(
        file_containing_symbol=RECOMMENDER.full_name
    ),
}
