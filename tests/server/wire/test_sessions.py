import pytest

from shortlist.v1 import customer_pb2
from shortlist.v1 import recommend_pb2 as pb
from shortlist_server.errors import InvalidRequest, UnknownAttribute
from shortlist_server.pipeline.request import Event
from shortlist_server.wire.sessions import fields_of, read_event, read_kind, read_session_request

NAN, INF = float("nan"), float("inf")


def message(quiet=False, **kind):
    return pb.StreamRecommendRequest(quiet=quiet, **kind)


def violation(read, *arguments, **options):
    with pytest.raises(InvalidRequest) as caught:
        read(*arguments, **options)
    (found,) = caught.value.violations
    return found.field


@pytest.mark.parametrize(
    ("said", "opened", "kind"),
    [
        (message(open=pb.RecommendRequest()), False, "open"),
        (message(open=pb.RecommendRequest(), quiet=True), False, "open"),
        (message(event=pb.SessionEvent()), True, "event"),
        (message(event=pb.SessionEvent(), quiet=True), True, "event"),
        (message(request=pb.RecommendRequest()), True, "request"),
    ],
)
def test_a_message_at_its_time(said, opened, kind):
    assert read_kind(said, opened=opened) == kind


@pytest.mark.parametrize(
    ("said", "opened", "field"),
    [
        (message(), False, "message"),
        (message(), True, "message"),
        (message(open=pb.RecommendRequest()), True, "open"),
        (message(event=pb.SessionEvent(item_id="a")), False, "event"),
        (message(request=pb.RecommendRequest()), False, "request"),
        (message(request=pb.RecommendRequest(), quiet=True), True, "quiet"),
    ],
)
def test_a_message_at_the_wrong_time(said, opened, field):
    assert violation(read_kind, said, opened=opened) == field


def test_an_event_says_what_a_history_would():
    assert read_event(pb.SessionEvent(item_id="a")) == Event(item_id="a")
    said = pb.SessionEvent(item_id="a", timestamp=0.0, value=0.0, rating=0.0, event="view")
    assert read_event(said) == Event(item_id="a", timestamp=0.0, value=0.0, rating=0.0, event="view")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item_id": ""}, "item_id"),
        ({"item_id": "x" * 257}, "item_id"),
        ({"timestamp": NAN}, "timestamp"),
        ({"timestamp": 1.7e12}, "timestamp"),
        ({"value": NAN}, "value"),
        ({"value": INF}, "value"),
        ({"value": -1.0}, "value"),
        ({"rating": NAN}, "rating"),
        ({"rating": INF}, "rating"),
        ({"event": "x" * 257}, "event"),
    ],
)
def test_an_event_that_cannot_be_meant(changes, field):
    assert violation(read_event, pb.SessionEvent(**{"item_id": "a", **changes})) == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer_id": "bob"}, "customer_id"),
        ({"profile": customer_pb2.Profile()}, "profile"),
        ({"model": "default"}, "model"),
        ({"k": 0}, "k"),
    ],
)
def test_a_request_leaves_the_customer_to_the_session(changes, field):
    assert violation(read_session_request, pb.RecommendRequest(**changes)) == field


def test_fields_are_named_from_the_message():
    with pytest.raises(UnknownAttribute) as caught, fields_of("open"):
        raise UnknownAttribute("filter[colour]", "colour")
    assert [one.field for one in caught.value.violations] == ["open.filter[colour]"]
    assert str(caught.value).startswith("open.filter[colour]: ")
    assert (caught.value.reason, caught.value.attribute) == ("UNKNOWN_ATTRIBUTE", "colour")
