"""Results on disk: a folder for each task and seed, a Parquet file for each variant, and one JSON when all is done."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import polars as pl

from shortlist_training.benchmark.task import BenchmarkTask

DONE, MEASURED, BEGUN, FAILED = "done.json", "measured.json", "begun.json", "failed.json"


@dataclass(frozen=True, slots=True)
class SeedFolder:
    """Where the measurements of one task and seed are kept.

    Attributes:
        folder: `OUT/TASK/KIND/seed-N`.
    """

    folder: Path

    @classmethod
    def of(cls, out: Path, task: BenchmarkTask, seed: int, *, kind: str) -> Self:
        """Return the folder of a task and seed; each kind of measurements has its own."""
        return cls(out / task.name / kind / f"seed-{seed}")

    def begin(self, fingerprint: str) -> None:
        """Keep the variants that are there if they were measured on the very same lists, else forget them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        begun = self.folder / BEGUN
        if _read(begun) != {"fingerprint": fingerprint}:
            for file in self.folder.glob("*.parquet"):
                file.unlink()
            begun.write_text(json.dumps({"fingerprint": fingerprint}), encoding="utf-8")

    def has(self, key: str) -> bool:
        """Tell whether a variant has been measured."""
        return self._frame(key).exists()

    def write(self, key: str, frame: pl.DataFrame) -> None:
        """Keep the customers' figures of a variant; a file that is there is whole."""
        partial = self._frame(key).with_suffix(".partial")
        frame.write_parquet(partial)
        partial.replace(self._frame(key))

    def read(self, key: str) -> pl.DataFrame:
        """Return the customers' figures of a variant."""
        return pl.read_parquet(self._frame(key))

    def finish(self, digest: str, document: Mapping[str, Any]) -> None:
        """Say that all is measured, and what there is to say besides the figures."""
        partial = self.folder / f".{DONE}.partial"
        partial.write_text(json.dumps({"digest": digest, **document}, indent=1), encoding="utf-8")
        partial.replace(self.folder / DONE)
        (self.folder / FAILED).unlink(missing_ok=True)

    def done(self, digest: str) -> dict[str, Any] | None:
        """Return what `finish` kept, None where this very task and configuration has not been measured to its end."""
        found = _read(self.folder / DONE)
        return found if found and found.get("digest") == digest else None

    def fail(self, digest: str, reason: str) -> None:
        """Keep why there is no result; it is tried again the next time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / FAILED).write_text(json.dumps({"digest": digest, "reason": reason}), encoding="utf-8")

    def failure(self, digest: str) -> str | None:
        """Return why there is no result, None where there is one or none was tried."""
        found = _read(self.folder / FAILED)
        return str(found["reason"]) if found and found["digest"] == digest and self.done(digest) is None else None

    def forget(self) -> None:
        """Have everything measured anew."""
        for name in (DONE, FAILED, BEGUN):
            (self.folder / name).unlink(missing_ok=True)

    def _frame(self, key: str) -> Path:
        return self.folder / f"{key}.parquet"


def _read(file: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document
