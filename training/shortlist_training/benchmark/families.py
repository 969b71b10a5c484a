"""Every family of recommendation alone and all of them together, from the metrics that bundles carry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortlist_bundle.errors import BundleError
from shortlist_bundle.files import open_bundle
from shortlist_training.benchmark.machine import describe_machine
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.errors import BenchmarkError
from shortlist_training.progress import Progress

WHOLE = "all together, reranked"
K, DEPTH = 20, 200
ALIAS, METRICS = "stable", "metrics"
Metrics = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """Where the bundles of tasks come from.

    Attributes:
        ours: trains them, where `folder` is None; what `bench quality` has trained is taken.
        folder: has a model of each task's name, of which the alias `stable` is taken.
        seed: of the training.
        progress: is told of every task.
        again: trains also what is there.
    """

    ours: Ours
    folder: Path | None
    seed: int
    progress: Progress
    again: bool = False

    def metrics(self, task: BenchmarkTask) -> tuple[str, Metrics]:
        """Return the id of a task's bundle, and its metrics.

        Raises:
            BenchmarkError: There is no such bundle, or it cannot be trained.
        """
        if self.folder is not None:
            return _published(self.folder, task.name)
        if self.again:
            self.ours.forget(task, None, self.seed)
        self.progress.say(f"{task.name}: training, unless that has been done")
        trained = self.ours.trained(task, None, self.seed)
        return trained["bundle"], trained["metrics"]


def _published(folder: Path, model: str) -> tuple[str, Metrics]:
    try:
        bundle = open_bundle(folder, model, ALIAS)
        metrics: Any = bundle.document(METRICS)
    except (BundleError, OSError, KeyError) as problem:
        raise BenchmarkError(f"{folder} has no bundle of the model {model} to read metrics from: {problem}") from None
    return bundle.ref.bundle_id, metrics


def families_document(bundles: Bundles, tasks: Sequence[BenchmarkTask], command: str) -> dict[str, Any]:
    """Return a table for each task and kind of list, as plain JSON; what fails is told, and the rest goes on."""
    document: dict[str, Any] = {"command": command, "machine": describe_machine(), "tasks": [], "failures": []}
    for task in tasks:
        try:
            bundle, metrics = bundles.metrics(task)
            if "ranking" not in metrics:
                raise BenchmarkError("the bundle only predicts ratings, and has no sources")
            modes = [_mode(funnel) for funnel in metrics["ranking"]["judged"]["refitted pair"]]
        except BenchmarkError as problem:
            document["failures"].append({"task": task.name, "seed": bundles.seed, "reason": str(problem)})
            continue
        document["tasks"].append(
            {"task": task.name, "bundle": bundle, "seed": bundles.seed, "split": metrics["split"], "modes": modes}
        )
    return document


def _mode(funnel: Metrics) -> dict[str, Any]:
    alone = sorted(_alone(funnel), key=lambda row: -row["ndcg"]["mean"])
    whole = {
        "name": WHOLE,
        "ndcg": funnel["end_to_end"][f"ndcg@{K}"],
        "recall": funnel["end_to_end"][f"recall@{K}"],
        "candidates": funnel["shortlist"]["recall"],
        "coverage": funnel["catalogue"][f"coverage@{K}"],
        "novelty": funnel["catalogue"][f"novelty@{K}"],
    }
    return {
        "mode": funnel["mode"],
        "customers": funnel["customers"],
        "targets": funnel["targets"],
        "size": funnel["shortlist"]["size"]["mean"],
        "best": all(whole["ndcg"]["mean"] >= row["ndcg"]["mean"] for row in alone),
        "rows": [whole, *alone],
    }


def _alone(funnel: Metrics) -> Iterator[dict[str, Any]]:
    # Bundles of before this table do not carry it.
    catalogue = funnel.get("source_catalogue", {})
    for name, figures in funnel["sources"].items():
        own = catalogue.get(name, {})
        yield {
            "name": name,
            "ndcg": figures[f"ndcg@{K}"],
            "recall": figures[f"recall@{K}"],
            "candidates": figures[f"recall@{DEPTH}"],
            "coverage": own.get(f"coverage@{K}"),
            "novelty": own.get(f"novelty@{K}"),
        }
