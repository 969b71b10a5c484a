"""The lists of an engine under many settings of diversity, from one pass of encoding, retrieval and scoring."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.diversity.trade import Trade
from shortlist_bundle.engine import Engine, Ranked
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.targets import Targets
from shortlist_training.progress import Bar
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window


def scored_pools(
    engine: Engine,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    targets: Targets,
    *,
    seen_allowed: bool,
    k: int,
) -> Iterator[tuple[slice, CustomerBatch, Ranked]]:
    """Yield the customers of `targets` in chunks with all of their candidates, best first, at least k columns."""
    for part, batch in window_batches(dataset, window, targets.rows, clock):
        encoded = engine.retriever.encode(batch)
        allowed = allowed_items(dataset, batch, window.as_of[batch.rows], seen_allowed=seen_allowed)
        candidates = engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=1)
        width = max(candidates.items.shape[1], k)
        yield part, batch, engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=width)


def varied_lists(
    engine: Engine,
    diversifier: Diversifier,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    targets: Targets,
    settings: Mapping[tuple[str, float], Diversity],
    *,
    seen_allowed: bool,
    k: int,
    trade: Trade,
    bar: Bar,
) -> dict[tuple[str, float], NDArray[np.int32]]:
    """Return setting -> int32 [J, k], the lists of the customers of `targets`, 0 where a list is shorter."""
    found = {name: np.zeros((len(targets.rows), k), np.int32) for name in settings}
    for part, batch, pool in scored_pools(
        engine, dataset, window, clock, targets, seen_allowed=seen_allowed, k=k
    ):  # fmt: skip
        for name, wanted in settings.items():
            lists = diversifier(pool, batch.history, wanted, k, trade=trade) if wanted.active else pool
            found[name][part] = lists.items[:, :k]
        bar.advance(len(batch))
    return found
