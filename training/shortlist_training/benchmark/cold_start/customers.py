"""What customers get whom training has not seen, by how much of their history the request brings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.model import Model
from shortlist_bundle.sources.popularity import Popularity
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.cold_start import cold_start
from shortlist_bundle.state.histories import Histories
from shortlist_training.benchmark.cold_start.holding_out import WholeLog
from shortlist_training.benchmark.cold_start.profiles import features_of, newest_items, strangers
from shortlist_training.errors import DataError
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.progress import Progress

LENGTHS = (0, 1, 3, 10)
"""Items of history in the request. Who has fewer than the most is not judged: every length has the same customers."""
K = 20
CHUNK = 128
SERVED = "whole list"
BASELINES = (Popularity.name, SegmentPopularity.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Customers of whom a model knows nothing, and what they took.

    Attributes:
        customers: their ids, J of them.
        targets: what was right, in the model's rows.
        history: all they had taken before the window, in the model's rows, 0 for items it does not know.
        as_of: float64 [J], when they ask.
        features: as the model reads them.
        described: bool [J], who has any.
    """

    customers: Sequence[str]
    targets: Targets
    history: Histories
    as_of: NDArray[np.float64]
    features: EncodedFeatures
    described: NDArray[np.bool_]


def customer_figures(whole: WholeLog, progress: Progress) -> pl.DataFrame:
    """Hold customers out, train on the rest, and return what the held-out get.

    Returns:
        One row for each customer, length, features or not, and list: customer_id, length, features (whether the request
        may bring them), path (what the reply says), method, ndcg.

    Raises:
        DataError: Nobody of them can be judged.
    """
    held = whole.some_customers()
    model = whole.fit(whole.without_customers(held), progress)
    people = held_out(whole, model, held)
    frames = [
        _figures(model, people, length, features)
        for features in ((True, False) if people.described.any() else (False,))
        for length in LENGTHS
    ]
    return pl.concat(frames)


def held_out(whole: WholeLog, model: Model, held: NDArray[np.bool_]) -> HeldOut:
    """Look up what a model does not know of the customers it has not seen.

    Raises:
        DataError: None of them has taken anything in the window after enough of a history.
    """
    events = replace(whole.dataset.events, items=whole.items_of(model)[whole.dataset.events.items])
    window = whole.plan.judge
    rows = np.flatnonzero(held)
    known = newest_items(window.given(events, rows), max(LENGTHS)).lengths
    enough = np.zeros(len(held), np.bool_)
    enough[rows[known == max(LENGTHS)]] = True
    asked = replace(window, stops=np.where(enough, window.stops, window.starts))
    targets = window_targets(events, asked, width=len(model.items), only_new=not model.policy.seen_allowed)
    if not len(targets.rows):
        raise DataError(f"no held-out customer has {max(LENGTHS)} items before the newest window, and one in it")
    customers = whole.dataset.customers.ids(targets.rows)
    features, described = features_of(model, whole.log.customers, list(customers))
    return HeldOut(
        customers=customers,
        targets=targets,
        history=window.given(events, targets.rows),
        as_of=window.as_of[targets.rows],
        features=features,
        described=described,
    )


def _figures(model: Model, people: HeldOut, length: int, features: bool) -> pl.DataFrame:
    encoded = people.features if features else model.customer_encoder.empty(len(people.customers))
    batch = strangers(model, encoded, newest_items(people.history, length), people.as_of)
    paths = [cold_start(features=features and bool(own), history=length > 0) for own in people.described]
    whose = {"customer_id": list(people.customers), "length": length, "features": features, "path": paths}
    frames = []
    for method, items in stranger_lists(model, batch, people.history).items():
        ndcg = ranking_metrics(items, people.targets, (K,))[f"ndcg@{K}"]
        frames.append(pl.DataFrame({**whose, "method": method, "ndcg": ndcg}))
    return pl.concat(frames)


def stranger_lists(model: Model, batch: CustomerBatch, past: Histories) -> dict[str, NDArray[np.int32]]:
    """Return the lists of a batch, int32 [B, K]: the whole list, and the baselines alone.

    Args:
        model: with an engine.
        batch: the customers.
        past: what they have really taken, which a list without seen items must not have, said in the request or not.
    """
    parts = list(_list_parts(model, batch, past))
    return {method: np.concatenate([part[method] for part in parts]) for method in parts[0]}


def _list_parts(model: Model, batch: CustomerBatch, past: Histories) -> Iterator[dict[str, NDArray[np.int32]]]:
    engine, seen_allowed = model.engine, model.policy.seen_allowed
    assert engine is not None  # noqa: S101 `WholeLog.fit` has refused a model without one
    for start in range(0, len(batch), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(batch)))
        encoded = engine.retriever.encode(batch.take(rows))
        allowed = np.ones((len(rows), len(model.items)), np.bool_)
        if not seen_allowed:
            own = past.take(rows)
            allowed[own.owners, own.items] = False
        allowed[:, 0] = False
        candidates = engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=K)
        alone = {name: encoded.boards[name].best(K, allowed)[0] for name in BASELINES if name in encoded.boards}
        yield {SERVED: engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=K).items, **alone}
