"""Every call goes to a method that exists, with the messages of that method."""

import pytest
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from shortlist.v1 import model_service_pb2, recommender_service_pb2
from shortlist_client.options import CallOptions
from shortlist_client.verbs import Verbs

VERBS = Verbs(defaults=CallOptions(model="food", placement="home", timeout=0.25))
CALLS = [
    VERBS.recommend("c"),
    VERBS.recommend_batch(["c"]),
    VERBS.similar_items("i"),
    VERBS.score("c", items=["i"]),
    VERBS.encode_customers(["c"]),
    VERBS.encode_items(["i"]),
    VERBS.describe_model(),
]
METHODS = {
    f"/{service.full_name}/{method.name}": method
    for file in (recommender_service_pb2, model_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.path.rpartition("/")[2])
def test_a_call_carries_the_request_of_its_method(call):
    request = GetMessageClass(METHODS[call.path].input_type).FromString(call.payload)

    assert (request.model, request.placement, call.timeout) == ("food", "home", 0.25)
    assert len(UnknownFieldSet(request)) == 0


def test_a_call_may_override_the_defaults():
    assert VERBS.recommend("c", timeout=1.5).timeout == 1.5
