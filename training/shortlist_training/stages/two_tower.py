"""Fit the two-tower: find its temperature in a short race, then train it with early stopping."""

import time
from dataclasses import dataclass, replace
from typing import Any

from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Progress
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.tuning_window import TuningWindow

TEMPERATURES = (0.2, 0.1, 0.3)
"""The colder, the sharper the model tells items apart, and the more data it takes to learn that without overfitting."""
RACE_EXAMPLES, LARGEST_RACE = 0.5, 100_000
"""A run of the race takes half a small round, or so many examples of a large one."""
RACE_SHARE, TOWER_SHARE = 0.1, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedTower:
    """The two-tower and how its fit went.

    Attributes:
        model: the two-tower, stopped where it was best.
        record: of the fit.
        race: temperature -> figure on the tuning window after the short run; empty where it was given.
    """

    model: TwoTower
    record: FitRecord
    race: dict[float, float]

    def to_json(self) -> dict[str, Any]:
        """Return how the fit went as plain JSON."""
        race = {str(temperature): round(figure, 6) for temperature, figure in self.race.items()}
        return {**self.record.to_json(), "temperature": self.model.temperature, "race": race}


def fit_tower(
    dataset: Dataset,
    plan: SplitPlan,
    tuning: TuningWindow,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
) -> FittedTower:
    """Fit the two-tower on everything before the scorer's window."""
    settings, race = config.two_tower, {}
    if settings.temperature is None:
        race = _race(dataset, plan, tuning, config, progress, deadline=budget.until(RACE_SHARE))
        settings = replace(settings, temperature=max(race, key=lambda temperature: race[temperature]))
    model, record = _trained(
        dataset, plan, tuning, settings, config.seed, progress,
        rounds=settings.rounds, name="two-tower", deadline=budget.until(TOWER_SHARE),
    )  # fmt: skip
    return FittedTower(model=model, record=record, race=race)


def _race(
    dataset: Dataset,
    plan: SplitPlan,
    tuning: TuningWindow,
    config: RunConfig,
    progress: Progress,
    *,
    deadline: float | None,
) -> dict[float, float]:
    small = replace(
        config.two_tower,
        examples_per_round=max(int(config.two_tower.examples_per_round * RACE_EXAMPLES), 1),
        largest_round=min(config.two_tower.largest_round, LARGEST_RACE),
    )
    figures: dict[float, float] = {}
    for temperature in TEMPERATURES:
        start = time.monotonic()
        _, record = _trained(
            dataset, plan, tuning, replace(small, temperature=temperature), config.seed, progress,
            rounds=1, name=f"two-tower, temperature {temperature}", deadline=deadline,
        )  # fmt: skip
        figures[temperature] = record.rounds[-1].figure or 0.0
        if deadline is not None and 2 * time.monotonic() - start > deadline:
            break
    return figures


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
