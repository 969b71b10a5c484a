"""Choose the settings of the counting sources on a window: how fast the past fades, and what counts as recent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.own_past import OwnPast
from shortlist_bundle.sources.popularity import Popularity
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.sources.source import Source
from shortlist_bundle.sources.user_cf import UserCf
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_training.all_cores import on_all_cores
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

CUSTOMERS = 1000
TUNED_AT = 100
"""Depth of the nDCG: a source is there to find candidates, and so deep fewer customers say more."""
RECENT_BUCKETS = (2, 4, 8, 16, 48)
TRUSTED = tuple(product((2, 8, 48), (0.25, 0.5, 1.0)))
"""Recent buckets and trust of popularity within segments."""
NEWEST = (
    (20, 0.6), (20, 0.7), (20, 0.8), (20, 0.9), (100, 0.8), (100, 0.9), (100, 0.95), (500, 0.95), (500, 1.0),
)  # fmt: skip
"""How many of the newest events have a say, and what each step back counts."""
FOCUSES = (1.0, 3.0)
"""Powers of the similarity between customers: whether many neighbours are asked or, in effect, the few nearest."""


def tuned(
    retriever: Retriever,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    *,
    seed: int,
    fits: Mapping[str, Sequence[Source]] = MappingProxyType({}),
    hurried: Callable[[], bool] = lambda: False,
) -> tuple[Retriever, dict[str, int]]:
    """Find the settings of the counting sources that do best on a window, by nDCG@100.

    The own past is judged on everything that was taken; the others, whose task is what it cannot find, on new items.

    Args:
        retriever: fitted on nothing later than the window's start.
        dataset: the log.
        window: whose customers and targets.
        clock: of the log.
        seed: of the choice of customers.
        fits: source -> several fits of it to choose from, instead of the retriever's one.
        hurried: is asked before each source; from when it says yes, the sources stay as they are.

    Returns:
        The retriever with those settings, and for each of its sources which of the fits did best.
    """
    found, chosen, half_lives = dict(retriever.counting), {}, len(retriever.signals.half_lives)
    for name, source in retriever.counting.items():
        if hurried():
            chosen[name] = 0
            continue
        variants = [
            (number, variant)
            for number, fit in enumerate(fits.get(name) or (source,))
            for variant in _variants(fit, half_lives)
        ]
        only_new, sources = not isinstance(source, OwnPast), [variant for _, variant in variants]
        best = _best(sources, retriever, dataset, window, clock, only_new=only_new, seed=seed)
        chosen[name], found[name] = variants[best]
    return replace(retriever, counting=found), chosen


def retuned(fitted: Retriever, like: Retriever) -> Retriever:
    """Return a newly fitted retriever whose counting sources have the settings of an older, tuned one."""
    moved = {name: _like(source, like.counting[name]) for name, source in fitted.counting.items()}
    return replace(fitted, counting=moved)


def _variants(source: Source, half_lives: int) -> Sequence[Source]:
    match source:
        case OwnPast():
            return [OwnPast(mix=mix) for mix in _mixes(half_lives)]
        case ItemCf():
            return [with_mix(source, mix) for mix in _mixes(half_lives)]
        case Content():
            return [Content(source.items, mix=mix) for mix in _alone_or_even(half_lives)]
        case Popularity():
            return [Popularity(source.counts, buckets=buckets) for buckets in RECENT_BUCKETS]
        case SegmentPopularity():
            return [source.tuned(buckets=buckets, trust=trust) for buckets, trust in TRUSTED]
        case Newest():
            return [replace(source, length=length, fade=fade) for length, fade in NEWEST]
        case UserCf():
            return [
                replace(source, length=length, fade=fade, focus=focus) for focus in FOCUSES for length, fade in NEWEST
            ]
    return [source]


def _like(source: Source, tuned_before: Source) -> Source:
    match source, tuned_before:
        case OwnPast(), OwnPast():
            return tuned_before
        case ItemCf(), ItemCf():
            return with_mix(source, tuned_before.mix)
        case Content(), Content():
            return Content(source.items, mix=tuned_before.mix)
        case Popularity(), Popularity():
            return Popularity(source.counts, buckets=tuned_before.buckets)
        case SegmentPopularity(), SegmentPopularity():
            return source.tuned(buckets=tuned_before.buckets, trust=tuned_before.trust)
        case Newest(), Newest():
            return replace(source, length=tuned_before.length, fade=tuned_before.fade)
        case UserCf(), UserCf():
            return replace(source, length=tuned_before.length, fade=tuned_before.fade, focus=tuned_before.focus)
    return source


def with_mix(source: ItemCf, mix: tuple[float, ...]) -> ItemCf:
    """Return the source with another weighing of the history's age."""
    return ItemCf(indptr=source.indptr, neighbours=source.neighbours, weights=source.weights, mix=mix)


def _mixes(half_lives: int) -> list[tuple[float, ...]]:
    """Return every mix of half-lives with equal weights: each alone, each pair, ... all."""
    chosen = [np.array(bits, float) for bits in product((0, 1), repeat=half_lives) if any(bits)]
    return [tuple((bits / bits.sum()).tolist()) for bits in chosen]


def _alone_or_even(half_lives: int) -> list[tuple[float, ...]]:
    """Return each half-life alone and all of them alike: every mix is another look at every item of the catalogue."""
    even = tuple(1.0 / half_lives for _ in range(half_lives))
    return [even, *(tuple(row) for row in np.eye(half_lives).tolist() if half_lives > 1)]


def _best(
    sources: Sequence[Source],
    retriever: Retriever,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    *,
    only_new: bool,
    seed: int,
) -> int:
    """Return the position of the best source; the first where they are equal, or where nothing can be judged."""
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=only_new).sample(CUSTOMERS, seed)
    if len(sources) < 2 or not len(targets.rows):
        return 0
    lists = np.zeros((len(sources), len(targets.rows), TUNED_AT), np.int32)

    def listed(chunk: tuple[slice, CustomerBatch]) -> tuple[slice, list[NDArray[np.int32]]]:
        part, batch = chunk
        past = sum_up(
            batch.history, batch.now, retriever.signals.half_lives, things=batch.history.items, width=dataset.item_rows
        )
        allowed = allowed_items(dataset, batch, window.as_of[batch.rows], seen_allowed=not only_new)
        return part, [source.scoreboard(batch, past).best(TUNED_AT, allowed)[0] for source in sources]

    for part, found in on_all_cores(listed, window_batches(dataset, window, targets.rows, clock)):
        lists[:, part] = found
    figures = [ranking_metrics(items, targets, (TUNED_AT,))[f"ndcg@{TUNED_AT}"].mean() for items in lists]
    return int(np.argmax(figures))
