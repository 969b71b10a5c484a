"""User-based collaborative filtering: what customers with a similar past have taken.

Resnick et al. 1994, "GroupLens: an open architecture for collaborative filtering of netnews",
https://doi.org/10.1145/192844.192905; the newest items count most, as in session-based neighbours (Ludewig and Jannach
2018, https://arxiv.org/abs/1803.09587).
"""

from dataclasses import dataclass
from typing import ClassVar

from shortlist_bundle.signals.past import Past
from shortlist_bundle.signals.voices import voices
from shortlist_bundle.sources.alike import Takers, told_by_neighbours
from shortlist_bundle.sources.scoreboard import SparseScores
from shortlist_bundle.state.batch import CustomerBatch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserCf:
    """Means over the most similar customers, of what each has taken.

    Anybody with a history has neighbours, be it in the log or in the request alone; nobody is their own neighbour.

    Attributes:
        takers: the customers who can be neighbours, and what they have taken.
        neighbours: so many of the most similar ones are asked.
        focus: power of the similarity that a neighbour's say is weighted by; the higher, the fewer really count.
        length: newest events of the customer that are compared.
        fade: what an item counts after one step more, in (0, 1].
        by_moment: whether what was taken at one moment is one step, as in a basket; else every event is a step.
    """

    name: ClassVar[str] = "user_cf"
    takers: Takers
    neighbours: int
    focus: float
    length: int
    fade: float
    by_moment: bool

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SparseScores:
        """See `Source.scoreboard`."""
        keys, strength = voices(
            batch.history, width=past.width, length=self.length, fade=self.fade, by_moment=self.by_moment
        )
        found, scores = told_by_neighbours(
            self.takers, keys, strength, batch.rows, neighbours=self.neighbours, focus=self.focus
        )
        return SparseScores(count=len(batch), width=past.width, keys=found, scores=scores)
