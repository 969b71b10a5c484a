"""The ablations of some tasks as one document: means over seeds, differences to the full scorer, what sources find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shortlist_training.benchmark.ablations.files import FULL, KIND, SOURCES
from shortlist_training.benchmark.ablations.found import found_by_sources
from shortlist_training.benchmark.bootstrap import LEVEL, RESAMPLES
from shortlist_training.benchmark.machine import describe_machine
from shortlist_training.benchmark.seeds.course import failures
from shortlist_training.benchmark.seeds.figures import difference, figure, over_seeds
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.benchmark.seeds.settings import digest_of, unusual_settings
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.evaluation.funnel import COLD_EVENTS


@dataclass(frozen=True, slots=True)
class Run:
    """The ablations of one seed that came to their end: where they are, and what they say of themselves."""

    kept: SeedFolder
    about: Mapping[str, Any]

    def frame(self, key: str, mode: str) -> pl.DataFrame:
        """Return the customers' figures of a variant in one mode."""
        return self.kept.read(key).filter(pl.col("mode") == mode)

    @property
    def keys(self) -> list[str]:
        """The variants that were measured."""
        return [variant["key"] for variant in self.about["variants"]]


def ablation_document(out: Path, tasks: Sequence[BenchmarkTask], seeds: Sequence[int], command: str) -> dict[str, Any]:
    """Return everything that there is to say about the ablations, as plain JSON."""
    return {
        "command": command,
        "machine": describe_machine(),
        "bootstrap": {"resamples": RESAMPLES, "level": LEVEL},
        "cold_events": COLD_EVENTS,
        "tasks": [_task(task, runs) for task in tasks if (runs := list(_runs(out, task, seeds)))],
        "failures": list(failures(out, tasks, seeds, kind=KIND)),
    }


def _runs(out: Path, task: BenchmarkTask, seeds: Sequence[int]) -> Iterator[Run]:
    for seed in seeds:
        kept = SeedFolder.of(out, task, seed, kind=KIND)
        about = kept.done(digest_of(task, seed))
        if about is not None:
            yield Run(kept, about)


def _task(task: BenchmarkTask, runs: Sequence[Run]) -> dict[str, Any]:
    first = runs[0].about
    modes = runs[0].kept.read(FULL)["mode"].unique(maintain_order=True).to_list()
    return {
        "task": task.name,
        "settings": unusual_settings(task.data),
        "k": first["k"],
        "budget": first["budget"],
        "split": first["split"],
        "seeds": [run.about["seed"] for run in runs],
        "commits": sorted({run.about["commit"] for run in runs if run.about["commit"]}),
        "seconds": sum(run.about["seconds"] for run in runs) / len(runs),
        "peak_memory_mb": max(run.about["peak_memory_mb"] for run in runs),
        "modes": [_mode(mode, runs) for mode in modes],
    }


def _mode(mode: str, runs: Sequence[Run]) -> dict[str, Any]:
    full = [run.frame(FULL, mode) for run in runs]
    named = {variant["key"]: variant for run in runs for variant in run.about["variants"]}
    rows = [_variant(variant, mode, [run for run in runs if key in run.keys]) for key, variant in named.items()]
    rows.sort(key=lambda row: row["difference"]["difference"])
    first = runs[0].about
    together = over_seeds(full)
    return {
        "mode": mode,
        "customers": len(together),
        "targets": together["targets"].mean(),
        "full": _full(full),
        "taken": [row for row in rows if row["kind"] != "alone"],
        "alone": [row for row in rows if row["kind"] == "alone"],
        "found": found_by_sources(
            [run.frame(SOURCES, mode) for run in runs], full, first["sources"], first["depths"][mode]
        ),
    }


def _full(frames: Sequence[pl.DataFrame]) -> dict[str, Any]:
    slices = {}
    for name, wanted in (("cold", _cold()), ("warm", ~_cold())):
        chosen = [frame.filter(wanted) for frame in frames]
        slices[name] = {"customers": len(over_seeds(chosen)), "ndcg": figure(chosen, "ndcg")}
    tail = [frame.drop_nulls("tail") for frame in frames]
    slices["tail"] = {"customers": len(over_seeds(tail)), "recall": figure(tail, "tail")}
    return {"ndcg": figure(frames, "ndcg"), **slices}


def _variant(variant: Mapping[str, str], mode: str, runs: Sequence[Run]) -> dict[str, Any]:
    frames = [run.frame(variant["key"], mode) for run in runs]
    own, full = over_seeds(frames), over_seeds([run.frame(FULL, mode) for run in runs])
    return {
        **variant,
        "seeds": [run.about["seed"] for run in runs],
        "ndcg": figure(frames, "ndcg"),
        "difference": difference(own, full, "ndcg"),
        "cold": difference(own.filter(_cold()), full, "ndcg"),
        "tail": difference(own, full, "tail"),
    }


def _cold() -> pl.Expr:
    return pl.col("events") <= COLD_EVENTS
