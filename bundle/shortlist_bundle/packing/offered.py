"""What a bundle offers to requests, read from its documents: its arrays stay apart."""

from typing import Any

from shortlist_bundle.documents import JSON
from shortlist_bundle.files import OpenBundle
from shortlist_bundle.knowledge.utility import sources_of_needs
from shortlist_bundle.packing.model import MODEL
from shortlist_bundle.policy import Policy


def offered(opened: OpenBundle) -> dict[str, JSON]:
    """Return the candidate sources, those of needs, and the placements with their settings as plain JSON.

    The same as `DescribeModel` says of a bundle that serves; a placement's table holds what differs from the defaults.
    A bundle without a model, such as a test writes, offers nothing.

    Raises:
        DocumentError: A placement cannot be read.
    """
    if MODEL not in opened.document_parts:
        return {"sources": [], "needs_sources": [], "placements": {}}
    document: Any = opened.document(MODEL)
    engine = document["engine"]
    attributes = [entry["name"] for entry in document["catalogue"]]
    placements = Policy.from_json(document["policy"]).placements
    return {
        "sources": list(engine["retriever"]["signals"]["sources"]) if engine else [],
        "needs_sources": list(sources_of_needs(attributes)),
        "placements": {name: placements[name].to_json() for name in sorted(placements)},
    }
