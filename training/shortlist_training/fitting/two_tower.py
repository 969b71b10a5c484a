"""Fit the two-tower model: every moment of every history asks for what came next."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories
from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.rounds import FitRecord, batch_size, fit_rounds
from shortlist_training.models.losses import NEVER, sampled_softmax, softmax_over_catalogue
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Progress

PASSES_PER_ROUND = 8
"""At most so many passes over a small log make a round: what teaches is the number of steps, not of passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Training examples: at event `positions[j]` of the log, everything earlier of that customer is history.

    Attributes:
        customers: int64 [E'], customer rows.
        positions: int64 [E'], where the targets begin in the log's event arrays.
        stops: int64 [E'], where they end.
    """

    customers: NDArray[np.int64]
    positions: NDArray[np.int64]
    stops: NDArray[np.int64]


def find_moments(dataset: Dataset, limits: NDArray[np.int64], *, targets: int) -> Moments:
    """Return every moment before each customer's limit at which something was taken.

    What was taken together (one order) is asked together, with what came before the order as history. In a log
    without times the next few events of the shuffled history are asked together.

    Args:
        dataset: the log.
        limits: int64 [M + 1], events of each customer that the fit may see.
        targets: at most so many events are asked at one moment without times.
    """
    events, steps = dataset.events, dataset.steps
    owners = events.owners
    index = np.arange(len(owners))
    inside = index - events.offsets[owners] < limits[owners]
    new = np.ones(len(owners), np.bool_)
    new[1:] = (owners[1:] != owners[:-1]) | (steps[1:] != steps[:-1])
    positions = np.flatnonzero(new & inside)
    customers = owners[positions]
    ends = events.offsets[customers] + np.minimum(limits, events.lengths)[customers]
    if dataset.has_times:
        following = np.concatenate([np.flatnonzero(new), [len(owners)]])
        stops = following[np.searchsorted(following, positions, side="right")]
    else:
        stops = positions + targets
    return Moments(customers=customers, positions=positions, stops=np.minimum(stops, ends))


class TwoTowerFit:
    """Draws batches of moments and takes optimiser steps.

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
        self.model, self.dataset, self.config, self.seed = model, dataset, config, seed
        self.moments = find_moments(dataset, limits, targets=config.targets)
        events = dataset.events
        visible = events.items[np.arange(len(events.items)) - events.offsets[events.owners] < limits[events.owners]]
        self.takings = np.bincount(visible, minlength=dataset.item_rows).astype(np.float64)
        self.repeated = _repeated(events, dataset.item_rows)
        model.fit_known(self.takings > 0)
        self.whole = dataset.item_rows - 1 <= config.full_softmax_items
        self.optimiser = keras.optimizers.Adam(config.learning_rate)

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
    ) -> FitRecord:
        """Train at most `rounds` rounds; see `fit_rounds`.

        The learning rate falls to a twentieth along a cosine over all the rounds (Loshchilov and Hutter 2017,
        https://arxiv.org/abs/1608.03983): a few rounds then do what many would at a constant rate.
        """
        steps = max(1, self.examples_per_round // batch_size(self.examples_per_round, self.config.batch_size))
        rate = self.config.learning_rate if learning_rate is None else learning_rate
        schedule = keras.optimizers.schedules.CosineDecay(rate, rounds * steps, alpha=0.05)
        self.optimiser = keras.optimizers.Adam(schedule)
        self.optimiser.build(self.model.trainable_variables)
        step = tf.function(self._whole_step if self.whole else self._sampled_step, reduce_retracing=True)
        with progress.stage(name, rounds * self.examples_per_round) as bar:
            return fit_rounds(
                step,
                self.batches,
                rounds=rounds,
                weights=self.model.trainable_variables,
                bar=bar,
                measure=measure,
                deadline=deadline,
                patience=patience,
            )

    @property
    def examples_per_round(self) -> int:
        """Examples in one round: a small log is gone through several times, a large one in parts."""
        moments, config = len(self.moments.positions), self.config
        wanted = max(config.examples_per_round, min(moments // 2, config.largest_round))
        return min(PASSES_PER_ROUND * moments, wanted)

    def batches(self, number: int) -> Iterator[tuple[NDArray[np.generic], ...]]:
        """Yield one round's batches: customers, events, histories, targets, weights (and samples)."""
        random = np.random.default_rng([self.seed, number])
        passes = -(-self.examples_per_round // max(len(self.moments.positions), 1))
        order = np.concatenate([random.permutation(len(self.moments.positions)) for _ in range(max(passes, 1))])
        order = order[: self.examples_per_round]
        size = batch_size(len(order), self.config.batch_size)
        for start in range(0, len(order) - size + 1, size):
            batch = self._batch(order[start : start + size], random)
            yield batch if self.whole else (*batch, *self._samples(batch[3], batch[4], random))

    def _batch(self, chosen: NDArray[np.int64], random: np.random.Generator) -> tuple[NDArray[np.generic], ...]:
        events, width = self.dataset.events, self.config.targets
        customers, first, stops = (
            self.moments.customers[chosen],
            self.moments.positions[chosen],
            self.moments.stops[chosen],
        )
        # A large order is asked for by a random run of its items, another one in the next round.
        spare = np.maximum(stops - first - width, 0)
        begin = first + random.integers(0, spare + 1)
        index = begin[:, None] + np.arange(width)
        inside = index < stops[:, None]
        index = np.minimum(index, len(events.items) - 1)
        targets = np.where(inside, events.items[index], 0)
        weights = np.where(self.repeated[index], self.config.repeat_weight, 1.0) * events.strengths[index]
        weights *= inside & (targets > 0)
        history = self._history(customers, first)
        return customers.astype(np.int32), first, history, targets.astype(np.int32), weights.astype(np.float32)

    def _history(self, customers: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int32]:
        events = self.dataset.events
        index = stops[:, None] - 1 - np.arange(self.config.history_length)
        present = index >= events.offsets[customers][:, None]
        return np.where(present, events.items[np.maximum(index, 0)], 0).astype(np.int32)

    def _samples(
        self, targets: NDArray[np.generic], weights: NDArray[np.generic], random: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Draw negatives: the batch's own targets, and items from the whole catalogue alike."""
        own = random.permutation(targets[weights.astype(np.bool_)])[: self.config.negatives]
        uniform = random.integers(1, self.dataset.item_rows, self.config.negatives)
        rows = np.concatenate([own, uniform]).astype(np.int32)
        share = self.takings / max(self.takings.sum(), 1.0)
        expected = len(own) * share[rows] + len(uniform) / (self.dataset.item_rows - 1)
        # Fixed width, so that one traced step serves every batch.
        padding = 2 * self.config.negatives - len(rows)
        rows = np.concatenate([rows, np.zeros(padding, np.int32)])
        log_expected = np.concatenate([np.log(expected), np.full(padding, -NEVER)])
        return rows, log_expected.astype(np.float32)

    def _whole_step(
        self, customers: tf.Tensor, events: tf.Tensor, history: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor
    ) -> tf.Tensor:
        model = self.model
        with tf.GradientTape() as tape:
            vectors = model.items(training=True)
            encoded = model.customers(customers, history, tf.gather(vectors, history), events, training=True)
            logits = encoded @ tf.transpose(vectors) / model.temperature + model.bias
            logits += tf.one_hot([0], model.item_rows, on_value=NEVER)
            loss = softmax_over_catalogue(logits, targets, weights)
        return self._apply(tape, loss)

    def _sampled_step(
        self,
        customers: tf.Tensor,
        events: tf.Tensor,
        history: tf.Tensor,
        targets: tf.Tensor,
        weights: tf.Tensor,
        sampled: tf.Tensor,
        log_expected: tf.Tensor,
    ) -> tf.Tensor:
        model = self.model
        with tf.GradientTape() as tape:
            past = tf.reshape(model.items(tf.reshape(history, [-1]), training=True), [*history.shape, -1])
            encoded = model.customers(customers, history, past, events, training=True)
            taken = tf.reshape(model.items(tf.reshape(targets, [-1]), training=True), [*targets.shape, -1])
            positive = tf.einsum("bd,btd->bt", encoded, taken) / model.temperature + tf.gather(model.bias, targets)
            others = model.items(sampled, training=True)
            negative = encoded @ tf.transpose(others) / model.temperature + tf.gather(model.bias, sampled)
            loss = sampled_softmax(
                positive, negative, targets=targets, weights=weights, sampled_rows=sampled, log_expected=log_expected
            )
        return self._apply(tape, loss)

    def _apply(self, tape: tf.GradientTape, loss: tf.Tensor) -> tf.Tensor:
        variables = self.model.trainable_variables
        gradients = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self.optimiser.apply_gradients(zip(gradients, variables, strict=True))
        return loss


def _repeated(events: Histories, width: int) -> NDArray[np.bool_]:
    """Return which events repeat an earlier one of the same customer, bool [E]."""
    keys = events.owners * width + events.items
    repeated = np.ones(len(keys), np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated
