"""What came of the days, kept as a file for each arm of each seed from day to day.

An arm that was broken off begins anew; one that is done is not done again.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shortlist_bench.learning.shop import Day
from shortlist_bench.learning.world import Size

Runs = dict[tuple[int, str], list[Day]]
"""Seed and arm -> days."""


def file_of(out: Path, seed: int, arm: str) -> Path:
    """Return where an arm's days are kept."""
    return out / f"seed-{seed}-{arm}.json"


def write_days(file: Path, size: Size, days: list[Day]) -> None:
    """Keep the days of an arm that are over."""
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"size": asdict(size), "days": [asdict(day) for day in days]}
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(document))
    beside.rename(file)


def read_days(file: Path, size: Size) -> list[Day] | None:
    """Return the days that were kept; None where there are none of this size."""
    if not file.exists():
        return None
    document: Any = json.loads(file.read_text())
    return [Day(**day) for day in document["days"]] if document["size"] == asdict(size) else None
