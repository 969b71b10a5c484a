"""Errors: `ServerError` in, `google.rpc.Status` with its details out; for a whole call as for a row of a batch."""

from collections.abc import Iterator

from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from shortlist_server.errors import BundleRefused, InvalidRequest, NotFound, RetryLater, ServerError

DOMAIN = "shortlist.v1"

# Details travel in a trailer, and clients refuse trailers of more than 8 KiB: many or long violations are cut.
_MOST_VIOLATIONS = 12
_LONGEST_PART = 160
_LONGEST_MESSAGE = 400


def write_status(error: ServerError, request_id: str = "") -> status_pb2.Status:
    """Write the error as a status; a request id goes along where it can be looked up in a log."""
    status = status_pb2.Status(code=error.status.value[0], message=_cut(str(error), _LONGEST_MESSAGE))
    status.details.extend(_packed(detail) for detail in _details(error))
    if request_id:
        status.details.append(_packed(error_details_pb2.RequestInfo(request_id=request_id)))
    return status


def _details(error: ServerError) -> Iterator[Message]:
    yield error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    if isinstance(error, InvalidRequest):
        yield _bad_request(error)
    elif isinstance(error, NotFound):
        yield error_details_pb2.ResourceInfo(resource_type=error.resource, resource_name=_cut(error.name, 256))
    elif isinstance(error, RetryLater):
        delay = Duration()
        delay.FromNanoseconds(int(error.retry_after * 1e9))
        yield error_details_pb2.RetryInfo(retry_delay=delay)
    elif isinstance(error, BundleRefused) and error.unmet:
        yield _precondition_failure(error)


def _bad_request(error: InvalidRequest) -> error_details_pb2.BadRequest:
    shown = [
        error_details_pb2.BadRequest.FieldViolation(
            field=_cut(violation.field, _LONGEST_PART), description=_cut(violation.description, _LONGEST_PART)
        )
        for violation in error.violations[:_MOST_VIOLATIONS]
    ]
    return error_details_pb2.BadRequest(field_violations=shown)


def _precondition_failure(error: BundleRefused) -> error_details_pb2.PreconditionFailure:
    shown = [
        error_details_pb2.PreconditionFailure.Violation(
            type=one.kind, subject=_cut(one.subject, _LONGEST_PART), description=_cut(one.description, _LONGEST_PART)
        )
        for one in error.unmet[:_MOST_VIOLATIONS]
    ]
    return error_details_pb2.PreconditionFailure(violations=shown)


def _packed(detail: Message) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed


def _cut(text: str, most_bytes: int) -> str:
    """Cut in UTF-8, never inside a character."""
    if len(text) * 4 <= most_bytes or len(text.encode()) <= most_bytes:
        return text
    return text.encode()[: most_bytes - 3].decode(errors="ignore") + "…"
