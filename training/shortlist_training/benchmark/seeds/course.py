"""The course of measurements: a process for each task and seed, what is done already left as it is."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shortlist_training.benchmark.child import run_child
from shortlist_training.benchmark.seeds.folder import MEASURED, SeedFolder
from shortlist_training.benchmark.seeds.settings import digest_of
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.errors import BenchmarkError
from shortlist_training.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedCourse:
    """Runs measurements and keeps what comes of them.

    Attributes:
        out: folder of results.
        commit: of the code that runs, "" where unknown.
        progress: is told of every run.
        minutes: after which one is ended; what it has measured by then is kept. None: never.
        again: also runs what has a result.
        kind: of measurements; names their folder.
        module: is run with Python to measure one log and seed.
    """

    out: Path
    commit: str
    progress: Progress
    kind: str
    module: str
    minutes: float | None = None
    again: bool = False

    def run(self, tasks: Sequence[BenchmarkTask], seeds: Sequence[int]) -> None:
        """Run everything that has no result; what fails is kept as such, and the rest goes on."""
        runs = [(task, seed) for task in tasks for seed in seeds]
        for number, (task, seed) in enumerate(runs, 1):
            self._run(task, seed, f"[{number}/{len(runs)}] {task.name}, seed {seed}")

    def _run(self, task: BenchmarkTask, seed: int, label: str) -> None:
        kept, digest = SeedFolder.of(self.out, task, seed, kind=self.kind), digest_of(task, seed)
        if self.again:
            kept.forget()
        if kept.done(digest) is not None:
            self.progress.say(f"{label}: is there")
            return
        log = kept.folder / "run.log"
        self.progress.say(f"{label}: running, its progress is in {log}")
        command = [
            sys.executable, "-m", self.module,
            "--data", str(task.data), "--seed", str(seed), "--out", str(kept.folder.resolve()),
        ]  # fmt: skip
        try:
            took = run_child(command, log, minutes=self.minutes)
        except BenchmarkError as problem:
            kept.fail(digest, str(problem))
            self.progress.say(f"{label}: no result, {problem}")
            return
        measured = json.loads((kept.folder / MEASURED).read_text(encoding="utf-8"))
        about = {"commit": self.commit, "date": datetime.now(UTC).date().isoformat()}
        kept.finish(digest, {**measured, "seconds": took.seconds, "peak_memory_mb": took.memory, **about})
        self.progress.say(f"{label}: measured in {took.seconds / 60:.1f} min, {took.memory:,.0f} MB")


def failures(
    out: Path, tasks: Sequence[BenchmarkTask], seeds: Sequence[int], *, kind: str
) -> Iterator[dict[str, str | int]]:
    """Yield the runs that have no result, with the reason."""
    for task in tasks:
        for seed in seeds:
            reason = SeedFolder.of(out, task, seed, kind=kind).failure(digest_of(task, seed))
            if reason is not None:
                yield {"task": task.name, "seed": seed, "reason": reason}
