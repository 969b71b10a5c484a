"""Customers near a customer."""

import numpy as np

from shortlist_bundle.model import Model
from shortlist_server.errors import FeatureOff
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import SHORT_LIST, SimilarCustomers
from shortlist_server.pipeline.request import RecommendRequest, SimilarCustomersRequest
from shortlist_server.pipeline.resolve import check_features, customer_batch, resolve


def similar_customers(model: Model, request: SimilarCustomersRequest, clock: ClockPolicy) -> SimilarCustomers:
    """See `PipelineProtocol.similar_customers`; the others stand where they stood at the end of the log."""
    if model.engine is None or model.customer_space is None:
        raise FeatureOff("similar_customers", "needs a bundle with customer vectors; train one with this release")
    if request.profile.features:
        check_features(model.customer_encoder, request.profile)
    asked = RecommendRequest(
        customer_id=request.customer_id,
        profile=request.profile,
        as_of=request.as_of,
        require_known=request.require_known,
    )
    resolved = resolve(model, asked, clock)
    batch = customer_batch(model, [resolved])
    vectors = model.engine.retriever.tower(batch.rows, batch.features, batch.history, batch.context)
    # Without the last column, which meets the items' bias and is 1 for everybody.
    forgotten = np.array(sorted(model.live.overlay.forgotten), np.int64) if model.live else np.zeros(0, np.int64)
    oneself = int(batch.rows[0])
    rows, scores = model.customer_space.nearest(vectors[0, :-1], request.k + len(forgotten), oneself=oneself)
    kept = ~np.isin(rows, forgotten)
    rows, scores = rows[kept][: request.k], scores[kept][: request.k]
    short = (SHORT_LIST,) if len(rows) < request.k else ()
    return SimilarCustomers(
        customer_ids=model.customers.ids(rows),
        scores=scores.tolist(),
        as_of=resolved.as_of,
        clock=resolved.clock,
        known_customer=resolved.known,
        fallbacks=(*resolved.fallbacks, *short),
    )
