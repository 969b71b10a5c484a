"""How good both bundles' lists are: from figures that were measured already, by training or on the newest window."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shortlist_bundle.gates.gate import Gate, at_least, at_most
from shortlist_bundle.gates.thresholds import Thresholds

Funnels = Sequence[Mapping[str, Any]]
"""A funnel for each mode, as the evaluation writes them: figures are {mean, error}."""

_STORED = "each on its own held-out window"
_ENOUGH = 20
"""Customers that a slice needs on both sides: of fewer nothing can be said."""


def stored_quality(live: Any, candidate: Any, limits: Thresholds) -> list[Gate]:
    """Return the gates over the figures that the bundles were published with.

    Args:
        live: the metrics document of the bundle that serves.
        candidate: that of the other.
        limits: of the gates.
    """
    gates = list(quality(_judged(live), _judged(candidate), limits, note=_STORED))
    rmse = [one.get("ratings", {}).get("rmse") for one in (live, candidate)]
    if all(isinstance(one, int | float) for one in rmse):
        gates.append(at_most("rmse", rmse[0], rmse[1], rmse[0] * (1 + limits.rmse_rise), note=_STORED))
    return gates


def quality(live: Funnels, candidate: Funnels, limits: Thresholds, *, note: str = "") -> Iterator[Gate]:
    """Yield the gates of nDCG, recall, coverage and cold slices, for every mode that both were judged in."""
    other = {funnel["mode"]: funnel for funnel in candidate}
    for before in live:
        mode = before["mode"]
        after = other.get(mode)
        if after is None:
            yield Gate(name=f"lists ({mode})", live=None, candidate=None, limit=None, passed=False,
                       note="the candidate was not judged in this mode")  # fmt: skip
            continue
        for metric, drop in (("ndcg@20", limits.ndcg_drop), ("recall@20", limits.recall_drop)):
            yield _figure(f"{metric} ({mode})", before["end_to_end"][metric], after["end_to_end"][metric], drop,
                          limits.noise, note)  # fmt: skip
        coverage = "coverage@20"
        yield at_least(f"{coverage} ({mode})", before["catalogue"][coverage], after["catalogue"][coverage],
                       drop=limits.coverage_drop, note=note)  # fmt: skip
        yield from _cold(mode, before["slices"], after["slices"], limits, note)


def _cold(
    mode: str, live: Mapping[str, Any], candidate: Mapping[str, Any], limits: Thresholds, note: str
) -> Iterator[Gate]:
    for name in sorted(live):
        if "more than" in name or name not in candidate:
            continue
        sizes = [one[name]["customers"]["mean"] for one in (live, candidate)]
        if min(sizes) < _ENOUGH:
            continue
        for metric in live[name]:
            if metric != "customers" and metric in candidate[name]:
                yield _figure(f"{metric}, {name} ({mode})", live[name][metric], candidate[name][metric],
                              limits.cold_drop, limits.noise, note)  # fmt: skip


def _figure(
    name: str, live: Mapping[str, float], candidate: Mapping[str, float], drop: float, noise: float, note: str
) -> Gate:
    error = noise * math.hypot(live["error"], candidate["error"])
    return at_least(name, live["mean"], candidate["mean"], drop=drop, noise=error, note=note)


def _judged(metrics: Any) -> Funnels:
    judged: Funnels = metrics.get("ranking", {}).get("judged", {}).get("refitted pair", [])
    return judged
