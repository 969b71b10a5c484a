"""The outermost wrapper: errors in, statuses with `google.rpc` details out. Nothing else ends a call with an error."""

import logging
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

import grpc
from grpc_status import rpc_status

from shortlist_server.errors import RetryLater, ServerError
from shortlist_server.interceptors.request_ids import HEADER, request_id
from shortlist_server.wire.status import write_status

R = TypeVar("R")
log = logging.getLogger(__name__)

DEFECT = "the server failed to answer; its log tells why under the request id"
PUSHBACK = "grpc-retry-pushback-ms"


def answer_errors(handler: Callable[..., R], method: str) -> Callable[..., R]:
    """Wrap a handler whose second argument is the context."""

    def answer(request: object, context: grpc.ServicerContext, *more: object) -> R:
        try:
            return handler(request, context, *more)
        except Exception as error:
            end_call(context, error, method)

    return answer


def answer_stream_errors(handler: Callable[..., Iterator[R]], method: str) -> Callable[..., Iterator[R]]:
    """Wrap a handler that answers with a stream."""

    def answer(requests: object, context: grpc.ServicerContext) -> Iterator[R]:
        try:
            yield from handler(requests, context)
        except Exception as error:
            end_call(context, error, method)

    return answer


def end_call(context: grpc.ServicerContext, error: Exception, method: str) -> NoReturn:
    """End the call with the error's status; what is no `ServerError` is a defect and told to the log alone."""
    status = _told(context, error, method)
    context.abort(status.code, status.details)


def end_waiting_call(context: grpc.ServicerContext, error: ServerError, method: str) -> None:
    """Give a call the error's status from another thread than its handler's; it ends when the status is sent."""
    status = _told(context, error, method)
    context.set_code(status.code)
    context.set_details(status.details)


def as_told(error: Exception, context: grpc.ServicerContext, method: str) -> tuple[ServerError, str]:
    """Return what a caller is told of an error, and the request id by which the log knows it."""
    name = request_id(context)
    if isinstance(error, ServerError):
        return error, name
    # A call that its caller has left makes gRPC raise inside the handler: nobody's defect.
    if context.is_active():
        log.error("%s failed, request id %s", method, name, exc_info=error)
    return ServerError(DEFECT), name


def _told(context: grpc.ServicerContext, error: Exception, method: str) -> grpc.Status:
    error, name = as_told(error, context, method)
    status = rpc_status.to_status(write_status(error, name))
    trailers = [*status.trailing_metadata, (HEADER, name)]
    if isinstance(error, RetryLater):
        trailers.append((PUSHBACK, str(round(1000 * error.retry_after))))
    context.set_trailing_metadata(tuple(trailers))
    return status
