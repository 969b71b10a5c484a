"""A bundle tried out in a process of its own: what crashes, hangs or eats memory there harms no request here."""

import os
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from shortlist_bundle.errors import BundleError
from shortlist_server.errors import BundleRefused, ServerError
from shortlist_server.releases.problems import as_server_error, by_reason

LONGEST_CHECK = 300.0
_NICE = 10
"""Requests come first; but on a machine that is busy through and through the check still goes on."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the child found: the bundle's id, or why it may not serve."""

    bundle_id: str = ""
    reason: str = ""
    text: str = ""


def check_in_child(bundles: Path, model: str, version: str, *, longest: float = LONGEST_CHECK) -> str:
    """Hash every file of a bundle and replay its golden requests in a spawned process; return the bundle's id.

    Args:
        bundles: folder of bundles.
        model: whose bundle.
        version: the version, no alias.
        longest: seconds that it may take.

    Raises:
        ServerError: The bundle may not serve; the kind says why.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    # Daemonic, so that it ends with a server that stops meanwhile.
    process = context.Process(target=_check, args=(bundles, model, version, theirs), daemon=True)
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
        raise BundleRefused(f"version {version!r} of model {model!r}: the check ended with exit code {code}, unheard")
    if verdict.reason:
        raise by_reason(verdict.reason, verdict.text)
    return verdict.bundle_id


def _heard(connection: Connection, longest: float) -> _Verdict | None:
    if not connection.poll(longest):
        return _Verdict(reason=BundleRefused.reason, text=f"the check took longer than {longest:g} s")
    try:
        verdict = connection.recv()
    except (EOFError, OSError):
        return None
    return verdict if isinstance(verdict, _Verdict) else None


def _check(bundles: Path, model: str, version: str, connection: Connection) -> None:
    with suppress(OSError):
        # A server that is nice itself is not to have its checks starve.
        os.nice(max(_NICE - os.nice(0), 0))
    with connection:
        connection.send(_verdict(bundles, model, version))


def _verdict(bundles: Path, model: str, version: str) -> _Verdict:
    from shortlist_bundle.files import open_bundle
    from shortlist_bundle.golden import replay

    try:
        opened = open_bundle(bundles, model, version)
        report = replay(opened)
        if not report.passed:
            return _Verdict(reason=BundleRefused.reason, text="; ".join(report.lines))
        return _Verdict(bundle_id=opened.ref.bundle_id)
    except (BundleError, ServerError) as error:
        problem = as_server_error(error)
        return _Verdict(reason=problem.reason, text=str(problem))
    except Exception as error:
        # A reader that stumbles has met a bundle that it cannot serve, whatever it calls its stumbling.
        return _Verdict(reason=BundleRefused.reason, text=f"{type(error).__name__}: {error}")
