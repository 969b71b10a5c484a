"""Fit a rating model: by squared error, or by cross-entropy where the answers are yes or no."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shortlist_training.config.models import RatingsConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import ConfigError
from shortlist_training.fitting.rounds import FitRecord, fit_rounds
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedPairs:
    """Ratings as three parallel arrays: customer rows, item rows, ratings on the log's scale."""

    customers: NDArray[np.int32]
    items: NDArray[np.int32]
    ratings: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ratings)

    def take(self, index: NDArray[np.integer]) -> "RatedPairs":
        """Return some of the ratings."""
        return RatedPairs(customers=self.customers[index], items=self.items[index], ratings=self.ratings[index])


def rated_pairs(dataset: Dataset) -> RatedPairs:
    """Return every event that has a rating, in the order of the dataset."""
    if dataset.ratings is None:
        raise ValueError("the log has no ratings")
    rated = np.flatnonzero(~np.isnan(dataset.ratings) & (dataset.events.items > 0))
    return RatedPairs(
        customers=dataset.events.owners[rated].astype(np.int32),
        items=dataset.events.items[rated],
        ratings=dataset.ratings[rated],
    )


def hold_out(pairs: RatedPairs, share: float, seed: int) -> tuple[RatedPairs, RatedPairs]:
    """Return the ratings to learn from and those held out: `round(share * ratings)` of them, at least one, by seed."""
    count = max(1, round(share * len(pairs))) if len(pairs) > 1 else 0
    order = np.random.default_rng(seed).permutation(len(pairs))
    return pairs.take(np.sort(order[count:])), pairs.take(np.sort(order[:count]))


class RatingFit:
    """Draws batches of ratings and takes optimiser steps on the squared error.

    Args:
        model: an `EmbeddingModel` or a `RatingMlp`; is trained in place.
        config: of the ratings.
        pairs: to learn from.
        seed: of the order.
    """

    def __init__(self, model: Any, config: RatingsConfig, pairs: RatedPairs, *, seed: int) -> None:
        self.model, self.config, self.pairs, self.seed = model, config, pairs, seed
        self.loss = loss_of(config, pairs, bounded=not isinstance(model, EmbeddingModel))
        self.optimiser = keras.optimizers.Adam(config.learning_rate)
        self.step = tf.function(self._step, reduce_retracing=True)
        self.forward = tf.function(model, reduce_retracing=True)

    def run(
        self, progress: Progress, *, rounds: int, name: str, measure: Callable[[], float] | None = None,
        patience: int = 2,
    ) -> FitRecord:  # fmt: skip
        """Train at most `rounds` passes; see `fit_rounds`."""
        self.forward(self.pairs.customers[:1], self.pairs.items[:1])
        self.optimiser.build(self.model.trainable_variables)
        with progress.stage(name, rounds * len(self.pairs)) as bar:
            return fit_rounds(
                self.step, self._batches, rounds=rounds, weights=self.model.trainable_variables, bar=bar,
                measure=measure, patience=patience,
            )  # fmt: skip

    def mean_squared_error(self, pairs: RatedPairs) -> float:
        """Return the squared error of the predictions, unclipped as in training."""
        size = 65_536
        predicted = [
            self.forward(pairs.customers[n : n + size], pairs.items[n : n + size]).numpy()
            for n in range(0, len(pairs), size)
        ]
        return float(np.mean(np.square(np.concatenate(predicted) - pairs.ratings)))

    def _batches(self, number: int) -> Iterator[tuple[NDArray[np.generic], ...]]:
        order = np.random.default_rng([self.seed, 3, number]).permutation(len(self.pairs))
        for start in range(0, len(order), self.config.batch_size):
            chosen = order[start : start + self.config.batch_size]
            yield self.pairs.customers[chosen], self.pairs.items[chosen], self.pairs.ratings[chosen]

    def _step(self, customers: tf.Tensor, items: tf.Tensor, ratings: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = self._loss(self.model(customers, items), ratings)
            total = loss
            if isinstance(self.model, EmbeddingModel):
                total += self.config.weight_decay * self.model.penalty(customers, items)
        variables = self.model.trainable_variables
        gradients = tape.gradient(total, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self.optimiser.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    def _loss(self, predicted: tf.Tensor, ratings: tf.Tensor) -> tf.Tensor:
        if self.loss == CROSS_ENTROPY:
            return tf.reduce_mean(keras.losses.binary_crossentropy(ratings[:, None], predicted[:, None]))
        return tf.reduce_mean(tf.square(predicted - ratings))


SQUARED_ERROR, CROSS_ENTROPY = "squared_error", "cross_entropy"


def loss_of(config: RatingsConfig, pairs: RatedPairs, *, bounded: bool) -> str:
    """Return the loss: the configured one, else cross-entropy where every rating is 0 or 1 and the model is bounded.

    Args:
        config: of the ratings.
        pairs: to learn from.
        bounded: whether the model can only answer between 0 and 1; the embedding model can answer anything.

    Raises:
        ConfigError: The configuration names another loss, or cross-entropy where it does not apply.
    """
    possible = bounded and bool(np.isin(pairs.ratings, (0.0, 1.0)).all())
    chosen = config.loss or (CROSS_ENTROPY if possible else SQUARED_ERROR)
    if chosen not in (SQUARED_ERROR, CROSS_ENTROPY):
        raise ConfigError(f"[ratings] loss = {chosen!r} is not one of {SQUARED_ERROR}, {CROSS_ENTROPY}")
    if chosen == CROSS_ENTROPY and not possible:
        raise ConfigError(
            "[ratings] loss = 'cross_entropy' needs ratings that are all 0 or 1, and model = 'scorer' or 'two_tower'"
        )
    return chosen
