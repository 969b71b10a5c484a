"""Everything that can go wrong between a request and its answer, each with its gRPC status.

ServerError
├── PipelineError                                               one request has no answer; may fill a batch's row
│   ├── InvalidRequest        INVALID_ARGUMENT    INVALID_REQUEST    fields that cannot be meant, each by its path
│   │   ├── MalformedRequest  INVALID_ARGUMENT    MALFORMED_REQUEST  the bytes are not the message
│   │   └── UnknownAttribute  INVALID_ARGUMENT    UNKNOWN_ATTRIBUTE  a condition on what the bundle does not know
│   ├── NotFound
│   │   ├── UnknownCustomer   NOT_FOUND           UNKNOWN_CUSTOMER   only when the request insists on known ones
│   │   ├── UnknownItem       NOT_FOUND           UNKNOWN_ITEM       as a seed, or as an item to score
│   │   ├── UnknownModel      NOT_FOUND           UNKNOWN_MODEL      no such model or version here
│   │   ├── UnknownVersion    NOT_FOUND           UNKNOWN_VERSION    no such version or alias on disk
│   │   ├── UnknownPlacement  NOT_FOUND           UNKNOWN_PLACEMENT  no policy of this name
│   │   └── UnknownService    NOT_FOUND           UNKNOWN_SERVICE    health was asked of a service not served
│   ├── CatalogueFull         RESOURCE_EXHAUSTED  CATALOGUE_FULL     more new items than fit between two trainings
│   └── DeadlineTooShort      DEADLINE_EXCEEDED   DEADLINE_TOO_SHORT passed, or too near for any work
├── RetryLater
│   ├── Overloaded            RESOURCE_EXHAUSTED  OVERLOADED         more requests than the server can answer in time
│   ├── SessionOver           RESOURCE_EXHAUSTED  SESSION_OVER       a session was idle, or open, for too long
│   ├── Draining              UNAVAILABLE         DRAINING           stopping: a session goes on elsewhere
│   ├── NotReady              UNAVAILABLE         NOT_READY          starting: no bundle yet
│   └── LogUnavailable        UNAVAILABLE         LOG_UNAVAILABLE    the log of changes cannot be written or read
├── LogFull                   RESOURCE_EXHAUSTED  LOG_FULL           no room on the disk for the log of changes
├── FeatureOff                UNIMPLEMENTED       FEATURE_OFF        switched off, or not in this version
├── BundleRefused             FAILED_PRECONDITION BUNDLE_REFUSED     the bundle may not serve
│   └── GatesShut             FAILED_PRECONDITION GATES_CLOSED       worse than the live bundle, see its gates
├── BundleBroken              DATA_LOSS           BUNDLE_DAMAGED     its files are not those it was written with
├── LogDamaged                DATA_LOSS           LOG_DAMAGED        the head of the log of changes; admin only
├── AliasMoved                ABORTED             ALIAS_MOVED        not where the caller believed it to be
├── StorageExhausted          RESOURCE_EXHAUSTED  STORAGE_FULL       no room on the disk; nothing was changed
└── CannotServe               UNAVAILABLE         CANNOT_SERVE       the server cannot start; never on the wire
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import grpc

from shortlist_bundle.gates.gate import Gate


class ServerError(Exception):
    """Base of all errors of this package; its text says what was wrong, with which value, and what to do."""

    status: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL
    reason: ClassVar[str] = "INTERNAL"
    """A machine-readable name that never changes, sent as `google.rpc.ErrorInfo.reason`."""
    user_message: ClassVar[bool] = True
    """The text is meant for the caller: a program prints it without a traceback."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """Facts for programs, sent as `google.rpc.ErrorInfo.metadata`."""
        return {}


class PipelineError(ServerError):
    """One request cannot be answered; the other rows of its batch are not affected."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field; `field` is its path from the request, e.g. `profile.history.values[2]`."""

    field: str
    description: str

    def __str__(self) -> str:
        return f"{self.field}: {self.description}"


class InvalidRequest(PipelineError):
    """Fields hold what cannot be meant."""

    status = grpc.StatusCode.INVALID_ARGUMENT
    reason = "INVALID_REQUEST"

    def __init__(self, *violations: Violation) -> None:
        """Keep the violations, one for each field; the first becomes the text."""
        super().__init__(_text(violations))
        self.violations = violations

    @classmethod
    def at(cls, field: str, description: str) -> "InvalidRequest":
        """Return the error of a single field."""
        return InvalidRequest(Violation(field, description))

    def move_into(self, field: str) -> None:
        """Say that the fields lie inside another one: `k` becomes `open.k`."""
        self.violations = tuple(Violation(f"{field}.{one.field}", one.description) for one in self.violations)
        self.args = (_text(self.violations),)


