"""The scorer's examples: merged shortlists of past moments, and what was taken then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Depths, Retriever
from shortlist_bundle.merge import Candidates
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.towers.layers import Float
from shortlist_training.all_cores import on_all_cores
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.progress import Bar
from shortlist_training.reranking.strangers import Strangers
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Shortlists of J customers at one window, all with seen items allowed or all without.

    Attributes:
        seen_allowed: whether seen items may be candidates; targets follow.
        targets: what was right.
        vectors: float32 [J, D + 1], the two-tower's customer vectors.
        item_vectors: float32 [N + 1, D + 1], the item vectors of the same retriever.
        items: int32 [J, K], candidates, 0 is padding.
        ranks: int16 [J, K, S], each source's rank of each candidate.
        signals: float32 [J, K, F], raw.
    """

    seen_allowed: bool
    targets: Targets
    vectors: Float
    item_vectors: Float
    items: NDArray[np.int32]
    ranks: NDArray[np.int16]
    signals: Float

    @property
    def labels(self) -> Float:
        """1 for a candidate that was taken, float32 [J, K]."""
        return self.targets.hits(self.items).astype(np.float32)


def source_lists(
    dataset: Dataset,
    retriever: Retriever,
    window: Window,
    clock: Clock,
    *,
    seen_allowed: bool,
    depth: int,
    limit: int,
    seed: int,
) -> tuple[dict[str, NDArray[np.int32]], Targets]:
    """Return every source's best items alone, int32 [J, depth], for at most `limit` judged customers."""
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
    targets = targets.sample(limit, seed)
    lists = {name: np.zeros((len(targets.rows), depth), np.int32) for name in retriever.signals.sources}

    def listed(chunk: tuple[slice, CustomerBatch]) -> tuple[slice, dict[str, NDArray[np.int32]]]:
        part, batch = chunk
        encoded = retriever.encode(batch)
        allowed = allowed_items(dataset, batch, window.as_of[batch.rows], seen_allowed=seen_allowed)
        return part, {name: board.best(depth, allowed)[0] for name, board in encoded.boards.items()}

    for part, found in on_all_cores(listed, window_batches(dataset, window, targets.rows, clock)):
        for name, items in found.items():
            lists[name][part] = items
    return lists, targets


def make_lists(
    dataset: Dataset,
    retriever: Retriever,
    window: Window,
    clock: Clock,
    depths: Depths,
    *,
    seen_allowed: bool,
    limit: int,
    seed: int,
    bar: Bar,
    strangers: float = 0.0,
) -> Lists:
    """Retrieve candidates for a window's customers and compute their signals, by the engine that serves.

    Args:
        dataset: the log.
        retriever: fitted on nothing later than the window's start.
        window: whose customers and targets.
        clock: of the log.
        depths: candidates per source.
        seen_allowed: whether seen items may be candidates.
        limit: at most so many customers, chosen by seed.
        seed: of that choice.
        bar: shows lists done.
        strangers: so large a share of the customers, and not a handful, have a second list; see `Strangers`.
    """
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
    targets = targets.sample(limit, seed)
    random, count = np.random.default_rng([seed, len(targets.rows)]), len(targets.rows)
    again = np.sort(random.choice(count, Strangers.count(count, strangers), replace=False))
    unknown = Strangers.draw(len(again), random)

    def asked() -> Iterator[tuple[CustomerBatch, CustomerBatch]]:
        for _, batch in window_batches(dataset, window, targets.rows, clock):
            yield batch, batch
        for part, batch in window_batches(dataset, window, targets.rows[again], clock):
            as_of = window.as_of[batch.rows]
            yield batch, unknown.take(part).ask(batch, as_of, clock=clock, features=dataset.customer_features)

    def made(pair: tuple[CustomerBatch, CustomerBatch]) -> tuple[Float, Candidates, Float]:
        known, batch = pair
        # What a stranger does not say is known all the same, and was not to be taken again.
        allowed = allowed_items(dataset, known, window.as_of[known.rows], seen_allowed=seen_allowed)
        encoded = retriever.encode(batch)
        candidates = retriever.retrieve(encoded, allowed, depths, at_least=1)
        signals = retriever.pair_signals(encoded, candidates, np.full(len(batch), seen_allowed))
        return encoded.vectors, candidates, signals

    parts = []
    for part in on_all_cores(made, asked()):
        parts.append(part)
        bar.advance(len(part[0]))
    both = targets.take(np.concatenate([np.arange(count), again]))
    return _joined(parts, both, retriever.tower_items.vectors, seen_allowed)


def _joined(
    parts: Sequence[tuple[Float, Candidates, Float]], targets: Targets, item_vectors: Float, seen_allowed: bool
) -> Lists:
    if not parts:
        raise ValueError("a window without judged customers has no lists")
    width = max(candidates.items.shape[1] for _, candidates, _ in parts)

    def padded(values: Sequence[NDArray[Any]], fill: int) -> NDArray[Any]:
        rooms = [[(0, 0), (0, width - part.shape[1]), (0, 0)][: part.ndim] for part in values]
        return np.concatenate(
            [np.pad(part, room, constant_values=fill) for part, room in zip(values, rooms, strict=True)]
        )

    return Lists(
        seen_allowed=seen_allowed,
        targets=targets,
        vectors=np.concatenate([vectors for vectors, _, _ in parts]),
        item_vectors=item_vectors,
        items=padded([candidates.items for _, candidates, _ in parts], 0),
        ranks=padded([candidates.ranks for _, candidates, _ in parts], -1),
        signals=padded([signals for _, _, signals in parts], 0),
    )


def modes(repeats: bool) -> tuple[bool, ...]:
    """Return for which answers to "may seen items be shown" a bundle is prepared.

    Where people buy again, both are asked for; where they never do, only lists without seen items make sense.
    """
    return (True, False) if repeats else (False,)


DepthsByMode = Mapping[bool, Depths]
