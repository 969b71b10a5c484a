"""The embedding model's customer side; here, a vector per known customer, and one from the history for the others."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shortlist_bundle.contributions import Contributions, voiced_products
from shortlist_bundle.signals.past import Past
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import Float


class CustomerVectors(Protocol):
    """The customer side of an embedding model, whatever it was fitted by."""

    def __call__(self, batch: CustomerBatch, past: Past) -> Float:
        """Return vectors for inner products with the items', float32 [B, W]; zeros where nothing is known.

        Args:
            batch: B customers at their moments.
            past: their own past per item.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSpace:
    """Both sides of an embedding model.

    Attributes:
        customers: its customer side.
        items: float32 [N + 1, W]; row 0 is zero.
    """

    customers: CustomerVectors
    items: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingCustomers:
    """Look up or fold in customer vectors.

    Attributes:
        customers: float32 [M + 1, D + 1]; the last column is 1 and meets the items' bias; zeros for row 0 and for
            customers of whom the fit has seen nothing.
        items: float32 [N + 1, D + 1], bias last.
        fold: float32 [D, D], least-squares map from the mean item vector of a history to the customer vector that the
            model would have learnt; fitted on the customers it knows.
    """

    customers: Float
    items: Float
    fold: Float

    def __call__(self, batch: CustomerBatch, past: Past) -> Float:
        """See `CustomerVectors`; float32 [B, D + 1], zeros for a customer with neither a vector nor a history."""
        vectors = self.customers[batch.rows]
        strangers = np.flatnonzero(vectors[:, -1] == 0)
        if len(strangers) and len(past.keys):
            vectors[strangers] = self._folded(past, len(batch))[strangers]
        return vectors

    def contributions(self, batch: CustomerBatch, past: Past, vectors: Float) -> Contributions:
        """See `VectorsContribute`: exact for a customer who is folded in from the history.

        A vector that was learnt is no sum over the history. Of it, what the fold would have made of the history is
        taken apart, and the difference from what was learnt stands in the rest, as the item's bias does.
        """
        width = self.items.shape[1] - 1
        own, owners = self(batch, past), past.owners
        folded = self._folded(past, len(batch))[:, :width] if len(past.keys) else np.zeros_like(own[:, :width])
        taken = np.bincount(owners, minlength=len(batch)).astype(np.float32)
        queries = vectors[..., :width] @ self.fold.T
        amounts = voiced_products(
            self.items[:, :width], past.keys, past.width, np.float32(1) / taken[owners, None], queries[None]
        )
        beyond = own - np.pad(folded, [(0, 0), (0, 1)])
        return Contributions(
            width=past.width, keys=past.keys, amounts=amounts, rest=np.einsum("bkd,bd->bk", vectors, beyond)
        )

    def _folded(self, past: Past, count: int) -> Float:
        width = self.items.shape[1] - 1
        total = np.zeros((count, width), np.float32)
        np.add.at(total, past.owners, self.items[past.things, :width])
        taken = np.bincount(past.owners, minlength=count).astype(np.float32)[:, None]
        vectors = (total / np.maximum(taken, np.float32(1))) @ self.fold
        return np.concatenate([vectors, (taken > 0).astype(np.float32)], axis=1)
