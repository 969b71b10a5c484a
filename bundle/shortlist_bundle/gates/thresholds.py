"""How much worse than the live bundle a candidate may be: defaults, and the section [gates] of a TOML file."""

import math
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from shortlist_bundle.errors import GateSettingsError

SECTION = "gates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The limits of all gates; those that end in `drop` are shares of the live bundle's number, in [0, 1]."""

    ndcg_drop: float = 0.05
    recall_drop: float = 0.05
    coverage_drop: float = 0.2
    cold_drop: float = 0.1
    """Of nDCG for customers with little or no history, and of recall for items of the tail."""
    rmse_rise: float = 0.05
    """Share by which the error of predicted ratings may be higher."""
    noise: float = 1.0
    """Standard errors of the difference that are forgiven on top: small slices swing by themselves."""
    latency_ratio: float = 1.5
    """Processor time of a list in the engine, median over the same customers, as a multiple of the live one's."""
    size_ratio: float = 2.0
    """Bytes of all files, likewise."""
    score_drift: float = 0.15
    """Jensen-Shannon divergence between the scores that both give the same customers, in bits, in [0, 1]."""
    input_drift: float = 0.1
    """Likewise between each feature of the customers, their histories' lengths and ages; the largest counts."""


def read_thresholds(path: Path | None) -> Thresholds:
    """Read the section [gates] of a file; what it leaves out keeps its default, and without a file everything does.

    Raises:
        GateSettingsError: The file cannot be read, or a setting is unknown or no number that it can be.
    """
    if path is None:
        return Thresholds()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GateSettingsError(f"{path.name}: cannot be read as TOML: {error}") from error
    section = document.get(SECTION)
    if not isinstance(section, dict):
        raise GateSettingsError(f"{path.name}: has no section [{SECTION}]")
    return _filled(section)


def _filled(section: dict[str, Any]) -> Thresholds:
    known = [entry.name for entry in fields(Thresholds)]
    for name, value in section.items():
        if name not in known:
            raise GateSettingsError(f"[{SECTION}] has no setting {name!r}; it has {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise GateSettingsError(f"[{SECTION}] {name} = {value!r} must be a number of at least 0")
    return replace(Thresholds(), **{name: float(value) for name, value in section.items()})
