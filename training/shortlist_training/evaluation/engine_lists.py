"""What an engine would have shown at a window, by the code that serves, and what each of its parts would have."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Encoded, Engine
from shortlist_bundle.merge import Candidates
from shortlist_bundle.sources.popularity import Popularity
from shortlist_bundle.sources.scoreboard import Mask
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_training.all_cores import on_all_cores
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.targets import Targets
from shortlist_training.progress import Bar
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

Lists = NDArray[np.int32]
ALL_TIME = "popularity, whole log"
"""A baseline beside the sources: takings of the whole log, old ones counting like new ones."""
FUSION_OFFSET = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLists:
    """Lists of J customers at one window, item rows, best first, 0 where a list is shorter.

    Attributes:
        ranked: int32 [J, k], reranked by the scorer.
        fused: int32 [J, k], the merged shortlist by reciprocal-rank fusion: what the scorer's work is compared with
            (Cormack, Clarke and Buettcher 2009, https://doi.org/10.1145/1571941.1572114).
        shortlists: int32 [J, K], the merged shortlists, in no order.
        sources: source -> int32 [J, depth], each source alone.
    """

    ranked: Lists
    fused: Lists
    shortlists: Lists
    sources: Mapping[str, Lists]


def engine_lists(
    engine: Engine,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    targets: Targets,
    *,
    seen_allowed: bool,
    k: int,
    depth: int,
    bar: Bar,
) -> WindowLists:
    """Return an engine's lists of length k, and its sources' of length `depth`, for the customers of `targets`."""
    count = len(targets.rows)
    ranked, fused = np.zeros((count, k), np.int32), np.zeros((count, k), np.int32)
    names = [*engine.retriever.signals.sources, ALL_TIME]
    sources = {name: np.zeros((count, depth), np.int32) for name in names}
    shortlists: list[Lists] = []

    def listed(chunk: tuple[slice, CustomerBatch]) -> tuple[slice, Lists, Candidates, dict[str, Lists]]:
        part, batch = chunk
        encoded = engine.retriever.encode(batch)
        allowed = allowed_items(dataset, batch, window.as_of[batch.rows], seen_allowed=seen_allowed)
        candidates = engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=1)
        best = engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=k).items
        return part, best, candidates, _source_lists(engine, encoded, allowed, depth)

    for part, best, candidates, alone in on_all_cores(listed, window_batches(dataset, window, targets.rows, clock)):
        ranked[part, : best.shape[1]] = best
        by_rank = fusion_order(candidates)[:, :k]
        fused[part, : by_rank.shape[1]] = by_rank
        shortlists.append(candidates.items)
        for name, items in alone.items():
            sources[name][part] = items
        bar.advance(len(best))
    width = max(items.shape[1] for items in shortlists)
    padded = [np.pad(items, [(0, 0), (0, width - items.shape[1])]) for items in shortlists]
    return WindowLists(ranked=ranked, fused=fused, shortlists=np.concatenate(padded), sources=sources)


def fusion_order(candidates: Candidates) -> Lists:
    """Return each customer's candidates by the sum of their reciprocal ranks, ties by item row, int32 [B, K]."""
    shares = np.where(candidates.ranks >= 0, 1.0 / (FUSION_OFFSET + candidates.ranks), 0.0).sum(axis=2)
    order = np.lexsort((candidates.items, -np.where(candidates.items > 0, shares, -1.0)), axis=1)
    return np.take_along_axis(candidates.items, order, axis=1)


def _source_lists(engine: Engine, encoded: Encoded, allowed: Mask, depth: int) -> dict[str, Lists]:
    lists = {name: board.best(depth, allowed)[0] for name, board in encoded.boards.items()}
    counts = engine.retriever.counts
    all_time = Popularity(counts, buckets=len(counts.edges)).scoreboard(encoded.batch, encoded.past)
    return {**lists, ALL_TIME: all_time.best(depth, allowed)[0]}
