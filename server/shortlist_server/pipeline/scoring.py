"""What would this customer make of these items: a predicted rating, or the probability of a taking."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.asked import asked_logits, shortlist
from shortlist_bundle.calibration import UNCALIBRATED
from shortlist_bundle.engine import Engine
from shortlist_bundle.model import Model
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_server.errors import UnknownItem
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import ScoreCalibration, ScoreKind, Scores
from shortlist_server.pipeline.request import ScoreRequest
from shortlist_server.pipeline.resolve import check_features, customer_batch, resolve


def score(model: Model, request: ScoreRequest, clock: ClockPolicy) -> Scores:
    """See `PipelineProtocol.score`."""
    rows = item_rows(model, list(request.items))
    if request.profile.features:
        check_features(model.customer_encoder, request.profile)
    resolved = resolve(model, request, clock)
    batch = customer_batch(model, [resolved])
    if model.ratings:
        scores, kind = model.ratings.predict(batch, rows[None, :])[0], ScoreKind.RATING
    elif model.engine:
        scores, kind = probabilities(model, model.engine, batch, rows), ScoreKind.PROBABILITY
    else:
        raise ValueError("the bundle has neither an engine nor ratings")
    return Scores(
        item_ids=request.items,
        scores=scores.tolist(),
        kind=kind,
        as_of=resolved.as_of,
        clock=resolved.clock,
        known_customer=resolved.known,
        fallbacks=resolved.fallbacks,
        calibration=calibration_of(model),
    )


def calibration_of(model: Model) -> ScoreCalibration:
    """Return what the scores of a bundle rest on, and how far off they were where it could be checked."""
    if model.ratings:
        measured: Any = model.figures.get("ratings", {})
        return ScoreCalibration(method="regression", window="held-out ratings", error=measured.get("rmse"))
    found = model.calibration
    if found is None:
        return ScoreCalibration(method="none")
    return ScoreCalibration(
        method=found.proposed.method, window=found.window, start=found.start, end=found.end, error=found.error
    )


def probabilities(model: Model, engine: Engine, batch: CustomerBatch, rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the probability that each item is taken, float32 [K], for a batch of one."""
    encoded, seen_allowed = engine.retriever.encode(batch), model.policy.seen_allowed
    candidates = shortlist(engine, encoded, seen_allowed=seen_allowed)
    logits, proposed = asked_logits(engine, encoded, candidates, rows[None, :], seen_allowed=seen_allowed)
    if model.calibration is None:
        return UNCALIBRATED(logits[0]).astype(np.float32)
    return model.calibration(logits, proposed)[0]


def item_rows(model: Model, item_ids: list[str]) -> NDArray[np.int32]:
    """Return the rows of items that must all be known.

    Raises:
        UnknownItem: Names the first that is not.
    """
    rows, gone = model.items.rows(item_ids), model.catalogue.gone
    for item_id, row in zip(item_ids, rows, strict=True):
        if not row or (gone is not None and gone[row]):
            raise UnknownItem(item_id)
    return rows
