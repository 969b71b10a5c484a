"""The machine code of compiled loops, kept on disk for the next process.

Numba's own cache gives wrong code where several processes compile at once, as the workers of a server do: they write
one index without a lock, and they number their helper functions alike, so that the loader takes one process's `sort`
for another's `argsort` (https://github.com/numba/numba/issues/10486). It also keeps a loop whose callee in another file
has changed. Here each set of argument types has a file of its own, helpers are numbered apart, and a file holds the
digest of the sources it was made from.
"""

import contextlib
import hashlib
import itertools
import os
import pickle
import secrets
import types
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numba
from numba.core.bytecode import FunctionIdentity
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher
from numba.core.serialize import dumps

Function = Callable[..., Any]

DIGEST = hashlib.sha256().digest_size


class MachineCode(FunctionCache):
    """The machine code of one function, by the types of its arguments.

    Raises:
        RuntimeError: there is no folder that can be written to.
    """

    def __init__(self, function: Function) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file: Any = OverloadFiles(Path(self.cache_path), self._impl.filename_base, function)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled; a full disk costs the next process time, not this one its answer."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]


class OverloadFiles:
    """One file for each set of argument types, written whole or not at all."""

    def __init__(self, folder: Path, name: str, function: Function) -> None:
        self.folder, self.name, self.function = folder, name, function

    def save(self, key: Any, data: Any) -> None:
        """Write what was compiled for a key in place of what there was."""
        payload: bytes = dumps((key, data))  # type: ignore[no-untyped-call]
        path = self._path(key)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            temporary.write_bytes(self._digest(payload) + payload)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def load(self, key: Any) -> Any:
        """Return what was compiled for a key; None if there is nothing, or of other sources, or damaged."""
        try:
            raw = self._path(key).read_bytes()
        except OSError:
            return None
        payload = raw[DIGEST:]
        if raw[:DIGEST] != self._digest(payload):
            return None
        # Whoever can write here can write the program itself: the folder is that of the sources, or the user's own.
        kept, data = pickle.loads(payload)  # noqa: S301
        return data if kept == key else None

    def flush(self) -> None:
        """Forget everything."""
        for path in self.folder.glob(f"{self.name}.*.nbc"):
            path.unlink(missing_ok=True)

    def _path(self, key: Any) -> Path:
        return self.folder / f"{self.name}.{hashlib.sha256(str(key).encode()).hexdigest()[:16]}.nbc"

    def _digest(self, payload: bytes) -> bytes:
        return hashlib.sha256(self._made_from + payload).digest()

    @cached_property
    def _made_from(self) -> bytes:
        # Not before it is needed: a function may call one that its file defines further down.
        digest = hashlib.sha256(numba.__version__.encode())
        for part in _made_from(self.function, set()):
            digest.update(part)
        return digest.digest()


def _made_from(function: Function, seen: set[Function]) -> Iterator[bytes]:
    """Yield the sources of a function and of the compiled functions it calls, and the constants they read."""
    seen.add(function)
    yield _source(function.__code__.co_filename)
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        if isinstance(value, Dispatcher):
            if value.py_func not in seen:
                yield from _made_from(value.py_func, seen)
        elif isinstance(value, bool | int | float | str | tuple):
            yield f"{name}={value!r}".encode()


def _names(code: types.CodeType) -> set[str]:
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*inner)


@cache
def _source(path: str) -> bytes:
    return hashlib.sha256(Path(path).read_bytes()).digest()


def _number_apart() -> None:
    """Let this process give its functions numbers that no other process gives: they are part of symbols' names."""
    FunctionIdentity._unique_ids = itertools.count(secrets.randbits(62))


_number_apart()
os.register_at_fork(after_in_child=_number_apart)
