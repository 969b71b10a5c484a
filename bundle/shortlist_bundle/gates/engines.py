"""Both bundles asked for the same customers' lists: what they cost, and how their scores are distributed."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.gates.divergence import number_drift
from shortlist_bundle.gates.gate import Gate, at_most
from shortlist_bundle.gates.thresholds import Thresholds
from shortlist_bundle.model import Model
from shortlist_bundle.state.batch import CustomerBatch

_CUSTOMERS = 200
_LENGTH = 20
_WARM = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    seconds: NDArray[np.float64]
    """Processor time of each list, float64 [C]."""
    scores: NDArray[np.float64]
    """Of all lists' items, as chances where the bundle is calibrated, else as logits."""


def engine_gates(live: Model, candidate: Model, limits: Thresholds) -> list[Gate]:
    """Return the gates of latency and of the scores' drift; none where one of the two makes no lists by score."""
    if live.engine is None or candidate.engine is None:
        return []
    shared = sorted(_ids(live) & _ids(candidate))
    chosen = [shared[place] for place in np.linspace(0, len(shared) - 1, min(len(shared), _CUSTOMERS)).astype(int)]
    chances = live.calibration is not None and candidate.calibration is not None
    before, after = (_ask(model, chosen, chances=chances) for model in (live, candidate))
    cost = [1000 * float(np.median(one.seconds)) for one in (before, after)]
    kind = "chances" if chances else "logits"
    return [
        at_most("processor time of a list, ms", cost[0], cost[1], limits.latency_ratio * cost[0],
                note=f"engine alone, median of {max(len(chosen), 1)} customers"),
        at_most("drift of the scores", 0.0, number_drift(before.scores, after.scores), limits.score_drift,
                note=f"Jensen-Shannon, bits, {kind} of the best {_LENGTH} items"),
    ]  # fmt: skip


def _ids(model: Model) -> set[str]:
    lengths = model.snapshot.events.lengths
    return set(model.customers.ids(np.flatnonzero(lengths > 0)))


def _ask(model: Model, customers: list[str], *, chances: bool) -> _Asked:
    rows = model.customers.rows(customers or [""])
    seconds, scores = [], []
    for number in range(-_WARM, len(rows)):
        began = time.process_time()
        found = _list(model, rows[max(number, 0)])
        if number >= 0:
            seconds.append(time.process_time() - began)
            scores.append(found)
    every = np.concatenate(scores).astype(np.float64)
    if chances and model.calibration is not None:
        every = np.asarray(model.calibration.proposed(every.astype(np.float32)), np.float64)
    return _Asked(np.array(seconds), every)


def _list(model: Model, row: np.int32) -> NDArray[np.floating]:
    """Return the scores of one customer's best items."""
    engine, rows = model.engine, np.array([row], np.int32)
    if engine is None:
        raise ValueError("the bundle has no engine")
    history = model.snapshot.histories(rows)
    batch = CustomerBatch(
        rows=rows,
        features=model.snapshot.features(rows),
        history=history,
        now=model.clock.moments(np.full(1, model.clock.log_end), history),
        context=model.context_encoder.empty(1) if model.context_encoder else None,
    )
    encoded = engine.retriever.encode(batch)
    allowed = model.policy.seen_allowed
    mask = np.ones((1, len(model.items)), np.bool_) if allowed else ~encoded.seen()
    mask[:, 0] = False
    length = min(_LENGTH, len(model.items) - 1)
    candidates = engine.retriever.retrieve(encoded, mask, engine.depths[allowed], at_least=length)
    ranked = engine.rerank(encoded, candidates, seen_allowed=allowed, k=length)
    return ranked.scores[0][ranked.items[0] > 0]