def _text(violations: Sequence[Violation]) -> str:
    more = f"; and {len(violations) - 1} more" if len(violations) > 1 else ""
    return f"{violations[0]}{more}" if violations else "the request cannot be meant"


class MalformedRequest(InvalidRequest):
    """The bytes are not the message that the method takes."""

    reason = "MALFORMED_REQUEST"

    def __init__(self, message: str) -> None:
        """Name the message; what the bytes held stays unsaid."""
        problem = f"the bytes are not a {message}: damaged, nested too deeply, or text that is not UTF-8"
        super().__init__(Violation("(request)", problem))


class UnknownAttribute(InvalidRequest):
    """A condition names an attribute that the bundle does not have."""

    reason = "UNKNOWN_ATTRIBUTE"

    def __init__(self, field: str, attribute: str, *others: Violation) -> None:
        """Name the field's path and the attribute, and what else is wrong."""
        problem = f"the bundle has no attribute {attribute!r}; DescribeModel lists those it has"
        super().__init__(Violation(field, problem), *others)
        self.attribute = attribute


class NotFound(PipelineError):
    """Something that the request names does not exist here."""

    status = grpc.StatusCode.NOT_FOUND
    reason = "NOT_FOUND"
    resource: ClassVar[str] = "resource"
    """What kind of thing was looked for, sent as `google.rpc.ResourceInfo.resource_type`."""
    remedy: ClassVar[str] = ""

    def __init__(self, name: str) -> None:
        """Name what was looked for."""
        advice = f"; {self.remedy}" if self.remedy else ""
        super().__init__(f"no {self.resource} {name!r} here{advice}")
        self.name = name


class UnknownCustomer(NotFound):
    """The request insists on a known customer and this one is not."""

    reason = "UNKNOWN_CUSTOMER"
    resource = "customer"
    remedy = "without require_known a stranger gets a list too"


class UnknownItem(NotFound):
    """The catalogue does not have the item."""

    reason = "UNKNOWN_ITEM"
    resource = "item"


class UnknownModel(NotFound):
    """This server does not serve the model, or not in that version."""

    reason = "UNKNOWN_MODEL"
    resource = "model"
    remedy = "ListModels shows those that are served"


class UnknownVersion(NotFound):
    """The folder of bundles has no such version or alias."""

    reason = "UNKNOWN_VERSION"
    resource = "version"

    def __init__(self, problem: str) -> None:
        """Say what was looked for and what there is."""
        super().__init__("")
        self.args, self.name = (problem,), problem


class UnknownPlacement(NotFound):
    """The model has no policy of this name."""

    reason = "UNKNOWN_PLACEMENT"
    resource = "placement"
    remedy = "DescribeModel lists those there are; leave it empty for the model's default policy"


class UnknownService(NotFound):
    """The health of a service was asked for that this server does not have."""

    reason = "UNKNOWN_SERVICE"
    resource = "service"


class CatalogueFull(PipelineError):
    """There is no room for a further new item until the next training."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "CATALOGUE_FULL"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("no room for a further item that training has not seen; train a bundle that has them")


class DeadlineTooShort(PipelineError):
    """The caller's deadline has passed, or leaves no time for any work."""

    status = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = "DEADLINE_TOO_SHORT"

    def __init__(self, remaining: float) -> None:
        """Say how much time was left, in seconds."""
        super().__init__(f"{1000 * max(remaining, 0.0):.1f} ms were left before the deadline: too short for an answer")


class RetryLater(ServerError):
    """The same request can succeed later; `retry_after` in seconds says when to try."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        """Say why, and after how many seconds to try again."""
        super().__init__(f"{message}; try again in {1000 * retry_after:.0f} ms")
        self.retry_after = retry_after


class Overloaded(RetryLater):
    """More requests are waiting than the server can answer in time."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "OVERLOADED"


