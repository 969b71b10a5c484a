"""The scorer of a bundle, trained on by what has been taken since."""

from collections.abc import Sequence
from dataclasses import replace

from shortlist_bundle.engine import Retriever
from shortlist_training.fitting.rounds import FitRecord, Round
from shortlist_training.reranking.fit import ScorerFit
from shortlist_training.reranking.lists import Lists
from shortlist_training.stages.ground import Ground
from shortlist_training.stages.scorer import FittedScorer, fit_scorer

RATE = 0.25
"""Of the scorer's learning rate: what it knows has come from far more lists than it is shown now."""
ROUNDS = 3
FEWEST_LISTS = 50
"""Fewer lists than these teach a scorer nothing that holds."""
NOTHING_NEW = FitRecord(rounds=(), best=0, stopped="too little that is new")


class GoingOnScorer:
    """The bundle's scorer on its way: taught by all windows but the newest, and then by that one too.

    It stays as it is where too little is new, and where no round makes it better on the newest window.

    Args:
        ground: log and bundle.
        retriever: has not seen any of the windows.
    """

    def __init__(self, ground: Ground, retriever: Retriever) -> None:
        self.ground, config = ground, ground.config.scorer
        self.scorer = ground.scorer()
        self.labels = ground.lists(retriever, ground.windows[:-1], strangers=config.strangers) if ground.windows else []
        self.newest = ground.lists(retriever, ground.windows[-1:], strangers=config.strangers) if self.labels else []
        self.fit: ScorerFit | None = None
        self.record = NOTHING_NEW

    @property
    def taught(self) -> bool:
        """Whether there is enough to learn from."""
        return min(_count(self.labels), _count(self.newest)) >= FEWEST_LISTS

    def teach(self) -> FittedScorer:
        """Learn from all windows but the newest, for as many rounds as do best there; for that one window to judge."""
        if not self.taught:
            return FittedScorer(scorer=self.scorer, record=self.record)
        if self.scorer is None:
            return self._first()
        config = self.ground.config.scorer
        slower = replace(config, learning_rate=RATE * config.learning_rate)
        self.fit = ScorerFit(self.scorer, slower, seed=self.ground.config.seed)
        # What stands before the first round is the bundle's scorer: it is kept where no round does better.
        known = Round(loss=0.0, figure=self.fit.ndcg(self.newest), seconds=0.0)
        self.record = self.fit.run(
            self.labels, self.ground.progress, rounds=1 + ROUNDS, name="scorer, going on", tune=self.newest,
            earlier=FitRecord(rounds=(known,), best=1, stopped="rounds"),
        )  # fmt: skip
        return FittedScorer(scorer=self.scorer, record=self.record)

    def finish(self) -> FittedScorer:
        """Learn from the newest window for as many rounds: what is published."""
        if self.fit and self.record.best > 1:
            self.fit.run(
                self.newest, self.ground.progress, rounds=self.record.best - 1, name="scorer, the newest window"
            )
        elif self.taught and not self.fit:
            return self._last()
        return FittedScorer(scorer=self.scorer, record=self.record)

    def _first(self) -> FittedScorer:
        """Fit a scorer from nothing, now that the log has grown large enough to teach one."""
        ground = self.ground
        first = fit_scorer(
            ground.dataset, self.labels, ground.config, ground.progress, ground.budget, tune=self.newest
        )  # fmt: skip
        self.record = first.record
        return first

    def _last(self) -> FittedScorer:
        ground, lists = self.ground, [*self.labels, *self.newest]
        rounds = max(self.record.best, 1)
        return fit_scorer(
            ground.dataset, lists, ground.config, ground.progress, ground.budget, rounds=rounds, name="scorer, refit"
        )


def _count(lists: Sequence[Lists]) -> int:
    return sum(len(part.items) for part in lists)
