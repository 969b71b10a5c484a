"""Handlers that count how their calls end."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import grpc

from shortlist_server.metrics.serving_measures import ServingMeasures


def counted(handlers: Mapping[str, Any], service: str, measures: ServingMeasures) -> dict[str, Any]:
    """Return the handlers of a service, by method, each counting how its calls end; unary ones also how long they took.

    Args:
        handlers: by the names of the methods.
        service: the service's full name.
        measures: where they are counted.
    """
    short = service.rpartition(".")[2]
    return {name: _counted(handler, f"{short}/{name}", measures) for name, handler in handlers.items()}


def _counted(handler: Any, method: str, measures: ServingMeasures) -> Any:
    note, seconds = measures.calls(method), measures.seconds(method)
    if handler.unary_unary is not None:
        return grpc.unary_unary_rpc_method_handler(_of_one(handler.unary_unary, note, seconds))
    if handler.stream_stream is not None:
        return grpc.stream_stream_rpc_method_handler(_of_many(handler.stream_stream, note))
    # Of the other kinds there is none that answers.
    return handler


def _of_one(
    behave: Callable[..., Any], note: Callable[[str], None], seconds: Callable[[float], None]
) -> Callable[..., Any]:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        began = time.perf_counter()
        try:
            return behave(request, context)
        finally:
            note(_code(context))
            seconds(time.perf_counter() - began)

    return answer


def _of_many(behave: Callable[..., Any], note: Callable[[str], None]) -> Callable[..., Any]:
    def answer(requests: Any, context: grpc.ServicerContext, *send: Any) -> Any:
        try:
            return behave(requests, context, *send)
        finally:
            note(_code(context))

    # A handler that sends by itself is called for as long as its stream lasts.
    sends = getattr(behave, "experimental_non_blocking", False)
    answer.experimental_non_blocking = sends  # type: ignore[attr-defined]
    return answer


def _code(context: Any) -> str:
    """Return the status that a call was ended with."""
    code = context.code()
    return code.name if isinstance(code, grpc.StatusCode) else "OK"
