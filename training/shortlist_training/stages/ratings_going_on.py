"""The rating model of a bundle, trained on by all ratings that there are now."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.ratings import EmbeddingRating
from shortlist_bundle.towers.layers import Float
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.ratings import RatingFit, rated_pairs
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.origin.carrying import carried_table, put
from shortlist_training.origin.news import News
from shortlist_training.progress import Progress
from shortlist_training.stages.ratings import FittedRatings, choose_model, fit_ratings, rating_errors

EPOCHS_SHARE = 1 / 3
"""Of the epochs that were best from scratch: what is known need not be learnt again."""


def go_on_ratings(
    news: News, dataset: Dataset, scale: tuple[float, float], config: RunConfig, progress: Progress, *, dense: bool
) -> FittedRatings:
    """Train embeddings of ids on; another rating model is fitted from scratch, and that is said.

    The figures are those of the bundle's own model on the ratings that it has not seen: of what is published there is
    no rating left to judge by. They have names of their own, for the newest ratings are harder to tell than ones held
    out at random, and must not be compared with those.

    Args:
        news: the log beside the bundle.
        dataset: the log, with ratings.
        scale: lowest and highest rating.
        config: of the run.
        progress: where it is shown.
        dense: whether most customers have rated a good part of the catalogue.
    """
    known, figures = news.origin.model.ratings, _figures(news)
    epochs = figures.get("epochs")
    kind = choose_model(dataset, config, dense=dense)
    fits = isinstance(known, EmbeddingRating) and known.items.shape[1] == config.ratings.embedding_size
    if not isinstance(known, EmbeddingRating) or not fits or kind != "embedding" or not isinstance(epochs, int):
        progress.say("ratings: their model is fitted from scratch")
        return fit_ratings(dataset, scale, config, progress, dense=dense)
    carried = _carried(known, news)
    pairs = rated_pairs(dataset)
    fresh = pairs.take(np.flatnonzero(_is_news(news, dataset)))
    model = _model(carried, news, dataset, config)
    fit = RatingFit(model, config.ratings, pairs, seed=config.seed)
    fit.run(progress, rounds=max(round(EPOCHS_SHARE * epochs), 1), name="ratings (embedding), going on")
    return FittedRatings(
        model=model.export_ratings(*scale),
        figures={
            "model": kind, "ratings": len(pairs), "held_out": 0, "held_out_loss": None, "rmse": None, "mae": None,
            "epochs": epochs, "new": len(fresh),
            **{f"new_{name}": value for name, value in rating_errors(carried, dataset, fresh).items()},
        },
        items=None,
    )  # fmt: skip


def _figures(news: News) -> dict[str, Any]:
    found: Any = news.origin.model.figures.get("ratings")
    return dict(found) if isinstance(found, dict) else {}


def _carried(known: EmbeddingRating, news: News) -> EmbeddingRating:
    return EmbeddingRating(
        mean=known.mean,
        customer_bias=carried_table(known.customer_bias, news.rows.customers),
        item_bias=carried_table(known.item_bias, news.rows.items),
        customers=carried_table(known.customers, news.rows.customers),
        items=carried_table(known.items, news.rows.items),
        low=known.low,
        high=known.high,
    )


def _is_news(news: News, dataset: Dataset) -> NDArray[np.bool_]:
    """Return which rated events, in the order of `rated_pairs`, the bundle has not learnt from."""
    events = dataset.events
    ratings = np.zeros(0, np.float32) if dataset.ratings is None else dataset.ratings
    rated = np.flatnonzero(~np.isnan(ratings) & (events.items > 0))
    owners = events.owners[rated]
    return np.asarray(rated - events.offsets[owners] >= news.seen[owners])


def _model(carried: EmbeddingRating, news: News, dataset: Dataset, config: RunConfig) -> EmbeddingModel:
    """Return the model to train on; customers and items that are new begin as in a training from scratch."""
    model = EmbeddingModel(
        customer_rows=dataset.customer_rows, item_rows=dataset.item_rows,
        embedding_size=config.ratings.embedding_size, mean=carried.mean, spread=0.05, seed=config.seed,
    )  # fmt: skip
    for variable, table, rows, what in (
        (model.customers, carried.customers, news.rows.customers, "customers"),
        (model.items, carried.items, news.rows.items, "items"),
        (model.customer_bias, carried.customer_bias, news.rows.customers, "customers' biases"),
        (model.item_bias, carried.item_bias, news.rows.items, "items' biases"),
    ):
        put(variable, _filled(variable.numpy(), table, rows), f"ratings of {what}")
    return model


def _filled(initial: Float, table: Float, rows: NDArray[np.int32]) -> Float:
    known = (rows > 0).reshape(-1, *[1] * (table.ndim - 1))
    return np.where(known, table, initial)
