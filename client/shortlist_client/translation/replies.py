"""Answers of the server into the client's types."""

from collections.abc import Iterable, Sized

from google.rpc import status_pb2

from shortlist.v1 import encode_pb2, model_service_pb2, policy_pb2, recommend_pb2, reply_pb2, score_pb2, similar_pb2
from shortlist_client.description import Column, ModelDescription, Placement
from shortlist_client.errors import ServerError
from shortlist_client.policy import Source
from shortlist_client.recommendations import (
    NO_REASONS,
    Batch,
    BatchRow,
    Bundle,
    Clock,
    ExplorationReport,
    Fallback,
    FilterReport,
    FilterStrategy,
    Recommendation,
    Recommendations,
)
from shortlist_client.scores import Calibration, ItemScore, ScoreKind, Scores
from shortlist_client.similar import SimilarCustomer, SimilarCustomers, SimilarItem, SimilarItems
from shortlist_client.translation.explanations import explained
from shortlist_client.translation.lists import diversity_of, exploration_of
from shortlist_client.translation.needs import relaxations, wishes_met
from shortlist_client.translation.problems import from_status
from shortlist_client.translation.sentinels import sentinels_of
from shortlist_client.vectors import Vectors

_CLOCKS = {
    reply_pb2.CLOCK_REQUEST: Clock.REQUEST,
    reply_pb2.CLOCK_LIVE: Clock.LIVE,
    reply_pb2.CLOCK_LOG_END: Clock.LOG_END,
}
_STRATEGIES = {
    reply_pb2.FILTER_STRATEGY_EXACT: FilterStrategy.EXACT,
    reply_pb2.FILTER_STRATEGY_GATHERED: FilterStrategy.GATHERED,
    reply_pb2.FILTER_STRATEGY_SELECTOR: FilterStrategy.SELECTOR,
    reply_pb2.FILTER_STRATEGY_OVER_FETCH: FilterStrategy.OVER_FETCH,
}
_SCORE_KINDS = {
    score_pb2.SCORE_KIND_RATING: ScoreKind.RATING,
    score_pb2.SCORE_KIND_PROBABILITY: ScoreKind.PROBABILITY,
}


def recommendations(reply: recommend_pb2.RecommendResponse) -> Recommendations:
    """Return a ranked list.

    Raises:
        ServerError: The parallel arrays of the answer are of different lengths.
    """
    return Recommendations(
        items=tuple(_items(reply)),
        bundle=bundle(reply.bundle),
        impression_id=reply.impression_id,
        as_of=reply.as_of,
        clock=_CLOCKS.get(reply.clock),
        known_customer=reply.known_customer,
        fallbacks=_fallbacks(reply.fallbacks),
        unknown_items=reply.unknown_item_count,
        unknown_attributes=tuple(reply.unknown_attributes),
        candidates=reply.candidate_count,
        timings_ms={timing.stage: timing.milliseconds for timing in reply.timings},
        relaxations=relaxations(reply.relaxations),
        filter_report=_filter_report(reply),
        exploration=_exploration_report(reply.exploration) if reply.HasField("exploration") else None,
        search_depth=reply.search_depth if reply.HasField("search_depth") else 1.0,
    )


def batch(reply: recommend_pb2.BatchRecommendResponse) -> Batch:
    """Return one row for each customer."""
    return Batch(rows=tuple(_batch_row(result) for result in reply.results), bundle=bundle(reply.bundle))


def similar_items(reply: similar_pb2.SimilarItemsResponse) -> SimilarItems:
    """Return the neighbours of an item."""
    _check_parallel(reply.item_ids, reply.scores)
    pairs = zip(reply.item_ids, reply.scores, strict=True)
    items = tuple(SimilarItem(item_id=item, score=score, rank=rank) for rank, (item, score) in enumerate(pairs))
    return SimilarItems(
        items=items, space=reply.space, bundle=bundle(reply.bundle), filter_report=_filter_report(reply),
        fallbacks=_fallbacks(reply.fallbacks),
    )  # fmt: skip


def similar_customers(reply: similar_pb2.SimilarCustomersResponse) -> SimilarCustomers:
    """Return the neighbours of a customer."""
    _check_parallel(reply.customer_ids, reply.scores)
    pairs = enumerate(zip(reply.customer_ids, reply.scores, strict=True))
    return SimilarCustomers(
        customers=tuple(SimilarCustomer(customer_id=one, score=score, rank=rank) for rank, (one, score) in pairs),
        bundle=bundle(reply.bundle),
        as_of=reply.as_of,
        clock=_CLOCKS.get(reply.clock),
        known_customer=reply.known_customer,
        fallbacks=_fallbacks(reply.fallbacks),
    )


def scores(reply: score_pb2.ScoreResponse) -> Scores:
    """Return one score for each item."""
    _check_parallel(reply.item_ids, reply.scores)
    pairs = zip(reply.item_ids, reply.scores, strict=True)
    return Scores(
        items=tuple(ItemScore(item_id=item, score=score) for item, score in pairs),
        kind=_SCORE_KINDS.get(reply.kind),
        bundle=bundle(reply.bundle),
        as_of=reply.as_of,
        clock=_CLOCKS.get(reply.clock),
        known_customer=reply.known_customer,
        fallbacks=_fallbacks(reply.fallbacks),
        calibration=_calibration(reply.calibration) if reply.HasField("calibration") else None,
    )


