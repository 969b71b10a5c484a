"""Fit the rating model: once with ratings held out, for the report, and once on all of them, to publish."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.ratings import RatingModel
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import ConfigError
from shortlist_training.fitting.ratings import CROSS_ENTROPY, RatedPairs, RatingFit, hold_out, loss_of, rated_pairs
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.rating_mlp import RatingMlp
from shortlist_training.progress import Progress

MODELS = ("embedding", "scorer", "two_tower")
EARLY_STOPPING_RATINGS = 20_000
"""Below so many ratings too few could be spared to stop by; all the epochs are trained then."""
TUNING_SHARE = 0.05
"""Share of the ratings to learn from that early stopping looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedRatings:
    """The published rating model, and what the held-out ratings say.

    Attributes:
        model: fitted on all ratings.
        figures: which model, how many ratings were held out, their squared error (as trained), RMSE and MAE (clipped
            to the scale, as served).
        items: what encodes an item that training has not seen; None for a model of ids alone.
    """

    model: RatingModel
    figures: dict[str, Any]
    items: PairItems | None


def fit_ratings(
    dataset: Dataset, scale: tuple[float, float], config: RunConfig, progress: Progress, *, dense: bool
) -> FittedRatings:
    """Fit and judge the rating model.

    Args:
        dataset: a log with ratings.
        scale: lowest and highest rating.
        config: of the run.
        progress: where it is shown.
        dense: whether most customers have rated a good part of the catalogue; features then beat ids.
    """
    kind = choose_model(dataset, config, dense=dense)
    pairs = rated_pairs(dataset)
    train, held_out = hold_out(pairs, config.ratings.held_out, config.seed)
    tuning = None
    if len(pairs) >= EARLY_STOPPING_RATINGS:
        # Not the ratings of the report: the best of many looks at them would be no honest figure.
        train, tuning = hold_out(train, TUNING_SHARE, config.seed + 1)
    model = _new_model(kind, dataset, scale, config, train)
    fit = RatingFit(model, config.ratings, train, seed=config.seed)
    record = fit.run(
        progress, rounds=config.ratings.epochs, name=f"ratings ({kind})",
        measure=None if tuning is None else lambda: -fit.mean_squared_error(tuning),
    )  # fmt: skip
    figures = {
        "model": kind,
        "ratings": len(pairs),
        "held_out": len(held_out),
        "held_out_loss": fit.mean_squared_error(held_out) if len(held_out) else None,
        **rating_errors(_export(model, scale), dataset, held_out),
        "epochs": record.best,
    }
    published = _new_model(kind, dataset, scale, config, pairs)
    refit = RatingFit(published, config.ratings, pairs, seed=config.seed)
    refit.run(progress, rounds=max(record.best, 1), name=f"ratings ({kind}), all")
    items = published.export_items() if isinstance(published, RatingMlp) else None
    return FittedRatings(model=_export(published, scale), figures=figures, items=items)


def choose_model(dataset: Dataset, config: RunConfig, *, dense: bool) -> str:
    """Return "embedding", "scorer" or "two_tower".

    Raises:
        ConfigError: The configuration names another.
    """
    chosen = config.ratings.model
    if chosen is not None:
        if chosen not in MODELS:
            raise ConfigError(f"[ratings] model = {chosen!r} is not one of {', '.join(MODELS)}")
        return chosen
    described = bool(dataset.customer_encoder.spec.columns) and bool(dataset.item_encoder.spec.columns)
    return "scorer" if dense and described else "embedding"


def rating_errors(model: RatingModel, dataset: Dataset, pairs: RatedPairs) -> dict[str, float | None]:
    """Return RMSE and MAE of a model as it serves, by rating; None without ratings."""
    if not len(pairs):
        return {"rmse": None, "mae": None}
    batch = CustomerBatch(
        rows=pairs.customers,
        features=dataset.customer_features.take(pairs.customers),
        history=Histories.empty(len(pairs)),
        now=np.zeros(len(pairs)),
    )
    errors = model.predict(batch, pairs.items[:, None])[:, 0] - pairs.ratings
    return {"rmse": float(np.sqrt(np.mean(np.square(errors)))), "mae": float(np.mean(np.abs(errors)))}


def _new_model(
    kind: str, dataset: Dataset, scale: tuple[float, float], config: RunConfig, pairs: RatedPairs
) -> EmbeddingModel | RatingMlp:
    settings, mean = config.ratings, float(pairs.ratings.mean())
    if kind == "embedding":
        return EmbeddingModel(
            customer_rows=dataset.customer_rows, item_rows=dataset.item_rows,
            embedding_size=settings.embedding_size, mean=mean, spread=0.05, seed=config.seed,
        )  # fmt: skip
    joined, yes_or_no = kind == "two_tower", loss_of(settings, pairs, bounded=True) == CROSS_ENTROPY
    # A probability, whatever scale the configuration names.
    low, high = (0.0, 1.0) if yes_or_no else scale
    model = RatingMlp(
        dataset,
        tower=(settings.units,) if joined else (),
        hidden=(settings.units, settings.units) if joined else settings.hidden,
        low=low, high=high, sigmoid=joined or yes_or_no, mean=mean,
        embedding_size=settings.embedding_size,
        seed=config.seed,
    )  # fmt: skip
    model(pairs.customers[:1], pairs.items[:1])
    model.start_at_mean()
    return model


def _export(model: EmbeddingModel | RatingMlp, scale: tuple[float, float]) -> RatingModel:
    return model.export_ratings(*scale) if isinstance(model, EmbeddingModel) else model.export_ratings()
