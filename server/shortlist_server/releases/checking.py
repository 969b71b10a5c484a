"""Whether a bundle may serve: every file hashed, golden requests answered as they were."""

from pathlib import Path

from shortlist_server.errors import BundleRefused
from shortlist_server.releases.child_process import found_in_child

LONGEST_CHECK = 300.0


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
    what = f"version {version!r} of model {model!r}"
    return str(found_in_child(check, bundles, model, version, what=what, longest=longest))


def check(bundles: Path, model: str, version: str) -> str:
    """Do the same in this process.

    Raises:
        BundleError: It is damaged, or of another release.
        BundleRefused: It answers its golden requests differently.
    """
    from shortlist_bundle.files import open_bundle
    from shortlist_bundle.golden import replay

    opened = open_bundle(bundles, model, version)
    report = replay(opened)
    if not report.passed:
        raise BundleRefused.by_golden(report.lines)
    return opened.ref.bundle_id