class SessionOver(RetryLater):
    """A session was idle for too long, or has lasted too long; the caller may open it anew."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "SESSION_OVER"


class Draining(RetryLater):
    """The server stops, and takes no further message of a session."""

    status = grpc.StatusCode.UNAVAILABLE
    reason = "DRAINING"

    def __init__(self, *, retry_after: float) -> None:
        """Say after how many seconds to try again."""
        super().__init__("the server stops; open the session anew", retry_after=retry_after)


class NotReady(RetryLater):
    """The server is up but has no bundle yet."""

    status = grpc.StatusCode.UNAVAILABLE
    reason = "NOT_READY"


class LogUnavailable(RetryLater):
    """The log of changes cannot be written or read; this server's log says why."""

    status = grpc.StatusCode.UNAVAILABLE
    reason = "LOG_UNAVAILABLE"

    def __init__(self, *, retry_after: float) -> None:
        """Say after how many seconds to try again."""
        super().__init__("the log of changes is not available, and nothing was changed", retry_after=retry_after)


class LogFull(ServerError):
    """The disk has no room for the log of changes; sending the same again soon would not help."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "LOG_FULL"

    def __init__(self) -> None:
        """Say that nothing was recorded."""
        super().__init__("the disk of the log of changes is full, and nothing was changed; tell the operator")


class FeatureOff(ServerError):
    """A feature is switched off on this server or not built in this version."""

    status = grpc.StatusCode.UNIMPLEMENTED
    reason = "FEATURE_OFF"

    def __init__(self, feature: str, why: str) -> None:
        """Name the feature as requests spell it, and say why it does not answer."""
        super().__init__(f"{feature} {why}")
        self.feature = feature

    @property
    def metadata(self) -> Mapping[str, str]:
        """Name the feature."""
        return {"feature": self.feature}


@dataclass(frozen=True, slots=True)
class Unmet:
    """What a bundle would have to be to serve, sent as `google.rpc.PreconditionFailure.Violation`.

    Attributes:
        kind: the reason's machine-readable name, e.g. `BUNDLE_INCOMPATIBLE`, `NOT_FINITE`, `GOLDEN_MISMATCH`.
        subject: the file and the field, e.g. `manifest.json#minimal_reader`, `items/vectors.npy`, `golden/scores`.
        description: what is wrong with it.
    """

    kind: str
    subject: str
    description: str


class BundleRefused(ServerError):
    """The bundle is whole but may not serve, e.g. because its golden requests come out differently."""

    status = grpc.StatusCode.FAILED_PRECONDITION
    reason = "BUNDLE_REFUSED"

    def __init__(self, text: str, *unmet: Unmet) -> None:
        """Say why; `unmet` names each file and field."""
        super().__init__(text)
        self.unmet = unmet

    @classmethod
    def by_golden(cls, lines: Sequence[str]) -> "BundleRefused":
        """Return the refusal of a bundle by what the replay of its golden requests found."""
        found = [line.partition(": ")[0].replace(" ", "/") for line in lines]
        return BundleRefused(
            "; ".join(lines), *(Unmet("GOLDEN_MISMATCH", one, line) for one, line in zip(found, lines, strict=True))
        )


class GatesShut(BundleRefused):
    """The bundle may serve, but is worse than the live one by more than the gates allow."""

    reason = "GATES_CLOSED"

    def __init__(self, version: str, count: int, closed: Sequence[Gate]) -> None:
        """Give the numbers of each closed gate."""
        super().__init__(
            f"{len(closed)} of {count} gates are closed for version {version!r} ({closed[0].name} is the first); "
            "nothing was changed, `force` promotes all the same",
            *(Unmet("GATE", gate.name, str(gate)) for gate in closed),
        )


class BundleBroken(ServerError):
    """The files of the bundle are not those that its manifest lists."""

    status = grpc.StatusCode.DATA_LOSS
    reason = "BUNDLE_DAMAGED"


class LogDamaged(ServerError):
    """The head of the log of changes is damaged; told to administrators alone."""

    status = grpc.StatusCode.DATA_LOSS
    reason = "LOG_DAMAGED"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "the log of changes is damaged: end all servers that use it, and the first to start repairs it"
        )


class AliasMoved(ServerError):
    """An alias is not where the caller believed it to be, or somebody else moves it."""

    status = grpc.StatusCode.ABORTED
    reason = "ALIAS_MOVED"


class StorageExhausted(ServerError):
    """No room is left where bundles, aliases and logs are kept."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "STORAGE_FULL"


class CannotServe(ServerError):
    """The server cannot start or go on: the port is taken, or its workers die."""

    status = grpc.StatusCode.UNAVAILABLE
    reason = "CANNOT_SERVE"
