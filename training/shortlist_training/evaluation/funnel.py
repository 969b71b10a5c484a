"""The funnel: what each source finds, what merging adds, what the scorer makes of it, end to end."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine
from shortlist_bundle.state.clock import Clock
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.engine_lists import WindowLists, engine_lists
from shortlist_training.evaluation.metrics import Figure, catalogue_metrics, ranking_metrics, summary
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import modes
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

KS = (5, 10, 20, 50)
DEPTH = 200
DEPTHS = (10, 20, 50, 100, DEPTH)
"""Of a source's list, at which it is judged alone."""
DEEPEST = f"recall@{DEPTH}"
JUDGED_CUSTOMERS = 20_000
COLD_EVENTS = 10
TAIL_SHARE = 0.8
"""The most popular items that together have a fifth of the takings are the head; the rest is the tail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """One mode's funnel on one window.

    Attributes:
        mode: "all" (seen items allowed) or "new" (only items new to the customer).
        customers: judged customers.
        targets: mean targets of one.
        sources: source -> metric -> figure, each source alone; the baselines are among them.
        source_catalogue: source -> coverage and novelty of the best 20 of each source alone.
        shortlist: recall and mean size of the merged shortlist, its recall less that of the best source's 200 items
            (paired by customer), its nDCG by reciprocal-rank fusion, and what a perfect scorer would reach on it.
        gain: nDCG@20 of the scorer's order less that of fusion's, paired by customer.
        end_to_end: metric -> figure of the reranked lists.
        catalogue: coverage and novelty of the reranked lists.
        slices: slice of customers -> metric -> figure of the reranked lists.
        index: share of the exact nearest items that the two-tower's index finds.
    """

    mode: str
    customers: int
    targets: float
    sources: Mapping[str, Mapping[str, Figure]]
    source_catalogue: Mapping[str, Mapping[str, float]]
    shortlist: Mapping[str, Figure]
    gain: Figure
    end_to_end: Mapping[str, Figure]
    catalogue: Mapping[str, float]
    slices: Mapping[str, Mapping[str, Figure]]
    index: float

    def to_json(self) -> dict[str, Any]:
        """Return the funnel as plain JSON; every figure is {mean, error}."""
        return asdict(self)


def funnels(
    engine: Engine, dataset: Dataset, window: Window, clock: Clock, progress: Progress, *, seed: int,
    name: str = "evaluation", customers: int = JUDGED_CUSTOMERS,
) -> list[Funnel]:  # fmt: skip
    """Judge an engine on a window, in every mode that the log knows.

    Args:
        engine: with item counts up to the window's start.
        dataset: the log.
        window: to judge on.
        clock: of the log.
        progress: where it is shown.
        seed: of the choice of customers where there are more than are judged.
        name: of the stage.
        customers: at most so many are judged in each mode.
    """
    found = []
    for seen_allowed in modes(dataset.repeats):
        targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
        targets = targets.sample(customers, seed)
        if len(targets.rows):
            label = f"{name}, {'all items' if seen_allowed else 'new items'}"
            with progress.stage(label, len(targets.rows)) as bar:
                lists = engine_lists(
                    engine, dataset, window, clock, targets, seen_allowed=seen_allowed, k=max(KS), depth=DEPTH, bar=bar
                )
            found.append(_funnel(engine, dataset, window, clock, targets, lists, seen_allowed))
    return found


def _funnel(
    engine: Engine,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    targets: Targets,
    lists: WindowLists,
    seen_allowed: bool,
) -> Funnel:
    metrics = ranking_metrics(lists.ranked, targets, KS)
    fused = ranking_metrics(lists.fused, targets, (20,))
    alone = {name: ranking_metrics(items, targets, DEPTHS) for name, items in lists.sources.items()}
    merged = _recall(lists.shortlists, targets)
    takings = engine.retriever.counts.cumulative[-1]
    return Funnel(
        mode="all" if seen_allowed else "new",
        customers=len(targets.rows),
        targets=float(targets.sizes.mean()),
        sources={name: summary(found) for name, found in alone.items()},
        source_catalogue={name: catalogue_metrics(items, takings, (20,)) for name, items in lists.sources.items()},
        shortlist={
            **_shortlist(lists.shortlists, targets),
            "gain on the best source": Figure.of(merged - max((one[DEEPEST] for one in alone.values()), key=np.mean)),
            "fusion ndcg@20": Figure.of(fused["ndcg@20"]),
        },
        gain=Figure.of(metrics["ndcg@20"] - fused["ndcg@20"]),
        end_to_end=summary(metrics),
        catalogue=catalogue_metrics(lists.ranked, takings, KS),
        slices=_slices(dataset, window, targets, metrics, takings, lists.ranked),
        index=_index_recall(engine, dataset, window, clock, targets),
    )


def _shortlist(items: NDArray[np.int32], targets: Targets) -> dict[str, Figure]:
    hits = targets.hits(items)
    # A perfect scorer puts every hit in front.
    perfect = np.sort(hits, axis=1)[:, ::-1][:, :20]
    discount = 1.0 / np.log2(np.arange(20) + 2)
    ideal = np.cumsum(discount)[np.minimum(targets.sizes, 20) - 1]
    return {
        "recall": Figure.of(_recall(items, targets)),
        "size": Figure.of((items > 0).sum(axis=1).astype(np.float64)),
        "perfect ndcg@20": Figure.of(perfect @ discount[: perfect.shape[1]] / ideal),
    }


def _recall(items: NDArray[np.int32], targets: Targets) -> NDArray[np.float64]:
    share: NDArray[np.float64] = targets.hits(items).sum(axis=1) / targets.sizes
    return share


def _slices(
    dataset: Dataset,
    window: Window,
    targets: Targets,
    metrics: Mapping[str, NDArray[np.float64]],
    takings: NDArray[np.floating],
    ranked: NDArray[np.int32],
) -> dict[str, dict[str, Figure]]:
    given = window.starts[targets.rows]
    of_customers = {
        "customers without history": given == 0,
        f"customers with 1 to {COLD_EVENTS} events": (given > 0) & (given <= COLD_EVENTS),
        f"customers with more than {COLD_EVENTS} events": given > COLD_EVENTS,
    }
    slices = {
        name: {"customers": Figure(float(mask.sum()), 0.0), "ndcg@20": Figure.of(metrics["ndcg@20"][mask])}
        for name, mask in of_customers.items()
        if mask.any()
    }
    recall = recall_of(tail_items(takings), targets, ranked[:, :20])
    asked = ~np.isnan(recall)
    slices["tail items"] = {"customers": Figure(float(asked.sum()), 0.0), "recall@20": Figure.of(recall[asked])}
    return slices


def tail_items(takings: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which items are the tail, bool [N + 1].

    Args:
        takings: float [N + 1], takings of each item before the window.
    """
    order = np.argsort(-takings, kind="stable")
    tail = np.zeros(len(takings), np.bool_)
    tail[order[np.cumsum(takings[order]) > (1 - TAIL_SHARE) * takings.sum()]] = True
    return tail


