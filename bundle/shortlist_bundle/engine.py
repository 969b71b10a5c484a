"""Encode, retrieve, merge, rerank: what a bundle computes. Batch first; one request is a batch of one.

Training runs this very code to make the scorer's examples and to judge the result, the server to answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.merge import Candidates, filled, merge, rows_with_fewer
from shortlist_bundle.reranker import Reranker
from shortlist_bundle.signals.pair import SignalSpec, pair_signals
from shortlist_bundle.signals.past import Past, age_events, sum_up_things
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.scoreboard import Items, Mask, Scoreboard, Scores
from shortlist_bundle.sources.source import Source
from shortlist_bundle.sources.top import best_places
from shortlist_bundle.sources.vectors import ItemVectors, VectorScores
from shortlist_bundle.spare_places import hand_on
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.embedding import CustomerVectors
from shortlist_bundle.towers.layers import Float

Depths = Mapping[str, int]
"""How many candidates each source may propose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A batch after encoding: everything that retrieval and the scorer share.

    Attributes:
        batch: the customers.
        past: their own past per item.
        level_pasts: their own past per category, one for each level of the signals.
        vectors: the two-tower's customer vectors, float32 [B, D + 1].
        boards: every source's scoreboard by name, in the order of the signals' sources.
    """

    batch: CustomerBatch
    past: Past
    level_pasts: tuple[Past, ...]
    vectors: Float
    boards: Mapping[str, Scoreboard]

    def seen(self) -> Mask:
        """Return which items each customer has taken, bool [B, N + 1]."""
        mask = np.zeros((len(self.batch), self.past.width), np.bool_)
        mask[self.past.owners, self.past.things] = True
        return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Reranked lists of B customers.

    Attributes:
        items: int32 [B, k], best first, 0 where fewer than k items were allowed.
        scores: float32 [B, k].
        ranks: int16 [B, k, S], each source's rank of the item, -1 where it did not propose it.
        candidates: int [B], how many candidates were scored.
    """

    items: Items
    scores: Scores
    ranks: NDArray[np.int16]
    candidates: NDArray[np.int64]

    def at(self, places: NDArray[np.int64]) -> "Ranked":
        """Return the items at some columns of each list, int64 [B, k], -1 for none."""
        column, there = np.maximum(places, 0), places >= 0
        rows = np.arange(len(places))[:, None]
        return Ranked(
            items=np.where(there, self.items[rows, column], 0),
            scores=np.where(there, self.scores[rows, column], np.float32(-np.inf)),
            ranks=np.where(there[..., None], self.ranks[rows, column], np.int16(-1)),
            candidates=self.candidates,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retriever:
    """Everything before the scorer, fitted on the log up to one moment.

    Attributes:
        tower: the two-tower's customer side.
        tower_items: its item side, float32 [N + 1, D + 1] with the index over it.
        embedding: the embedding model's customer side.
        embedding_items: its items.
        counting: the counting sources by name.
        counts: items over time.
        signals: how the pair signals are computed.
        level_codes: int32 [N + 1] category codes of each level of the signals.
        level_widths: of each level, a number larger than every code.
    """

    tower: CustomerTower
    tower_items: ItemVectors
    embedding: CustomerVectors
    embedding_items: ItemVectors
    counting: Mapping[str, Source]
    counts: ItemCounts
    signals: SignalSpec
    level_codes: tuple[NDArray[np.int32], ...]
    level_widths: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        widths = tuple(int(codes.max(initial=0)) + 1 for codes in self.level_codes)
        object.__setattr__(self, "level_widths", widths)

    @property
    def item_count(self) -> int:
        """Number of items, N."""
        return len(self.tower_items.vectors) - 1

    def encode(self, batch: CustomerBatch) -> Encoded:
        """Sum up the customers' past, encode them, and let every source look at them."""
        width, half_lives = self.item_count + 1, self.signals.half_lives
        events = age_events(batch.history, batch.now, half_lives)
        past = sum_up_things(events, things=batch.history.items, width=width)
        levels = tuple(
            sum_up_things(events, things=codes[batch.history.items], width=level)
            for codes, level in zip(self.level_codes, self.level_widths, strict=True)
        )
        vectors = self.tower(batch.rows, batch.features, batch.history, batch.context)
        wanted = self.signals.sources
        boards: dict[str, Scoreboard] = {"two_tower": self.tower_items.scoreboard(vectors)}
        if "embedding" in wanted:
            boards["embedding"] = self.embedding_items.scoreboard(self.embedding(batch, past))
        boards |= {name: source.scoreboard(batch, past) for name, source in self.counting.items() if name in wanted}
        ordered = {name: boards[name] for name in wanted}
        return Encoded(batch=batch, past=past, level_pasts=levels, vectors=vectors, boards=ordered)

    def retrieve(self, encoded: Encoded, allowed: Mask, depths: Depths, *, at_least: int) -> Candidates:
        """Merge the sources' best allowed items.

        Args:
            encoded: B customers.
            allowed: bool [B, N + 1].
            depths: source name -> how many it may propose; a source left out proposes nothing.
                What sources have nothing for, others propose instead where the shortlist would be thin.
            at_least: where the sources leave fewer candidates than this, the two-tower's exact order of the allowed
                items fills up, so that k items come back whenever k are allowed.
        """
        lists = {name: self._best(board, depths.get(name, 0), allowed) for name, board in encoded.boards.items()}
        candidates = merge(list(hand_on(lists, encoded.boards, allowed).values()))
        short = rows_with_fewer(candidates.items, float(at_least))
        if not len(short):
            return candidates
        extra = np.zeros((len(allowed), at_least), np.int32)
        for row in short:
            rest = allowed[row].copy()
            rest[candidates.items[row]] = False
            wanted = at_least - np.count_nonzero(candidates.items[row])
            found = self.tower_items.exact(encoded.vectors[row], int(wanted), rest)
            extra[row, : len(found.items)] = found.items
            board = encoded.boards.get("two_tower")
            if isinstance(board, VectorScores):
                board.book(int(row), found.effort)
        return filled(candidates, extra)

    @staticmethod
    def _best(board: Scoreboard, depth: int, allowed: Mask) -> Items:
        return board.best(depth, allowed)[0] if depth else np.zeros((len(allowed), 0), np.int32)

    def pair_signals(self, encoded: Encoded, candidates: Candidates, seen_allowed: NDArray[np.bool_]) -> Float:
        """Return the raw signals of the candidates, float32 [B, K, S]."""
        return pair_signals(
            self.signals,
            batch=encoded.batch,
            seen_allowed=seen_allowed,
            candidates=candidates,
            boards=list(encoded.boards.values()),
            past=encoded.past,
            level_pasts=encoded.level_pasts,
            level_codes=self.level_codes,
            counts=self.counts,
        )


class Engine:
    """A retriever and the reranker that was trained on its candidates.

    Args:
        retriever: proposes.
        reranker: orders what was proposed.
        depths: candidates per source when seen items are allowed, and when they are not.
    """

    def __init__(self, retriever: Retriever, reranker: Reranker, *, depths: Mapping[bool, Depths]) -> None:
        self.retriever = retriever
        self.reranker = reranker
        self.depths = depths

    def retrieve(
        self, encoded: Encoded, allowed: Mask, *, seen_allowed: bool, at_least: int, only: Sequence[str] = ()
    ) -> Candidates:
        """Retrieve with the bundle's depths; `only` limits the sources to some, which share the whole budget."""
        depths = self.depths[seen_allowed]
        if only:
            share = max(-(-sum(depths.values()) // len(only)), 1)
            depths = {name: max(depths.get(name, 0), share) for name in only}
        return self.retriever.retrieve(encoded, allowed, depths, at_least=at_least)

    def rerank(self, encoded: Encoded, candidates: Candidates, *, seen_allowed: bool, k: int) -> Ranked:
        """Score the candidates and return the best k of each customer, ties by item row."""
        allowed = np.full(len(encoded.batch), seen_allowed)
        signals = self.retriever.pair_signals(encoded, candidates, allowed)
        scores = self.reranker(encoded.batch, encoded.vectors, candidates.items, signals)
        return best_of(candidates, scores, k)


def best_of(candidates: Candidates, scores: Scores, k: int) -> Ranked:
    """Return each customer's k best candidates by falling score, ties by rising item row."""
    items, kept, ranks, count = _best(candidates.items, np.asarray(scores, np.float32), candidates.ranks, k)
    return Ranked(items=items, scores=kept, ranks=ranks, candidates=count)


@compiled
def _best(
    items: Items, scores: Scores, ranks: NDArray[np.int16], k: int
) -> tuple[Items, Scores, NDArray[np.int16], NDArray[np.int64]]:
    """Return each row's k best items with their scores and ranks, and how many it had; see `Ranked`."""
    best, kept = np.zeros((len(items), k), np.int32), np.full((len(items), k), np.float32(-np.inf), np.float32)
    ranked = np.full((len(items), k, ranks.shape[2]), np.int16(-1), np.int16)
    count, columns = np.zeros(len(items), np.int64), np.empty(items.shape[1], np.int64)
    own, values = np.empty(items.shape[1], np.int32), np.empty(items.shape[1], np.float32)
    for row in range(len(items)):
        size = 0
        for column in range(items.shape[1]):
            if items[row, column]:
                columns[size], own[size], values[size] = column, items[row, column], scores[row, column]
                size += 1
        count[row] = size
        places = best_places(own[:size], values[:size], k)
        for rank in range(len(places)):
            best[row, rank], kept[row, rank] = own[places[rank]], values[places[rank]]
            for source in range(ranks.shape[2]):
                ranked[row, rank, source] = ranks[row, columns[places[rank]], source]
    return best, kept, ranked, count
