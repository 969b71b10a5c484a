"""Reranked lists -> varied lists."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.diversity.by_relevance import ByRelevance
from shortlist_bundle.diversity.calibration import Calibration
from shortlist_bundle.diversity.dpp import Dpp
from shortlist_bundle.diversity.grouping import Grouping, grouping_columns, groups_of, mixed_column
from shortlist_bundle.diversity.likeness import Likeness, NoLikeness, TraitLikeness, VectorLikeness
from shortlist_bundle.diversity.max_sum import MaxSum
from shortlist_bundle.diversity.method import Method, Pool, standardised
from shortlist_bundle.diversity.mmr import Mmr
from shortlist_bundle.diversity.rules import RuleBook, Rules, no_rules
from shortlist_bundle.diversity.serendipity import with_serendipity
from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.diversity.trade import BY_SHARES, Trade
from shortlist_bundle.engine import Ranked
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.towers.layers import Float

CALIBRATION, MAX_SUM = "calibration", "max_sum"
METHODS: Mapping[str, Method] = {"mmr": Mmr(), "dpp": Dpp()}
"""Those that need nothing of the catalogue but the likeness of items. A new method is one new file and a line here."""


class Diversifier:
    """Picks varied lists from what was reranked. Safe to call from several threads at once.

    Args:
        catalogue: what is said of the items.
        vectors: float32 [N + 1, D], learnt vectors that stand in where the catalogue has no category column, or None.
    """

    def __init__(self, catalogue: Catalogue, vectors: Float | None = None) -> None:
        self._catalogue = catalogue
        columns = grouping_columns(catalogue)
        self._columns: dict[str, Grouping | None] = {**columns}
        self._mixed = mixed_column(columns)
        self._likeness: Likeness | None = None
        if columns:
            self._likeness = TraitLikeness.of(columns)
        elif vectors is not None:
            self._likeness = VectorLikeness(vectors=vectors)

    def problems(self, wanted: Diversity) -> Iterator[tuple[str, str]]:
        """Yield each setting that this catalogue cannot serve, by its path, and why."""
        for place, name in wanted.attributes:
            if name not in self._catalogue.attributes:
                yield place, f"the catalogue has no attribute {name!r}"
            elif self._column(name) is None:
                kind = self._catalogue.attributes[name].kind.value
                yield place, f"{name!r} is a {kind}; a category, a text or a list of categories is needed"
        calibrates = wanted.varies and wanted.method == CALIBRATION
        if calibrates and not wanted.calibrate and self._mixed is None:
            yield "method", "the catalogue has no category column whose mix could be followed"
        compares = (wanted.varies and not calibrates) or wanted.serendipity > 0
        if compares and self._likeness is None:
            yield "method", "the bundle has neither category columns nor vectors by which items are alike"

    def __call__(
        self,
        ranked: Ranked,
        history: Histories,
        wanted: Diversity,
        k: int,
        quotas: Sequence[tuple[int, int]] = (),
        trade: Trade = BY_SHARES,
    ) -> Ranked:
        """Pick the list of each customer; scores stay the scorer's.

        Args:
            ranked: B customers' candidates, best first, as many as there are.
            history: of the same customers.
            wanted: without `problems`.
            k: length of the lists.
            quotas: of sources: the place of one in `ranked.ranks`, and how many of its items the list must hold.
            trade: what takings and distance are weighed by, where the method does.
        """
        method = self._method(wanted, trade)
        book = self._rule_book(wanted, sourced=bool(quotas))
        places = np.full((len(ranked.items), k), -1, np.int64)
        for row in range(len(ranked.items)):
            pool = self._pool(ranked, history, row, trade if wanted.method == MAX_SUM else None)
            if wanted.serendipity > 0:
                pool = with_serendipity(pool, wanted.serendipity)
            length = min(k, len(pool.items))
            rules = _rules(book, ranked, row, pool.relevance, length, quotas)
            places[row, :length] = method(pool, rules, strength=wanted.strength, k=length)
        return ranked.at(places)

    def rules(
        self, ranked: Ranked, row: int, wanted: Diversity, k: int, quotas: Sequence[tuple[int, int]] = ()
    ) -> Rules:
        """Return the caps and quotas of one list as they bind whoever fills it: see `__call__`."""
        count = int(np.count_nonzero(ranked.items[row]))
        relevance = -np.arange(count, dtype=np.float64)
        book = self._rule_book(wanted, sourced=bool(quotas))
        return _rules(book, ranked, row, relevance, min(k, count), quotas)

    def broken(self, wanted: Diversity, items: NDArray[np.int32]) -> tuple[str, ...]:
        """Return which kinds of rules a list, item rows int32 [k], does not keep: "cap_exceeded", "quota_missed"."""
        book = self._rule_book(wanted)
        return book.broken(items) if book else ()

    def _pool(self, ranked: Ranked, history: Histories, row: int, trade: Trade | None) -> Pool:
        count = int(np.count_nonzero(ranked.items[row]))
        scores = ranked.scores[row, :count]
        own = slice(history.offsets[row], history.offsets[row + 1])
        return Pool(
            items=ranked.items[row, :count],
            relevance=standardised(scores),
            chances=trade.chances(scores) if trade else np.zeros(count),
            likeness=self._likeness or NoLikeness(),
            history=history.items[own],
            strengths=history.strengths[own],
        )

    def _method(self, wanted: Diversity, trade: Trade) -> Method:
        if not wanted.varies:
            return ByRelevance()
        if wanted.method == MAX_SUM:
            return MaxSum(trade.scale)
        if wanted.method != CALIBRATION:
            return METHODS[wanted.method]
        column = self._column(wanted.calibrate or self._mixed or "")
        if column is None:
            raise ValueError(f"nothing to calibrate on for {wanted}")
        return Calibration(column)

    def _rule_book(self, wanted: Diversity, *, sourced: bool = False) -> RuleBook | None:
        if not (wanted.ruled or sourced):
            return None
        columns = {name: self._column(name) for name, _ in wanted.caps}
        serving = [self._catalogue.attributes[quota.attribute].equals(quota.value) for quota in wanted.quotas]
        return RuleBook(wanted, {name: column for name, column in columns.items() if column}, serving)

    def _column(self, name: str) -> Grouping | None:
        if name not in self._columns:
            # Two threads may both make it; they make the same.
            self._columns[name] = groups_of(self._catalogue.attributes[name])
        return self._columns[name]


def _rules(
    book: RuleBook | None,
    ranked: Ranked,
    row: int,
    relevance: NDArray[np.float64],
    k: int,
    quotas: Sequence[tuple[int, int]],
) -> Rules:
    """Return the rules of one list of k, in which quotas go to the most relevant, float64 [K], of its candidates."""
    if book is None:
        return no_rules(len(relevance))
    proposed = [(ranked.ranks[row, : len(relevance), source] >= 0, least) for source, least in quotas]
    items = ranked.items[row, : len(relevance)]
    return book.rules(items, np.argsort(-relevance, kind="stable"), k, proposed)
