"""The customers' space <-> arrays."""

from typing import Any

import faiss

from shortlist_bundle.customer_space import CustomerSpace
from shortlist_bundle.packing.parts import Parts, Reader, bytes_array

FOLDER = "customers/space"


def pack_customer_space(parts: Parts, space: CustomerSpace) -> dict[str, Any]:
    """Add the vectors and, if there is one, the index over them; return their document."""
    parts.add(FOLDER, vectors=space.vectors)
    if space.approximate:
        parts.blobs[f"{FOLDER}/index"] = faiss.serialize_index(space.index).tobytes()
    return {"approximate": space.approximate, "probes": space.probes, "spare": space.spare}


def unpack_customer_space(reader: Reader, document: Any) -> CustomerSpace:
    """Return the space that `pack_customer_space` took apart."""
    index = bytes_array(reader.blob(f"{FOLDER}/index")) if document["approximate"] else None
    vectors, spare = reader.array(f"{FOLDER}/vectors"), document.get("spare", 1.0)
    return CustomerSpace(vectors, index=index, probes=document["probes"], spare=spare)
