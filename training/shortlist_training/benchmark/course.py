"""The course of a benchmark: every method on every task with every seed, what is done already left as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import polars as pl

from shortlist_training.benchmark.judging import Judge, Judgement
from shortlist_training.benchmark.ledger import Ledger
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.peers import Peers
from shortlist_training.benchmark.produced import Produced
from shortlist_training.benchmark.results import Results, RunKey
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.errors import BenchmarkError
from shortlist_training.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Runs methods and keeps what comes of it.

    Attributes:
        results: where that is kept.
        ours: makes lists from bundles.
        peers: make lists their own way.
        ledger: of judged runs.
        commit: of the code that runs, "" where unknown.
        progress: is told of every run.
        again: also runs what has a result.
    """

    results: Results
    ours: Ours
    peers: Peers
    ledger: Ledger
    commit: str
    progress: Progress
    again: bool = False

    def run(self, tasks: Sequence[BenchmarkTask], methods: Sequence[Method], seeds: Sequence[int]) -> None:
        """Run everything that has no result; what fails is kept as such, and the rest goes on."""
        runs = [(task, method, seed) for task in tasks for method in methods for seed in method.seeds(seeds)]
        if self.again:
            self._forget(runs)
        judges: dict[str, Judge] = {}
        for number, (task, method, seed) in enumerate(runs, 1):
            # Runs come task by task: the judges of one are not needed for the next.
            judges = {part: judge for part, judge in judges.items() if judge.task is task}
            self._run(task, method, seed, judges, f"[{number}/{len(runs)}] {task.name}, {method.name}, seed {seed}")

    def _run(self, task: BenchmarkTask, method: Method, seed: int, judges: dict[str, Judge], label: str) -> None:
        keys = [RunKey(task=task, part=part, method=method.name, seed=seed) for part in task.parts]
        keys = [key for key in keys if self.results.read(key) is None]
        self.progress.say(f"{label}: {'running' if keys else 'is there'}")
        if not keys:
            return
        try:
            produced = self._produce(method, task, seed, [key.part for key in keys])
            for key in keys:
                if key.part not in judges:
                    judges[key.part] = Judge.of(task, key.part)
                self._keep(key, judges[key.part].judge(pl.read_parquet(produced.lists[key.part])), produced, label)
        except BenchmarkError as problem:
            for key in keys:
                self.results.fail(key, str(problem))
            self.progress.say(f"{label}: no result, {problem}")

    def _produce(self, method: Method, task: BenchmarkTask, seed: int, parts: Sequence[str]) -> Produced:
        lists = self.results.lists(task, method.name, seed)
        lists.mkdir(parents=True, exist_ok=True)
        return (self.ours if method.ours else self.peers).produce(method, task, seed, parts, lists)

    def _keep(self, key: RunKey, judged: Judgement, produced: Produced, label: str) -> None:
        figures = judged.figures()
        document = {
            "task": key.task.name,
            "part": key.part,
            "method": key.method,
            "seed": key.seed,
            "k": key.task.k,
            "customers": len(judged.customers),
            "figures": {f"{name}@{key.task.k}": asdict(figure) for name, figure in figures.items()},
            "coverage": judged.coverage,
            "training_seconds": produced.training_seconds,
            "listing_seconds": produced.listing_seconds,
            "peak_memory_mb": produced.memory,
            "bundle": produced.bundle,
            "versions": dict(produced.versions),
            "commit": self.commit,
            "date": datetime.now(UTC).date().isoformat(),
        }
        # Written down first: a figure that was seen and not kept would be a run that nobody knows of.
        self.ledger.append(key, figures, bundle=produced.bundle, commit=self.commit)
        self.results.write(key, document, judged.customers)
        took = "" if produced.training_seconds is None else f", trained in {produced.training_seconds:.1f} s"
        ndcg = f"ndcg@{key.task.k} {figures['ndcg'].mean:.4f} ±{figures['ndcg'].error:.4f}"
        self.progress.say(f"{label}, {key.part}: {ndcg}{took}, {produced.memory:,.0f} MB")

    def _forget(self, runs: Sequence[tuple[BenchmarkTask, Method, int]]) -> None:
        for task, method, seed in runs:
            for part in task.parts:
                self.results.forget(RunKey(task=task, part=part, method=method.name, seed=seed))
            if method.ours and method.source is None:
                self.ours.forget(task, method.budget, seed)


def failures(
    results: Results, tasks: Sequence[BenchmarkTask], methods: Sequence[Method], seeds: Sequence[int]
) -> Iterator[dict[str, str | int]]:
    """Yield the runs that were asked for and have no result, with the reason."""
    for task in tasks:
        for method in methods:
            for seed in method.seeds(seeds):
                keys = (RunKey(task=task, part=part, method=method.name, seed=seed) for part in task.parts)
                reasons = [reason for key in keys if (reason := results.failure(key)) is not None]
                if reasons:
                    yield {"task": task.name, "method": method.name, "seed": seed, "reason": reasons[0]}
