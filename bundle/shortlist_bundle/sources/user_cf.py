"""User-based collaborative filtering: what customers with a similar past have taken.

Resnick et al. 1994, "GroupLens: an open architecture for collaborative filtering of netnews",
https://doi.org/10.1145/192844.192905; the newest items count most, as in session-based neighbours (Ludewig and Jannach
2018, https://arxiv.org/abs/1803.09587).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.contributions import Contributions
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.alike import Takers, told_by_neighbours
from shortlist_bundle.sources.alike_parts import told_by_history
from shortlist_bundle.sources.scoreboard import Items, SparseScores
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
        keys, strength = self._voices(batch, past)
        found, scores = told_by_neighbours(
            self.takers, keys, strength, batch.rows, neighbours=self.neighbours, focus=self.focus
        )
        return SparseScores(count=len(batch), width=past.width, keys=found, scores=scores)

    def contributions(self, batch: CustomerBatch, past: Past, items: Items) -> Contributions:
        """See `Contributes`: what a neighbour says is shared among the items that make them a neighbour.

        A similarity is a sum over what both have taken, so each item of the history owns a share of every neighbour,
        and with it that share of the neighbour's say. The scores come out exactly; what a score would be without an
        item is another question, for then other customers might be the nearest.
        """
        keys, strength = self._voices(batch, past)
        amounts = told_by_history(
            self.takers, keys, strength, batch.rows, items, neighbours=self.neighbours, focus=self.focus
        )
        return Contributions(width=past.width, keys=keys, amounts=amounts, rest=np.zeros(items.shape, np.float32))

    def _voices(self, batch: CustomerBatch, past: Past) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return batch.voices(width=past.width, length=self.length, fade=self.fade, by_moment=self.by_moment)
