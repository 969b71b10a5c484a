"""Callers who arrive while a commit is under way share the next one.

A commit costs a wait for the disk, however many changes it holds.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

B = TypeVar("B")
R = TypeVar("R")


class _Ticket(Generic[B, R]):
    """What one caller brings; `turn` is released when it is committed, or to commit for those who wait."""

    __slots__ = ("brought", "error", "results", "size", "turn")

    def __init__(self, brought: B, size: int) -> None:
        self.brought = brought
        self.size = size
        self.results: tuple[R, ...] = ()
        self.error: Exception | None = None
        self.turn = threading.Lock()


class GroupCommit(Generic[B, R]):
    """Lets one caller at a time commit for everybody who waits; a lone caller waits for nobody.

    Args:
        commit: writes what several callers brought, in that order, all of it or nothing; returns a result for each.
        largest: changes of one commit, but for a caller who alone brings more.
    """

    def __init__(self, commit: Callable[[Sequence[B]], Sequence[R]], *, largest: int) -> None:
        self._commit = commit
        self._largest = largest
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket[B, R]] = deque()
        self._busy = False

    def commit(self, brought: B, size: int) -> R:
        """Return what became of `size` changes once they are committed.

        Raises:
            Exception: Whatever the commit raised that they were part of.
        """
        ticket: _Ticket[B, R] = _Ticket(brought, size)
        with self._lock:
            leads, self._busy = not self._busy, True
            if not leads:
                self._waiting.append(ticket)
                ticket.turn.acquire()
        if not leads:
            ticket.turn.acquire()
        if not ticket.results and ticket.error is None:
            self._lead(ticket)
        if ticket.error is not None:
            raise ticket.error
        (result,) = ticket.results
        return result

    def _lead(self, ticket: _Ticket[B, R]) -> None:
        group = [ticket, *self._companions(self._largest - ticket.size)]
        try:
            for one, result in zip(group, self._commit([one.brought for one in group]), strict=True):
                one.results = (result,)
        except Exception as error:
            for one in group:
                one.error = error
        finally:
            with self._lock:
                successor = self._waiting.popleft() if self._waiting else None
                self._busy = successor is not None
            for other in group[1:]:
                other.turn.release()
            if successor is not None:
                successor.turn.release()

    def _companions(self, room: int) -> list[_Ticket[B, R]]:
        found = []
        with self._lock:
            while self._waiting and self._waiting[0].size <= room:
                room -= self._waiting[0].size
                found.append(self._waiting.popleft())
        return found
