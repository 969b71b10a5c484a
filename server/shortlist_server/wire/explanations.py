"""Reasons: the pipeline's dataclasses in, protobuf out."""

from collections.abc import Sequence

from shortlist.v1 import recommend_pb2
from shortlist_server.pipeline.needs import WishMet
from shortlist_server.pipeline.reply import Explanation, Recommendations, SourceRank
from shortlist_server.wire.needs import write_wishes_met


def write_explanations(answer: Recommendations) -> list[recommend_pb2.Explanation]:
    """Write why the items of a list are there; nothing unless somebody asked."""
    met = answer.wishes_met or [()] * len(answer.explanations)
    why = answer.explanations or [Explanation()] * len(met)
    return [write_explanation(one, wishes) for one, wishes in zip(why, met, strict=True)]


def write_explanation(explanation: Explanation, wishes: Sequence[WishMet] = ()) -> recommend_pb2.Explanation:
    """Write why one item is in a list, and how far it meets each wish."""
    taken = explanation.taken
    return recommend_pb2.Explanation(
        sources=[_write_source(source) for source in explanation.sources],
        score_changes=explanation.score_changes,
        taken=recommend_pb2.Taken(count=taken.count, since=taken.since, gap=taken.gap) if taken else None,
        moves=[recommend_pb2.RuleMove(rule=move.rule, ranks=move.ranks) for move in explanation.moves],
        wishes_met=write_wishes_met(wishes),
    )


def _write_source(source: SourceRank) -> recommend_pb2.SourceRank:
    return recommend_pb2.SourceRank(
        source=source.source,
        rank=source.rank,
        score=source.score,
        history=[recommend_pb2.HistoryShare(item_id=one.item_id, share=one.share) for one in source.history],
        history_share=source.history_share,
    )