def vectors(reply: encode_pb2.EncodeCustomersResponse | encode_pb2.EncodeItemsResponse) -> Vectors:
    """Return the vectors row by row."""
    width, flat = reply.embedding_size, tuple(reply.vectors)
    if len(flat) != width * len(reply.known):
        raise ServerError(f"the server sent {len(flat)} numbers for {len(reply.known)} vectors of width {width}")
    rows = tuple(flat[start : start + width] for start in range(0, len(flat), width or 1))
    return Vectors(rows=rows, known=tuple(reply.known), embedding_size=width, bundle=bundle(reply.bundle))


def _placement(message: policy_pb2.Placement) -> Placement:
    sources = {one.source: Source(weight=one.weight, quota=one.quota) for one in message.sources}
    return Placement(
        name=message.name,
        diversity=diversity_of(message.diversity),
        sources=sources,
        exploration=exploration_of(message.exploration),
    )


def description(reply: model_service_pb2.DescribeModelResponse) -> ModelDescription:
    """Return a bundle's description."""
    return ModelDescription(
        bundle=bundle(reply.bundle),
        aliases=tuple(reply.aliases),
        created_at=reply.created_at,
        log_end=reply.log_end if reply.HasField("log_end") else None,
        clock=_CLOCKS.get(reply.clock),
        customers=reply.customer_count,
        items=reply.item_count,
        interactions=reply.interaction_count,
        embedding_size=reply.embedding_size,
        sources=tuple(reply.sources),
        needs_sources=tuple(reply.needs_sources),
        placements=tuple(map(_placement, reply.placements)),
        spaces=tuple(reply.spaces),
        score_kind=_SCORE_KINDS.get(reply.score_kind),
        customer_features=_columns(reply.customer_features),
        item_attributes=_columns(reply.item_attributes),
        context=_columns(reply.context),
        metrics=dict(reply.metrics),
        index=reply.index,
        index_recall=reply.index_recall,
        repeats=reply.repeats,
        sentinels=sentinels_of(reply),
    )


def _calibration(message: score_pb2.Calibration) -> Calibration:
    return Calibration(
        method=message.method,
        window=message.window,
        window_start=message.window_start if message.HasField("window_start") else None,
        window_end=message.window_end if message.HasField("window_end") else None,
        error=message.error if message.HasField("error") else None,
    )


def _items(reply: recommend_pb2.RecommendResponse) -> Iterable[Recommendation]:
    sources = tuple(reply.sources)
    length = len(reply.item_ids)
    masks = reply.source_masks or [0] * length
    groups = tuple(reply.score_groups)
    reasons = [explained(explanation, groups) for explanation in reply.explanations] or [NO_REASONS] * length
    met = [wishes_met(explanation.wishes_met) for explanation in reply.explanations] or [()] * length
    propensities = reply.propensities or [None] * length
    _check_parallel(reply.item_ids, reply.scores, masks, reasons, propensities)
    arrays = zip(reply.item_ids, reply.scores, masks, reasons, met, propensities, strict=True)
    for rank, (item_id, score, mask, reason, wishes, propensity) in enumerate(arrays):
        yield Recommendation(
            item_id=item_id,
            score=score,
            rank=rank,
            sources=tuple(source for bit, source in enumerate(sources) if mask >> bit & 1),
            reasons=reason,
            wishes_met=wishes,
            propensity=propensity,
        )


def _batch_row(result: recommend_pb2.BatchRecommendResult) -> BatchRow:
    if result.HasField("status") and result.status != status_pb2.Status():
        return BatchRow(error=from_status(result.status))
    return BatchRow(recommendations=recommendations(result.list))


def _filter_report(
    reply: recommend_pb2.RecommendResponse | similar_pb2.SimilarItemsResponse,
) -> FilterReport | None:
    if not reply.HasField("filter_report"):
        return None
    report = reply.filter_report
    return FilterReport(
        strategy=_STRATEGIES.get(report.strategy),
        matching=report.matching_count,
        scanned=report.scanned_count,
        survived=report.survived_count,
    )


def bundle(message: reply_pb2.Bundle) -> Bundle:
    """Return which bundle made an answer."""
    return Bundle(model=message.model, version=message.version, id=message.id)


def _exploration_report(report: recommend_pb2.ExplorationReport) -> ExplorationReport:
    return ExplorationReport(
        policy=report.policy,
        seed=report.seed,
        strength=report.strength,
        temperature=report.temperature,
        slots=tuple(report.slots),
        standard_errors=tuple(report.standard_errors),
    )


def _check_parallel(*arrays: Sized) -> None:
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ServerError(f"the server sent parallel arrays of different lengths: {lengths}")


def _fallbacks(fallbacks: Iterable[reply_pb2.Fallback]) -> tuple[Fallback, ...]:
    return tuple(Fallback(code=fallback.code, text=fallback.text) for fallback in fallbacks)


def _columns(columns: Iterable[model_service_pb2.Column]) -> tuple[Column, ...]:
    return tuple(Column(name=column.name, kind=column.kind) for column in columns)
