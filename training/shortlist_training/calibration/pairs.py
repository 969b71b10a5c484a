"""What the scorer said of a window's customers and items, and what was taken: what a calibration is fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.asked import asked_logits, shortlist
from shortlist_bundle.engine import Engine
from shortlist_bundle.sources.scoreboard import Items
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.towers.layers import Float
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.progress import Bar
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

CUSTOMERS = 2000
OTHERS = 50
"""Items outside the shortlist that are drawn for each customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Logits of P pairs, and whether each was taken.

    Attributes:
        logits: float32 [P].
        taken: bool [P].
    """

    logits: Float
    taken: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPairs:
    """The pairs of one window: all of the shortlists, and a sample of the rest of the catalogue."""

    proposed: Judged
    others: Judged


def window_pairs(
    engine: Engine, dataset: Dataset, window: Window, clock: Clock, *, seen_allowed: bool, seed: int, bar: Bar
) -> WindowPairs:
    """Score a window's customers by the code that answers `Score`.

    Customers who took nothing in the window are left out: a request comes from somebody who is there.

    Args:
        engine: fitted on nothing later than the window's start, with item counts up to there.
        dataset: the log.
        window: whose customers and targets.
        clock: of the log.
        seen_allowed: what the bundle's policy says of seen items.
        seed: of the choice of customers and of the items outside their shortlists.
        bar: shows customers done.
    """
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
    targets = targets.sample(CUSTOMERS, seed)
    random = np.random.default_rng(seed)
    parts: list[tuple[NDArray[Any], ...]] = []
    for _, batch in window_batches(dataset, window, targets.rows, clock):
        encoded = engine.retriever.encode(batch)
        candidates = shortlist(engine, encoded, seen_allowed=seen_allowed)
        drawn = _drawn(random, len(batch), dataset.item_rows)
        items = np.concatenate([candidates.items, drawn], axis=1)
        logits, proposed = asked_logits(engine, encoded, candidates, items, seen_allowed=seen_allowed)
        listed = np.arange(items.shape[1]) < candidates.items.shape[1]
        hidden = np.zeros_like(proposed) if seen_allowed else np.take_along_axis(encoded.seen(), items, axis=1)
        # A drawn item that is in the shortlist is there already.
        parts.append((items, logits, proposed & listed, ~proposed & ~listed & ~hidden))
        bar.advance(len(batch))
    return _joined(parts, targets)


def _drawn(random: np.random.Generator, count: int, item_rows: int) -> Items:
    """Return distinct items for each customer, int32 [B, OTHERS], or all of a small catalogue."""
    size = min(OTHERS, item_rows - 1)
    rows = [random.choice(item_rows - 1, size, replace=False, shuffle=False) + 1 for _ in range(count)]
    return np.array(rows, np.int32).reshape(count, size)


def _joined(parts: Sequence[tuple[NDArray[Any], ...]], targets: Targets) -> WindowPairs:
    width = max((items.shape[1] for items, *_ in parts), default=0)
    columns = [
        np.concatenate(
            [np.zeros((0, width)), *(np.pad(part[n], [(0, 0), (0, width - part[n].shape[1])]) for part in parts)]
        )
        for n in range(4)
    ]
    taken = targets.hits(columns[0].astype(np.int32))
    proposed, others = (
        Judged(logits=columns[1][mask].astype(np.float32), taken=taken[mask])
        for mask in (columns[2].astype(bool), columns[3].astype(bool))
    )
    return WindowPairs(proposed=proposed, others=others)
