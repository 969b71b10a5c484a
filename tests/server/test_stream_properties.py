"""Whatever a caller says in a session: a list for each message that wants one, until one gives a reason to end."""

import grpc
import hypothesis.strategies as st
from calls import refusal_of
from fakes import ITEMS
from hypothesis import HealthCheck, given, settings
from test_recommend_properties import EXPECTED, ids, moments, numbers, requests

from shortlist.v1 import policy_pb2
from shortlist.v1 import recommend_pb2 as pb

fine_events = st.builds(
    pb.SessionEvent,
    item_id=st.sampled_from([*ITEMS, "unheard of"]),
    timestamp=st.none() | st.floats(0, 2e9),
    value=st.none() | st.floats(0, 9),
)
events = st.builds(
    pb.SessionEvent,
    item_id=ids,
    timestamp=st.none() | moments,
    value=st.none() | numbers,
    rating=st.none() | numbers,
    event=ids,
)
quiet = st.booleans()
fine_requests = st.builds(pb.RecommendRequest, k=st.none() | st.integers(1, 5), seen=st.integers(0, 3))
fine = st.one_of(
    st.builds(pb.StreamRecommendRequest, event=fine_events, quiet=quiet),
    st.builds(pb.StreamRecommendRequest, request=fine_requests),
)
anything = st.one_of(
    fine,
    st.builds(pb.StreamRecommendRequest, event=events, quiet=quiet),
    st.builds(pb.StreamRecommendRequest, request=requests, quiet=quiet),
    st.builds(pb.StreamRecommendRequest, open=requests, quiet=quiet),
    st.builds(pb.StreamRecommendRequest, quiet=quiet),
)
openings = st.builds(pb.StreamRecommendRequest, open=fine_requests, quiet=quiet)
busy = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(recommender, messages):
    """Return the lists that came, and how the session ended: a refusal, or None when it ended well."""
    lists = []
    try:
        lists.extend(reply.list for reply in recommender.StreamRecommend(iter(messages), timeout=30.0))
    except grpc.RpcError as error:
        return lists, refusal_of(error)
    return lists, None


@busy
@given(openings, st.lists(fine, max_size=6))
def test_every_message_that_is_not_quiet_has_a_list_without_what_was_taken(recommender, opening, messages):
    lists, end = told(recommender, [opening, *messages])
    assert end is None
    taken, expected = set(), []
    for message in (opening, *messages):
        if message.HasField("event"):
            taken.add(message.event.item_id)
        settings_of = message.request if message.HasField("request") else opening.open
        shown = set(ITEMS) if settings_of.seen == policy_pb2.SEEN_INCLUDE else set(ITEMS) - taken
        if not message.quiet:
            expected.append(min(len(shown), settings_of.k if settings_of.HasField("k") else 10))
            assert set(lists[len(expected) - 1].item_ids) <= shown
    assert [len(found.item_ids) for found in lists] == expected


@busy
@given(st.lists(anything, max_size=5), st.booleans(), openings)
def test_no_session_ends_without_a_reason(recommender, messages, opened, opening):
    said = [opening, *messages] if opened else messages
    lists, end = told(recommender, said)
    wanted = sum(not message.quiet for message in said)
    assert len(lists) <= wanted
    if end is None:
        assert len(lists) == wanted
    else:
        assert end.code in EXPECTED
        first = {field.split(".")[0].split("[")[0] for field in end.fields}
        assert first <= {"open", "event", "request", "message", "quiet"}
