"""What a bundle would have shown in logged slates, under the exploration of one of its placements or another one.

Customers are taken as the bundle knows them at the slate's moment, with the bundle's default on seen items. What a
request said besides (filters, exclusions, a profile, needs) is not in the log: leave out slates of such requests.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.method import standardised
from shortlist_bundle.engine import Encoded, Ranked
from shortlist_bundle.exploration.exploration_policy import Choices, anything
from shortlist_bundle.exploration.explorer import NO_FEATURES, explored_slots, policy_of, queue_of
from shortlist_bundle.exploration.head import head_features, novelty_of
from shortlist_bundle.exploration.settings import LEARNT
from shortlist_bundle.model import Model, head_of
from shortlist_bundle.policy import Placement
from shortlist_bundle.sources.scoreboard import Mask
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.errors import DataError
from shortlist_training.offpolicy.comparison import Vector

CHUNK = 256
"""Slates that are looked at together."""


class BundlePolicy:
    """A bundle's lists under a placement's diversity and exploration.

    Args:
        model: the bundle.
        placement: diversity and exploration; sources are the bundle's own.

    Raises:
        DataError: The bundle only predicts ratings.
    """

    def __init__(self, model: Model, placement: Placement) -> None:
        if model.engine is None:
            raise DataError("the bundle only predicts ratings, and no policy of its lists can be judged")
        vectors = model.engine.retriever.tower_items.vectors
        self._model, self._engine, self._placement = model, model.engine, placement
        self._posterior = head_of(model)
        self._diversifier = Diversifier(model.catalogue, vectors[:, :-1])

    def probabilities(
        self, customers: list[str], moments: Vector, shown: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return with which probability each item would have been where it was, given those above, float64 [N, K].

        Args:
            customers: ids, N of them.
            moments: float64 [N], epoch seconds.
            shown: int32 [N, K], item rows; 0 for one that the bundle does not know.
            lengths: int64 [N], how many places each slate has.
        """
        found = np.zeros(shown.shape)
        for start in range(0, len(customers), CHUNK):
            part = slice(start, start + CHUNK)
            for row, chances in self._of_chunk(customers[part], moments[part], shown[part], lengths[part]):
                found[start + row, : len(chances)] = chances
        return found

    def _of_chunk(
        self, customers: list[str], moments: Vector, shown: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> Iterator[tuple[int, Vector]]:
        batch = self._batch(customers, moments)
        encoded = self._engine.retriever.encode(batch)
        seen_allowed, most = self._model.policy.seen_allowed, int(lengths.max())
        allowed = self._allowed(customers, batch, moments)
        candidates = self._engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=most)
        pool = self._engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=candidates.items.shape[1])
        for length in np.unique(lengths):
            listed = self._listed(pool, batch, int(length))
            for row in np.flatnonzero(lengths == length):
                yield int(row), self._of_slate(encoded, pool, listed, int(row), shown[row, :length])

    def _batch(self, customers: list[str], moments: Vector) -> CustomerBatch:
        model, rows = self._model, self._model.customers.rows(customers)
        history = model.snapshot.histories(rows)
        if model.clock.has_times:
            history = history.until(moments)
        context = model.context_encoder.empty(len(rows)) if model.context_encoder else None
        return CustomerBatch(
            rows=rows,
            features=model.snapshot.features(rows),
            history=history,
            now=model.clock.moments(moments, history),
            context=context,
        )

    def _allowed(self, customers: list[str], batch: CustomerBatch, moments: Vector) -> Mask:
        model = self._model
        mask = np.ones((len(customers), len(model.items)), np.bool_)
        for row, moment in enumerate(moments):
            available = model.catalogue.available(float(moment))
            if available is not None:
                mask[row] &= available
        if not model.policy.seen_allowed:
            mask[batch.history.owners, batch.history.items] = False
        if model.policy.people_to_people:
            mask[np.arange(len(mask)), model.items.rows(customers)] = False
        mask[:, 0] = False
        return mask

    def _listed(self, pool: Ranked, batch: CustomerBatch, length: int) -> Ranked:
        diversity = self._placement.diversity
        if not diversity.active:
            return pool
        trade = self._model.trade(seen_allowed=self._model.policy.seen_allowed)
        return self._diversifier(pool, batch.history, diversity, length, trade=trade)

    def _of_slate(self, encoded: Encoded, pool: Ranked, listed: Ranked, row: int, shown: NDArray[np.int32]) -> Vector:
        """Return the probabilities of one slate's items; after one that is no candidate the rest is never reached."""
        count, wanted = int(np.count_nonzero(pool.items[row])), self._placement.exploration
        places = places_of(pool.items[row, :count], shown)
        reached = int(np.argmax(places < 0)) if (places < 0).any() else len(places)
        choices = Choices(
            queue=queue_of(pool.items[row, :count], listed.items[row]),
            relevance=standardised(pool.scores[row, :count]),
            rules=self._diversifier.rules(pool, row, self._placement.diversity, len(shown)),
            features=self._features(encoded, pool, row, count),
        )
        # Rules count the places that a slate still has, so it is filled to its end.
        given = anything(min(len(shown), count))
        given[:reached] = places[:reached]
        draw = policy_of(wanted, self._posterior)(
            choices, wanted, explored_slots(wanted, len(given)), given, np.random.default_rng([row, count])
        )
        chances = np.zeros(len(shown))
        chances[:reached] = draw.propensities[:reached]
        return chances

    def _features(self, encoded: Encoded, pool: Ranked, row: int, count: int) -> NDArray[np.float64]:
        if self._placement.exploration.policy not in LEARNT:
            return NO_FEATURES
        trade = self._model.trade(seen_allowed=self._model.policy.seen_allowed)
        rows, retriever = pool.items[row, :count], self._engine.retriever
        return head_features(
            trade.chances(pool.scores[row, :count]),
            encoded.vectors[row],
            retriever.tower_items.vectors[rows],
            novelty=novelty_of(retriever.counts.cumulative[-1, rows]),
        )


def places_of(pool: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the place of each item among candidates, int64 [k], -1 where it is none of them."""
    if not len(pool):
        return np.full(len(items), -1)
    order = np.argsort(pool, kind="stable")
    place = order[np.minimum(np.searchsorted(pool, items, sorter=order), len(pool) - 1)]
    return np.where((pool[place] == items) & (items > 0), place, -1)
