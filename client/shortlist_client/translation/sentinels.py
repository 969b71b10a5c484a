"""What a server's sentinels say."""

from shortlist.v1 import model_service_pb2 as pb
from shortlist_client.sentinels import SearchRecall, Sentinels, Skew


def sentinels_of(reply: pb.DescribeModelResponse) -> Sentinels | None:
    """Return what the sentinels say; None where they are switched off, or of a server that has none."""
    if not reply.HasField("sentinels"):
        return None
    said = reply.sentinels
    return Sentinels(
        rate=said.rate,
        lists=said.lists,
        dropped=said.dropped,
        recall=tuple(
            SearchRecall(space=one.space, allowed=one.allowed, searches=one.searches, recall=one.recall)
            for one in said.recall
        ),
        recall_floor=said.recall_floor,
        search_depth=said.search_depth,
        score_drift=said.score_drift if said.HasField("score_drift") else None,
        skew=tuple(Skew(space=one.space, checked=one.checked, apart=one.apart) for one in said.skew),
        fallbacks=dict(said.fallbacks),
        unknown_customers=said.unknown_customers,
        history_items=said.history_items,
        unknown_history_items=said.unknown_history_items,
        warnings=tuple(said.warnings),
    )
