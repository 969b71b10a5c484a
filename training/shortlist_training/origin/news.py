"""What a log holds that a bundle does not know."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import WarmStartError
from shortlist_training.log.log import Log
from shortlist_training.origin.agreement import check_sources_agree, unread_columns
from shortlist_training.origin.opening import Origin
from shortlist_training.origin.rows import CarriedRows, carried_rows, growth
from shortlist_training.origin.seen import seen_first


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A log beside the bundle that a training on it goes on from.

    Attributes:
        origin: the bundle.
        rows: where the log's customers and items stood in it.
        seen: int64 [M + 1], events of each customer that it has learnt from; they come first.
        figures: what has grown, as plain JSON.
    """

    origin: Origin
    rows: CarriedRows
    seen: NDArray[np.int64]
    figures: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the bundle and what has grown as plain JSON."""
        return {"from": self.origin.bundle_id, "generation": self.origin.lineage.generation, **self.figures}

    def __str__(self) -> str:
        figures = self.figures
        told = [
            f"{figures[what]['new']:,} new {what} beside {figures[what]['known']:,} ({figures[what]['gone']:,} gone)"
            for what in ("customers", "items")
        ]
        unread = ", ".join(figures["unread_columns"])
        values = ", ".join(f"{count:,} of {column}" for column, count in figures["values"].items())
        return (
            f"going on from bundle {self.origin.bundle_id}: {figures['events']['new']:,} new events beside "
            f"{figures['events']['seen']:,}; {'; '.join(told)}; new values: {values or 'none'}"
            + (f"; new columns, not read until a training from scratch: {unread}" if unread else "")
        )


def find_news(origin: Origin, log: Log, dataset: Dataset, config: RunConfig) -> tuple[Dataset, News]:
    """Return the log with what the bundle knows first, and what it does not know.

    Raises:
        WarmStartError: The log has other candidate sources than the bundle, or has nothing in common with it.
    """
    check_sources_agree(origin, dataset, config)
    rows = carried_rows(origin, dataset)
    if not rows.items.any():
        raise WarmStartError(f"bundle {origin.bundle_id} knows none of this log's items. Train from scratch")
    dataset, seen = seen_first(origin, dataset, rows)
    figures = {
        **growth(origin, dataset, rows),
        "events": {"seen": int(seen.sum()), "new": len(dataset.events.items) - int(seen.sum())},
        "unread_columns": unread_columns(origin, log),
    }
    return dataset, News(origin=origin, rows=rows, seen=seen, figures=figures)
