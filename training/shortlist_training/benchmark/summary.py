"""All results of some tasks and methods as one document: means over seeds, differences with intervals, slices."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_training.benchmark.bootstrap import paired_interval
from shortlist_training.benchmark.judging import METRICS
from shortlist_training.benchmark.methods import OURS, Method
from shortlist_training.benchmark.ours import TRAINED, Ours
from shortlist_training.benchmark.results import Results, RunKey
from shortlist_training.benchmark.slices import history_slices, item_slices
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.evaluation.metrics import Figure

DIFFERENCES = ("ndcg", "recall")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Puts results together.

    Attributes:
        results: where they are.
        ours: where the bundles' own metrics are.
        seeds: that were asked for; results with others are left out.
    """

    results: Results
    ours: Ours
    seeds: Sequence[int]

    def tasks(self, tasks: Sequence[BenchmarkTask], methods: Sequence[Method]) -> list[dict[str, Any]]:
        """Return each task with its parts, and what its bundles say of themselves."""
        return [
            {
                "task": task.name,
                "k": task.k,
                "parts": [self._part(task, part, methods) for part in task.parts],
                "bundles": self._bundles(task),
            }
            for task in tasks
        ]

    def _part(self, task: BenchmarkTask, part: str, methods: Sequence[Method]) -> dict[str, Any]:
        runs = {method: self._keys(task, part, method) for method in (Method(name=OURS), *methods)}
        customers = {method.name: self._over_seeds(keys) for method, keys in runs.items()}
        reference = customers[OURS]
        rows = [
            self._method(task, method.name, runs[method], frame, reference)
            for method in methods
            if (frame := customers[method.name]) is not None
        ]
        rows.sort(key=lambda row: -row["figures"]["ndcg"]["mean"])
        ours = reference if any(method.name == OURS for method in methods) else None
        return {
            "part": part,
            "seen_allowed": task.parts[part],
            "methods": rows,
            "histories": history_slices(ours) if ours is not None else [],
            "quarters": item_slices(ours) if ours is not None else [],
        }

    def _over_seeds(self, keys: Sequence[RunKey]) -> pl.DataFrame | None:
        """Return every customer's figures, each the mean over the runs; None without any."""
        frames = [self.results.customers(key) for key in keys]
        if not frames:
            return None
        found = [name for name in frames[0].columns if name in METRICS or name.startswith("hits_")]
        means = {name: np.mean([frame[name].to_numpy() for frame in frames], axis=0) for name in found}
        return frames[0].with_columns(**means)

    def _keys(self, task: BenchmarkTask, part: str, method: Method) -> list[RunKey]:
        """Return the runs of a method that have a result."""
        keys = (RunKey(task=task, part=part, method=method.name, seed=seed) for seed in method.seeds(self.seeds))
        return [key for key in keys if self.results.read(key) is not None]

    def _method(
        self,
        task: BenchmarkTask,
        name: str,
        keys: Sequence[RunKey],
        customers: pl.DataFrame,
        reference: pl.DataFrame | None,
    ) -> dict[str, Any]:
        runs = [run for key in keys if (run := self.results.read(key)) is not None]
        seconds = [run["training_seconds"] for run in runs if run["training_seconds"] is not None]
        figures = {metric: _figure(customers, runs, metric, task.k) for metric in METRICS}
        return {
            "method": name,
            "seeds": [run["seed"] for run in runs],
            "figures": figures,
            "differences": _differences(customers, reference) if name != OURS else {},
            "coverage": float(np.mean([run["coverage"] for run in runs])),
            "training_seconds": float(np.mean(seconds)) if seconds else None,
            "peak_memory_mb": max(run["peak_memory_mb"] for run in runs),
            "versions": runs[-1]["versions"],
            "commits": sorted({run["commit"] for run in runs if run["commit"]}),
        }

    def _bundles(self, task: BenchmarkTask) -> list[dict[str, Any]]:
        """Return each bundle trained for the task: its name, and the metrics that it was published with."""
        folder = self.ours.out / task.name / "bundles"
        found = []
        for file in sorted(folder.glob(f"*/{TRAINED}")):
            document = json.loads(file.read_text(encoding="utf-8"))
            if document["digest"] == task.digest:
                found.append({"run": file.parent.name, **{key: document[key] for key in ("bundle", "metrics")}})
        return found


def _figure(customers: pl.DataFrame, runs: Sequence[dict[str, Any]], metric: str, k: int) -> dict[str, float | None]:
    """Return the mean over seeds, its standard error over customers, and the standard deviation over seeds."""
    means = [run["figures"][f"{metric}@{k}"]["mean"] for run in runs]
    spread = float(np.std(means, ddof=1)) if len(means) > 1 else None
    return {**asdict(Figure.of(customers[metric].to_numpy())), "spread": spread}


def _differences(customers: pl.DataFrame, reference: pl.DataFrame | None) -> dict[str, dict[str, float]]:
    """Return how far a method is above `shortlist`, with intervals; nothing where that was not run."""
    if reference is None:
        return {}

    def values(frame: pl.DataFrame, metric: str) -> NDArray[np.float64]:
        return frame[metric].to_numpy().astype(np.float64)

    return {
        metric: asdict(paired_interval(values(customers, metric), values(reference, metric))) for metric in DIFFERENCES
    }
