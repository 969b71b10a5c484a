"""What is beyond its limit, in words."""

from collections.abc import Iterator

from shortlist_server.sentinels.report import SentinelReport
from shortlist_server.sentinels.settings import SentinelSettings


def warnings(found: SentinelReport, limits: SentinelSettings) -> Iterator[str]:
    """Yield a sentence for everything that is beyond its limit."""
    if found.search_depth > 1:
        yield f"indexes are searched {found.search_depth:g} times as deep as tuned, because they missed too much"
    for seen in found.recall:
        if seen.searches >= limits.searches and seen.recall < limits.floor:
            yield f"recall {seen.recall:.3f} of {seen.space} at {seen.allowed} of the items, below {limits.floor:g}"
    if found.score_drift is not None and found.score_drift > limits.drift:
        yield f"scores have drifted by {found.score_drift:.3f} bits, more than {limits.drift:g}"
    for skew in found.skew:
        if skew.apart > limits.skew * skew.checked:
            yield f"{skew.apart} of {skew.checked} items lie elsewhere in {skew.space} than their attributes say"
    if found.lists >= limits.lists and found.unknown_customers > limits.unknown * found.lists:
        yield f"{found.unknown_customers} of {found.lists} lists were for customers whom nobody knows"
    if found.history_items >= limits.lists and found.unknown_history_items > limits.unknown * found.history_items:
        yield f"{found.unknown_history_items} of {found.history_items} items of histories are not in the catalogue"
