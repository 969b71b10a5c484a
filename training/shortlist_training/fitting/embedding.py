"""Fit the embedding model on implicit feedback: sampled softmax or BPR."""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shortlist_bundle.towers.embedding import EmbeddingCustomers
from shortlist_training.config.models import EmbeddingConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import ConfigError
from shortlist_training.fitting.rounds import FitRecord, batch_size, fit_rounds
from shortlist_training.fitting.row_adam import RowAdam
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.gathering import gathered
from shortlist_training.models.losses import bayesian_personalised_ranking, sampled_softmax
from shortlist_training.progress import Progress

OBJECTIVES = ("sampled_softmax", "bpr")


class EmbeddingFit:
    """Draws batches of interactions and takes optimiser steps.

    Args:
        model: is trained in place.
        dataset: the log.
        config: of the model.
        limits: int64 [M + 1], events of each customer that the fit may see.
        seed: of the order and of the negatives.
    """

    def __init__(
        self, model: EmbeddingModel, dataset: Dataset, config: EmbeddingConfig, *, limits: NDArray[np.int64], seed: int
    ) -> None:
        if config.objective not in OBJECTIVES:
            raise ConfigError(f"[embedding] objective = {config.objective!r} is not one of {', '.join(OBJECTIVES)}")
        self.model, self.config, self.seed, self.item_rows = model, config, seed, dataset.item_rows
        events = dataset.events
        owners = events.owners
        visible = (np.arange(len(owners)) - events.offsets[owners] < limits[owners]) & (events.items > 0)
        # Each pair once: how often something was taken is the own past's business.
        pairs = np.unique(owners[visible] * dataset.item_rows + events.items[visible])
        self.customers = (pairs // dataset.item_rows).astype(np.int32)
        self.items = (pairs % dataset.item_rows).astype(np.int32)
        self.share = np.bincount(self.items, minlength=dataset.item_rows) / max(len(self.items), 1)
        self.optimiser = RowAdam(
            config.learning_rate, tables=[model.customers, model.items, model.customer_bias, model.item_bias], others=[]
        )
        self.step = tf.function(
            self._softmax_step if config.objective == "sampled_softmax" else self._bpr_step, reduce_retracing=True
        )

    def run(
        self,
        progress: Progress,
        *,
        rounds: int,
        name: str,
        measure: Callable[[], float] | None = None,
        deadline: float | None = None,
    ) -> FitRecord:
        """Train at most `rounds` rounds; see `fit_rounds`."""
        with progress.stage(name, rounds * len(self.items)) as bar:
            record = fit_rounds(
                self.step,
                self.batches,
                rounds=rounds,
                weights=self.model.trainable_variables,
                bar=bar,
                measure=None if measure is None else lambda: self._settled(measure),
                deadline=deadline,
            )
        self.optimiser.settle()
        return record

    def _settled(self, measure: Callable[[], float]) -> float:
        self.optimiser.settle()
        return measure()

    def _want(self, customers: tf.Tensor, items: tf.Tensor, rows: tf.Tensor) -> None:
        who, what = tf.unique(customers)[0], tf.unique(tf.concat([items, rows], axis=0))[0]
        self.optimiser.wanted({0: who, 1: what, 2: who, 3: what})

    def batches(self, number: int) -> Iterator[tuple[NDArray[np.generic], ...]]:
        """Yield one round's batches: customers, items, sampled rows and the log of how often each is expected."""
        random = np.random.default_rng([self.seed, 1, number])
        order = random.permutation(len(self.items))
        size = batch_size(len(order), self.config.batch_size)
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            half = self.config.negatives // 2
            popular = self.items[random.integers(0, len(self.items), half)]
            uniform = random.integers(1, self.item_rows, self.config.negatives - half)
            rows = np.concatenate([popular, uniform]).astype(np.int32)
            expected = half * self.share[rows] + len(uniform) / (self.item_rows - 1)
            yield self.customers[chosen], self.items[chosen], rows, np.log(expected).astype(np.float32)

    def _softmax_step(
        self, customers: tf.Tensor, items: tf.Tensor, rows: tf.Tensor, log_expected: tf.Tensor
    ) -> tf.Tensor:
        model = self.model
        self._want(customers, items, rows)
        with tf.GradientTape() as tape:
            vectors = gathered(model.customers, customers)
            positive = tf.reduce_sum(vectors * gathered(model.items, items), axis=1) + tf.gather(model.item_bias, items)
            negative = vectors @ tf.transpose(gathered(model.items, rows)) + gathered(model.item_bias, rows)
            loss = sampled_softmax(
                positive[:, None],
                negative,
                targets=items[:, None],
                weights=tf.ones_like(positive)[:, None],
                sampled_rows=rows,
                log_expected=log_expected,
            )
            total = loss + self.config.weight_decay * model.penalty(customers, items)
        return self._apply(tape, total, loss)

    def _bpr_step(self, customers: tf.Tensor, items: tf.Tensor, rows: tf.Tensor, log_expected: tf.Tensor) -> tf.Tensor:
        model = self.model
        self._want(customers, items, rows)
        with tf.GradientTape() as tape:
            vectors = gathered(model.customers, customers)
            positive = model(customers, items)
            negative = vectors @ tf.transpose(gathered(model.items, rows)) + gathered(model.item_bias, rows)
            negative += gathered(model.customer_bias, customers)[:, None]
            loss = bayesian_personalised_ranking(positive, negative, tf.ones_like(positive))
            total = loss + self.config.weight_decay * model.penalty(customers, items)
        return self._apply(tape, total, loss)

    def _apply(self, tape: tf.GradientTape, total: tf.Tensor, loss: tf.Tensor) -> tf.Tensor:
        tables = [table.value for table in self.optimiser.tables]
        gradients = tape.gradient(total, tables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self.optimiser.apply(gradients, [])
        return loss

    def export_customers(self) -> EmbeddingCustomers:
        """Return the customers' vectors, and the least-squares map that folds in the customers it does not know."""
        customers, items = self.model.customer_vectors(), self.model.item_vectors()
        width = items.shape[1] - 1
        taken = np.bincount(self.customers, minlength=len(customers)).astype(np.float32)
        total = np.zeros((len(customers), width), np.float32)
        np.add.at(total, self.customers, items[self.items, :width])
        mean = total / np.maximum(taken, 1)[:, None]
        known = taken > 0
        customers[~known] = 0
        ridge = 1e-3 * np.eye(width) * max(float((mean[known] ** 2).sum()) / width, 1e-9)
        fold = np.linalg.solve(mean[known].T @ mean[known] + ridge, mean[known].T @ customers[known, :width])
        return EmbeddingCustomers(customers=customers, items=items, fold=fold.astype(np.float32))
