"""A dataset drawn at random: customers with as many events each, of items that are all as likely."""

import numpy as np

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.spec import FeatureSpec
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.dataset.dataset import Dataset


def draw_dataset(*, customers: int, items: int, events: int, random: np.random.Generator) -> Dataset:
    """Return a dataset of customers with so many events each; event n of each of them is at second n."""
    nothing, count = FeatureEncoder(FeatureSpec(columns=())), customers * events
    return Dataset(
        customers=Vocabulary(map(str, range(customers))),
        items=Vocabulary(map(str, range(items))),
        events=Histories(
            offsets=np.concatenate([[0], np.arange(customers + 1) * events]).astype(np.int64),
            items=random.integers(1, items + 1, count).astype(np.int32),
            times=np.tile(np.arange(events, dtype=np.float64), customers),
            values=np.ones(count, np.float32),
        ),
        ratings=None,
        steps=np.tile(np.arange(events, dtype=np.int32), customers),
        has_times=True,
        repeats=False,
        customer_encoder=nothing,
        item_encoder=nothing,
        customer_features=nothing.empty(customers + 1),
        item_features=nothing.empty(items + 1),
    )
