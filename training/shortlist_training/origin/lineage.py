"""Where a bundle comes from: the bundles that trainings went on from, back to one that was trained from scratch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shortlist_training.errors import WarmStartError

DOCUMENT = "lineage"
"""The bundle's document that holds it; a bundle that was trained from scratch has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The line of one bundle.

    Attributes:
        parent: id of the bundle that it went on from.
        first: id of the one at the beginning of the line, which was trained from scratch.
        generation: how many trainings ago that was.
    """

    parent: str
    first: str
    generation: int

    def to_json(self) -> dict[str, Any]:
        """Return the bundle's document."""
        return {"parent": self.parent, "first": self.first, "generation": self.generation}


def lineage_after(bundle_id: str, document: Any) -> Lineage:
    """Return the line of a bundle that goes on from `bundle_id`, whose own line is `document`; None for the first.

    Raises:
        WarmStartError: The document holds no line.
    """
    if document is None:
        return Lineage(parent=bundle_id, first=bundle_id, generation=1)
    if not isinstance(document, Mapping):
        raise WarmStartError(f"bundle {bundle_id}: its lineage is no table")
    first, generation = document.get("first"), document.get("generation")
    if not isinstance(first, str) or type(generation) is not int or generation < 1:
        raise WarmStartError(f"bundle {bundle_id}: its lineage names no first bundle and generation")
    return Lineage(parent=bundle_id, first=first, generation=generation + 1)
