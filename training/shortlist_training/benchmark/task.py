"""A benchmark task: a folder in the data contract, and what happened afterwards."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shortlist_training.errors import BenchmarkError

CARD = "task.json"
REHEARSAL = "-rehearsal"
ONE_TARGET_K, K = 10, 20
"""Length of the lists where every customer has one target, and elsewhere, unless the task says so itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkTask:
    """A task as it lies in its folder.

    Attributes:
        name: the folder's.
        folder: with `data/`, `targets-PART.parquet` and `task.json`.
        parts: part -> whether its lists may have items that the customer has taken.
        k: length of the lists, and where they are judged.
        digest: of everything in the folder that figures depend on.
    """

    name: str
    folder: Path
    parts: Mapping[str, bool]
    k: int
    digest: str

    @property
    def data(self) -> Path:
        """The folder that a method may see."""
        return self.folder / "data"

    @property
    def judged(self) -> bool:
        """Whether its figures count: every run of such a task is written down."""
        return REHEARSAL not in self.name

    def targets(self, part: str) -> pl.DataFrame:
        """Return customer_id and item_id of what happened, as text, each pair once."""
        return read_ids(self.folder / f"targets-{part}.parquet").unique(maintain_order=True)


def read_benchmark_task(folder: Path) -> BenchmarkTask:
    """Read a task's card.

    Raises:
        BenchmarkError: The folder is no task.
    """
    folder = folder.resolve()
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        parts = {str(part): bool(allowed) for part, allowed in card["seen_allowed"].items()}
    except (OSError, ValueError, KeyError, AttributeError) as problem:
        raise BenchmarkError(f"{folder} is no benchmark task: {CARD} cannot be read ({problem!r})") from None
    files = [folder / "data" / "interactions.parquet", *(folder / f"targets-{part}.parquet" for part in parts)]
    for file in files:
        if not file.is_file():
            raise BenchmarkError(f"{folder} is no benchmark task: it has no {file.relative_to(folder)}")
    k = int(card["k"]) if "k" in card else _usual_k(files[1:])
    return BenchmarkTask(name=folder.name, folder=folder, parts=parts, k=k, digest=_digest(folder, files, k))


def read_ids(file: Path, *more: str) -> pl.DataFrame:
    """Return customer_id and item_id of a Parquet file as text, and more columns of it as they are."""
    return pl.read_parquet(file, columns=["customer_id", "item_id", *more]).with_columns(
        pl.col("customer_id", "item_id").cast(pl.String)
    )


def _usual_k(targets: list[Path]) -> int:
    single = (not read_ids(file)["customer_id"].is_duplicated().any() for file in targets)
    return ONE_TARGET_K if all(single) else K


def _digest(folder: Path, files: list[Path], k: int) -> str:
    found = hashlib.sha256(str(k).encode())
    for file in [*files, *sorted((folder / "data").glob("*.parquet"))]:
        found.update(file.read_bytes())
    return found.hexdigest()[:16]
