"""Say what a bundle is made of."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.knowledge.utility import sources_of_needs
from shortlist_bundle.model import Model
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.description import ModelDescription
from shortlist_server.pipeline.reply import ClockUsed, ScoreKind
from shortlist_server.pipeline.similar import spaces_of


def describe(
    model: Model,
    *,
    name: str,
    version: str,
    bundle_id: str,
    clock: ClockPolicy,
    created: float,
    aliases: Sequence[str] = (),
) -> ModelDescription:
    """Describe a model in memory."""
    engine = model.engine
    figures = model.figures.get("headline", {})
    index, recall = _index(model)
    return ModelDescription(
        model=name,
        version=version,
        bundle_id=bundle_id,
        items=len(model.items) - 1 - (0 if model.catalogue.gone is None else int(model.catalogue.gone.sum())),
        customers=len(model.customers) - 1,
        embedding_size=engine.retriever.tower_items.vectors.shape[1] if engine else 0,
        sources=engine.retriever.signals.sources if engine else (),
        needs_sources=sources_of_needs(model.catalogue.attributes),
        placements=model.policy.placements,
        spaces=spaces_of(model),
        attributes={key: attribute.kind.value for key, attribute in model.catalogue.attributes.items()},
        features={"customers": _columns(model.customer_encoder), "items": _columns(model.item_encoder)}
        | ({"interactions": _columns(model.context_encoder)} if model.context_encoder else {}),
        log_end=model.clock.log_end if model.clock.has_times else None,
        created=created,
        aliases=aliases,
        metrics={key: float(value) for key, value in figures.items() if isinstance(value, Real)}
        if isinstance(figures, dict)
        else {},
        clock=ClockUsed(clock.value),
        interactions=model.snapshot.watermark,
        score_kind=ScoreKind.RATING if model.ratings else ScoreKind.PROBABILITY,
        index=index,
        index_recall=recall,
        repeats=model.policy.seen_allowed,
    )


def _index(model: Model) -> tuple[str, float]:
    """Return how the two-tower's items are searched, and which share of the nearest that finds."""
    if model.engine is None:
        return "", 0.0
    if not model.engine.retriever.tower_items.approximate:
        return "exact", 1.0
    measured: Any = model.figures.get("index", {})
    of_tower = measured.get("two_tower", {})
    return str(of_tower.get("index", "approximate")), float(of_tower.get("recall", 0.0))


def _columns(encoder: FeatureEncoder) -> dict[str, str]:
    return {column.name: column.kind.value for column in encoder.spec.columns}
