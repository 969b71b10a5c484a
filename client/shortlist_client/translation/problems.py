"""Statuses of gRPC and their details into the errors of this package."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, error_details_pb2, status_pb2

from shortlist_client.errors import CallError, ServerError

STATUS_TRAILER = "grpc-status-details-bin"
"""The trailer in which a server sends a `google.rpc.Status` with its details."""

_ERRORS = {status: error for error in CallError.__subclasses__() for status in error.statuses}


@dataclass(slots=True)
class _Details:
    """What the details of a status say; each kind of detail fills its own part."""

    reason: str = ""
    request_id: str = ""
    retry_after: float | None = None
    violations: dict[str, str] = field(default_factory=dict)
    resource_type: str = ""
    resource_name: str = ""
    unmet: dict[str, str] = field(default_factory=dict)


def from_rpc(problem: grpc.RpcError) -> CallError:
    """Return the error for a call that gRPC reports as failed."""
    # Whatever a channel raises is a grpc.Call as well, in asyncio all but by name.
    call = cast("grpc.Call", problem)
    return from_trailers(call.code().name, call.details() or "", call.trailing_metadata() or ())


def from_trailers(status: str, text: str, trailers: Iterable[Any]) -> CallError:
    """Return the error for a call that ended with this status, with whatever details its trailers hold."""
    for key, payload in trailers:
        if key == STATUS_TRAILER and isinstance(payload, bytes):
            try:
                return _error(status, text, status_pb2.Status.FromString(payload).details)
            except DecodeError:
                break  # Ill-formed details must not hide the status itself.
    return _error(status, text, ())


def from_status(message: status_pb2.Status) -> CallError:
    """Return the error for one row's status."""
    names = {number: name for name, number in code_pb2.Code.items()}
    return _error(names.get(message.code, "UNKNOWN"), message.message, message.details)


def _error(status: str, text: str, details: Iterable[any_pb2.Any]) -> CallError:
    said = _Details()
    for detail in details:
        _read(detail, said)
    return _ERRORS.get(status, ServerError)(
        _sentence(status, text, said.violations),
        status=status,
        reason=said.reason,
        request_id=said.request_id,
        retry_after=said.retry_after,
        violations=said.violations,
        resource_type=said.resource_type,
        resource_name=said.resource_name,
        unmet=said.unmet,
    )


def _read(detail: any_pb2.Any, said: _Details) -> None:
    """Read one detail; kinds that this client does not know say nothing."""
    match detail.TypeName():
        case "google.rpc.BadRequest":
            request = error_details_pb2.BadRequest.FromString(detail.value)
            said.violations |= {violation.field: violation.description for violation in request.field_violations}
        case "google.rpc.RetryInfo":
            delay = error_details_pb2.RetryInfo.FromString(detail.value).retry_delay
            said.retry_after = delay.seconds + delay.nanos / 1e9
        case "google.rpc.RequestInfo":
            said.request_id = error_details_pb2.RequestInfo.FromString(detail.value).request_id
        case "google.rpc.ErrorInfo":
            said.reason = error_details_pb2.ErrorInfo.FromString(detail.value).reason
        case "google.rpc.PreconditionFailure":
            failure = error_details_pb2.PreconditionFailure.FromString(detail.value)
            said.unmet |= {violation.subject: violation.description for violation in failure.violations}
        case "google.rpc.ResourceInfo":
            resource = error_details_pb2.ResourceInfo.FromString(detail.value)
            said.resource_type, said.resource_name = resource.resource_type, resource.resource_name


def _sentence(status: str, text: str, violations: dict[str, str]) -> str:
    """Return the server's text, with the violations that it does not mention already."""
    parts = [text, *(f"{name}: {problem}" for name, problem in violations.items() if problem not in text)]
    return "; ".join(part for part in parts if part) or status.lower().replace("_", " ")
