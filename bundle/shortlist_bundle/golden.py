"""Golden requests: a few questions with the answers that the bundle gave when it was made.

A bundle whose bytes are whole can still answer differently: another library, another processor, a reader that has
changed. The same questions are asked again before it serves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.model import Model
from shortlist_bundle.packing.parts import Parts, Reader
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories

QUESTIONS = 8
CANDIDATES = 50
TOLERANCE = 1e-3
"""Processors add in different orders; anything above this is another answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenReport:
    """What a replay found: a line for each check that failed, none if all passed."""

    passed: bool
    lines: Sequence[str]


def ask(model: Model) -> Parts:
    """Return the questions and their answers as parts of a bundle.

    Half of the questions come from known customers, half from strangers with a known customer's history.
    """
    parts = Parts()
    rows = _asked(model)
    history = model.snapshot.histories(rows).last(CANDIDATES)
    strangers = np.where(np.arange(len(rows)) % 2, 0, rows).astype(np.int32)
    parts.add(
        "golden", rows=strangers, offsets=history.offsets, items=history.items, times=history.times,
        values=history.values,
    )  # fmt: skip
    for name, answer in _answers(model, strangers, history).items():
        parts.arrays[f"golden/{name}"] = answer
    return parts


def replay(reader: Reader, model: Model | None = None) -> GoldenReport:
    """Ask a bundle's golden questions again and compare.

    Args:
        reader: the open bundle.
        model: the same bundle in memory, if it has been unpacked already.
    """
    from shortlist_bundle.packing.model import unpack_model

    model = model or unpack_model(reader)
    arrays = reader.arrays("golden")
    history = Histories(**{name: arrays[name] for name in ("offsets", "items", "times", "values")})
    lines: list[str] = []
    for name, answer in _answers(model, arrays["rows"], history).items():
        lines += _compared(name, arrays[name], answer)
    return GoldenReport(passed=not lines, lines=lines or ("golden requests: all answers are as they were",))


def _asked(model: Model) -> NDArray[np.int32]:
    lengths = model.snapshot.events.lengths
    known = np.flatnonzero(lengths > 0)
    spread = np.linspace(0, len(known) - 1, min(QUESTIONS, len(known))).astype(np.int64)
    return known[spread].astype(np.int32) if len(known) else np.zeros(1, np.int32)


def _answers(model: Model, rows: NDArray[np.int32], history: Histories) -> dict[str, NDArray[Any]]:
    """Return vectors, candidates and scores for both answers to "may seen items be shown", and ratings."""
    as_of = np.full(len(rows), model.clock.log_end)
    batch = CustomerBatch(
        rows=rows,
        features=model.snapshot.features(rows),
        history=history,
        now=model.clock.moments(as_of, history),
        context=model.context_encoder.empty(len(rows)) if model.context_encoder else None,
    )
    answers: dict[str, NDArray[Any]] = {}
    if model.customer_space:
        nearest = [
            model.customer_space.nearest(model.customer_space.vectors[row].astype(np.float32), CANDIDATES)
            for row in rows
        ]
        answers["similar-customers"] = np.stack([np.pad(found, (0, CANDIDATES - len(found))) for found, _ in nearest])
    if model.engine:
        encoded = model.engine.retriever.encode(batch)
        answers["vectors"] = encoded.vectors
        for name, seen_allowed in (("seen-allowed", True), ("unseen-only", False)):
            mask = np.ones((len(rows), len(model.items)), np.bool_) if seen_allowed else ~encoded.seen()
            mask[:, 0] = False
            candidates = model.engine.retriever.retrieve(
                encoded, mask, model.engine.depths[seen_allowed], at_least=min(CANDIDATES, len(model.items) - 1)
            )
            ranked = model.engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=CANDIDATES)
            answers[f"candidates-{name}"] = np.sort(candidates.items, axis=1)
            answers[f"items-{name}"] = ranked.items
            answers[f"scores-{name}"] = np.where(ranked.items > 0, ranked.scores, np.float32(0))
    if model.ratings:
        count = min(CANDIDATES, len(model.items) - 1)
        items = np.broadcast_to(np.arange(1, count + 1, dtype=np.int32), (len(rows), count))
        answers["ratings"] = model.ratings.predict(batch, items)
    return answers


def _compared(name: str, before: NDArray[Any], after: NDArray[Any]) -> list[str]:
    if before.shape != after.shape:
        return [f"golden {name}: shape {after.shape} where {before.shape} was"]
    if np.issubdtype(before.dtype, np.floating):
        gap = float(np.abs(before - after).max(initial=0.0) / max(1.0, float(np.abs(before).max(initial=0.0))))
        # Not `gap > TOLERANCE`: a gap that is no number is too large as well.
        return [] if gap <= TOLERANCE else [f"golden {name}: differs by {gap:.2g}, at most {TOLERANCE:g} is allowed"]
    # Near-ties may swap at the edge of a list: what counts is that nearly everything is the same.
    same = float((before == after).mean()) if before.size else 1.0
    return [] if same >= 0.98 else [f"golden {name}: only {same:.0%} of the items are as they were"]
