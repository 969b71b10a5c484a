"""A service's description and what its methods do -> the handlers that gRPC calls."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from shortlist_server.deserialise import parse_requests
from shortlist_server.errors import FeatureOff
from shortlist_server.interceptors.admission import Admission
from shortlist_server.interceptors.deadlines import refuse_short_deadlines
from shortlist_server.interceptors.errors import answer_errors
from shortlist_server.interceptors.positions import Reach, wait_for_position
from shortlist_server.interceptors.request_ids import in_call
from shortlist_server.limits import LIMITS

Behaviour = Callable[[Any], Message | bytes]
"""What a method does: its request in, its reply out, which may be bytes already; raises `ServerError`."""
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Handlers: TypeAlias = dict[str, Handler]


def handlers(
    service: ServiceDescriptor,
    behaviours: Mapping[str, Behaviour],
    admission: Admission | None = None,
    reach: Reach | None = None,
) -> Handlers:
    """Return a handler for every method of the service; without a behaviour it answers UNIMPLEMENTED.

    Args:
        service: The service as its proto describes it.
        behaviours: What its unary methods do, by name.
        admission: Counts the requests of this service; None for a service that is cheap to answer.
        reach: Waits for the position that requests with an `after_position` name.

    Raises:
        KeyError: A behaviour is named as no method is.
    """
    for name in behaviours:
        service.methods_by_name[name]
    return {
        method.name: _unary(method, behaviours[method.name], admission, reach)
        if method.name in behaviours
        else _unbuilt(method)
        for method in service.methods
    }


def _unary(method: MethodDescriptor, behaviour: Behaviour, admission: Admission | None, reach: Reach | None) -> Handler:
    def behave(request: Message, context: grpc.ServicerContext) -> bytes:
        with in_call(context):
            reply = behaviour(request)
        return reply if isinstance(reply, bytes) else reply.SerializeToString()

    handler: Callable[..., bytes] = behave
    if admission is not None:
        handler = refuse_short_deadlines(admission.guard(handler), LIMITS.shortest_deadline)
    if reach is not None and "after_position" in method.input_type.fields_by_name:
        handler = wait_for_position(handler, reach)
    handler = parse_requests(handler, GetMessageClass(method.input_type))
    return grpc.unary_unary_rpc_method_handler(answer_errors(handler, method.full_name))


def _unbuilt(method: MethodDescriptor) -> Handler:
    feature = f"{method.containing_service.name}.{method.name}"

    def refuse(_request: Any, _context: grpc.ServicerContext) -> NoReturn:
        raise FeatureOff(feature, "is not built in this version")

    return _HANDLERS[method.client_streaming, method.server_streaming](answer_errors(refuse, method.full_name))


_HANDLERS: Mapping[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}
