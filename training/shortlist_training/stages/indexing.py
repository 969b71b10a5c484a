"""Choose the index over each space by what it finds and what a search is reckoned to cost."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Encoded, Engine
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.products import Vectors
from shortlist_bundle.sources.vectors import ItemVectors, VectorScores
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_training.config.run import IndexConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.stages.index_building import Built
from shortlist_training.stages.index_candidates import IndexCandidate, candidates

QUERIES = 500
LISTING = 150
"""Customers whose final lists are compared: a list costs a hundred times what a search does."""
LISTED = 50
"""Length of the final lists that must come out the same."""
SCREEN = 0.9
"""Only where so large a share of the neighbours is found are final lists made."""
CELLS = 2**24
"""Queries times items whose masks are held at once."""
DEPTH = 200
"""Neighbours that are compared where no list is made of a space's candidates."""
RARELY_ASKED = 10
"""Spaces that are asked less often are exact up to so many times as many items."""

Before = Mapping[str, Mapping[str, Any]]
"""Space -> figures of the index over it."""
Judge = Callable[[ItemVectors], float]
"""The share of what should be found that is found, in [0, 1]."""


def with_index(
    engine: Engine, dataset: Dataset, config: IndexConfig, *, before: Before = MappingProxyType({})
) -> tuple[Engine, dict[str, Any]]:
    """Return the engine with an approximate index over each space that is searched faster with one.

    An index over a space is good enough where the engine's final lists hold the share `config.recall` of what they hold
    when that space is searched exactly. The spaces are looked at one by one.

    Args:
        engine: fitted.
        dataset: its customers are the queries by which an index is chosen.
        config: of the index.
        before: space -> figures of the index that was chosen before, which is tried first.

    Returns:
        The engine, and for each space what its index is called, its search settings, what it finds, and what was tried.
    """
    return index_engine(engine, some_customers(dataset.events, dataset.customer_features), config, before=before)


def some_customers(events: Histories, features: EncodedFeatures) -> CustomerBatch:
    """Return customers with a past, spread over all of them, as they stood at their newest event.

    Args:
        events: histories of customer rows 0..M.
        features: their encoded features.
    """
    active = np.flatnonzero(events.lengths).astype(np.int32)
    rows = active[np.linspace(0, len(active) - 1, min(QUERIES, len(active))).astype(np.int64)]
    history = events.take(rows)
    now = history.times[history.offsets[1:] - 1] if len(rows) else np.zeros(0)
    return CustomerBatch(rows=rows, features=features.take(rows), history=history, now=now)


def index_engine(
    engine: Engine, batch: CustomerBatch, config: IndexConfig, *, before: Before = MappingProxyType({})
) -> tuple[Engine, dict[str, Any]]:
    """Do the same with the customers of a batch for queries."""
    retriever, figures = engine.retriever, dict[str, Any]()
    counting = dict(retriever.counting)
    encoded = retriever.encode(batch)
    lists, spaces = _Lists(engine, batch), dict[str, ItemVectors]()
    for space, items in (("two_tower", retriever.tower_items), ("embedding", retriever.embedding_items)):
        board = encoded.boards.get(space)
        if isinstance(board, VectorScores):
            judge = lists.of_space(space, items.vectors, board.customers)
            spaces[space], figures[space] = choose(
                items.vectors, judge, config, depth=lists.depth(space), before=before.get(space)
            )
        else:
            spaces[space], figures[space] = items, _as_exact()
    content = counting.get(Content.name)
    if isinstance(content, Content):
        rarely = replace(config, exact_items=RARELY_ASKED * config.exact_items)
        judge = neighbours_found(content.items.vectors, content.profiles(encoded.past, len(batch)))
        items, figures[Content.name] = choose(content.items.vectors, judge, rarely, before=before.get(Content.name))
        counting[Content.name] = Content(items, mix=content.mix)
    tower_items, embedding_items = spaces["two_tower"], spaces["embedding"]
    indexed = replace(retriever, tower_items=tower_items, embedding_items=embedding_items, counting=counting)
    return Engine(indexed, engine.reranker, depths=engine.depths), figures


def choose(
    vectors: Vectors,
    judge: Judge,
    config: IndexConfig,
    *,
    depth: int = DEPTH,
    before: Mapping[str, Any] | None = None,
) -> tuple[ItemVectors, dict[str, Any]]:
    """Return the items with the cheapest index that finds enough, and what was tried on the way.

    Args:
        vectors: float32 [N + 1, D], row 0 is nobody.
        judge: says what is found.
        config: up to how many items there is no index, and what must be found.
        depth: candidates that are wanted of the space.
        before: figures of the index that was chosen for this space before, which is tried first.
    """
    built, count = Built(vectors), len(vectors) - 1
    if count <= config.exact_items:
        return ItemVectors(vectors), _as_exact()
    tried: list[dict[str, Any]] = []
    for candidate in _as_before(candidates(count, built.width, depth), before):
        items = built.items(candidate)
        recall = judge(items) if candidate.factory else 1.0
        tried.append({
            "index": candidate.factory or "exact", "probes": candidate.probes, "spare": candidate.spare,
            "recall": round(recall, 4), "reckoned_us": round(candidate.nanoseconds / 1000, 1),
        })  # fmt: skip
        if recall >= config.recall:
            return items, {**tried[-1], "tried": tried}
    raise AssertionError("exact search is among the candidates and finds everything")


