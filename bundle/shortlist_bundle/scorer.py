"""The exported scorer: an MLP over a customer, an item, and signals of the pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.towers.layers import Dense, Float, MemberLayers


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How the last number becomes a score: `low + (high - low) * sigmoid(x)`, or x itself."""

    sigmoid: bool
    low: float = 0.0
    high: float = 1.0

    def __call__(self, logits: Float) -> Float:
        """Return the scores, same shape."""
        if not self.sigmoid:
            return logits
        return (self.low + (self.high - self.low) / (1.0 + np.exp(-logits.astype(np.float64)))).astype(np.float32)


class PairScorer:
    """Score (customer, item) pairs; the first layer is split so that items pay their half once, at load.

    Args:
        customer_layers: layers that only see the customer.
        item_half: float32 [N + 1, H], the items' part of the first joint layer (before its bias).
        customer_kernel: float32 [C, H], the customers' part of it.
        signal_kernel: float32 [S, H], the pair's part of it (S may be 0).
        bias: float32 [H].
        layers: the layers after it, the last of them a `Dense` with one output and no ReLU.
        output: turns the last number into a score.
    """

    def __init__(
        self,
        *,
        customer_layers: Sequence[Dense],
        item_half: Float,
        customer_kernel: Float,
        signal_kernel: Float,
        bias: Float,
        layers: Sequence[Dense | MemberLayers],
        output: Output,
    ) -> None:
        self.customer_layers = tuple(customer_layers)
        self.item_half = item_half
        self.customer_kernel = customer_kernel
        self.signal_kernel = signal_kernel
        self.bias = bias
        self.layers = tuple(layers)
        self.output = output

    def __call__(self, customers: Float, items: NDArray[np.int32], signals: Float | None = None) -> Float:
        """Return the raw last numbers (logits), float32 [B, K].

        Args:
            customers: float32 [B, C0], the customers' input.
            items: int32 [B, K], item rows.
            signals: float32 [B, K, S], standardised; None where the model has none.
        """
        for own in self.customer_layers:
            customers = own(customers)
        hidden = self.item_half[items] + (customers @ self.customer_kernel + self.bias)[:, None, :]
        if signals is not None:
            hidden += signals @ self.signal_kernel
        hidden = np.maximum(hidden, np.float32(0))
        for layer in self.layers:
            hidden = layer(hidden)
        return hidden[..., 0]
