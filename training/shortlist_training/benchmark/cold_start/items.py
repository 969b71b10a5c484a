"""Whether items that nobody has touched are found by those who will take them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle.model import Model
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_training.benchmark.cold_start.customers import CHUNK, SERVED
from shortlist_training.benchmark.cold_start.holding_out import WholeLog
from shortlist_training.errors import DataError
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.progress import Progress

DEPTHS = (20, 200)
CUSTOMERS = 5_000
CHANCE = "chance"


def item_figures(whole: WholeLog, progress: Progress) -> pl.DataFrame:
    """Hold items out, train on the rest, and return who finds them among all items.

    Returns:
        One row for each customer who takes a held-out item in the newest window, and list: customer_id, method, targets
        (held-out items taken), and the recall of these at each depth: `recall@20`, `recall@200`.

    Raises:
        DataError: No item can be held out, or nobody takes one in the window.
    """
    held = whole.some_items()
    if not held.any():
        raise DataError("no item that somebody has taken is described in a table of items")
    model = whole.fit(whole.without_items(held), progress)
    targets, events = _cold_targets(whole, model, held)
    parts = list(_recalls(whole, model, targets, events))
    frames = [pl.DataFrame({"customer_id": customers, "method": method, **recalls}) for customers, recall in parts
              for method, recalls in recall.items()]  # fmt: skip
    sizes = pl.DataFrame({"customer_id": whole.dataset.customers.ids(targets.rows), "targets": targets.sizes})
    return pl.concat(frames).join(sizes, on="customer_id", maintain_order="left")


def _cold_targets(whole: WholeLog, model: Model, held: NDArray[np.bool_]) -> tuple[Targets, Histories]:
    """Return the held-out items that were taken in the window, and all events as the model could have known them."""
    events, rows = whole.dataset.events, whole.items_of(model)
    cold = replace(events, items=np.where(held[events.items], rows[events.items], 0).astype(np.int32))
    warm = replace(events, items=np.where(held[events.items], 0, rows[events.items]).astype(np.int32))
    targets = window_targets(cold, whole.plan.judge, width=len(model.items), only_new=True).sample(CUSTOMERS, 0)
    if not len(targets.rows):
        raise DataError("nobody takes a held-out item in the newest window")
    return targets, warm


def _recalls(
    whole: WholeLog, model: Model, targets: Targets, events: Histories
) -> Iterator[tuple[list[str], dict[str, dict[str, NDArray[np.float64]]]]]:
    customers = list(whole.dataset.customers.ids(targets.rows))
    for start in range(0, len(customers), CHUNK):
        part = slice(start, min(start + CHUNK, len(customers)))
        history = _known(whole.plan.judge.given(events, targets.rows[part]))
        rows = model.customers.rows(customers[part])
        batch = CustomerBatch(
            rows=rows,
            features=model.snapshot.features(rows),
            history=history,
            now=model.clock.moments(whole.plan.judge.as_of[targets.rows[part]], history),
            context=model.context_encoder.empty(len(rows)) if model.context_encoder else None,
        )
        lists, allowed = _lists(model, batch)
        own = _part(targets, part)
        recalls = {
            method: {f"recall@{k}": _recall(items[:, :k], own) for k in DEPTHS} for method, items in lists.items()
        }
        recalls[CHANCE] = {f"recall@{k}": np.minimum(k / np.maximum(allowed, 1), 1.0) for k in DEPTHS}
        yield customers[part], recalls


def _known(history: Histories) -> Histories:
    """Return the histories without the events of items that are not known."""
    there = history.items > 0
    offsets = np.concatenate([[0], np.cumsum(there)])[history.offsets].astype(np.int64)
    return Histories(
        offsets=offsets, items=history.items[there], times=history.times[there], values=history.values[there]
    )  # fmt: skip


def _part(targets: Targets, part: slice) -> Targets:
    low, high = part.start * targets.width, part.stop * targets.width
    keys = targets.keys[(targets.keys >= low) & (targets.keys < high)] - low
    return Targets(rows=targets.rows[part], width=targets.width, keys=keys, sizes=targets.sizes[part])


def _lists(model: Model, batch: CustomerBatch) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int64]]:
    """Return the lists of the sources and the whole list, int32 [B, 200], and among how many items they chose."""
    engine, seen_allowed, depth = model.engine, model.policy.seen_allowed, max(DEPTHS)
    assert engine is not None  # noqa: S101 `WholeLog.fit` has refused a model without one
    encoded = engine.retriever.encode(batch)
    allowed = np.ones((len(batch), len(model.items)), np.bool_) if seen_allowed else ~encoded.seen()
    allowed[:, 0] = False
    candidates = engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=depth)
    lists = {name: board.best(depth, allowed)[0] for name, board in encoded.boards.items()}
    served = engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=depth).items
    return {SERVED: served, **lists}, allowed.sum(axis=1)


def _recall(items: NDArray[np.int32], targets: Targets) -> NDArray[np.float64]:
    share: NDArray[np.float64] = targets.hits(items).sum(axis=1) / targets.sizes
    return share
