"""Inner loops that NumPy has no single call for, compiled by Numba to machine code.

A compiled function releases the interpreter's lock, so that the requests of one process run side by side. It is
compiled when it is first called with arguments of some types, and kept on disk for the next process
(`NUMBA_CACHE_DIR` says where; beside the source by default).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import numba

from shortlist_bundle.machine_code import MachineCode

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function of arrays and numbers; division by zero gives infinity, as in NumPy.

    Sums may be taken in another order than written, always the same one, so that they use the processor's vectors.
    """
    compiler: Any = numba.njit  # its type depends on its arguments
    dispatcher = compiler(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})(function)
    # Without a folder to write to, as in a container whose file system is read-only, every start compiles.
    with suppress(RuntimeError):
        dispatcher._cache = MachineCode(function)
    return dispatcher
