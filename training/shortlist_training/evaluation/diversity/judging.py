"""An engine's curves of diversity on a window."""

from collections.abc import Mapping

import numpy as np

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.trade import BY_SHARES, Trade
from shortlist_bundle.engine import Engine
from shortlist_bundle.state.clock import Clock
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.diversity.curve import DiversityReport, K, diversity_report, settings_of
from shortlist_training.evaluation.diversity.lists import varied_lists
from shortlist_training.evaluation.diversity.measures import Yardstick
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import modes
from shortlist_training.split.window import Window

JUDGED_CUSTOMERS = 5_000
"""Every customer gets some fifty lists, which is slow in a large log."""


def diversity_reports(
    engine: Engine,
    catalogue: Catalogue,
    dataset: Dataset,
    window: Window,
    clock: Clock,
    progress: Progress,
    *,
    seed: int,
    trades: Mapping[bool, Trade] | None = None,
) -> list[DiversityReport]:
    """Judge an engine's varied lists on a window, in every mode that the log knows.

    Args:
        engine: with item counts up to the window's start.
        catalogue: of its items.
        dataset: the log.
        window: to judge on.
        clock: of the log.
        progress: where it is shown.
        seed: of the choice of customers where there are more than 5,000.
        trades: whether seen items are allowed -> what the lists are weighed by; by shares where it is not there.

    Raises:
        DataError: No category column tells items alike or apart.
    """
    yardstick = Yardstick.of(catalogue, engine.retriever.counts.cumulative[-1])
    diversifier, settings = Diversifier(catalogue), settings_of(yardstick.column)
    found = []
    for seen_allowed in modes(dataset.repeats):
        targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
        targets = targets.sample(JUDGED_CUSTOMERS, seed)
        if not len(targets.rows):
            continue
        mode = "all" if seen_allowed else "new"
        with progress.stage(f"diversity, {mode} items", len(targets.rows)) as bar:
            lists = varied_lists(
                engine, diversifier, dataset, window, clock, targets, settings, seen_allowed=seen_allowed, k=K,
                trade=(trades or {}).get(seen_allowed, BY_SHARES), bar=bar,
            )  # fmt: skip
        history = window.given(dataset.events, np.asarray(targets.rows))
        found.append(diversity_report(lists, history, targets, yardstick, mode=mode))
    return found
