"""The bundle that a server starts with: the one that its alias names, or the last before it that may serve."""

import logging
import os
from pathlib import Path

from shortlist_bundle import files
from shortlist_bundle.errors import BadName, BundleError, BundleNotFound, StorageError
from shortlist_server.errors import BundleRefused
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.loading import load_pipeline
from shortlist_server.pipeline.pipeline import Pipeline

log = logging.getLogger(__name__)


def load_first(bundles: Path, model: str, version: str, clock: ClockPolicy) -> Pipeline:
    """Read and verify the bundle to serve, and warm it up.

    Where an alias names one that may not serve, the newest of those it named before is taken that may: a server that
    restarts serves what it would have gone on serving. It is logged as an error and written to the audit log. A version
    that is named itself is never replaced by another.

    Args:
        bundles: folder of bundles.
        model: name of the model.
        version: a version, or an alias.
        clock: what 'now' is for a request that does not say.

    Raises:
        BundleError: There is nothing that may serve, and this is what is wrong with what was asked for.
        BundleRefused: Likewise.
    """
    try:
        return load_pipeline(bundles, model, version, clock)
    except (BadName, BundleNotFound, StorageError):
        raise
    except (BundleError, BundleRefused) as error:
        for earlier in files.earlier_versions(bundles, model, alias=version):
            found = _loaded(bundles, model, earlier, clock)
            if found is not None:
                _say(bundles, model, version, error, earlier)
                return found
        raise


def _loaded(bundles: Path, model: str, version: str, clock: ClockPolicy) -> Pipeline | None:
    try:
        return load_pipeline(bundles, model, version, clock)
    except (BundleError, BundleRefused) as error:
        log.error("version %s of model %s may not serve either: %s", version, model, error)
        return None


def _say(bundles: Path, model: str, alias: str, error: Exception, instead: str) -> None:
    log.error(
        "alias %s of model %s names a bundle that may not serve; version %s, which it named before, serves in its "
        "place: %s", alias, model, instead, error,
    )  # fmt: skip
    try:
        files.record(bundles, model, "start-instead", by="server", pid=os.getpid(), alias=alias, version=instead,
                     reason=getattr(error, "reason", ""), text=str(error)[:400])  # fmt: skip
    except (BundleError, OSError) as unwritten:
        log.warning("the audit log of model %s cannot be written: %s", model, unwritten)
