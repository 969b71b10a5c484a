"""Fit the scorer on lists of one or several windows."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shortlist_bundle.towers.layers import Float
from shortlist_training.config.models import ScorerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.fitting.rounds import FitRecord, fit_rounds
from shortlist_training.models.losses import listwise_softmax, pointwise_cross_entropy
from shortlist_training.models.scorer import Scorer
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import Lists

TUNED_AT = 20


def new_scorer(dataset: Dataset, config: ScorerConfig, lists: Sequence[Lists], *, width: int, seed: int) -> Scorer:
    """Return an untrained scorer whose signals are standardised by the lists it will learn from.

    Args:
        dataset: for the features.
        config: of the scorer.
        lists: to learn from.
        width: of the two-tower's encodings without their bias, D.
        seed: of the initial values.
    """
    flat = np.concatenate([part.signals[part.items > 0] for part in lists])
    spread = flat.std(axis=0)
    return Scorer(
        dataset,
        config,
        signal_mean=flat.mean(axis=0).astype(np.float32),
        signal_scale=np.where(spread > 1e-6, 1.0 / np.maximum(spread, 1e-6), 0.0).astype(np.float32),
        encoding_width=width if config.encodings else 0,
        seed=seed,
    )


class ScorerFit:
    """Draws batches of lists and takes optimiser steps.

    Args:
        scorer: is trained in place.
        config: of the scorer.
        seed: of the order of lists.
    """

    def __init__(self, scorer: Scorer, config: ScorerConfig, *, seed: int) -> None:
        self.scorer, self.config, self.seed = scorer, config, seed
        self.optimiser = keras.optimizers.Adam(config.learning_rate)
        self.step = tf.function(self._step, reduce_retracing=True)
        self.forward = tf.function(self._forward, reduce_retracing=True)

    def run(
        self,
        lists: Sequence[Lists],
        progress: Progress,
        *,
        rounds: int,
        name: str,
        tune: Sequence[Lists] = (),
        deadline: float | None = None,
        earlier: FitRecord | None = None,
    ) -> FitRecord:
        """Train at most `rounds` rounds, with early stopping on `tune` if given; see `fit_rounds`."""
        useful = [self._useful(part) for part in lists]
        # One call builds the weights, so that the optimiser can see them.
        self.forward(*self._inputs(lists[0], np.arange(min(2, len(lists[0].items)))))
        self.optimiser.build(self.scorer.trainable_variables)
        with progress.stage(name, rounds * sum(len(chosen) for chosen in useful)) as bar:
            return fit_rounds(
                self.step,
                lambda number: self._batches(lists, useful, number),
                rounds=rounds,
                weights=self.scorer.trainable_variables,
                bar=bar,
                measure=(lambda: self.ndcg(tune)) if tune else None,
                patience=4,
                deadline=deadline,
                earlier=earlier,
            )

    def logits(self, part: Lists) -> Float:
        """Return the scorer's logits of every candidate, float32 [J, K]."""
        size = 256
        chunks = [np.arange(n, min(n + size, len(part.items))) for n in range(0, len(part.items), size)]
        return np.concatenate([self.forward(*self._inputs(part, chunk)).numpy() for chunk in chunks])

    def best(self, part: Lists, k: int) -> NDArray[np.int32]:
        """Return each list's k best candidates by falling logit, ties by item row, int32 [J, k] or narrower."""
        scores = np.where(part.items > 0, self.logits(part), -np.inf)
        order = np.lexsort((part.items, -scores), axis=1)[:, :k]
        return np.take_along_axis(part.items, order, axis=1)

    def ndcg(self, lists: Sequence[Lists]) -> float:
        """Return nDCG@20 of the reranked lists, mean over the modes."""
        return float(np.mean([self._ndcg_of(part) for part in lists]))

    def _ndcg_of(self, part: Lists) -> float:
        items = self.best(part, TUNED_AT)
        return float(ranking_metrics(items, part.targets, (TUNED_AT,))[f"ndcg@{TUNED_AT}"].mean())

    def _inputs(self, part: Lists, chosen: NDArray[np.integer]) -> tuple[NDArray[np.generic], ...]:
        items = part.items[chosen]
        return (
            part.targets.rows[chosen].astype(np.int32),
            part.vectors[chosen, : self.scorer.encoding_width],
            items,
            part.item_vectors[items, : self.scorer.encoding_width],
            self.scorer.standardise(part.signals[chosen]),
        )

    def _batches(
        self, lists: Sequence[Lists], useful: Sequence[NDArray[np.int64]], number: int
    ) -> Iterator[tuple[NDArray[np.generic], ...]]:
        random = np.random.default_rng([self.seed, 2, number])
        size = self.config.batch_size
        batches = [
            (n, order[start : start + size])
            for n, chosen in enumerate(useful)
            for order in [random.permutation(chosen)]
            for start in range(0, len(order), size)
        ]
        labels = [part.labels for part in lists]
        for index in random.permutation(len(batches)):
            n, chosen = batches[index]
            yield (*self._inputs(lists[n], chosen), labels[n][chosen])

    def _forward(self, *inputs: tf.Tensor) -> tf.Tensor:
        return self.scorer(*inputs, training=False)

    def _step(
        self,
        customers: tf.Tensor,
        vectors: tf.Tensor,
        items: tf.Tensor,
        item_vectors: tf.Tensor,
        signals: tf.Tensor,
        labels: tf.Tensor,
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = self.scorer(customers, vectors, items, item_vectors, signals, training=True)
            loss = self._loss(logits, labels, tf.cast(items > 0, tf.float32))
        variables = self.scorer.trainable_variables
        gradients = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self.optimiser.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    def _loss(self, logits: tf.Tensor, labels: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
        """Return the sum of the members' losses: each learns as if it were alone; their logits are [B, K, E]."""
        return tf.add_n([self._loss_of(one, labels, present) for one in tf.unstack(logits, axis=-1)])

    def _loss_of(self, logits: tf.Tensor, labels: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
        pointwise = pointwise_cross_entropy(logits, labels, present)
        if self.config.loss == "cross_entropy":
            return pointwise
        return listwise_softmax(logits, labels, present) + self.config.cross_entropy_share * pointwise

    def _useful(self, part: Lists) -> NDArray[np.int64]:
        """Return the lists to learn from: those in which nothing was taken teach a listwise loss nothing."""
        if self.config.loss == "cross_entropy":
            return np.arange(len(part.items))
        return np.flatnonzero(part.labels.any(axis=1))
