"""The MLP over a customer, an item and their pair; its NumPy twin is `shortlist_bundle.scorer.PairScorer`."""

from typing import Any

import keras
import tensorflow as tf

from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.towers.layers import Dense, Float


class PairMlp(keras.layers.Layer):
    """Layers of the customer, layers of the item, then joint layers over both and the pair's signals.

    The first joint layer is written as one kernel per part, which is the same as a layer over all of them side by
    side, and lets the exported twin compute the items' part once.

    Args:
        customer_width, item_width, signal_width: widths of the three inputs; signals may be 0.
        tower: widths of the layers that see only one side; empty for none.
        hidden: widths of the joint layers.
        dropout: share of hidden units dropped in training.
        seed: of the initial values and of dropout.
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
    ) -> None:
        super().__init__()
        self.customer_layers = [_relu(width, seed + n) for n, width in enumerate(tower)]
        self.item_layers = [_relu(width, seed + 20 + n) for n, width in enumerate(tower)]
        joint = (tower[-1] if tower else customer_width) + (tower[-1] if tower else item_width) + signal_width
        sides = (tower[-1], tower[-1]) if tower else (customer_width, item_width)
        # Glorot over the joint width: the three kernels are one layer.
        bound = (6.0 / (joint + hidden[0])) ** 0.5
        self.customer_kernel, self.item_kernel, self.signal_kernel = (
            self.add_weight(
                shape=(width, hidden[0]),
                name=name,
                # Without an input a kernel gets no gradient.
                trainable=width > 0,
                initializer=keras.initializers.RandomUniform(-bound, bound, seed=seed + 40 + n),
            )
            for n, (name, width) in enumerate(zip(("customer", "item", "signal"), (*sides, signal_width), strict=True))
        )
        self.bias = self.add_weight(shape=(hidden[0],), initializer="zeros", name="bias")
        self.rest = [_relu(width, seed + 60 + n) for n, width in enumerate(hidden[1:])]
        self.last = keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 80))
        self.drops = [keras.layers.Dropout(dropout, seed=seed + 90 + n) for n in range(len(hidden))]

    def call(
        self, customers: tf.Tensor, items: tf.Tensor, signals: tf.Tensor | None = None, training: bool = False
    ) -> tf.Tensor:
        """Return the last number, float32 [...]; the inputs are float32 [..., width] and broadcast."""
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
        return self.last(hidden)[..., 0]

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
            layers=[*(_dense(layer) for layer in self.rest), _dense(self.last)],
            output=output,
        )


def _relu(width: int, seed: int) -> Any:
    return keras.layers.Dense(width, activation="relu", kernel_initializer=keras.initializers.HeUniform(seed=seed))


def _dense(layer: Any) -> Dense:
    return Dense(kernel=layer.kernel.numpy(), bias=layer.bias.numpy(), relu=layer.activation is keras.activations.relu)
