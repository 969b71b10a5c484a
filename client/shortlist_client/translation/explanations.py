"""Explanations of the server into the client's reasons."""

from collections.abc import Sequence

from shortlist.v1 import recommend_pb2
from shortlist_client.errors import ServerError
from shortlist_client.reasons import HistoryShare, Reasons, RuleMove, SourceRank, Taken


def explained(explanation: recommend_pb2.Explanation, groups: Sequence[str]) -> Reasons:
    """Return why one item is in a list whose score groups are given.

    Raises:
        ServerError: There is not one change of the score for each group.
    """
    changes = explanation.score_changes
    if changes and len(changes) != len(groups):
        raise ServerError(f"the server sent {len(changes)} changes of a score for {len(groups)} groups")
    return Reasons(
        sources=tuple(_source(one) for one in explanation.sources),
        score_changes=dict(zip(groups, changes, strict=False)),
        taken=_taken(explanation.taken) if explanation.HasField("taken") else None,
        moves=tuple(RuleMove(rule=move.rule, ranks=move.ranks) for move in explanation.moves),
    )


def _source(one: recommend_pb2.SourceRank) -> SourceRank:
    return SourceRank(
        source=one.source,
        rank=one.rank,
        score=one.score,
        history=tuple(HistoryShare(item_id=item.item_id, share=item.share) for item in one.history),
        history_share=one.history_share,
    )


def _taken(taken: recommend_pb2.Taken) -> Taken:
    return Taken(
        count=taken.count,
        since=taken.since if taken.HasField("since") else None,
        gap=taken.gap if taken.HasField("gap") else None,
    )
