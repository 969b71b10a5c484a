"""What a model says of itself, as protobuf."""

from collections.abc import Mapping, Sequence

from shortlist.v1 import model_service_pb2 as pb
from shortlist.v1 import reply_pb2
from shortlist_bundle.columns import CUSTOMERS, INTERACTIONS
from shortlist_bundle.gates.gate import Gate
from shortlist_server.pipeline.description import ModelDescription
from shortlist_server.sentinels.report import SentinelReport
from shortlist_server.wire.diversity import write_placement
from shortlist_server.wire.replies import write_clock, write_score_kind
from shortlist_server.wire.sentinels import write_sentinels


def write_description(description: ModelDescription, report: SentinelReport | None = None) -> pb.DescribeModelResponse:
    """Write the description of one bundle, and what the sentinels say of it."""
    return pb.DescribeModelResponse(
        bundle=reply_pb2.Bundle(model=description.model, version=description.version, id=description.bundle_id),
        aliases=description.aliases,
        created_at=description.created,
        log_end=description.log_end,
        clock=write_clock(description.clock),
        customer_count=description.customers,
        item_count=description.items,
        interaction_count=description.interactions,
        embedding_size=description.embedding_size,
        sources=description.sources,
        needs_sources=description.needs_sources,
        placements=[write_placement(name, description.placements[name]) for name in sorted(description.placements)],
        spaces=description.spaces,
        score_kind=write_score_kind(description.score_kind),
        customer_features=_write_columns(description.features.get(CUSTOMERS, {})),
        item_attributes=_write_columns(description.attributes),
        context=_write_columns(description.features.get(INTERACTIONS, {})),
        metrics=description.metrics,
        index=description.index,
        index_recall=description.index_recall,
        repeats=description.repeats,
        sentinels=write_sentinels(report) if report else None,
    )


def write_model(description: ModelDescription) -> pb.Model:
    """Write one model with the version that is served."""
    return pb.Model(
        model=description.model,
        versions=[description.version],
        aliases=dict.fromkeys(description.aliases, description.version),
        loaded_versions=[description.version],
    )


def write_models(model: str, versions: Sequence[str], aliases: Mapping[str, str], loaded: Sequence[str]) -> pb.Model:
    """Write one model as it is on disk, with the versions that are loaded."""
    return pb.Model(model=model, versions=versions, aliases=aliases, loaded_versions=loaded)


def write_gate(gate: Gate) -> pb.Gate:
    """Write what one gate found."""
    return pb.Gate(
        name=gate.name, live=gate.live, candidate=gate.candidate, limit=gate.limit, passed=gate.passed, note=gate.note
    )


def _write_columns(kinds: Mapping[str, str]) -> list[pb.Column]:
    return [pb.Column(name=name, kind=kind) for name, kind in kinds.items()]
