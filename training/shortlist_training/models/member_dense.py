"""A dense layer for each member of an ensemble, computed side by side."""

import keras
import tensorflow as tf

from shortlist_bundle.towers.layers import Dense, MemberLayers


class MemberDense(keras.layers.Layer):
    """E affine layers, each reading its own part of the input and writing its own part of the output.

    Args:
        members: E.
        before: width of one member's input, I.
        width: of one member's output, O.
        relu: whether negative outputs become 0.
        seed: of the initial values: He's for a layer with ReLU, Glorot's without.
    """

    def __init__(self, members: int, before: int, width: int, *, relu: bool, seed: int) -> None:
        super().__init__()
        self.members, self.before, self.width, self.relu = members, before, width, relu
        bound = (6.0 / before) ** 0.5 if relu else (6.0 / (before + width)) ** 0.5
        initial = keras.initializers.RandomUniform(-bound, bound, seed=seed)
        self.kernel = self.add_weight(shape=(members, before, width), initializer=initial, name="kernel")
        self.bias = self.add_weight(shape=(members * width,), initializer="zeros", name="bias")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return float32 [..., E * O] of inputs [..., E * I]."""
        if self.members == 1:
            outputs = tf.tensordot(inputs, self.kernel[0], 1)
        else:
            # One batch of products: the members come first, everything else is rows.
            rows = tf.reshape(inputs, [-1, self.members, self.before])
            product = tf.matmul(tf.transpose(rows, [1, 0, 2]), self.kernel)
            shape = tf.concat([tf.shape(inputs)[:-1], [self.members * self.width]], axis=0)
            outputs = tf.reshape(tf.transpose(product, [1, 0, 2]), shape)
        outputs += self.bias
        return tf.nn.relu(outputs) if self.relu else outputs

    def export(self) -> Dense | MemberLayers:
        """Return the NumPy twin."""
        kernel, bias = self.kernel.numpy(), self.bias.numpy()
        if self.members == 1:
            return Dense(kernel=kernel[0], bias=bias, relu=self.relu)
        return MemberLayers(kernel=kernel, bias=bias, relu=self.relu)
