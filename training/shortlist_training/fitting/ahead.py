"""Batches drawn while the one before is learnt from."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Batch = TypeVar("_Batch")


def drawn_ahead(batches: Iterable[_Batch]) -> Iterator[_Batch]:
    """Yield the same batches in the same order, each drawn by another thread while its predecessor is used.

    One thread draws them all, one ahead: what is drawn at random comes out the same, and no batch waits in memory but
    the next one.
    """
    source = iter(batches)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(_next, source)
        while drawn := following.result():
            following = pool.submit(_next, source)
            yield from drawn


def _next(source: Iterator[_Batch]) -> tuple[_Batch, ...]:
    """Return the next batch, or nothing at the end."""
    for batch in source:
        return (batch,)
    return ()
