"""The gates between the bundle that serves and one that is to: both are opened in a process of their own."""

from collections.abc import Sequence
from pathlib import Path

from shortlist_bundle.gates.gate import Gate
from shortlist_bundle.gates.thresholds import Thresholds
from shortlist_server.releases.child_process import found_in_child

LONGEST_JUDGING = 600.0


def judge_in_child(
    bundles: Path, model: str, live: str, candidate: str, limits: Thresholds, *, longest: float = LONGEST_JUDGING
) -> Sequence[Gate]:
    """Return what every gate finds that needs no log: the same as `shortlist bundle promote` without --data.

    Args:
        bundles: folder of bundles.
        model: whose bundles.
        live: the version that serves.
        candidate: the one that is to.
        limits: how much worse it may be.
        longest: seconds that it may take.

    Raises:
        ServerError: One of the two cannot be opened.
    """
    what = f"version {candidate!r} of model {model!r}"
    found: Sequence[Gate] = found_in_child(judge_both, bundles, model, live, candidate, limits, what=what,
                                           longest=longest)  # fmt: skip
    return found


def judge_both(bundles: Path, model: str, live: str, candidate: str, limits: Thresholds) -> Sequence[Gate]:
    """Do the same in this process."""
    from shortlist_bundle.files import open_bundle
    from shortlist_bundle.gates.judging import judge

    before, after = (open_bundle(bundles, model, version, mmap=True) for version in (live, candidate))
    return tuple(judge(before, after, limits))
