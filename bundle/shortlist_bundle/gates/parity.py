"""What callers ask of the live bundle has to be there in the candidate too."""

from collections.abc import Iterator

from shortlist_bundle.gates.gate import Gate
from shortlist_bundle.model import Model


def parity_gates(live: Model, candidate: Model) -> list[Gate]:
    """Return one gate: how many sources, placements, attributes and features requests may name today and lose."""
    lost = sorted(_offered(live) - _offered(candidate))
    named = ", ".join(lost[:6]) + (" ..." if len(lost) > 6 else "")
    return [
        Gate(name="what requests may name and lose", live=0.0, candidate=float(len(lost)), limit=0.0,
             passed=not lost, note=named)
    ]  # fmt: skip


def _offered(model: Model) -> set[str]:
    return set(_names(model))


def _names(model: Model) -> Iterator[str]:
    yield "predicted ratings" if model.ratings else "probabilities"
    for source in model.engine.retriever.signals.sources if model.engine else ():
        yield f"source {source}"
    for placement in model.policy.placements:
        yield f"placement {placement}"
    for name, attribute in model.catalogue.attributes.items():
        yield f"attribute {name}: {attribute.kind.value}"
    for column in model.customer_encoder.spec.columns:
        yield f"feature {column.name}: {column.kind.value}"
    for column in model.context_encoder.spec.columns if model.context_encoder else ():
        yield f"context {column.name}: {column.kind.value}"
