"""What an engine would have shown at a window, by the code that serves."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine
from shortlist_bundle.state.clock import Clock
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.targets import Targets
from shortlist_training.progress import Bar
from shortlist_training.reranking.lists import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window


def engine_lists(
    engine: Engine, dataset: Dataset, window: Window, clock: Clock, targets: Targets, *, seen_allowed: bool, k: int,
    bar: Bar,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:  # fmt: skip
    """Return the reranked lists int32 [J, k], and the merged shortlists they came from, int32 [J, K]."""
    ranked = np.zeros((len(targets.rows), k), np.int32)
    shortlists: list[NDArray[np.int32]] = []
    for part, batch in window_batches(dataset, window, targets.rows, clock):
        encoded = engine.retriever.encode(batch)
        allowed = allowed_items(encoded, seen_allowed=seen_allowed)
        candidates = engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=1)
        best = engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=k).items
        ranked[part, : best.shape[1]] = best
        shortlists.append(candidates.items)
        bar.advance(len(batch))
    width = max(items.shape[1] for items in shortlists)
    return ranked, np.concatenate([np.pad(items, [(0, 0), (0, width - items.shape[1])]) for items in shortlists])
