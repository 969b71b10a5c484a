"""All gates between a candidate and the bundle that serves."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from shortlist_bundle.files import OpenBundle
from shortlist_bundle.gates.engines import engine_gates
from shortlist_bundle.gates.gate import Gate, at_most
from shortlist_bundle.gates.inputs import input_gates
from shortlist_bundle.gates.parity import parity_gates
from shortlist_bundle.gates.quality import Funnels, quality, stored_quality
from shortlist_bundle.gates.thresholds import Thresholds
from shortlist_bundle.golden import replay
from shortlist_bundle.model import Model
from shortlist_bundle.packing import unpack_model

JudgeBoth = Callable[[Model, Model, Path], tuple[Funnels, Funnels, str]]
"""Judges the live bundle and the candidate on the newest window of a folder of data; also says which window."""


def judge(
    live: OpenBundle | None,
    candidate: OpenBundle,
    limits: Thresholds,
    *,
    data: Path | None = None,
    judge_both: JudgeBoth | None = None,
) -> list[Gate]:
    """Return what every gate found; without a live bundle only whether the candidate answers its golden requests.

    Args:
        live: the bundle that serves now.
        candidate: the one that is to serve.
        limits: of the gates.
        data: a folder of the data contract, on whose newest window both are judged.
        judge_both: who judges them; training does.
    """
    new = unpack_model(candidate)
    gates = [_golden(candidate, new)]
    if live is None:
        return gates
    old = unpack_model(live)
    gates += parity_gates(old, new)
    gates.append(_size(live, candidate, limits))
    if data is not None and judge_both is not None:
        before, after, window = judge_both(old, new, data)
        gates += quality(before, after, limits, note=window)
    else:
        gates += stored_quality(old.figures, new.figures, limits)
    return [*gates, *engine_gates(old, new, limits), *input_gates(old, new, limits)]


def _golden(candidate: OpenBundle, model: Model) -> Gate:
    report = replay(candidate, model)
    failed = 0.0 if report.passed else float(len(report.lines))
    return Gate(name="golden requests answered differently", live=None, candidate=failed, limit=0.0,
                passed=report.passed, note="; ".join(report.lines) if not report.passed else "")  # fmt: skip


def _size(live: OpenBundle, candidate: OpenBundle, limits: Thresholds) -> Gate:
    sizes: Sequence[Any] = [sum(file.size for file in one.manifest.files) for one in (live, candidate)]
    return at_most("bytes of all files", sizes[0], sizes[1], limits.size_ratio * sizes[0])
