"""The cold starts of some tasks as one document: means over seeds, by length of history and by what is known."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shortlist_training.benchmark.cold_start.customers import BASELINES, LENGTHS, SERVED, K
from shortlist_training.benchmark.cold_start.items import CHANCE, DEPTHS
from shortlist_training.benchmark.cold_start.measuring import KIND
from shortlist_training.benchmark.machine import describe_machine
from shortlist_training.benchmark.seeds.course import failures
from shortlist_training.benchmark.seeds.figures import difference, figure, over_seeds
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.benchmark.seeds.settings import digest_of
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.evaluation.metrics import Figure

CONTENT = "content"
Run = tuple[SeedFolder, Mapping[str, Any]]
"""Where one seed's figures are, and what it says of itself."""


def cold_start_document(
    out: Path, tasks: Sequence[BenchmarkTask], seeds: Sequence[int], command: str
) -> dict[str, Any]:
    """Return everything that there is to say about the cold starts, as plain JSON."""
    return {
        "command": command,
        "machine": describe_machine(),
        "k": K,
        "lengths": list(LENGTHS),
        "tasks": [_task(task, runs) for task in tasks if (runs := list(_runs(out, task, seeds)))],
        "failures": list(failures(out, tasks, seeds, kind=KIND)),
    }


def _runs(out: Path, task: BenchmarkTask, seeds: Sequence[int]) -> Iterator[Run]:
    for seed in seeds:
        kept = SeedFolder.of(out, task, seed, kind=KIND)
        about = kept.done(digest_of(task, seed))
        if about is not None:
            yield kept, about


def _task(task: BenchmarkTask, runs: Sequence[Run]) -> dict[str, Any]:
    abouts = [about for _, about in runs]
    frames = {part: [kept.read(part) for kept, _ in runs if kept.has(part)] for part in ("customers", "items")}
    return {
        "task": task.name,
        "split": abouts[0]["split"],
        "share": abouts[0]["share"],
        "seeds": [about["seed"] for about in abouts],
        "commits": sorted({about["commit"] for about in abouts if about["commit"]}),
        "seconds": sum(about["seconds"] for about in abouts) / len(abouts),
        "peak_memory_mb": max(about["peak_memory_mb"] for about in abouts),
        "missing": {part: reason for about in abouts for part, reason in about["missing"].items()},
        "customers": _customers(frames["customers"]) if frames["customers"] else None,
        "items": _items(frames["items"]) if frames["items"] else None,
    }


def _customers(frames: Sequence[pl.DataFrame]) -> dict[str, Any]:
    everybody = pl.concat(frames)
    kinds = everybody["features"].unique().sort(descending=True).to_list()
    return {
        "customers": everybody["customer_id"].n_unique(),
        "rows": [_row(frames, bool(features), length) for features in kinds for length in LENGTHS],
    }


def _row(frames: Sequence[pl.DataFrame], features: bool, length: int) -> dict[str, Any]:
    asked = [frame.filter((pl.col("features") == features) & (pl.col("length") == length)) for frame in frames]
    lists = {method: [one.filter(pl.col("method") == method) for one in asked] for method in (SERVED, *BASELINES)}
    lists = {method: parts for method, parts in lists.items() if sum(map(len, parts))}
    served = over_seeds(lists[SERVED])
    paths = pl.concat(lists[SERVED]).group_by("path").len().sort("len", "path", descending=[True, False])
    return {
        "features": features,
        "length": length,
        "paths": dict(paths.iter_rows()),
        "ndcg": {method: figure(parts, "ndcg") for method, parts in lists.items()},
        "gain": {
            method: difference(served, over_seeds(parts), "ndcg") for method, parts in lists.items() if method != SERVED
        },
    }  # fmt: skip


def _items(frames: Sequence[pl.DataFrame]) -> dict[str, Any]:
    everybody = pl.concat(frames)
    methods = everybody["method"].unique(maintain_order=True).to_list()
    lists = {method: [frame.filter(pl.col("method") == method) for frame in frames] for method in methods}
    rows = [
        {"method": method, **{f"recall@{k}": figure(lists[method], f"recall@{k}") for k in DEPTHS}}
        for method in methods
    ]
    served = over_seeds(lists[SERVED])
    against = {
        method: {f"recall@{k}": difference(served, over_seeds(lists[method]), f"recall@{k}") for k in DEPTHS}
        for method in (CONTENT, CHANCE) if method in lists
    }  # fmt: skip
    once = everybody.filter(pl.col("method") == SERVED)
    return {
        "customers": once["customer_id"].n_unique(),
        "targets": Figure.of(once["targets"].to_numpy().astype(float)).mean,
        "rows": rows,
        "gain": against,
    }
