"""Lists against targets: every judged customer's figures, by the metrics that training reports."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_training.benchmark.task import BenchmarkTask, read_ids
from shortlist_training.errors import BenchmarkError
from shortlist_training.evaluation.metrics import Figure, ranking_metrics
from shortlist_training.evaluation.targets import Targets

METRICS = ("ndcg", "recall", "hr", "mrr")
QUARTERS = 4
"""Of the catalogue by popularity, the first the most popular; each has the same number of items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What lists are worth.

    Attributes:
        customers: one row for each judged customer, in the order of ids: customer_id, the metrics at k, `history` (its
            events in the log), and for each quarter of the catalogue its targets and how many were found.
        coverage: share of the catalogue that was shown to anyone.
    """

    customers: pl.DataFrame
    coverage: float

    def figures(self) -> dict[str, Figure]:
        """Return mean and standard error of each metric."""
        return {name: Figure.of(self.customers[name].to_numpy()) for name in METRICS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """One part of a task, ready to judge lists.

    Attributes:
        task: it is a part of.
        part: its name.
        customers: ids of the judged customers, ascending.
        items: item id -> row; rows from 1, the catalogue first, then targets that are not in it.
        catalogue: number of items in the catalogue.
        targets: of the judged customers.
        log: customer_id and item_id of every event.
        quarters: int64 [N + 1], the quarter of each item.
    """

    task: BenchmarkTask
    part: str
    customers: pl.Series
    items: pl.DataFrame
    catalogue: int
    targets: Targets
    log: pl.DataFrame
    quarters: NDArray[np.int64]

    @classmethod
    def of(cls, task: BenchmarkTask, part: str) -> Self:
        """Read what one part of a task is judged by."""
        pairs, log = task.targets(part), read_ids(task.data / "interactions.parquet")
        file = task.data / "items.parquet"
        listed = pl.read_parquet(file, columns=["item_id"])["item_id"].cast(pl.String) if file.exists() else None
        catalogue = (log["item_id"] if listed is None else listed).unique(maintain_order=True)
        everything = pl.concat([catalogue, pairs["item_id"]]).unique(maintain_order=True)
        items = pl.DataFrame({"item_id": everything, "row": np.arange(1, len(everything) + 1)})
        customers = pairs["customer_id"].unique().sort()
        return cls(
            task=task,
            part=part,
            customers=customers,
            items=items,
            catalogue=len(catalogue),
            targets=_targets(pairs, customers, items),
            log=log,
            quarters=_quarters(log, items),
        )

    def judge(self, lists: pl.DataFrame) -> Judgement:
        """Judge lists: customer_id, rank (the lowest is best), item_id. Who has no list gets 0.

        Raises:
            BenchmarkError: An item twice in a list, one outside the catalogue, or one that must not be shown.
        """
        lists = lists.with_columns(pl.col("customer_id", "item_id").cast(pl.String))
        lists = lists.filter(pl.col("customer_id").is_in(self.customers.implode()))
        self._check(lists)
        shown = self._rows(lists)
        metrics = ranking_metrics(shown, self.targets, (self.task.k,))
        columns = {name: metrics[f"{name}@{self.task.k}"] for name in METRICS}
        frame = pl.DataFrame({"customer_id": self.customers, **columns, "history": self._history()})
        distinct = np.unique(shown[shown > 0])
        return Judgement(
            customers=frame.with_columns(**self._by_quarter(shown)), coverage=len(distinct) / max(self.catalogue, 1)
        )

    def _check(self, lists: pl.DataFrame) -> None:
        if lists.select("customer_id", "item_id").is_duplicated().any():
            raise BenchmarkError("refused: a list has an item twice")
        if not lists["item_id"].is_in(self.items["item_id"].head(self.catalogue).implode()).all():
            raise BenchmarkError("refused: a list has an item outside the catalogue")
        seen = lists.join(self.log, on=["customer_id", "item_id"], how="semi")
        if not self.task.parts[self.part] and len(seen):
            raise BenchmarkError("refused: a list has an item that the customer has taken, which the task rules out")

    def _rows(self, lists: pl.DataFrame) -> NDArray[np.int64]:
        """Return the lists as item rows [J, k], best first, 0 where one is shorter."""
        places = pl.DataFrame({"customer_id": self.customers, "owner": np.arange(len(self.customers))})
        lists = lists.join(self.items, on="item_id").join(places, on="customer_id").sort("owner", "rank")
        lists = lists.with_columns(place=pl.int_range(pl.len()).over("owner")).filter(pl.col("place") < self.task.k)
        shown = np.zeros((len(self.customers), self.task.k), np.int64)
        shown[lists["owner"].to_numpy(), lists["place"].to_numpy()] = lists["row"].to_numpy()
        return shown

    def _history(self) -> pl.Series:
        counts = self.log.group_by("customer_id").len("history")
        asked = self.customers.to_frame().join(counts, on="customer_id", how="left", maintain_order="left")
        return asked["history"].fill_null(0).cast(pl.Int64)

    def _by_quarter(self, shown: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        owners, items = self.targets.keys // self.targets.width, self.targets.keys % self.targets.width
        hits, columns = self.targets.hits(shown), {}
        for quarter in range(QUARTERS):
            wanted = owners[self.quarters[items] == quarter]
            columns[f"targets_{quarter + 1}"] = np.bincount(wanted, minlength=len(shown))
            columns[f"hits_{quarter + 1}"] = (hits & (self.quarters[shown] == quarter)).sum(axis=1)
        return columns


def _targets(pairs: pl.DataFrame, customers: pl.Series, items: pl.DataFrame) -> Targets:
    places = pl.DataFrame({"customer_id": customers, "owner": np.arange(len(customers))})
    joined = pairs.join(items, on="item_id").join(places, on="customer_id")
    owners, width = joined["owner"].to_numpy(), len(items) + 1
    keys = np.sort(owners * width + joined["row"].to_numpy())
    return Targets(
        rows=np.arange(len(customers)), width=width, keys=keys, sizes=np.bincount(owners, minlength=len(customers))
    )


def _quarters(log: pl.DataFrame, items: pl.DataFrame) -> NDArray[np.int64]:
    takers = log.unique().group_by("item_id").len("takers")
    counted = items.join(takers, on="item_id", how="left", maintain_order="left")["takers"].fill_null(0).to_numpy()
    quarters = np.zeros(len(items) + 1, np.int64)
    quarters[1 + np.argsort(-counted.astype(np.int64), kind="stable")] = np.arange(len(items)) * QUARTERS // len(items)
    return quarters
