"""Fit the two-tower model: every moment of every history asks for what came next."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.batches import MomentBatches
from shortlist_training.fitting.rounds import FitRecord, batch_size, fit_rounds
from shortlist_training.fitting.row_adam import RowAdam
from shortlist_training.models.gathering import gathered
from shortlist_training.models.losses import sampled_softmax, softmax_over_catalogue
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Progress


def over_whole_catalogue(dataset: Dataset, config: TwoTowerConfig) -> bool:
    """Return whether the softmax runs over every item; it is sampled otherwise."""
    return dataset.item_rows - 1 <= config.full_softmax_items


class TwoTowerFit:
    """Takes optimiser steps over batches of moments.

    Args:
        model: is trained in place.
        dataset: the log.
        config: of the model.
        limits: int64 [M + 1], events of each customer that the fit may see.
        seed: of the order of examples and of the negatives.
    """

    def __init__(
        self, model: TwoTower, dataset: Dataset, config: TwoTowerConfig, *, limits: NDArray[np.int64], seed: int
    ) -> None:
        self.model, self.config = model, config
        self.whole = over_whole_catalogue(dataset, config)
        self.batches = MomentBatches(dataset, config, limits=limits, whole=self.whole, seed=seed)
        model.fit_known(self.batches.takings > 0)
        self.optimiser = self._optimiser(config.learning_rate)
        self._step: Callable[..., tf.Tensor] | None = None

    def run(
        self,
        progress: Progress,
        *,
        rounds: int,
        name: str,
        measure: Callable[[], float] | None = None,
        deadline: float | None = None,
        patience: int = 2,
        learning_rate: float | None = None,
        earlier: FitRecord | None = None,
        last: int | None = None,
    ) -> FitRecord:
        """Train at most `rounds` rounds; see `fit_rounds`.

        The learning rate falls to a twentieth along a cosine over all the rounds (Loshchilov and Hutter 2017,
        https://arxiv.org/abs/1608.03983): a few rounds then do what many would at a constant rate.
        """
        examples = self.batches.examples_per_round
        begun = len(earlier.rounds) if earlier else 0
        if self._step is None or not begun:
            self._step = self.started(rounds, self.config.learning_rate if learning_rate is None else learning_rate)
        to_come = (rounds if last is None else min(last, rounds)) - begun
        with progress.stage(name, to_come * examples) as bar:
            record = fit_rounds(
                self._step,
                self.batches.draw,
                rounds=rounds,
                weights=self.model.trainable_variables,
                bar=bar,
                measure=None if measure is None else lambda: self._settled(measure),
                deadline=deadline,
                patience=patience,
                earlier=earlier,
                last=last,
            )
        self.optimiser.settle()
        return record

    def _settled(self, measure: Callable[[], float]) -> float:
        self.optimiser.settle()
        return measure()

    def _optimiser(self, learning_rate: Any) -> RowAdam:
        """Return an optimiser that goes by rows where a step reads few: where the softmax is sampled."""
        tables = [] if self.whole else [self.model.items.ids, self.model.bias, self.model.customers.ids]
        own = {id(table) for table in tables}
        self.others = [one for one in self.model.trainable_variables if id(one) not in own]
        return RowAdam(learning_rate, tables=tables, others=self.others)

    def started(self, rounds: int, learning_rate: float) -> Callable[..., tf.Tensor]:
        """Begin a fit: return its step, with an optimiser whose rate falls over all the rounds."""
        examples = self.batches.examples_per_round
        steps = max(1, examples // batch_size(examples, self.config.batch_size))
        schedule = keras.optimizers.schedules.CosineDecay(learning_rate, rounds * steps, alpha=0.05)
        self.optimiser = self._optimiser(schedule)
        return tf.function(self._whole_step if self.whole else self._sampled_step, reduce_retracing=True)

    def _whole_step(
        self, customers: tf.Tensor, events: tf.Tensor, history: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor
    ) -> tf.Tensor:
        model = self.model
        with tf.GradientTape() as tape:
            vectors = model.items(training=True)
            encoded = model.customers(customers, history, tf.gather(vectors, history), events, training=True)
            logits = encoded @ tf.transpose(vectors) / model.temperature + model.bias
            logits += model.passed_over()
            loss = softmax_over_catalogue(logits, targets, weights)
        return self._apply(tape, loss)

    def _sampled_step(
        self,
        customers: tf.Tensor,
        events: tf.Tensor,
        history: tf.Tensor,
        targets: tf.Tensor,
        weights: tf.Tensor,
        rows: tf.Tensor,
        sampled: tf.Tensor,
        log_expected: tf.Tensor,
    ) -> tf.Tensor:
        model = self.model
        self.optimiser.wanted({0: rows, 1: rows, 2: tf.unique(customers)[0]})
        with tf.GradientTape() as tape:
            # Everything below is said in places among `rows`, of which place 0 is row 0, nobody.
            vectors, bias = model.items(rows, training=True), gathered(model.bias, rows)
            encoded = model.customers(customers, history, tf.gather(vectors, history), events, training=True)
            taken = tf.gather(vectors, targets)
            positive = tf.einsum("bd,btd->bt", encoded, taken) / model.temperature + tf.gather(bias, targets)
            others = tf.gather(vectors, sampled)
            negative = encoded @ tf.transpose(others) / model.temperature + tf.gather(bias, sampled)
            loss = sampled_softmax(
                positive, negative, targets=targets, weights=weights, sampled_rows=sampled, log_expected=log_expected
            )
        return self._apply(tape, loss)

    def _apply(self, tape: tf.GradientTape, loss: tf.Tensor) -> tf.Tensor:
        tables = [table.value for table in self.optimiser.tables]
        others = [one.value for one in self.others]
        gradients = tape.gradient(loss, [*tables, *others], unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self.optimiser.apply(gradients[: len(tables)], gradients[len(tables) :])
        return loss
