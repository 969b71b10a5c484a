"""The scorer of a log too small to teach one: the sum of the sources' rank signals."""

import numpy as np

from shortlist_bundle.reranker import Reranker
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.towers.layers import Dense, FeatureInput
from shortlist_training.dataset.dataset import Dataset

RANK_SUFFIX = ":rank"
UNTAUGHT = -4.0
"""Where nothing is known of how often a suggestion is taken, it is seldom: the probability starts low."""


def fusion_reranker(dataset: Dataset, signals: SignalSpec) -> Reranker:
    """Return a reranker that adds up how high each source ranks a candidate, written as an MLP of one unit."""
    bags = dataset.customer_encoder.bag_sizes
    feature_input = FeatureInput(tables={name: np.zeros((size, 1), np.float32) for name, size in bags.items()})
    width = dataset.customer_features.numbers.shape[1] + len(bags)
    ranks = np.array([[float(name.endswith(RANK_SUFFIX))] for name in signals.names], np.float32)
    scorer = PairScorer(
        customer_layers=(),
        item_half=np.zeros((dataset.item_rows, 1), np.float32),
        customer_kernel=np.zeros((width, 1), np.float32),
        signal_kernel=ranks,
        bias=np.zeros(1, np.float32),
        layers=[Dense(kernel=np.ones((1, 1), np.float32), bias=np.full(1, UNTAUGHT, np.float32), relu=False)],
        output=Output(sigmoid=True),
    )
    count = len(signals.names)
    return Reranker(
        feature_input=feature_input,
        encoding_width=0,
        signal_mean=np.zeros(count, np.float32),
        signal_scale=np.ones(count, np.float32),
        scorer=scorer,
    )
