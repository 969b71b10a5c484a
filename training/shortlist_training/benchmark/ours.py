"""Our own methods, by the commands that everybody uses: `shortlist train`, then `shortlist batch`."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.child import run_child
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.produced import Produced
from shortlist_training.benchmark.task import BenchmarkTask

_PROGRAM = (sys.executable, "-c", "from shortlist_client.program import main; main()")
TRAINED = "trained.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Trains a bundle for each task, seed and budget, and asks it for lists.

    Attributes:
        out: folder of the results.
        minutes: after which a command is ended; None: never.
    """

    out: Path
    minutes: float | None = None

    def produce(self, method: Method, task: BenchmarkTask, seed: int, parts: Sequence[str], lists: Path) -> Produced:
        """Write the lists of some parts into a folder, from the bundle of that task, seed and budget.

        Raises:
            BenchmarkError: A command failed.
        """
        trained = self.trained(task, method.budget, seed)
        alone = ["--source", method.source, "--rank-by", "source"] if method.source else []
        files, seconds, memory = {}, 0.0, 0.0
        for part in parts:
            files[part] = lists / f"{part}.parquet"
            took = run_child(
                [
                    *_PROGRAM, "batch", "--bundles", str(self.place(task, method.budget, seed) / "bundles"),
                    "--k", str(task.k), "--out", str(files[part]),
                    "--seen", "include" if task.parts[part] else "exclude", *alone,
                ],
                lists / f"{part}.log",
                minutes=self.minutes,
            )  # fmt: skip
            seconds, memory = seconds + took.seconds, max(memory, took.memory)
        return Produced(
            lists=files,
            training_seconds=None if method.source else trained["seconds"],
            listing_seconds=seconds,
            memory=memory if method.source else max(memory, trained["memory"]),
            bundle=trained["bundle"],
        )

    def trained(self, task: BenchmarkTask, budget: float | None, seed: int) -> dict[str, Any]:
        """Return what training gave: bundle, metrics, seconds, memory; train unless that has been done."""
        place = self.place(task, budget, seed)
        file = place / TRAINED
        if file.exists():
            document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if document["digest"] == task.digest:
                return document
        command = [*_PROGRAM, "train", "--data", str(task.data), "--bundles", str(place / "bundles")]
        limit = ["--budget", str(budget)] if budget is not None else []
        took = run_child([*command, "--seed", str(seed), *limit, "--json"], place / "train.log", minutes=self.minutes)
        told = json.loads(took.output)
        document = {
            "digest": task.digest,
            "bundle": told["bundle"]["id"],
            "metrics": told["metrics"],
            "seconds": took.seconds,
            "memory": took.memory,
        }
        file.write_text(json.dumps(document), encoding="utf-8")
        return document

    def forget(self, task: BenchmarkTask, budget: float | None, seed: int) -> None:
        """Have the next call train again."""
        (self.place(task, budget, seed) / TRAINED).unlink(missing_ok=True)

    def place(self, task: BenchmarkTask, budget: float | None, seed: int) -> Path:
        """Return the folder of a task's bundle."""
        limit = "" if budget is None else f"-{budget:g}-minutes"
        return self.out / task.name / "bundles" / f"seed-{seed}{limit}"
