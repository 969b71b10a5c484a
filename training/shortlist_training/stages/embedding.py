"""The embedding model of retrieval, whatever its objective: fitted, moved on to later limits, exported."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.signals.past import Past, sum_up
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.towers.embedding import EmbeddingSpace
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.origin.chosen import Axes
from shortlist_training.progress import Progress
from shortlist_training.retrieval.autoencoder import Norms, Spectrum, decompose, widest
from shortlist_training.retrieval.tuning import NEWEST, TUNED_AT
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.tuning_window import TuningWindow

_Setting = TypeVar("_Setting")
GRADIENT_SIZE = 64
NORMS = (Norms(customers=0.5, items=0.35), Norms(customers=0.25, items=0.25))
PENALTIES = (0.0, 2.0)
NARROWEST = 16
SETTINGS_CUSTOMERS = 1000
WORTH_TWICE = 1.01
"""Twice the width costs every request twice the search: it must bring a hundredth more."""


class FittedEmbedding(Protocol):
    """An embedding model up to some limits."""

    def refit(self, limits: NDArray[np.int64], progress: Progress) -> None:
        """Take in what lies below new limits, int64 [M + 1]."""
        ...

    def export(self) -> EmbeddingSpace:
        """Return both sides as they are now."""
        ...

    def figures(self) -> dict[str, Any]:
        """Return what the fit found, as plain JSON."""
        ...


def fit_embedding(
    dataset: Dataset,
    plan: SplitPlan,
    clock: Clock,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    *,
    until: float,
) -> FittedEmbedding:
    """Fit the embedding model on everything before the scorer's window; tune it, or stop it early, on tuning.

    Once `until` of the budget is used up, no further settings are tried.
    """
    if config.embedding.objective == "least_squares":
        return LeastSquaresEmbedding(dataset, plan, clock, config, progress, hurried=lambda: budget.over(until))
    return GradientEmbedding(dataset, plan, clock, config, progress, budget.until(until))


class LeastSquaresEmbedding:
    """See `FittedEmbedding`; the linear autoencoder of `retrieval/autoencoder.py`, its settings tuned.

    Args:
        dataset: the log.
        plan: of the windows.
        clock: of the log.
        config: of the run.
        progress: where it is shown.
        hurried: is asked before each setting; from when it says yes, none but the first is tried.
    """

    def __init__(
        self,
        dataset: Dataset,
        plan: SplitPlan,
        clock: Clock,
        config: RunConfig,
        progress: Progress,
        *,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.dataset, self.seed = dataset, config.seed
        size = config.embedding.embedding_size
        self.width = widest(dataset) if size is None else min(size, widest(dataset))
        self.fixed = size is not None
        self.window = TuningWindow(dataset, plan.tune, clock, customers=SETTINGS_CUSTOMERS, depth=TUNED_AT)
        self.tried, self.hurried = 0, hurried
        with progress.stage("embedding model", len(NORMS)) as bar:
            spectra = list[Spectrum]()
            for norms in NORMS:
                if spectra and hurried():
                    break
                spectra.append(decompose(dataset, plan.given, norms, width=self.width, seed=self.seed))
                bar.advance(1)
            self._tune(spectra)
            bar.note(f"tuning {self.figure:.4f}, width {self.settings['width']}")

    def _tune(self, spectra: list[Spectrum]) -> None:
        self.spectrum = spectra[0]
        self.settings: dict[str, Any] = {"width": max(self.width // 4, 1), "penalty": PENALTIES[-1]}
        tried = {pair: self._measured(spectra[0], length=pair[0], fade=pair[1]) for pair in self._while_time(NEWEST)}
        length, fade = max(tried, key=tried.__getitem__)
        self.settings |= {"length": length, "fade": fade}
        self.figure = -1.0
        for width in self._while_time(self._widths()):
            asked = self.figure * (WORTH_TWICE if self.figure > 0 else 1.0)
            found = [(s, p, self._measured(s, width=width, penalty=p)) for s in spectra for p in PENALTIES]
            spectrum, penalty, figure = max(found, key=lambda entry: entry[2])
            if figure > asked:
                self.spectrum, self.figure = spectrum, figure
                self.settings |= {"width": width, "penalty": penalty}

    def _while_time(self, settings: Sequence[_Setting]) -> Iterator[_Setting]:
        """Yield the first setting, and further ones while there is time."""
        for number, setting in enumerate(settings):
            if number and self.hurried():
                return
            yield setting

    def _widths(self) -> list[int]:
        if self.fixed or self.width <= NARROWEST:
            return [self.width]
        doubled = [NARROWEST << n for n in range(self.width.bit_length()) if NARROWEST << n < self.width]
        return [*doubled, self.width]

    def _measured(self, spectrum: Spectrum, **settings: Any) -> float:
        space = spectrum.autoencoder(**{**self.settings, **settings})
        self.tried += 1
        return self.window.measure(space.items, lambda batch: space.customers(batch, self._past(batch)))

    def _past(self, batch: CustomerBatch) -> Past:
        return sum_up(batch.history, batch.now, (np.inf,), things=batch.history.items, width=self.dataset.item_rows)

    def refit(self, limits: NDArray[np.int64], progress: Progress) -> None:
        """See `FittedEmbedding`."""
        width = int(self.settings["width"])
        with progress.stage("embedding model, refit", 1) as bar:
            self.spectrum = decompose(self.dataset, limits, self.spectrum.norms, width=width, seed=self.seed)
            bar.advance(1)

    def export(self) -> EmbeddingSpace:
        """See `FittedEmbedding`."""
        return self.spectrum.autoencoder(**self.settings)

    def figures(self) -> dict[str, Any]:
        """See `FittedEmbedding`."""
        norms = self.spectrum.norms
        return {
            "objective": "least_squares", "settings_tried": self.tried, "tuning": round(self.figure, 6),
            **self.settings, "customer_norm": norms.customers, "item_norm": norms.items,
        }  # fmt: skip


class ChosenEmbedding:
    """See `FittedEmbedding`; the linear autoencoder with settings that an earlier training has chosen.

    Args:
        dataset: the log.
        limits: int64 [M + 1], events of each customer that the fit may see.
        axes: the settings.
        seed: of the decomposition.
    """

    def __init__(self, dataset: Dataset, limits: NDArray[np.int64], axes: Axes, *, seed: int) -> None:
        self.dataset, self.axes, self.seed = dataset, axes, seed
        self.width = min(axes.width, dataset.customer_rows - 1, dataset.item_rows - 1)
        self.spectrum = decompose(dataset, limits, axes.norms, width=self.width, seed=seed)

    def refit(self, limits: NDArray[np.int64], progress: Progress) -> None:
        """See `FittedEmbedding`."""
        with progress.stage("embedding model, refit", 1) as bar:
            self.spectrum = decompose(self.dataset, limits, self.axes.norms, width=self.width, seed=self.seed)
            bar.advance(1)

    def export(self) -> EmbeddingSpace:
        """See `FittedEmbedding`."""
        return self.spectrum.autoencoder(**self._settings())

    def figures(self) -> dict[str, Any]:
        """See `FittedEmbedding`."""
        norms = self.axes.norms
        return {
            "objective": "least_squares", "settings_tried": 0, "tuning": self.axes.figure, **self._settings(),
            "customer_norm": norms.customers, "item_norm": norms.items,
        }  # fmt: skip

    def _settings(self) -> dict[str, Any]:
        axes = self.axes
        return {"width": self.width, "penalty": axes.penalty, "length": axes.length, "fade": axes.fade}


class GradientEmbedding:
    """See `FittedEmbedding`; customer and item embeddings trained step by step, and trained on by a refit."""

    def __init__(
        self,
        dataset: Dataset,
        plan: SplitPlan,
        clock: Clock,
        config: RunConfig,
        progress: Progress,
        deadline: float | None,
    ) -> None:
        self.dataset, self.config = dataset, config
        self.model = EmbeddingModel(
            customer_rows=dataset.customer_rows, item_rows=dataset.item_rows,
            embedding_size=config.embedding.embedding_size or GRADIENT_SIZE, mean=0.0, spread=0.05, seed=config.seed,
        )  # fmt: skip
        self.fit = EmbeddingFit(self.model, dataset, config.embedding, limits=plan.given, seed=config.seed)
        window = TuningWindow(dataset, plan.tune, clock)
        self.record: FitRecord = self.fit.run(
            progress, rounds=config.embedding.rounds, name="embedding model",
            measure=lambda: self._measured(window), deadline=deadline,
        )  # fmt: skip

    def _measured(self, window: TuningWindow) -> float:
        customers = self.model.customer_vectors()
        return window.measure(self.model.item_vectors(), lambda batch: customers[batch.rows])

    def refit(self, limits: NDArray[np.int64], progress: Progress) -> None:
        """See `FittedEmbedding`."""
        seed = self.config.seed + 1
        self.fit = EmbeddingFit(self.model, self.dataset, self.config.embedding, limits=limits, seed=seed)
        self.fit.run(progress, rounds=1, name="embedding model, refit")

    def export(self) -> EmbeddingSpace:
        """See `FittedEmbedding`."""
        return EmbeddingSpace(customers=self.fit.export_customers(), items=self.model.item_vectors())

    def figures(self) -> dict[str, Any]:
        """See `FittedEmbedding`."""
        return {"objective": self.config.embedding.objective, **self.record.to_json()}
