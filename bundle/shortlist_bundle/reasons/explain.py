"""Every reason for the items of finished lists."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.contributions import Float
from shortlist_bundle.engine import Encoded, Engine, Ranked
from shortlist_bundle.merge import Candidates
from shortlist_bundle.reasons.history import Pulls, pulls
from shortlist_bundle.reasons.occlusion import groups, score_changes
from shortlist_bundle.reasons.takings import Takings, takings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why the items of B lists of k are where they are; columns of padding carry no meaning.

    Attributes:
        sources: names of the S sources, in the order of the signals.
        source_scores: float32 [B, k, S], every source's own score.
        pulls: who of the history pulled them in, for each source that can say it.
        score_groups: names of the G groups of what the scorer reads.
        score_changes: float32 [B, k, G], what the score owes to each of them, in logits or, in `rated`, in ratings.
        takings: the customers' own past of the items; None where no history was read.
        moves: int32 [B, k], places that the rules of the list moved its items up; None where there were none.
    """

    sources: tuple[str, ...]
    source_scores: Float
    pulls: Mapping[str, Pulls]
    score_groups: tuple[str, ...]
    score_changes: Float
    takings: Takings | None
    moves: NDArray[np.int32] | None = None

    @classmethod
    def of_scores(cls, sources: tuple[str, ...], source_scores: Float) -> Self:
        """Return the reasons for lists of which nothing is known but the sources' scores, [B, k, S]."""
        nothing = np.zeros((*source_scores.shape[:2], 0), np.float32)
        return cls(
            sources=sources, source_scores=source_scores, pulls={}, score_groups=(), score_changes=nothing, takings=None
        )

    def beside(self, source: str, scores: Float) -> Self:
        """Return the same with one source more, whose scores are [B, k]."""
        own = np.concatenate([self.source_scores, scores[..., None]], axis=2)
        return replace(self, sources=(*self.sources, source), source_scores=own)


def explain(engine: Engine, encoded: Encoded, ranked: Ranked, *, seen_allowed: bool) -> Reasons:
    """Explain finished lists.

    Args:
        engine: made them.
        encoded: their B customers.
        ranked: the lists.
        seen_allowed: whether seen items might be in them.
    """
    retriever, items = engine.retriever, ranked.items
    raw = retriever.pair_signals(
        encoded, Candidates(items=items, ranks=ranked.ranks), np.full(len(items), seen_allowed)
    )
    return Reasons(
        sources=tuple(encoded.boards),
        source_scores=np.stack([board.at(items) for board in encoded.boards.values()], axis=2),
        pulls=pulls(retriever, encoded, items),
        score_groups=groups(retriever.signals),
        score_changes=score_changes(
            engine.reranker, retriever.signals, batch=encoded.batch, vectors=encoded.vectors, items=items, raw=raw
        ),
        takings=takings(encoded.past, items),
    )
