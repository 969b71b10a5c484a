"""docs/judged.csv: every time that a judged task was judged."""

import csv
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shortlist_training.benchmark.results import RunKey
from shortlist_training.evaluation.metrics import Figure

COLUMNS = ("date", "commit", "task", "part", "metric", "figure", "standard_error", "seed", "bundle", "note")
WRITTEN = ("ndcg", "recall")
"""Metrics of the ledger: tasks are compared by the one or the other."""
BUNDLE_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Ledger:
    """The file that judged runs are appended to.

    Attributes:
        file: is begun where it does not exist; None keeps no record, for there is no checkout to keep it in.
    """

    file: Path | None

    def append(self, key: RunKey, figures: Mapping[str, Figure], *, bundle: str, commit: str) -> None:
        """Write a judged run down, one line for each metric of `WRITTEN`; a rehearsal is not."""
        if self.file is None or not key.task.judged:
            return
        begun = self.file.exists()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened, lineterminator="\n")
            if not begun:
                rows.writerow(COLUMNS)
            for metric in WRITTEN:
                rows.writerow(
                    (
                        datetime.now(UTC).date().isoformat(), commit, key.task.name, key.part, f"{metric}@{key.task.k}",
                        f"{figures[metric].mean:.5f}", f"{figures[metric].error:.5f}", key.seed,
                        bundle[:BUNDLE_CHARACTERS], f"bench quality: {key.method}",
                    )
                )  # fmt: skip


def commit_of(folder: Path) -> str:
    """Return the short name of a checkout's commit, "" where it is none; a "+" says that files differ from it."""
    if not (folder / ".git").exists():
        return ""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!docs")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""
