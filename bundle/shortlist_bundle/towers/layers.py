"""The few layers that exported models are made of, in NumPy, equal to their Keras twins to 1e-5."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense:
    """An affine layer with an optional ReLU: kernel [I, O], bias [O]."""

    kernel: Float
    bias: Float
    relu: bool

    def __call__(self, inputs: Float) -> Float:
        """Return float32 [..., O]."""
        outputs = inputs @ self.kernel
        outputs += self.bias
        if self.relu:
            np.maximum(outputs, np.float32(0), out=outputs)
        return outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLayers:
    """One affine layer for each of E members of an ensemble: kernel [E, I, O], bias [E * O]."""

    kernel: Float
    bias: Float
    relu: bool

    def __call__(self, inputs: Float) -> Float:
        """Return float32 [..., E * O] of inputs [..., E * I]: every member reads and writes a part of its own."""
        members, before, width = self.kernel.shape
        rows = inputs.reshape(-1, members * before)
        outputs = np.empty((len(rows), members * width), np.float32)
        for member in range(members):
            own = rows[:, member * before : (member + 1) * before]
            np.matmul(own, self.kernel[member], out=outputs[:, member * width : (member + 1) * width])
        outputs += self.bias
        if self.relu:
            np.maximum(outputs, np.float32(0), out=outputs)
        return outputs.reshape(*inputs.shape[:-1], members * width)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureInput:
    """Turn encoded features into one flat vector: the numbers, then the mean embedding of each bag.

    Attributes:
        tables: column name -> float32 [codes, E], row 0 is padding and all zeros.
    """

    tables: Mapping[str, Float]

    def __call__(self, features: EncodedFeatures) -> Float:
        """Return float32 [B, P + E * bags]."""
        parts = [features.numbers]
        parts += [bag_mean(table, features.bags[name]) for name, table in self.tables.items()]
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSum:
    """Turn encoded features into one vector of the tower's width: a sum of what each column contributes.

    Attributes:
        kernel: float32 [P, D], for the numbers.
        tables: column name -> float32 [codes, D], row 0 is padding and all zeros; a bag contributes its mean.
    """

    kernel: Float
    tables: Mapping[str, Float]

    def __call__(self, features: EncodedFeatures) -> Float:
        """Return float32 [B, D]."""
        total = features.numbers @ self.kernel
        for name, table in self.tables.items():
            total = total + bag_mean(table, features.bags[name])
        return total


def bag_mean(table: Float, codes: NDArray[np.int32]) -> Float:
    """Return the mean embedding of each row's codes [B, W], float32 [B, E]; zeros for an empty bag."""
    if codes.shape[1] == 1:
        return table[codes[:, 0]]
    present = np.count_nonzero(codes, axis=1).astype(np.float32)
    return table[codes].sum(axis=1) / np.maximum(present, np.float32(1))[:, None]


def unit(vectors: Float) -> Float:
    """Return vectors scaled to length 1 along the last axis; a zero vector stays zero."""
    return vectors / lengths(vectors)


def lengths(vectors: Float) -> Float:
    """Return the lengths along the last axis, which stays as an axis of 1; never quite 0, so that one can divide."""
    square = np.sum(vectors * vectors, axis=-1, keepdims=True)
    return np.sqrt(np.maximum(square, np.float32(1e-12)))
