"""Everything that this package raises on purpose.

ShortlistError
├── UsageError              the client was set up or used wrongly; nothing was sent
└── CallError               the call did not succeed
    ├── BadRequest          INVALID_ARGUMENT, OUT_OF_RANGE                  see `violations`
    ├── NotFound            NOT_FOUND                                       customer, item or model is unknown
    ├── Unauthenticated     UNAUTHENTICATED                                 no token, or a bad or expired one
    ├── PermissionDenied    PERMISSION_DENIED                               this caller may not do that
    ├── Overloaded          RESOURCE_EXHAUSTED                              try again after `retry_after`
    ├── Unavailable         UNAVAILABLE                                     not reachable, starting or stopping
    ├── DeadlineExceeded    DEADLINE_EXCEEDED                               no answer within the timeout
    ├── Unsupported         UNIMPLEMENTED                                   switched off, or unknown to this server
    ├── Conflict            FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS    the server's state does not allow it
    ├── Cancelled           CANCELLED                                       the call was cancelled
    └── ServerError         INTERNAL, UNKNOWN, DATA_LOSS and any other      a defect of the server
"""

from collections.abc import Mapping
from typing import ClassVar


class ShortlistError(Exception):
    """Be the base of every error that this package raises on purpose."""

    user_message: ClassVar[bool] = True
    """The text is enough to act on: the program prints it without a traceback."""


class UsageError(ShortlistError, ValueError):
    """Say how the client was set up or used wrongly; nothing was sent."""


class CallError(ShortlistError):
    """Say why a call did not succeed.

    Attributes:
        status: Name of the gRPC status, e.g. "NOT_FOUND".
        reason: The server's short reason for programs; empty when it gave none.
        request_id: Names the request in the server's log; empty when it gave none.
        retry_after: Seconds after which the server invites another attempt; None when it does not.
        violations: Path of a field of the request -> what is wrong with it; filled for BadRequest.
        resource_type: What kind of thing is unknown or in the way (customer, item, model...); empty when not said.
        resource_name: Its name; empty when not said.
        unmet: File and field of a bundle -> why it may not serve; filled for a Conflict over one that was refused.
    """

    statuses: ClassVar[tuple[str, ...]] = ()
    """The gRPC statuses that become this error, the most usual one first."""

    def __init__(
        self,
        message: str,
        *,
        status: str = "",
        reason: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        violations: Mapping[str, str] | None = None,
        resource_type: str = "",
        resource_name: str = "",
        unmet: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status or next(iter(self.statuses), "")
        self.reason = reason
        self.request_id = request_id
        self.retry_after = retry_after
        self.violations = dict(violations or {})
        self.resource_type = resource_type
        self.resource_name = resource_name
        self.unmet = dict(unmet or {})


class BadRequest(CallError):
    """Say which fields of the request are wrong; raised before sending where the client itself can tell."""

    statuses = ("INVALID_ARGUMENT", "OUT_OF_RANGE")


class NotFound(CallError):
    """Say what is unknown; `resource_type` and `resource_name` name it."""

    statuses = ("NOT_FOUND",)


class Unauthenticated(CallError):
    """Say that the server does not know who is calling."""

    statuses = ("UNAUTHENTICATED",)


class PermissionDenied(CallError):
    """Say that this caller may not do that."""

    statuses = ("PERMISSION_DENIED",)


class Overloaded(CallError):
    """Say that the server has too much to do; `retry_after` tells when to try again."""

    statuses = ("RESOURCE_EXHAUSTED",)


class Unavailable(CallError):
    """Say that no server could be reached, or that it is starting or stopping."""

    statuses = ("UNAVAILABLE",)


class DeadlineExceeded(CallError):
    """Say that no answer came within the timeout."""

    statuses = ("DEADLINE_EXCEEDED",)


class Unsupported(CallError):
    """Say that the server has this switched off, or is of a release that lacks it."""

    statuses = ("UNIMPLEMENTED",)


class Conflict(CallError):
    """Say that the state of the server does not allow it."""

    statuses = ("FAILED_PRECONDITION", "ABORTED", "ALREADY_EXISTS")


class Cancelled(CallError):
    """Say that the call was cancelled before an answer came."""

    statuses = ("CANCELLED",)


class ServerError(CallError):
    """Say that the server has a defect; `request_id` finds it in the server's log."""

    statuses = ("INTERNAL", "UNKNOWN", "DATA_LOSS")
