"""What goes wrong on the shelf -> the errors that callers of ModelService are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shortlist_bundle.errors import (
    BadName,
    BundleDamaged,
    BundleError,
    BundleNotFound,
    Conflict,
    StorageError,
    StorageFull,
)
from shortlist_server.errors import (
    AliasMoved,
    BundleBroken,
    BundleRefused,
    InvalidRequest,
    NotReady,
    ServerError,
    StorageExhausted,
    UnknownVersion,
)

_AGAIN = 1.0
_KINDS: dict[str, Callable[[str], ServerError]] = {
    BadName.reason: lambda text: InvalidRequest.at("version", text),
    BundleNotFound.reason: UnknownVersion,
    BundleDamaged.reason: BundleBroken,
    Conflict.reason: AliasMoved,
    StorageFull.reason: StorageExhausted,
    StorageError.reason: lambda text: NotReady(text, retry_after=_AGAIN),
}


def by_reason(reason: str, text: str) -> ServerError:
    """Return the error of a machine-readable reason, of a bundle's error or of ours; others refuse the bundle."""
    kinds = {kind.reason: kind for kind in (BundleBroken, UnknownVersion)}
    return (_KINDS.get(reason) or kinds.get(reason) or BundleRefused)(text)


def as_server_error(error: BundleError | ServerError) -> ServerError:
    """Return what a caller is told of an error."""
    return error if isinstance(error, ServerError) else by_reason(error.reason, str(error))


@contextmanager
def told() -> Iterator[None]:
    """Turn the bundle's errors within the block into ours."""
    try:
        yield
    except BundleError as error:
        raise as_server_error(error) from error
