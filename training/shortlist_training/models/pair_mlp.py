"""The MLP over a customer, an item and their pair; its NumPy twin is `shortlist_bundle.scorer.PairScorer`."""

from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.towers.layers import Dense, FeatureInput, Float
from shortlist_training.models.member_dense import MemberDense


class PairMlp(keras.layers.Layer):
    """Layers of the customer, layers of the item, then joint layers over both and the pair's signals.

    The first joint layer is written as one kernel per part, which is the same as a layer over all of them side by
    side, and lets the exported twin compute the items' part once.

    With several members it is an ensemble: as many MLPs with initial values and dropout of their own, side by side,
    whose last numbers are averaged (Lakshminarayanan et al. 2017, https://arxiv.org/abs/1612.01474).

    Args:
        customer_width, item_width, signal_width: widths of the three inputs; signals may be 0.
        tower: widths of the layers that see only one side, the same for all members; empty for none.
        hidden: widths of the joint layers of each member.
        dropout: share of hidden units dropped in training.
        seed: of the initial values and of dropout.
        members: of the ensemble.
    """

    def __init__(
        self,
        *,
        customer_width: int,
        item_width: int,
        signal_width: int,
        tower: tuple[int, ...],
        hidden: tuple[int, ...],
        dropout: float,
        seed: int,
        members: int = 1,
    ) -> None:
        super().__init__()
        self.members = members
        self.customer_layers = [_relu(width, seed + n) for n, width in enumerate(tower)]
        self.item_layers = [_relu(width, seed + 20 + n) for n, width in enumerate(tower)]
        joint = (tower[-1] if tower else customer_width) + (tower[-1] if tower else item_width) + signal_width
        sides = (tower[-1], tower[-1]) if tower else (customer_width, item_width)
        # Glorot over the joint width: the three kernels are one layer of each member.
        bound = (6.0 / (joint + hidden[0])) ** 0.5
        self.customer_kernel, self.item_kernel, self.signal_kernel = (
            self.add_weight(
                shape=(width, members * hidden[0]),
                name=name,
                # Without an input a kernel gets no gradient.
                trainable=width > 0,
                initializer=keras.initializers.RandomUniform(-bound, bound, seed=seed + 40 + n),
            )
            for n, (name, width) in enumerate(zip(("customer", "item", "signal"), (*sides, signal_width), strict=True))
        )
        self.bias = self.add_weight(shape=(members * hidden[0],), initializer="zeros", name="bias")
        self.rest = [
            MemberDense(members, before, width, relu=True, seed=seed + 60 + n)
            for n, (before, width) in enumerate(pairwise(hidden))
        ]
        self.last = MemberDense(members, hidden[-1], 1, relu=False, seed=seed + 80)
        self.drops = [keras.layers.Dropout(dropout, seed=seed + 90 + n) for n in range(len(hidden))]

    def call(
        self, customers: tf.Tensor, items: tf.Tensor, signals: tf.Tensor | None = None, training: bool = False
    ) -> tf.Tensor:
        """Return the mean of the members' last numbers, float32 [...]; see `each`."""
        return tf.reduce_mean(self.each(customers, items, signals, training=training), axis=-1)

    def each(
        self, customers: tf.Tensor, items: tf.Tensor, signals: tf.Tensor | None = None, training: bool = False
    ) -> tf.Tensor:
        """Return every member's last number, float32 [..., E]; the inputs are float32 [..., width] and broadcast."""
        for layer in self.customer_layers:
            customers = layer(customers)
        for layer in self.item_layers:
            items = layer(items)
        hidden = tf.tensordot(customers, self.customer_kernel, 1) + tf.tensordot(items, self.item_kernel, 1)
        if signals is not None:
            hidden += tf.tensordot(signals, self.signal_kernel, 1)
        hidden = self.drops[0](tf.nn.relu(hidden + self.bias), training=training)
        for layer, drop in zip(self.rest, self.drops[1:], strict=True):
            hidden = drop(layer(hidden), training=training)
        return self.last(hidden)

    def export(self, items: Float, output: Output) -> PairScorer:
        """Return the NumPy twin.

        Args:
            items: float32 [N + 1, I], every item's input.
            output: turns the last number into a score.
        """
        for layer in self.item_layers:
            items = _dense(layer)(items)
        return PairScorer(
            customer_layers=[_dense(layer) for layer in self.customer_layers],
            item_half=items @ self.item_kernel.numpy(),
            customer_kernel=self.customer_kernel.numpy(),
            signal_kernel=self.signal_kernel.numpy(),
            bias=self.bias.numpy(),
            layers=[*(layer.export() for layer in self.rest), self._averaged()],
            output=output,
        )

    def export_items(self, feature_input: FeatureInput, vector_width: int) -> PairItems:
        """Return the NumPy twin of the items' part, for items whose input is features and then a vector."""
        return PairItems(
            feature_input=feature_input,
            vector_width=vector_width,
            layers=tuple(_dense(layer) for layer in self.item_layers),
            kernel=self.item_kernel.numpy(),
        )

    def _averaged(self) -> Dense:
        """Return the members' last layers and the mean over them as one layer."""
        kernel = self.last.kernel.numpy()[..., 0] / np.float32(self.members)
        return Dense(kernel=kernel.reshape(-1, 1), bias=self.last.bias.numpy().mean(keepdims=True), relu=False)


def _relu(width: int, seed: int) -> Any:
    return keras.layers.Dense(width, activation="relu", kernel_initializer=keras.initializers.HeUniform(seed=seed))


def _dense(layer: Any) -> Dense:
    return Dense(kernel=layer.kernel.numpy(), bias=layer.bias.numpy(), relu=layer.activation is keras.activations.relu)
