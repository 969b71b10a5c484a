"""The exported scorer: an MLP over a customer, an item, and signals of the pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
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
        return self._after_first(self._joined(customers, items, signals, np.float32(0)))

    def joined(self, customers: Float, items: NDArray[np.int32], signals: Float | None = None) -> Float:
        """Return the sums of the first joint layer before its ReLU, float32 [B, K, H]."""
        return self._joined(customers, items, signals, np.float32(-np.inf))

    def _joined(self, customers: Float, items: NDArray[np.int32], signals: Float | None, least: np.float32) -> Float:
        """Return the same, raised to `least`: with 0 that is the ReLU."""
        halves = self.customer_half(customers)
        if signals is None:
            return np.maximum(self.item_half[items] + halves[:, None, :], least)
        # One product for each customer, so that a batch rounds as each of them alone.
        hidden = signals @ self.signal_kernel
        _add_halves(hidden, self.item_half, items, halves, least)
        return hidden

    def customer_half(self, customers: Float) -> Float:
        """Return the customers' part of the first joint layer, with its bias, float32 [B, H]."""
        for layer in self.customer_layers:
            customers = layer(customers)
        return customers @ self.customer_kernel + self.bias

    def rest(self, hidden: Float) -> Float:
        """Return the raw last numbers for sums of the first joint layer, float32 [..., H] -> [...]."""
        return self._after_first(np.maximum(hidden, np.float32(0)))

    def _after_first(self, hidden: Float) -> Float:
        for layer in self.layers:
            hidden = layer(hidden)
        return hidden[..., 0]

    @cached_property
    def mean_item(self) -> Float:
        """The items' part of an average item, float32 [H]; worked out when it is first asked for."""
        return np.asarray(self.item_half[1:].mean(axis=0), np.float32)


@compiled
def _add_halves(
    hidden: Float, item_half: Float, items: NDArray[np.int32], customer_half: Float, least: np.float32
) -> None:
    """Add the items' and the customers' parts to sums [B, K, H], and raise what is less than `least` to it."""
    for row in range(items.shape[0]):
        half = customer_half[row]
        for column in range(items.shape[1]):
            own, sums = item_half[items[row, column]], hidden[row, column]
            for unit in range(len(sums)):
                sums[unit] = max(sums[unit] + (own[unit] + half[unit]), least)