def _as_before(found: list[IndexCandidate], before: Mapping[str, Any] | None) -> list[IndexCandidate]:
    """Return the candidates with the one first that was chosen before; none that was found wanting then is tried."""
    wanted = {} if before is None else {name: before.get(name) for name in ("index", "probes", "spare")}
    for place, one in enumerate(found):
        if {"index": one.factory or "exact", "probes": one.probes, "spare": one.spare} == wanted:
            return found[place:]
    return found


def neighbours_found(vectors: Vectors, queries: Vectors, *, depth: int = DEPTH) -> Judge:
    """Return a judge by the exact neighbours of queries, float32 [Q, D], that are found among the first `depth`."""
    depth = min(depth, len(vectors) - 1)
    parts = _parts(len(queries), len(vectors))
    everything = np.ones((min(_fitting(len(vectors)), len(queries)), len(vectors)), np.bool_)
    everything[:, 0] = False

    def best(items: ItemVectors) -> NDArray[np.int32]:
        found = [items.scoreboard(queries[part]).best(depth, everything[: len(queries[part])])[0] for part in parts]
        return np.concatenate([np.zeros((0, depth), np.int32), *found])

    right = best(ItemVectors(vectors))
    return lambda items: _shared(right, best(items))


def _parts(count: int, width: int) -> list[slice]:
    """Return a few customers at a time: the masks of all would not fit where there are millions of items."""
    size = _fitting(width)
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _fitting(width: int) -> int:
    return max(CELLS // width, 1)


class _Lists:
    """The final lists of some customers, and what they come to when one space is searched otherwise.

    Args:
        engine: makes them.
        batch: customers, of whom some are taken.
    """

    def __init__(self, engine: Engine, batch: CustomerBatch) -> None:
        self._engine = engine
        some = np.linspace(0, len(batch) - 1, min(LISTING, len(batch))).astype(np.int64)
        parts = _parts(len(some), engine.retriever.item_count + 1)
        self._encoded = [engine.retriever.encode(batch.take(some[part])) for part in parts]

    def depth(self, space: str) -> int:
        """Return how many candidates are wanted of a space, where it proposes any."""
        return max((depths.get(space, 0) for depths in self._engine.depths.values()), default=0) or DEPTH

    def of_space(self, space: str, vectors: Vectors, queries: Vectors) -> Judge:
        """Return a judge by the final lists; by the neighbours themselves for a space that proposes nothing.

        Args:
            space: name of the source.
            vectors: of its items.
            queries: float32 [Q, D], many customers, for the neighbours.
        """
        neighbours = neighbours_found(vectors, queries, depth=self.depth(space))
        modes = [mode for mode, depths in self._engine.depths.items() if depths.get(space, 0)]
        right: dict[bool, NDArray[np.int32]] = {}

        def judge(items: ItemVectors) -> float:
            found = neighbours(items)
            if found < SCREEN or not modes:
                return found
            for mode in modes:
                if mode not in right:
                    right[mode] = self._listed(space, ItemVectors(vectors), mode)
            return min(_shared(right[mode], self._listed(space, items, mode)) for mode in modes)

        return judge

    def _listed(self, space: str, items: ItemVectors, seen_allowed: bool) -> NDArray[np.int32]:
        made = [self._made(space, items, encoded, seen_allowed) for encoded in self._encoded]
        return np.concatenate([np.zeros((0, LISTED), np.int32), *made])

    def _made(self, space: str, items: ItemVectors, encoded: Encoded, seen_allowed: bool) -> NDArray[np.int32]:
        before = encoded.boards[space]
        if not isinstance(before, VectorScores):
            raise TypeError(f"{space} has no vectors to search")
        allowed = np.ones((len(encoded.batch), encoded.past.width), np.bool_) if seen_allowed else ~encoded.seen()
        allowed[:, 0] = False
        encoded = replace(encoded, boards={**encoded.boards, space: items.scoreboard(before.customers)})
        found = self._engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=1)
        return self._engine.rerank(encoded, found, seen_allowed=seen_allowed, k=LISTED).items


def _as_exact() -> dict[str, Any]:
    return {"index": "exact", "recall": 1.0}


def _shared(right: NDArray[np.integer], found: NDArray[np.integer]) -> float:
    """Return the mean share of the right items, 0 for none, that is found."""
    shares = [np.isin(one[one > 0], other).mean() for one, other in zip(right, found, strict=True) if one.any()]
    return float(np.mean(shares)) if shares else 1.0
