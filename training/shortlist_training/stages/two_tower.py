"""Fit the two-tower: find its temperature and width in a short race, then train it with early stopping."""

import time
from dataclasses import dataclass, replace
from typing import Any

from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.moments import find_moments
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.two_tower import USUAL_TEMPERATURE, TwoTower
from shortlist_training.progress import Progress
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.tuning_window import TuningWindow

TEMPERATURES = (USUAL_TEMPERATURE, 0.1, 0.3)
"""The colder, the sharper the model tells items apart, and the more data it takes to learn that without overfitting."""
WORTH_OTHER = 1.03
"""A short run is noisy: another temperature than the usual one must bring so much."""
WIDER, WIDER_MOMENTS, WORTH_WIDER = 128, 300_000, 1.02
"""Of a log with so many moments, twice the width is tried too; it must bring so much, for it costs every request."""
RACE_ROUND, RACE_EXAMPLES = 0.5, 75_000
"""A run of the race takes half a round, and of a large log at most so many examples: the order shows early."""
RACE_SHARE, TOWER_SHARE = 0.1, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedTower:
    """The two-tower and how its fit went.

    Attributes:
        model: the two-tower, stopped where it was best.
        record: of the fit.
        race: what was tried -> figure on the tuning window after the short run; empty where all was given.
    """

    model: TwoTower
    record: FitRecord
    race: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return how the fit went as plain JSON."""
        race = {tried: round(figure, 6) for tried, figure in self.race.items()}
        width = int(self.model.items.ids.shape[1])
        return {
            **self.record.to_json(), "temperature": self.model.temperature, "embedding_size": width, "race": race
        }  # fmt: skip


def fit_tower(
    dataset: Dataset,
    plan: SplitPlan,
    tuning: TuningWindow,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
) -> FittedTower:
    """Fit the two-tower on everything before the scorer's window."""
    race = _Race(dataset, plan, tuning, config, progress, deadline=budget.until(RACE_SHARE))
    settings = race.run()
    model, record = _trained(
        dataset, plan, tuning, settings, config.seed, progress,
        rounds=settings.rounds, name="two-tower", deadline=budget.until(TOWER_SHARE),
    )  # fmt: skip
    return FittedTower(model=model, record=record, race=race.figures)


class _Race:
    """Short runs that choose what the configuration leaves open."""

    def __init__(
        self,
        dataset: Dataset,
        plan: SplitPlan,
        tuning: TuningWindow,
        config: RunConfig,
        progress: Progress,
        *,
        deadline: float | None,
    ) -> None:
        self.dataset, self.plan, self.tuning, self.config = dataset, plan, tuning, config
        self.progress, self.deadline = progress, deadline
        self.figures: dict[str, float] = {}
        self.longest = 0.0

    def run(self) -> TwoTowerConfig:
        """Return the settings with nothing left open."""
        settings = self.config.two_tower
        best = 0.0
        if settings.temperature is None:
            found = {t: self._figure(replace(settings, temperature=t)) for t in TEMPERATURES}
            temperature = max(found, key=lambda t: found[t] if t == USUAL_TEMPERATURE else found[t] / WORTH_OTHER)
            best = found[temperature]
            settings = replace(settings, temperature=temperature)
        if settings.embedding_size is None and self._moments() >= WIDER_MOMENTS:
            wider = replace(settings, embedding_size=WIDER)
            best = best or self._figure(settings)
            if self._figure(wider) > WORTH_WIDER * best:
                settings = wider
        return settings

    def _moments(self) -> int:
        return len(find_moments(self.dataset, self.plan.given, targets=self.config.two_tower.targets).positions)

    def _figure(self, settings: TwoTowerConfig) -> float:
        """Return the figure of a short run, 0 where there is no time left for it."""
        start = time.monotonic()
        if self.deadline is not None and start + self.longest > self.deadline:
            return 0.0
        small = replace(
            settings,
            examples_per_round=_race_examples(settings.examples_per_round),
            largest_round=_race_examples(settings.largest_round),
        )
        wide = f", width {settings.embedding_size}" if settings.embedding_size else ""
        name = f"two-tower, temperature {settings.temperature}{wide}"
        _, record = _trained(
            self.dataset, self.plan, self.tuning, small, self.config.seed, self.progress,
            rounds=1, name=name, deadline=None,
        )  # fmt: skip
        self.longest = max(self.longest, time.monotonic() - start)
        self.figures[name.removeprefix("two-tower, ")] = record.rounds[-1].figure or 0.0
        return self.figures[name.removeprefix("two-tower, ")]


def _race_examples(examples: int) -> int:
    return max(min(int(examples * RACE_ROUND), RACE_EXAMPLES), 1)


def _trained(
    dataset: Dataset,
    plan: SplitPlan,
    tuning: TuningWindow,
    settings: TwoTowerConfig,
    seed: int,
    progress: Progress,
    *,
    rounds: int,
    name: str,
    deadline: float | None,
) -> tuple[TwoTower, FitRecord]:
    model = TwoTower(dataset, settings, seed=seed)
    fit = TwoTowerFit(model, dataset, settings, limits=plan.given, seed=seed)

    def measure() -> float:
        tower = model.export_customers()
        return tuning.measure(
            model.item_vectors(), lambda batch: tower(batch.rows, batch.features, batch.history, batch.context)
        )

    return model, fit.run(progress, rounds=rounds, name=name, measure=measure, deadline=deadline)
