"""Bytes that are no message, or not the message that was meant: never INTERNAL, never UNKNOWN."""

import random

import grpc
import pytest
from calls import refusal
from valid_requests import METHODS, RECOMMENDER, VALID, recommend, session_event, session_request

from shortlist.v1 import filter_pb2, recommend_pb2

MUTATIONS = 200
DEFECTS = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
RECOMMEND = f"/{RECOMMENDER.full_name}/Recommend"


def path_of(name):
    service, method = name.rsplit(".", 1)
    return f"/{service}/{method}"


def mutated(raw, draw):
    """Damage bytes in one of the ways in which bytes get damaged."""
    at = draw.randrange(len(raw) + 1)
    way = draw.choice(("flip", "cut", "drop", "insert", "repeat", "noise"))
    if way == "flip" and raw:
        at = draw.randrange(len(raw))
        return raw[:at] + bytes([raw[at] ^ 1 << draw.randrange(8)]) + raw[at + 1 :]
    if way == "cut":
        return raw[:at]
    if way == "drop":
        return raw[:at] + raw[at + draw.randint(1, 4) :]
    if way == "insert":
        return raw[:at] + draw.randbytes(draw.randint(1, 8)) + raw[at:]
    if way == "repeat":
        return raw[:at] + raw[at : at + 16] * draw.randint(2, 5) + raw[at:]
    return draw.randbytes(draw.randint(1, 64))


def code_of(channel, name, raw):
    """Send bytes as they are, and return the status that comes back."""
    method = METHODS[name]
    kinds = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
    call = getattr(channel, "_".join(kinds))(path_of(name))
    request = iter([raw]) if method.client_streaming else raw
    try:
        answer = call(request, timeout=10.0)
        if method.server_streaming:
            # One answer is enough: a health watch has no end.
            next(answer, None)
            answer.cancel()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_every_method_has_a_valid_request():
    assert set(VALID) == set(METHODS)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_no_damage_becomes_a_defect_of_the_server(live, name):
    draw = random.Random(name)
    raw = VALID[name].SerializeToString()
    codes = {}
    for _ in range(MUTATIONS):
        damaged = mutated(raw, draw)
        codes.setdefault(code_of(live, name, damaged), damaged)
    assert not set(codes) & set(DEFECTS), codes


def in_a_session(channel, raw):
    """Send bytes as the second message of a session, and return the status that comes back."""
    opening = recommend_pb2.StreamRecommendRequest(open=recommend(), quiet=True).SerializeToString()
    call = channel.stream_stream(f"/{RECOMMENDER.full_name}/StreamRecommend")(iter([opening, raw]), timeout=10.0)
    try:
        for _ in call:
            pass
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("message", [session_event(), session_request()], ids=["event", "request"])
def test_no_damage_within_a_session_becomes_a_defect_of_the_server(live, message):
    draw = random.Random(str(message))
    raw = message.SerializeToString()
    codes = {}
    for _ in range(MUTATIONS):
        damaged = mutated(raw, draw)
        codes.setdefault(in_a_session(live, damaged), damaged)
    assert not set(codes) & set(DEFECTS), codes
    assert {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT} <= set(codes)


def test_the_mutations_reach_both_answers(live):
    """The test above can fail: its bytes are neither all refused nor all taken."""
    draw = random.Random(0)
    raw = recommend().SerializeToString()
    codes = {code_of(live, f"{RECOMMENDER.full_name}.Recommend", mutated(raw, draw)) for _ in range(MUTATIONS)}
    assert {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT} <= codes


def nested(levels):
    """Write a filter by hand: the protobuf library itself would refuse to write one this deep."""
    raw = filter_pb2.Filter(flag=filter_pb2.FlagFilter(attribute="organic", wanted=True)).SerializeToString()
    for _ in range(levels):
        raw = field(filter_pb2.Filter.ALL_FIELD_NUMBER, field(filter_pb2.AllFilter.FILTERS_FIELD_NUMBER, raw))
    return field(recommend_pb2.RecommendRequest.FILTER_FIELD_NUMBER, raw)


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def varint(number):
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


@pytest.mark.parametrize(
    "raw",
    [b"\xff", b"\x1a\x05ab", b"\x1a\x02\xff\xfe", b"\x1a\x03\xed\xa0\x80", nested(200)],
    ids=["no tag", "cut short", "not UTF-8", "a surrogate in UTF-8", "over-deep"],
)
def test_bytes_that_do_not_parse_are_the_callers_fault(live, raw):
    found = refusal(live.unary_unary(RECOMMEND), raw)
    assert found.code is grpc.StatusCode.INVALID_ARGUMENT
    assert found.reason == "MALFORMED_REQUEST"
    assert found.fields == ["(request)"]
    assert "shortlist.v1.RecommendRequest" in found.text
    assert "upb" not in found.text
    assert "Error parsing" not in found.text


def test_a_filter_too_deep_for_us_but_not_for_protobuf_is_named(live):
    found = refusal(live.unary_unary(RECOMMEND), nested(20))
    assert found.code is grpc.StatusCode.INVALID_ARGUMENT
    assert found.fields[0].startswith("filter.all.filters[0]")


def test_an_empty_message_is_a_message(live):
    assert recommend_pb2.RecommendResponse.FromString(live.unary_unary(RECOMMEND)(b"", timeout=10.0)).item_ids


@pytest.mark.parametrize("path", ["/shortlist.v1.RecommenderService/Nothing", "/shortlist.v2.Nothing/Recommend", "/x"])
def test_what_does_not_exist_is_unimplemented(live, path):
    assert refusal(live.unary_unary(path), b"").code is grpc.StatusCode.UNIMPLEMENTED


def test_a_message_beyond_the_limit_is_refused_before_it_is_read(live):
    raw = recommend_pb2.RecommendRequest(customer_id="x" * (4 * 1024 * 1024)).SerializeToString()
    assert refusal(live.unary_unary(RECOMMEND), raw).code is grpc.StatusCode.RESOURCE_EXHAUSTED
