"""Tools can ask what there is to call, unless that is switched off."""

from dataclasses import replace

import grpc
from calls import SETTINGS, refusal, serving
from fakes import FakePipeline
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from valid_requests import SERVICES


def ask(channel, **question):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    (answer,) = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**question)]), timeout=10.0)
    return answer


def test_every_service_is_listed(live):
    listed = ask(live, list_services="").list_services_response.service
    assert {service.name for service in listed} == {service.full_name for service in SERVICES}


def test_a_message_can_be_looked_up(live):
    answer = ask(live, file_containing_symbol="shortlist.v1.RecommendRequest").file_descriptor_response
    names = [descriptor_pb2.FileDescriptorProto.FromString(raw).name for raw in answer.file_descriptor_proto]
    assert "shortlist/v1/recommend.proto" in names


def test_switched_off_it_is_not_there():
    with serving(FakePipeline(), replace(SETTINGS, reflection=False)) as (_, channel):
        found = refusal(lambda *_args, **_options: ask(channel, list_services=""))
        assert found.code is grpc.StatusCode.UNIMPLEMENTED


def test_idle_streams_are_few_and_end_with_the_server():
    with serving(FakePipeline(), replace(SETTINGS, grace=30.0)) as (server, channel):
        held = [_hold(channel) for _ in range(4)]
        found = refusal(lambda *_args, **_options: ask(channel, list_services=""))
        assert found.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        server.drain()
        assert {stream.code() for stream in held} == {grpc.StatusCode.CANCELLED}


def _hold(channel):
    """Open a stream, ask once and leave it open."""
    import threading

    asked = threading.Event()

    def questions():
        yield reflection_pb2.ServerReflectionRequest(list_services="")
        asked.wait(20.0)

    stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(questions(), timeout=20.0)
    next(stream)
    stream.add_callback(asked.set)
    return stream
