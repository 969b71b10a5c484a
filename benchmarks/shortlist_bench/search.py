"""One search of the two-tower's index: what it takes and what it finds."""

from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from shortlist_bench.child import in_child
from shortlist_bench.indexes import microseconds
from shortlist_bench.synthetic import space_of
from shortlist_bundle.files import open_bundle
from shortlist_bundle.packing import unpack_model
from shortlist_training.stages.indexing import neighbours_found

DEPTH = 200
QUERIES = 200


def measure_search(bundles: Path) -> dict[str, float]:
    """Return the processor time of a search for 200 items, and the share of the nearest that it finds.

    The queries are the bundle's customers. A bundle without vectors gives nothing.
    """
    return in_child(_measure, bundles)


def _measure(bundles: Path) -> dict[str, float]:
    faiss.omp_set_num_threads(1)
    threadpool_limits(limits=1)
    model = unpack_model(open_bundle(bundles, mmap=True))
    if model.engine is None:
        return {}
    items = model.engine.retriever.tower_items
    vectors, queries = space_of(model.engine, model.snapshot)
    queries = queries[np.linspace(0, len(queries) - 1, min(QUERIES, len(queries))).astype(np.int64)]
    everything = np.ones((1, len(vectors)), np.bool_)
    everything[:, 0] = False
    recall = neighbours_found(vectors, queries, depth=DEPTH)(items)
    return {"search_us": microseconds(items, queries, DEPTH, everything), "recall_at_200": recall}
