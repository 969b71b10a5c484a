"""The scorer of a bundle, trained on by what has been taken since."""

from collections.abc import Sequence
from dataclasses import replace

from shortlist_bundle.engine import Retriever
from shortlist_training.fitting.rounds import FitRecord, Round
from shortlist_training.models.scorer import Scorer
from shortlist_training.reranking.fit import ScorerFit
from shortlist_training.reranking.lists import Lists
from shortlist_training.stages.ground import Ground
from shortlist_training.stages.scorer import FittedScorer, fit_scorer

RATE = 0.25
"""Of the scorer's learning rate: what it knows has come from far more lists than it is shown now."""
ROUNDS = 4
FEWEST_LISTS = 50
"""Fewer lists than these teach a scorer nothing that holds."""
NOTHING_NEW = FitRecord(rounds=(), best=0, stopped="too little that is new")


def go_on_scorer(ground: Ground, retriever: Retriever) -> tuple[FittedScorer, FittedScorer]:
    """Return the scorer that is judged, and the one that is published.

    The first learns from all windows but the newest, for as many rounds as do best there; the other for as many rounds
    from all of them. Both are the bundle's own scorer where it does best as it is, or where too little is new.

    Args:
        ground: log and bundle.
        retriever: has not seen any of the windows.
    """
    config, known = ground.config.scorer, ground.scorer()
    labels = ground.lists(retriever, ground.windows[:-1], strangers=config.strangers) if ground.windows else []
    newest = ground.lists(retriever, ground.windows[-1:], strangers=config.strangers) if labels else []
    if min(_count(labels), _count(newest)) < FEWEST_LISTS:
        kept = FittedScorer(scorer=known, record=NOTHING_NEW)
        return kept, kept
    if known is None:
        return _first_scorer(ground, labels, newest)
    fit = _fit(ground, known)
    # What stands before the first round is the bundle's scorer: it is kept where no round does better.
    start = FitRecord(rounds=(Round(loss=0.0, figure=fit.ndcg(newest), seconds=0.0),), best=1, stopped="rounds")
    record = fit.run(
        labels, ground.progress, rounds=1 + ROUNDS, name="scorer, going on", tune=newest, earlier=start
    )  # fmt: skip
    judged = FittedScorer(scorer=known, record=record)
    if record.best == 1:
        return judged, judged
    fresh = ground.scorer()
    if fresh is not None:
        _fit(ground, fresh).run(
            [*labels, *newest], ground.progress, rounds=record.best - 1, name="scorer, all that is new"
        )  # fmt: skip
    return judged, FittedScorer(scorer=fresh, record=record)


def _fit(ground: Ground, scorer: Scorer) -> ScorerFit:
    config = ground.config.scorer
    return ScorerFit(scorer, replace(config, learning_rate=RATE * config.learning_rate), seed=ground.config.seed)


def _first_scorer(
    ground: Ground, labels: Sequence[Lists], newest: Sequence[Lists]
) -> tuple[FittedScorer, FittedScorer]:
    """Fit a scorer from nothing, now that the log has grown large enough to teach one."""
    dataset, config, progress, budget = ground.dataset, ground.config, ground.progress, ground.budget
    first = fit_scorer(dataset, labels, config, progress, budget, tune=newest)
    last = fit_scorer(
        dataset, [*labels, *newest], config, progress, budget, rounds=max(first.record.best, 1), name="scorer, refit"
    )
    return first, FittedScorer(scorer=last.scorer, record=first.record)


def _count(lists: Sequence[Lists]) -> int:
    return sum(len(part.items) for part in lists)
