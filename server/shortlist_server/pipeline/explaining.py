"""The reasons of a bundle as the reply gives them: by id, item by item."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.model import Model
from shortlist_bundle.reasons.explain import Reasons
from shortlist_bundle.reasons.history import Pulls
from shortlist_bundle.reasons.takings import Takings
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_server.pipeline.reply import Explanation, HistoryShare, RuleMove, SourceRank, Taken

DIVERSITY = "diversity"
"""The rules of a list, whichever of them a request asks for: methods, caps, quotas and serendipity pick together."""
EXPLORATION = "exploration"
"""What was drawn, and the rules of the list before it, if there were any."""


def explanations(
    model: Model, reasons: Reasons, row: int, ranks: NDArray[np.int16], *, drawn: bool
) -> list[Explanation]:
    """Say of each item of one list why it is there.

    Args:
        model: the bundle.
        reasons: of B lists.
        row: which of them.
        ranks: int16 [n, S], each source's rank of the list's n items, -1 where it did not propose them.
        drawn: whether places of the list were.
    """
    rule = EXPLORATION if drawn else DIVERSITY
    return [
        Explanation(
            sources=_sources(model.items, reasons, row, column, of_item),
            score_changes=reasons.score_changes[row, column].tolist(),
            taken=_taken(reasons.takings, row, column, timed=model.clock.has_times) if reasons.takings else None,
            moves=_moves(reasons, row, column, rule),
        )
        for column, of_item in enumerate(ranks)
    ]


def _sources(items: Vocabulary, reasons: Reasons, row: int, column: int, ranks: NDArray[np.int16]) -> list[SourceRank]:
    """Say who proposed the item, the highest rank first."""
    return [
        _source(items, reasons, row, column, place, rank)
        for rank, place in sorted((int(rank), place) for place, rank in enumerate(ranks) if rank >= 0)
    ]


def _source(items: Vocabulary, reasons: Reasons, row: int, column: int, place: int, rank: int) -> SourceRank:
    name = reasons.sources[place]
    found = SourceRank(source=name, rank=rank, score=float(reasons.source_scores[row, column, place]))
    if name not in reasons.pulls:
        return found
    pulls = reasons.pulls[name]
    return replace(found, history=_history(items, pulls, row, column), history_share=float(pulls.history[row, column]))


def _history(items: Vocabulary, pulls: Pulls, row: int, column: int) -> list[HistoryShare]:
    there = pulls.items[row, column] > 0
    ids = items.ids(pulls.items[row, column][there])
    shares = pulls.shares[row, column][there].tolist()
    return [HistoryShare(item_id=one, share=share) for one, share in zip(ids, shares, strict=True)]


def _moves(reasons: Reasons, row: int, column: int, rule: str) -> list[RuleMove]:
    moved = 0 if reasons.moves is None else int(reasons.moves[row, column])
    return [RuleMove(rule=rule, ranks=moved)] if moved else []


def _taken(takings: Takings, row: int, column: int, *, timed: bool) -> Taken | None:
    count, gap = int(takings.counts[row, column]), float(takings.gap[row, column])
    if not count:
        return None
    return Taken(
        count=count,
        since=float(takings.since[row, column]) if timed else None,
        gap=gap if timed and gap > 0 else None,
    )
