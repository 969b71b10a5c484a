"""Lists for many customers at once, written as Parquet."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from shortlist_bundle.engine import Engine
from shortlist_server.errors import InvalidRequest, ServerError
from shortlist_server.pipeline.allowing import allowed
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.ranking import chunks
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import (
    AS_THE_POLICY_SAYS,
    NO_EXPLORATION,
    DiversityRequest,
    RecommendRequest,
    Seen,
)
from shortlist_server.pipeline.resolve import customer_batch, resolve

CHUNK = 256
SAY_EVERY = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """What every customer's list has in common; the fields mean what they mean in a `RecommendRequest`.

    Attributes:
        rank_by_source: keep the order of the one source named, without the scorer.
    """

    k: int
    seen: Seen = Seen.POLICY
    as_of: float | None = None
    sources: Mapping[str, float] = field(default_factory=dict)
    source_quotas: Mapping[str, int] = field(default_factory=dict)
    rank_by_source: bool = False
    placement: str = ""
    diversity: DiversityRequest = AS_THE_POLICY_SAYS


def write_batch(
    pipeline: Pipeline, wanted: BatchRequest, out: Path, *, customers: Path | None, say: Callable[[str], None]
) -> int:
    """Write `customer_id, rank, item_id, score`, best first with rank 1, and return the number of rows.

    Args:
        pipeline: answers.
        wanted: what the lists have in common.
        out: Parquet file; written beside itself first, so that a broken run leaves nothing half-written.
        customers: file with a `customer_id` column, or one id per line; None for every customer of the bundle.
        say: told of progress.
    """
    ids = read_ids(customers) if customers else pipeline.served.customers.ids(range(1, len(pipeline.served.customers)))
    parts, start = [], time.monotonic()
    said = start
    for n in range(0, len(ids), CHUNK):
        parts += list(_lists(pipeline, wanted, ids[n : n + CHUNK]))
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            say(f"{min(n + CHUNK, len(ids)):,} of {len(ids):,} customers")
    frame = _frame(parts)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    frame.write_parquet(partial)
    partial.replace(out)
    return len(frame)


def read_ids(file: Path) -> list[str]:
    """Return the ids of a file: its `customer_id` column, or one id per line of a text file.

    Raises:
        InvalidRequest: A table without that column, or a file that cannot be read.
    """
    try:
        if file.suffix == ".parquet":
            return _column(pl.read_parquet(file), file)
        if file.suffix == ".csv":
            return _column(pl.read_csv(file, infer_schema=False), file)
        return [line for line in (raw.strip() for raw in file.read_text(encoding="utf-8").splitlines()) if line]
    except (OSError, pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InvalidRequest.at("customers", f"{file} cannot be read: {error}") from None


def _column(frame: pl.DataFrame, file: Path) -> list[str]:
    if "customer_id" not in frame.columns:
        raise InvalidRequest.at("customers", f"{file} has no column customer_id; it has {', '.join(frame.columns)}")
    return frame["customer_id"].cast(pl.String).drop_nulls().to_list()


def _lists(pipeline: Pipeline, wanted: BatchRequest, ids: Sequence[str]) -> Iterator[pl.DataFrame]:
    requests = [
        RecommendRequest(
            customer_id=one, k=wanted.k, seen=wanted.seen, as_of=wanted.as_of,
            sources=wanted.sources, source_quotas=wanted.source_quotas, placement=wanted.placement,
            diversity=wanted.diversity, exploration=NO_EXPLORATION,
        )
        for one in ids
    ]  # fmt: skip
    if wanted.rank_by_source:
        yield from _source_lists(pipeline, wanted, requests)
        return
    for one, answer in zip(ids, pipeline.recommend(requests), strict=True):
        if isinstance(answer, ServerError):
            raise answer
        yield _rows(one, answer)


def _rows(customer_id: str, answer: Recommendations) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [customer_id] * len(answer.item_ids),
            "rank": np.arange(1, len(answer.item_ids) + 1, dtype=np.int32),
            "item_id": list(answer.item_ids),
            "score": np.asarray(answer.scores, np.float32),
        }
    )


def _source_lists(
    pipeline: Pipeline, wanted: BatchRequest, requests: Sequence[RecommendRequest]
) -> Iterator[pl.DataFrame]:
    """Yield one source's own order, without the scorer: what the source is worth alone."""
    model = pipeline.served
    known = model.engine.retriever.signals.sources if model.engine else ()
    (source,) = wanted.sources
    if model.engine is None or source not in known:
        raise InvalidRequest.at("sources", f"the bundle has no source {source!r}; it has {', '.join(known)}")
    for chunk in chunks(len(requests), len(model.items)):
        yield from _source_chunk(pipeline, model.engine, wanted, requests[chunk])


def _source_chunk(
    pipeline: Pipeline, engine: Engine, wanted: BatchRequest, requests: Sequence[RecommendRequest]
) -> Iterator[pl.DataFrame]:
    model = pipeline.served
    resolved = [resolve(model, request, pipeline.clock) for request in requests]
    batch = customer_batch(model, resolved)
    masks = [
        allowed(model, request, batch.history.items_of(row), resolved[row].as_of)[0]
        for row, request in enumerate(requests)
    ]
    (source,) = wanted.sources
    board = engine.retriever.encode(batch).boards[source]
    items, scores = board.best(min(wanted.k, len(model.items) - 1), np.stack(masks))
    for request, found, values in zip(requests, items, scores, strict=True):
        keep = found > 0
        answer = Recommendations(
            item_ids=model.items.ids(found[keep]), scores=values[keep].tolist(), source_masks=(), sources=()
        )
        yield _rows(request.customer_id or "", answer)


def _frame(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if parts:
        return pl.concat(parts)
    return pl.DataFrame(schema={"customer_id": pl.String, "rank": pl.Int32, "item_id": pl.String, "score": pl.Float32})
