"""What the sentinels say, line by line."""

from collections.abc import Iterator

from shortlist_client.sentinels import Sentinels


def lines_of(said: Sentinels | None) -> Iterator[str]:
    """Yield a line for each thing that was looked at, warnings last."""
    if said is None:
        yield "sentinels are switched off"
        return
    yield f"sentinels: {said.lists:,} lists looked at, {said.rate:g} of all; {said.dropped:,} dropped for want of room"
    for recall in said.recall:
        yield (f"  recall of {recall.space}, {recall.allowed} of the items allowed: {recall.recall:.3f} "
               f"of {recall.searches} searches (floor {said.recall_floor:g})")  # fmt: skip
    yield f"  indexes are searched {said.search_depth:g} times as deep as tuned"
    drift = "too few lists yet" if said.score_drift is None else f"{said.score_drift:.3f} bits"
    yield f"  drift of the scores: {drift}"
    for skew in said.skew:
        yield f"  {skew.space}: {skew.apart} of {skew.checked} items lie elsewhere than their attributes say"
    yield f"  {said.unknown_customers:,} lists for unknown customers"
    for code, count in said.fallbacks.items():
        yield f"  {count:,} lists with {code}"
    if said.history_items:
        yield f"  {said.unknown_history_items:,} of {said.history_items:,} items of histories unknown"
    for warning in said.warnings:
        yield f"warning: {warning}"
