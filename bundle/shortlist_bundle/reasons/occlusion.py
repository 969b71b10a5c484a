"""How much a score owes to each group of what the scorer reads, by occlusion.

A group is hidden by putting what it is on average in its place, and the score is taken again: the change is what the
group did (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks",
https://doi.org/10.1007/978-3-319-10590-1_53, with the mean for the grey square). One group is hidden at a time, so
changes need not sum to the score, and where two groups say the same, each alone changes little.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.contributions import Float, Items
from shortlist_bundle.reranker import Reranker
from shortlist_bundle.signals.pair import CUSTOMER_GROUP, SignalSpec
from shortlist_bundle.state.batch import CustomerBatch

ENCODINGS = "encodings"
"""The two-tower's encodings of customer and item, and with them the item's own features: what the scorer knows of who
and what they are."""


def groups(signals: SignalSpec) -> tuple[str, ...]:
    """Return the names of the groups: those of the signals in the order of the signals, then the encodings."""
    return (*dict.fromkeys(signals.groups), ENCODINGS)


def score_changes(
    reranker: Reranker, signals: SignalSpec, *, batch: CustomerBatch, vectors: Float, items: Items, raw: Float
) -> Float:
    """Return by how much each group raised the score of each item, float32 [B, K, G] logits.

    Hidden signals take their mean in training. The customer's features take zeros, which is the mean of a number and
    nothing for a category; the customer's encoding zeros, which is a stranger's; the item's side the catalogue's mean.

    Args:
        reranker: the scorer.
        signals: how the signals were computed.
        batch: B customers.
        vectors: float32 [B, D + 1], their two-tower vectors.
        items: int32 [B, K], item rows; padding (item 0) gets numbers without a meaning.
        raw: float32 [B, K, S], raw signals.
    """
    scorer, standard = reranker.scorer, reranker.standardised(raw)
    customers = reranker.customers(batch, vectors)
    features = customers.shape[1] - reranker.encoding_width
    hidden = scorer.joined(customers, items, standard)
    names = groups(signals)
    occluded = np.empty((len(names), *hidden.shape), np.float32)
    members = np.array(signals.groups)
    for number, name in enumerate(names[:-1]):
        own = members == name
        occluded[number] = hidden - standard[..., own] @ scorer.signal_kernel[own]
        if name == CUSTOMER_GROUP:
            occluded[number] += _change(reranker, customers, slice(0, features))[:, None]
    occluded[-1] = hidden + (scorer.mean_item - scorer.item_half[items])
    occluded[-1] += _change(reranker, customers, slice(features, customers.shape[1]))[:, None]
    changes: Float = scorer.rest(hidden) - scorer.rest(occluded)
    return np.moveaxis(changes, 0, -1)


def _change(reranker: Reranker, customers: Float, columns: slice) -> NDArray[np.float32]:
    """Return what hiding some of the customers' columns adds to the first layer's sums, float32 [B, H]."""
    hidden = customers.copy()
    hidden[:, columns] = 0
    return reranker.scorer.customer_half(hidden) - reranker.scorer.customer_half(customers)
