"""From what a request says of a customer to what the engine reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.replacing import with_values
from shortlist_bundle.model import Model
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.cold_start import cold_start
from shortlist_bundle.state.histories import Histories
from shortlist_server.errors import InvalidRequest, UnknownCustomer
from shortlist_server.pipeline.clock import ClockPolicy, moment
from shortlist_server.pipeline.reply import ClockUsed
from shortlist_server.pipeline.request import Profile, RecommendRequest, Scalar, ScoreRequest

STALE_LOG = "stale_log"
"""The moment of the request lies beyond the time that training has seen; features were clipped to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """One request's customer.

    Attributes:
        row: row of the customer for the model's state, 0 for a stranger.
        profile: what the request itself says.
        context: the request's context, by column.
        as_of: epoch seconds.
        clock: where `as_of` came from.
        fallbacks: how a stranger is answered, and whether the log is too old for the moment.
        unknown_items: ids in the request's history that the catalogue does not have.
        unknown_attributes: features and context of the request that the bundle does not use.
    """

    row: int
    profile: Profile
    context: Mapping[str, Scalar]
    as_of: float
    clock: ClockUsed
    fallbacks: tuple[str, ...]
    unknown_items: int
    unknown_attributes: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether anything is stored under the customer's id."""
        return self.row > 0


def resolve(model: Model, request: RecommendRequest | ScoreRequest, policy: ClockPolicy) -> Resolved:
    """Look the customer up and say what of the request the bundle does not know.

    Raises:
        UnknownCustomer: The request insists on a known customer.
        InvalidRequest: A value of the context that its column cannot hold.
    """
    row = model.customer_row(request.customer_id) if request.customer_id else 0
    if request.require_known and not row:
        raise UnknownCustomer(request.customer_id or "")
    _check_context(model, request.context)
    as_of, clock = moment(request.as_of, policy, model.clock)
    profile = request.profile
    ignored = model.customer_encoder.unknown_columns(profile.features) if profile.features else []
    unread = _unread(model, request.context) if request.context else []
    return Resolved(
        row=row,
        profile=profile,
        context=request.context,
        as_of=as_of,
        clock=clock,
        fallbacks=_fallbacks(model, request, row, as_of, len(ignored)),
        unknown_items=sum(event.item_id not in model.items for event in profile.history) if profile.history else 0,
        unknown_attributes=(*ignored, *(f"context.{name}" for name in unread)),
    )


def _fallbacks(
    model: Model, request: RecommendRequest | ScoreRequest, row: int, as_of: float, ignored: int
) -> tuple[str, ...]:
    stale = model.clock.has_times and as_of > model.clock.log_end + model.clock.idle_limit
    found = [STALE_LOG] if stale else []
    if not 0 < row < len(model.customers):
        profile = request.profile
        history = any(event.item_id in model.items for event in profile.history)
        needs = isinstance(request, RecommendRequest) and request.needs is not None
        features = len(profile.features) > ignored
        if row and model.live:
            # Training has not seen them, but something has happened since.
            history = history or row in model.live.overlay.takings
            features = features or row in model.live.overlay.features
        found.append(cold_start(features=features, history=history, needs=needs))
    return tuple(found)


def _unread(model: Model, context: Mapping[str, Scalar]) -> list[str]:
    """Return the names in a request's context that the bundle does not read, sorted."""
    return model.context_encoder.unknown_columns(context) if model.context_encoder else sorted(context)


def customer_batch(model: Model, resolved: Sequence[Resolved]) -> CustomerBatch:
    """Return the customers as the engine reads them: stored state, extended and overridden by the requests.

    Raises:
        InvalidRequest: A feature value that its column cannot hold. Use `check_features` first to blame the right row.
    """
    rows = np.array([one.row for one in resolved], np.int32)
    as_of = np.array([one.as_of for one in resolved], np.float64)
    history = _stored(model, resolved, rows, as_of)
    if any(one.profile.history for one in resolved):
        history = history.extended(_brought(model, resolved))
    return CustomerBatch(
        rows=model.trained_rows(rows),
        features=_features(model, resolved, rows),
        history=history,
        now=model.clock.moments(as_of, history),
        context=_context(model, resolved),
    )


def _stored(
    model: Model, resolved: Sequence[Resolved], rows: NDArray[np.int32], as_of: NDArray[np.float64]
) -> Histories:
    """Return what is stored of the customers up to their moments."""
    history = model.state.histories(rows)
    if not model.clock.has_times:
        return history
    if not model.live:
        return history.until(as_of)
    # What was recorded has happened: only a request that names its moment looks back to before it.
    if any(one.clock is ClockUsed.REQUEST for one in resolved):
        named = np.array([one.clock is ClockUsed.REQUEST for one in resolved])
        history = history.until(np.where(named, as_of, np.inf))
    if not len(history.times) or history.times.max() <= min(model.clock.log_end, float(as_of.min())):
        return history
    return replace(history, times=model.clock.shifted(history.times, history.offsets, as_of))


def _context(model: Model, resolved: Sequence[Resolved]) -> EncodedFeatures | None:
    if model.context_encoder is None:
        return None
    rows = [model.context_encoder.encode({name: [value] for name, value in one.context.items()}, 1) for one in resolved]
    return EncodedFeatures.concatenate(rows)


def check_features(encoder: FeatureEncoder, profile: Profile) -> None:
    """Refuse feature values that their columns cannot hold.

    Raises:
        InvalidRequest: Names the feature.
    """
    try:
        encoder.encode({name: [value] for name, value in profile.features.items()}, 1)
    except FeatureError as error:
        raise InvalidRequest.at(f"profile.features[{error.column}]", str(error)) from None


def _check_context(model: Model, context: Mapping[str, Scalar]) -> None:
    if model.context_encoder is None or not context:
        return
    try:
        model.context_encoder.encode({name: [value] for name, value in context.items()}, 1)
    except FeatureError as error:
        raise InvalidRequest.at(f"context[{error.column}]", str(error)) from None


def _brought(model: Model, resolved: Sequence[Resolved]) -> Histories:
    """Return the requests' own histories."""
    events = [
        (row, model.items.row(event.item_id), event.timestamp, event.value)
        for row, one in enumerate(resolved)
        for event in one.profile.history
    ]
    # Unknown items say nothing to any model; they are counted in the reply.
    events = [event for event in events if event[1]]
    # An event without a time happened just before the request.
    times = [resolved[row].as_of if when is None else when for row, _, when, _ in events]
    counts = np.bincount(np.array([event[0] for event in events], np.int64), minlength=len(resolved))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    as_of = np.array([one.as_of for one in resolved], np.float64)
    return Histories(
        offsets=offsets,
        items=np.array([event[1] for event in events], np.int32),
        times=model.clock.shifted(np.array(times, np.float64), offsets, as_of),
        values=np.array([event[3] for event in events], np.float32),
    )


def _features(model: Model, resolved: Sequence[Resolved], rows: NDArray[np.int32]) -> EncodedFeatures:
    features = model.state.features(rows)
    if not any(one.profile.features for one in resolved):
        return features
    described = [
        with_values(model.customer_encoder, features.take([row]), one.profile.features)
        if one.profile.features
        else features.take([row])
        for row, one in enumerate(resolved)
    ]
    return EncodedFeatures.concatenate(described)
