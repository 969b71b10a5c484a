"""The posterior of the head that explores <-> arrays."""

from typing import Any

from shortlist_bundle.engine import Engine
from shortlist_bundle.exploration.head import head_width, with_novelty
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.packing.parts import Parts, Reader

FOLDER = "exploration"


def pack_posterior(parts: Parts, posterior: Posterior) -> dict[str, Any]:
    """Add precision and vector, and return their document."""
    parts.add(FOLDER, precision=posterior.precision, vector=posterior.vector)
    return {"noise": posterior.noise, "rewards": posterior.rewards}


def unpack_posterior(reader: Reader, document: Any, engine: Engine | None) -> Posterior | None:
    """Return the posterior that `pack_posterior` took apart; None for a bundle that has none.

    Raises:
        ValueError: It does not fit the towers.
    """
    if engine is None or document is None:
        return None
    parts = {name: reader.array(f"{FOLDER}/{name}") for name in ("precision", "vector")}
    found = Posterior.of(**parts, noise=document["noise"], rewards=document["rewards"])
    width = head_width(engine.retriever.tower_items.vectors)
    if len(found.mean) == width - 1:
        found = with_novelty(found)
    if len(found.mean) != width:
        raise ValueError(f"a posterior of {len(found.mean)} weights for a head of {width}")
    return found
