"""Fit the two-tower: find its temperature and width in a race, then train the leader on with early stopping."""

import time
from dataclasses import dataclass, replace
from typing import Any

from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.moments import find_moments
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.fitting.two_tower import TwoTowerFit, over_whole_catalogue
from shortlist_training.models.two_tower import USUAL_TEMPERATURE, TwoTower
from shortlist_training.progress import Progress
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.tuning_window import TuningWindow, by_tower
from shortlist_training.stages.unknown_items import UnknownItems, place_unknown_items

TEMPERATURES = (USUAL_TEMPERATURE, 0.1, 0.3)
"""The colder, the sharper the model tells items apart, and the more data it takes to learn that without overfitting."""
WORTH_OTHER = 1.03
"""A first round is noisy: another temperature than the usual one must bring so much."""
WIDER, WIDER_MOMENTS, WORTH_WIDER = 128, 300_000, 1.02
"""Of a log with so many moments, twice the width is tried too; it must bring so much, for it costs every request."""
RACE_ROUND, RACE_EXAMPLES = 0.5, 75_000
"""Where the loss is sampled, which is slow, a run takes half a round, at most so many examples, and ends there."""
RACE_SHARE, TOWER_SHARE = 0.1, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedTower:
    """The two-tower and how its fit went.

    Attributes:
        model: the two-tower, stopped where it was best.
        record: of the fit.
        race: what was tried -> figure on the tuning window after its first round; empty where all was given.
        unknown: how items that nobody has taken fare; None where there are none.
    """

    model: TwoTower
    record: FitRecord
    race: dict[str, float]
    unknown: UnknownItems | None

    def to_json(self) -> dict[str, Any]:
        """Return how the fit went as plain JSON."""
        race = {tried: round(figure, 6) for tried, figure in self.race.items()}
        width = int(self.model.items.ids.shape[1])
        unknown = None if self.unknown is None else self.unknown.to_json()
        return {
            **self.record.to_json(), "temperature": self.model.temperature, "embedding_size": width, "race": race,
            "unknown_items": unknown,
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
    leader = race.run()
    record = leader.train("two-tower", deadline=budget.until(TOWER_SHARE))
    unknown = place_unknown_items(leader.model, tuning)
    return FittedTower(model=leader.model, record=record, race=race.figures, unknown=unknown)


class _Runner:
    """One two-tower on its way."""

    def __init__(
        self,
        dataset: Dataset,
        plan: SplitPlan,
        tuning: TuningWindow,
        settings: TwoTowerConfig,
        progress: Progress,
        *,
        seed: int,
    ) -> None:
        self.settings, self.tuning, self.progress = settings, tuning, progress
        self.model = TwoTower(dataset, settings, seed=seed)
        self.fit = TwoTowerFit(self.model, dataset, settings, limits=plan.given, seed=seed)
        self.record: FitRecord | None = None

    def train(self, name: str, *, last: int | None = None, deadline: float | None = None) -> FitRecord:
        """Train on from where it stands, to its last round or to the round `last`."""
        if self.record is None or len(self.record.rounds) < self.settings.rounds:
            self.record = self.fit.run(
                self.progress, rounds=self.settings.rounds, name=name, measure=self._figure, deadline=deadline,
                earlier=self.record, last=last,
            )  # fmt: skip
        return self.record

    def _figure(self) -> float:
        return self.tuning.measure(self.model.item_vectors(), by_tower(self.model.export_customers()))


class _Race:
    """Chooses what the configuration leaves open by the first round of the whole fit, and hands the leader on.

    What is best after a small part of the first round need not be in the end: a colder model starts slower. Where the
    loss is sampled the runs are short all the same, and the choice starts anew.
    """

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
        self.whole = over_whole_catalogue(dataset, config.two_tower)
        self.figures: dict[str, float] = {}
        self.longest = 0.0
        self.chosen: TwoTowerConfig | None = None
        self.best = 0.0
        self.leader: _Runner | None = None

    def run(self) -> _Runner:
        """Return the leader, with nothing left open."""
        settings = self.config.two_tower
        if settings.temperature is None:
            for temperature in TEMPERATURES:
                usual = self.chosen is not None and self.chosen.temperature == USUAL_TEMPERATURE
                self._try(replace(settings, temperature=temperature), worth=WORTH_OTHER if usual else 1.0)
            settings = self.chosen or settings
        if settings.embedding_size is None and self._moments() >= WIDER_MOMENTS:
            if self.chosen is None:
                self._try(settings, worth=1.0)
            self._try(replace(settings, embedding_size=WIDER), worth=WORTH_WIDER)
        return self.leader or self._runner(self.chosen or settings)

    def _moments(self) -> int:
        if self.leader:
            return len(self.leader.fit.batches.moments.positions)
        return len(find_moments(self.dataset, self.plan.given, targets=self.config.two_tower.targets).positions)

    def _try(self, settings: TwoTowerConfig, *, worth: float) -> None:
        """Let a model run, if there is time left for it; it is chosen if it is `worth` times as good as the best."""
        start = time.monotonic()
        if self.deadline is not None and start + self.longest > self.deadline:
            return
        wide = f", width {settings.embedding_size}" if settings.embedding_size else ""
        name = f"temperature {settings.temperature}{wide}"
        runner = self._runner(settings if self.whole else _shortened(settings))
        figure = runner.train(f"two-tower, {name}", last=1, deadline=self.deadline).rounds[-1].figure or 0.0
        self.longest = max(self.longest, time.monotonic() - start)
        self.figures[name] = figure
        if self.chosen is None or figure > worth * self.best:
            self.chosen, self.best = settings, figure
            self.leader = runner if self.whole else None

    def _runner(self, settings: TwoTowerConfig) -> _Runner:
        return _Runner(self.dataset, self.plan, self.tuning, settings, self.progress, seed=self.config.seed)


def _shortened(settings: TwoTowerConfig) -> TwoTowerConfig:
    return replace(
        settings,
        rounds=1,
        examples_per_round=_race_examples(settings.examples_per_round),
        largest_round=_race_examples(settings.largest_round),
    )


def _race_examples(examples: int) -> int:
    return max(min(int(examples * RACE_ROUND), RACE_EXAMPLES), 1)
