"""The customer side of a linear autoencoder of low rank: what the items of the history add up to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.contributions import Contributions, voiced_products
from shortlist_bundle.signals.past import Past
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import Float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AutoencoderCustomers:
    """Encode a history as a weighted sum of vectors; a customer nobody has met is encoded like any other.

    Attributes:
        history_items: float32 [N + 1, D], what an item of the history adds; row 0 is zero.
        norm: the sum is divided by the items' total weight to this power, so that long and short histories get scores
            of one scale.
        length: newest events that have a say.
        fade: what an item counts after one step more, in (0, 1].
        by_moment: whether what was taken at one moment is one step, as in a basket; else every event is a step.
    """

    history_items: Float
    norm: float
    length: int
    fade: float
    by_moment: bool

    def __call__(self, batch: CustomerBatch, past: Past) -> Float:
        """See `CustomerVectors`; float32 [B, D], zeros without a history."""
        keys, strength = self._voices(batch, past)
        return _summed(self.history_items, keys, strength, past.width, len(batch), self.norm)

    def contributions(self, batch: CustomerBatch, past: Past, vectors: Float) -> Contributions:
        """See `VectorsContribute`: exact, for the encoding is a sum over the history, scaled as a whole."""
        keys, strength = self._voices(batch, past)
        owners = keys // past.width
        totals = np.bincount(owners, weights=strength, minlength=len(batch))
        weights = (strength * totals[owners] ** -self.norm).astype(np.float32)
        amounts = voiced_products(self.history_items, keys, past.width, weights[:, None], vectors[None])
        rest = np.zeros(vectors.shape[:2], np.float32)
        return Contributions(width=past.width, keys=keys, amounts=amounts, rest=rest)

    def _voices(self, batch: CustomerBatch, past: Past) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return batch.voices(width=past.width, length=self.length, fade=self.fade, by_moment=self.by_moment)


@compiled
def _summed(
    items: Float, keys: NDArray[np.int64], strength: NDArray[np.float32], width: int, count: int, norm: float
) -> Float:
    vectors = np.zeros((count, items.shape[1]), np.float32)
    totals = np.zeros(count)
    for place in range(len(keys)):
        owner, item = keys[place] // width, keys[place] % width
        totals[owner] += strength[place]
        total, vector, share = vectors[owner], items[item], strength[place]
        for letter in range(len(vector)):
            total[letter] += share * vector[letter]
    for owner in range(count):
        if totals[owner] > 0:
            vectors[owner] *= np.float32(totals[owner] ** -norm)
    return vectors
