"""What goes wrong on the shelf -> the errors that callers of ModelService are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shortlist_bundle.errors import (
    BadName,
    BundleDamaged,
    BundleError,
    BundleNotFound,
    ChangesDamaged,
    Conflict,
    StorageError,
    StorageFull,
)
from shortlist_server.errors import (
    AliasMoved,
    BundleBroken,
    BundleRefused,
    InvalidRequest,
    LogDamaged,
    NotReady,
    ServerError,
    StorageExhausted,
    UnknownVersion,
    Unmet,
)

_AGAIN = 1.0
_KINDS: dict[str, Callable[[str], ServerError]] = {
    BadName.reason: lambda text: InvalidRequest.at("version", text),
    BundleNotFound.reason: UnknownVersion,
    BundleDamaged.reason: BundleBroken,
    ChangesDamaged.reason: lambda _: LogDamaged(),
    Conflict.reason: AliasMoved,
    StorageFull.reason: StorageExhausted,
    StorageError.reason: lambda text: NotReady(text, retry_after=_AGAIN),
}


def by_reason(reason: str, text: str, *unmet: Unmet) -> ServerError:
    """Return the error of a machine-readable reason, of a bundle's error or of ours; others refuse the bundle.

    Args:
        reason: of the error.
        text: what it says.
        unmet: what a refused bundle would have to be.
    """
    kinds = {kind.reason: kind for kind in (BundleBroken, UnknownVersion)}
    kind = _KINDS.get(reason) or kinds.get(reason)
    return kind(text) if kind else BundleRefused(text, *unmet)


def as_server_error(error: BundleError | ServerError) -> ServerError:
    """Return what a caller is told of an error."""
    if isinstance(error, ServerError):
        return error
    return by_reason(error.reason, str(error), Unmet(error.reason, error.subject, str(error)))


@contextmanager
def told() -> Iterator[None]:
    """Turn the bundle's errors within the block into ours."""
    try:
        yield
    except BundleError as error:
        raise as_server_error(error) from error
