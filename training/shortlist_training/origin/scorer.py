"""The scorer of a bundle, as a model that can be trained on."""

import numpy as np

from shortlist_bundle.towers.layers import Float, MemberLayers
from shortlist_training.config.models import ScorerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import WarmStartError
from shortlist_training.models.member_dense import MemberDense
from shortlist_training.models.pair_mlp import PairMlp
from shortlist_training.models.scorer import Scorer
from shortlist_training.origin.carrying import put, put_tables
from shortlist_training.origin.opening import Pair


def carried_scorer(pair: Pair, dataset: Dataset, config: ScorerConfig, *, seed: int) -> Scorer | None:
    """Return the bundle's scorer, which scores as it did; None where lists were ordered by rank fusion.

    Of the members' last layers a bundle holds the mean of their biases; each starts with it. Signals are standardised
    as they were.

    Args:
        pair: of the bundle.
        dataset: the log.
        config: of the scorer.
        seed: of what is dropped in training.

    Raises:
        WarmStartError: A part of the bundle has not the shape that log and configuration ask for.
    """
    items = pair.side.scorer
    if items is None:
        return None
    before = pair.engine.reranker
    scorer = Scorer(
        dataset,
        config,
        signal_mean=before.signal_mean,
        signal_scale=before.signal_scale,
        encoding_width=before.encoding_width,
        seed=seed,
    )
    put_tables(scorer.customer_input, before.feature_input.tables, "scorer's customers")
    put_tables(scorer.item_input, items.feature_input.tables, "scorer's items")
    mlp, known = scorer.mlp, before.scorer
    put(mlp.customer_kernel, known.customer_kernel, "scorer's kernel of customers")
    put(mlp.item_kernel, items.kernel, "scorer's kernel of items")
    put(mlp.signal_kernel, known.signal_kernel, "scorer's kernel of signals")
    put(mlp.bias, known.bias, "scorer's bias")
    *inner, last = known.layers
    if len(inner) != len(mlp.rest):
        raise WarmStartError(f"the bundle's scorer has {len(inner) + 1} hidden layers. Train from scratch")
    for n, (layer, kept) in enumerate(zip(mlp.rest, inner, strict=True)):
        _put_layer(layer, kept.kernel if isinstance(kept, MemberLayers) else kept.kernel[None], kept.bias, n)
    _put_last(mlp, last.kernel, last.bias)
    return scorer


def _put_layer(layer: MemberDense, kernel: Float, bias: Float, number: int) -> None:
    put(layer.kernel, kernel, f"scorer's layer {number + 1}")
    put(layer.bias, bias, f"scorer's bias {number + 1}")


def _put_last(mlp: PairMlp, kernel: Float, bias: Float) -> None:
    """Undo the mean over the members that the exported layer takes."""
    shape = tuple(mlp.last.kernel.shape)
    if kernel.size != int(np.prod(shape)):
        raise WarmStartError(f"the bundle's scorer has {kernel.size} last weights, not {int(np.prod(shape))}")
    put(mlp.last.kernel, kernel.reshape(shape) * np.float32(mlp.members), "scorer's last layer")
    put(mlp.last.bias, np.repeat(bias, mlp.members), "scorer's last bias")
