"""Bundles tried out in a process of its own: what crashes, hangs or eats memory there harms no request here."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from shortlist_bundle.errors import BundleError
from shortlist_server.errors import BundleRefused, ServerError, Unmet
from shortlist_server.releases.problems import as_server_error, by_reason

_NICE = 10
"""Requests come first; but on a machine that is busy through and through the child still goes on."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a child found, or why the bundle may not serve."""

    found: Any = None
    reason: str = ""
    text: str = ""
    unmet: tuple[Unmet, ...] = ()


def found_in_child(work: Callable[..., Any], *arguments: object, what: str, longest: float) -> Any:
    """Return what a function of a module finds in a spawned process; `what` names the bundle, in errors.

    Raises:
        ServerError: What the function raised as such or as a `BundleError`, or that it did not come to an end within
            `longest` seconds, or died.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    # Daemonic, so that it ends with a server that stops meanwhile.
    process = context.Process(target=_work, args=(theirs, work, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        verdict = _heard(ours, longest)
    finally:
        ours.close()
        if process.is_alive():
            process.join(1.0)
        if process.is_alive():
            process.kill()
        process.join()
        code = process.exitcode
        process.close()
    if verdict is None:
        raise BundleRefused(f"{what}: the check ended with exit code {code}, unheard")
    if verdict.reason:
        raise by_reason(verdict.reason, verdict.text, *verdict.unmet)
    return verdict.found


def verdict_of(work: Callable[..., Any], *arguments: object) -> Verdict:
    """Return what a function finds, or what it raises, as it can be sent to another process."""
    try:
        return Verdict(found=work(*arguments))
    except (BundleError, ServerError) as error:
        problem = as_server_error(error)
        unmet = problem.unmet if isinstance(problem, BundleRefused) else ()
        return Verdict(reason=problem.reason, text=str(problem), unmet=unmet)
    except Exception as error:
        # A reader that stumbles has met a bundle that it cannot serve, whatever it calls its stumbling.
        return Verdict(reason=BundleRefused.reason, text=f"{type(error).__name__}: {error}")


def _heard(connection: Connection, longest: float) -> Verdict | None:
    if not connection.poll(longest):
        return Verdict(reason=BundleRefused.reason, text=f"the check took longer than {longest:g} s")
    try:
        verdict = connection.recv()
    except (EOFError, OSError):
        return None
    return verdict if isinstance(verdict, Verdict) else None


def _work(connection: Connection, work: Callable[..., Any], *arguments: object) -> None:
    with suppress(OSError):
        # A server that is nice itself is not to have its checks starve.
        os.nice(max(_NICE - os.nice(0), 0))
    with connection:
        connection.send(verdict_of(work, *arguments))
