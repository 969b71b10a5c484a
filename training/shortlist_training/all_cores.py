"""Work on many customers by all cores at once, a chunk of them each."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from threadpoolctl import threadpool_limits

_Part = TypeVar("_Part")
_Found = TypeVar("_Found")


def on_all_cores(work: Callable[[_Part], _Found], parts: Iterable[_Part]) -> Iterator[_Found]:
    """Yield what the work finds for each part, in their order; at most two parts a core are held at once.

    What takes the time (products of matrices, compiled loops) runs without the interpreter's lock. Each part is
    computed by one core alone, so that what is found does not depend on how many there are.

    Args:
        work: must not change anything that another part reads.
        parts: drawn one after the other, as they are needed.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    waiting: list[Future[_Found]] = []
    source = iter(parts)
    with threadpool_limits(limits=1), ThreadPoolExecutor(cores, initializer=_alone) as pool:
        for part in source:
            waiting.append(pool.submit(work, part))
            waiting.extend(pool.submit(work, next_part) for next_part in islice(source, 2 * cores - len(waiting)))
            yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()


def _alone() -> None:
    """Let this thread do what it does by itself: OpenMP, unlike OpenBLAS, asks each thread anew."""
    threadpool_limits(limits=1, user_api="openmp")
