"""Vectors with the index over them <-> arrays."""

from typing import Any

import faiss

from shortlist_bundle.packing.parts import Parts, Reader, bytes_array
from shortlist_bundle.sources.vectors import SPARE, ItemVectors


def pack_items(parts: Parts, prefix: str, items: ItemVectors) -> dict[str, Any]:
    """Add item vectors and, if there is one, their index; return their document."""
    parts.add(prefix, item_vectors=items.vectors)
    if items.approximate:
        parts.blobs[f"{prefix}/index"] = faiss.serialize_index(items.index).tobytes()
    return {"approximate": items.approximate, "probes": items.probes, "spare": items.spare}


def unpack_items(reader: Reader, prefix: str, document: Any) -> ItemVectors:
    """Return the item vectors that `pack_items` took apart."""
    index = bytes_array(reader.blob(f"{prefix}/index")) if document["approximate"] else None
    # Bundles of older releases took as much as was usual then.
    spare = document.get("spare", SPARE)
    return ItemVectors(reader.array(f"{prefix}/item-vectors"), index=index, probes=document["probes"], spare=spare)