def recall_of(mask: NDArray[np.bool_], targets: Targets, ranked: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the recall of the targets among some items, float64 [J], NaN for customers who have none there.

    Args:
        mask: bool [N + 1], which items count.
        targets: of J customers.
        ranked: int32 [J, k], their lists, 0 where one is shorter.
    """
    owners, items = targets.keys // targets.width, targets.keys % targets.width
    wanted = np.bincount(owners[mask[items]], minlength=len(targets.rows))
    found = (targets.hits(ranked) & mask[ranked]).sum(axis=1)
    return np.where(wanted > 0, found / np.maximum(wanted, 1), np.nan)


def _index_recall(engine: Engine, dataset: Dataset, window: Window, clock: Clock, targets: Targets) -> float:
    """Return the share of the exact 200 nearest items that the index finds, mean over at most 200 customers."""
    items = engine.retriever.tower_items
    if not items.approximate:
        return 1.0
    shares = []
    for _, batch in window_batches(dataset, window, targets.rows[:DEPTH], clock):
        vectors = engine.retriever.tower(batch.rows, batch.features, batch.history, batch.context)
        everything = np.ones(dataset.item_rows, np.bool_)
        for query in vectors:
            exact = items.exact(query, DEPTH, everything).items
            shares.append(np.isin(exact, items.search(query, DEPTH, everything).items).mean())
    return float(np.mean(shares))
