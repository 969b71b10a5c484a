"""A function run in a process of its own, whose threads and caches are nobody else's; what it returns comes back."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Result = TypeVar("Result")


def in_child(work: Callable[..., Result], *arguments: Any) -> Result:
    """Return what a function of a module returns when a fresh process calls it.

    Raises:
        RuntimeError: It failed; its traceback went to the standard error.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, arguments, theirs))
    process.start()
    theirs.close()
    with ours:
        try:
            result: Result = ours.recv()
        except EOFError:
            raise RuntimeError(f"{work.__name__} failed in its process; its error stands above") from None
        finally:
            process.join()
            process.close()
    return result


def _run(work: Callable[..., Any], arguments: tuple[Any, ...], connection: Connection) -> None:
    with connection:
        connection.send(work(*arguments))
