"""Results on disk: one JSON for each (task, part, method, seed), and every customer's figures beside it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shortlist_training.benchmark.task import BenchmarkTask

FAILED = ".failed.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """Which run: of a method on one part of a task, with a seed."""

    task: BenchmarkTask
    part: str
    method: str
    seed: int


@dataclass(frozen=True, slots=True)
class Results:
    """The folder of results.

    Attributes:
        root: its `TASK/parts/PART/METHOD/seed-N.json` are the results.
    """

    root: Path

    def write(self, key: RunKey, document: dict[str, Any], customers: pl.DataFrame) -> None:
        """Keep a result; the JSON comes last, so that one that is there is whole."""
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        customers.write_parquet(self.customers_file(key))
        partial = file.with_name(f".{file.name}.partial")
        partial.write_text(json.dumps({"digest": key.task.digest, **document}, indent=1), encoding="utf-8")
        partial.replace(file)
        self._failed(key).unlink(missing_ok=True)

    def read(self, key: RunKey) -> dict[str, Any] | None:
        """Return a result, None where there is none of this very task."""
        return _of(key, self._file(key))

    def customers(self, key: RunKey) -> pl.DataFrame:
        """Return every judged customer's figures, in the order of their ids."""
        return pl.read_parquet(self.customers_file(key))

    def fail(self, key: RunKey, reason: str) -> None:
        """Keep why a run has no result; it is tried again the next time."""
        file = self._failed(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"digest": key.task.digest, "reason": reason}), encoding="utf-8")

    def failure(self, key: RunKey) -> str | None:
        """Return why a run has no result, None where it has one or was never tried."""
        found = _of(key, self._failed(key))
        return found["reason"] if found and self.read(key) is None else None

    def forget(self, key: RunKey) -> None:
        """Have a run count as not done."""
        self._file(key).unlink(missing_ok=True)
        self._failed(key).unlink(missing_ok=True)

    def lists(self, task: BenchmarkTask, method: str, seed: int) -> Path:
        """Return the folder for the lists of a run."""
        return self.root / task.name / "lists" / _plain(method) / f"seed-{seed}"

    def customers_file(self, key: RunKey) -> Path:
        """Return where every customer's figures are."""
        return self._file(key).with_suffix(".parquet")

    def _file(self, key: RunKey) -> Path:
        return self.root / key.task.name / "parts" / key.part / _plain(key.method) / f"seed-{key.seed}.json"

    def _failed(self, key: RunKey) -> Path:
        return self._file(key).with_suffix(FAILED)


def _of(key: RunKey, file: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if document.get("digest") == key.task.digest else None


def _plain(method: str) -> str:
    """Return a method's name as every file system can have it."""
    return method.replace(":", "--")
