"""The median of every figure of several runs, entry by entry."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any


def medians(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one document like the runs', each number the median of theirs; lists go entry by entry."""
    return {name: _median([run[name] for run in runs]) for name in runs[0]}


def _median(values: Sequence[Any]) -> Any:
    first = values[0]
    if isinstance(first, Mapping):
        return medians(values)
    if isinstance(first, list):
        return [_median(column) for column in zip(*values, strict=True)]
    return median(values) if isinstance(first, int | float) else first
