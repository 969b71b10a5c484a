"""Replies: the pipeline's dataclasses in, protobuf out."""

import itertools
import secrets
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist.v1 import encode_pb2, recommend_pb2, reply_pb2, score_pb2, similar_pb2
from shortlist_bundle.sources.strategies import Strategy
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import (
    ClockUsed,
    CustomerVectors,
    FilterReport,
    Recommendations,
    ScoreCalibration,
    ScoreKind,
    Scores,
    SimilarCustomers,
    SimilarItems,
)
from shortlist_server.wire.explanations import write_explanations
from shortlist_server.wire.exploration import write_exploration_report
from shortlist_server.wire.needs import write_relaxations
from shortlist_server.wire.packed import packed_floats

_CLOCK = {
    ClockUsed.REQUEST: reply_pb2.CLOCK_REQUEST,
    ClockUsed.LIVE: reply_pb2.CLOCK_LIVE,
    ClockUsed.LOG_END: reply_pb2.CLOCK_LOG_END,
}
_SCORE_KIND = {
    ScoreKind.RATING: score_pb2.SCORE_KIND_RATING,
    ScoreKind.PROBABILITY: score_pb2.SCORE_KIND_PROBABILITY,
}

_STRATEGY = {
    Strategy.EXACT: reply_pb2.FILTER_STRATEGY_EXACT,
    Strategy.GATHERED: reply_pb2.FILTER_STRATEGY_GATHERED,
    Strategy.SELECTOR: reply_pb2.FILTER_STRATEGY_SELECTOR,
    Strategy.OVER_FETCH: reply_pb2.FILTER_STRATEGY_OVER_FETCH,
}


def write_bundle(pipeline: PipelineProtocol) -> reply_pb2.Bundle:
    """Write which bundle the pipeline serves."""
    return reply_pb2.Bundle(model=pipeline.model, version=pipeline.version, id=pipeline.bundle_id)


def write_clock(clock: ClockUsed | None) -> reply_pb2.Clock.ValueType:
    """Write where a 'now' comes from."""
    return reply_pb2.CLOCK_UNSPECIFIED if clock is None else _CLOCK[clock]


def write_score_kind(kind: ScoreKind | None) -> score_pb2.ScoreKind.ValueType:
    """Write what scores mean."""
    return score_pb2.SCORE_KIND_UNSPECIFIED if kind is None else _SCORE_KIND[kind]


_PROCESS = secrets.token_hex(8)
_IMPRESSIONS = itertools.count(secrets.randbits(32))


def _impression_id() -> str:
    """Return an id that no other impression has: 64 random bits of this process, and a number within it."""
    return f"{_PROCESS}{next(_IMPRESSIONS):016x}"


def write_recommendations(
    answer: Recommendations, bundle: reply_pb2.Bundle, *, include_timings: bool = False
) -> recommend_pb2.RecommendResponse:
    """Write one list under a new impression id."""
    return recommend_pb2.RecommendResponse(
        item_ids=answer.item_ids,
        scores=answer.scores,
        source_masks=answer.source_masks,
        sources=answer.sources,
        explanations=write_explanations(answer),
        score_groups=answer.score_groups,
        bundle=bundle,
        impression_id=_impression_id(),
        as_of=answer.as_of,
        clock=_CLOCK[answer.clock],
        known_customer=answer.known_customer,
        fallbacks=_write_fallbacks(answer.fallbacks),
        unknown_item_count=answer.unknown_items,
        unknown_attributes=answer.unknown_attributes,
        candidate_count=answer.candidates,
        timings=_write_timings(answer.timings_ms) if include_timings else (),
        relaxations=write_relaxations(answer.relaxations),
        filter_report=_write_filter_report(answer.filter_report),
        propensities=answer.exploration.propensities if answer.exploration else (),
        exploration=write_exploration_report(answer.exploration),
        search_depth=None if answer.search_depth == 1.0 else answer.search_depth,
    )


def write_similar_items(answer: SimilarItems, bundle: reply_pb2.Bundle) -> similar_pb2.SimilarItemsResponse:
    """Write the items near a seed."""
    return similar_pb2.SimilarItemsResponse(
        item_ids=answer.item_ids,
        scores=answer.scores,
        space=answer.space,
        bundle=bundle,
        filter_report=_write_filter_report(answer.filter_report),
        fallbacks=_write_fallbacks(answer.fallbacks),
    )


def write_similar_customers(answer: SimilarCustomers, bundle: reply_pb2.Bundle) -> similar_pb2.SimilarCustomersResponse:
    """Write the customers near one."""
    return similar_pb2.SimilarCustomersResponse(
        customer_ids=answer.customer_ids,
        scores=answer.scores,
        bundle=bundle,
        as_of=answer.as_of,
        clock=_CLOCK[answer.clock],
        known_customer=answer.known_customer,
        fallbacks=_write_fallbacks(answer.fallbacks),
    )


def write_scores(answer: Scores, bundle: reply_pb2.Bundle) -> score_pb2.ScoreResponse:
    """Write the scores of items."""
    return score_pb2.ScoreResponse(
        item_ids=answer.item_ids,
        scores=answer.scores,
        kind=_SCORE_KIND[answer.kind],
        bundle=bundle,
        as_of=answer.as_of,
        clock=_CLOCK[answer.clock],
        known_customer=answer.known_customer,
        fallbacks=_write_fallbacks(answer.fallbacks),
        calibration=_write_calibration(answer.calibration),
    )


def _write_calibration(calibration: ScoreCalibration) -> score_pb2.Calibration:
    return score_pb2.Calibration(
        method=calibration.method,
        window=calibration.window,
        window_start=calibration.start,
        window_end=calibration.end,
        error=calibration.error,
    )


def write_customer_vectors(answer: CustomerVectors, bundle: reply_pb2.Bundle) -> bytes:
    """Write the customers' vectors as the bytes of an `EncodeCustomersResponse`."""
    reply = encode_pb2.EncodeCustomersResponse(
        embedding_size=answer.vectors.shape[1],
        known=answer.known,
        bundle=bundle,
        as_of=answer.as_of,
        clock=_CLOCK[answer.clock],
    )
    return reply.SerializeToString() + packed_floats(reply.VECTORS_FIELD_NUMBER, answer.vectors)


def write_item_vectors(vectors: NDArray[np.float32], bundle: reply_pb2.Bundle) -> bytes:
    """Write the items' vectors, [B, D], as the bytes of an `EncodeItemsResponse`; an unknown item is an error."""
    known = [True] * vectors.shape[0]
    reply = encode_pb2.EncodeItemsResponse(embedding_size=vectors.shape[1], known=known, bundle=bundle)
    return reply.SerializeToString() + packed_floats(reply.VECTORS_FIELD_NUMBER, vectors)


def _write_filter_report(report: FilterReport | None) -> reply_pb2.FilterReport | None:
    if report is None:
        return None
    return reply_pb2.FilterReport(
        strategy=reply_pb2.FILTER_STRATEGY_UNSPECIFIED if report.strategy is None else _STRATEGY[report.strategy],
        matching_count=report.matching,
        scanned_count=report.scanned,
        survived_count=report.survived,
    )


def _write_fallbacks(codes: Sequence[str]) -> list[reply_pb2.Fallback]:
    return [reply_pb2.Fallback(code=code) for code in codes]


def _write_timings(timings_ms: Mapping[str, float]) -> list[reply_pb2.StageTiming]:
    return [reply_pb2.StageTiming(stage=stage, milliseconds=spent) for stage, spent in timings_ms.items()]
