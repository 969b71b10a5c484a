"""Two bundles judged on the newest window of a log, for `shortlist bundle promote --data`."""

from pathlib import Path
from typing import Any

from shortlist_bundle.model import Model


def judge_both(live: Model, candidate: Model, data: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Return both bundles' funnels on what came after both their logs had ended, and which window that is.

    Both see the same events before it as their customers' histories. What a bundle does not know it cannot propose.

    Raises:
        DataError: The log has nothing that is newer than both, or a bundle cannot be judged on times.
    """
    from shortlist_training.commands.configuration import configured
    from shortlist_training.evaluation.later import later_funnels
    from shortlist_training.log import read_log
    from shortlist_training.progress import progress_for

    log, progress = read_log(data, configured(data, None).data), progress_for()
    since = max(live.clock.log_end, candidate.clock.log_end)
    before, after = (
        [funnel.to_json() for funnel in later_funnels(model, log, progress, since=since)] for model in (live, candidate)
    )
    return before, after, "both on what came after both logs had ended"
