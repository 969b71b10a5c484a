"""Which calls leave together, and which answers are whose, without any stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist.v1 import recommend_pb2 as pb
from shortlist_client.errors import ServerError
from shortlist_client.traffic import AHEAD, Traffic
from shortlist_client.translation.streamed import MOST_CALLS

ANN = pb.RecommendRequest(customer_id="ann").SerializeToString()


def numbers(message):
    return [call.id for call in pb.StreamRecommendRequest.FromString(message).calls.calls]


def answer(*of):
    return pb.StreamRecommendResponse(
        answers=[pb.StreamedAnswer(id=one, list=pb.RecommendResponse(item_ids=[str(one)])) for one in of]
    ).SerializeToString()


def test_a_call_leaves_at_once_and_says_what_it_asks():
    traffic = Traffic()
    number = traffic.add(ANN, 0.5)
    (message,) = traffic.leaving()
    (call,) = pb.StreamRecommendRequest.FromString(message).calls.calls
    assert (call.id, call.request.customer_id, call.timeout) == (number, "ann", 0.5)
    assert traffic.leaving() == []


def test_calls_gather_behind_those_that_are_on_their_way():
    traffic = Traffic()
    for _ in range(AHEAD):
        traffic.add(ANN, 1.0)
        assert len(traffic.leaving()) == 1
    late = [traffic.add(ANN, 1.0) for _ in range(5)]
    assert traffic.leaving() == []
    assert [one for one, _ in traffic.arrived(answer(1))] == [1]
    (message,) = traffic.leaving()
    assert numbers(message) == late


def test_a_message_is_on_its_way_until_all_of_it_is_answered():
    traffic = Traffic()
    for _ in range(AHEAD):
        traffic.add(ANN, 1.0)
        traffic.leaving()
    three = [traffic.add(ANN, 1.0) for _ in range(3)]
    traffic.arrived(answer(1))
    traffic.leaving()
    traffic.arrived(answer(2))
    later = traffic.add(ANN, 1.0)
    assert [numbers(message) for message in traffic.leaving()] == [[later]]
    more = traffic.add(ANN, 1.0)
    traffic.arrived(answer(*three[:2]))
    assert traffic.leaving() == []
    traffic.arrived(answer(three[2]))
    assert [numbers(message) for message in traffic.leaving()] == [[more]]


def test_who_gives_up_while_gathering_is_not_sent_and_an_answer_too_late_is_nobodys():
    traffic = Traffic()
    for _ in range(AHEAD):
        traffic.add(ANN, 1.0)
        traffic.leaving()
    gone, stays = traffic.add(ANN, 1.0), traffic.add(ANN, 1.0)
    traffic.give_up(gone)
    traffic.give_up(1)
    assert traffic.arrived(answer(1)) == []
    assert [numbers(message) for message in traffic.leaving()] == [[stays]]


@given(st.integers(0, 3 * MOST_CALLS))
def test_no_message_has_too_many_calls_and_none_is_lost(count):
    traffic = Traffic()
    wanted = {traffic.add(ANN, 1.0) for _ in range(count)}
    seen = set()
    while messages := traffic.leaving():
        assert len(messages) <= AHEAD
        for message in messages:
            own = numbers(message)
            assert 1 <= len(own) <= MOST_CALLS
            assert not seen & set(own)
            seen |= set(own)
            assert {number for number, _ in traffic.arrived(answer(*own))} == set(own)
    assert seen == wanted


def test_what_is_no_answer_is_a_defect_of_the_server():
    with pytest.raises(ServerError):
        Traffic().arrived(b"\xff\xff")
