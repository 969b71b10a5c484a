"""The same answers behind mosec (https://github.com/mosecorg/mosec), as a careful user of it would write them.

    python -m shortlist_bench.mosec_server --address 127.0.0.1 --port 8000      (SHORTLIST_BUNDLES names the folder)

A customer is known by features alone; the vectors are searched, 200 candidates reranked, 50 returned: with the very
arrays, index and loops of the bundle, in matrices over a batch, with msgpack on the wire. No history, no signals of a
pair, no checks of what is asked, no filters, no reasons.
"""

import os
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from mosec import Server, Worker
from mosec.mixin import MsgpackMixin
from threadpoolctl import threadpool_limits

from shortlist_bundle.files import open_bundle
from shortlist_bundle.packing import unpack_model
from shortlist_bundle.towers.layers import unit

FOLDER = "SHORTLIST_BUNDLES"
BATCH = 32
WAIT_MS = 10
CANDIDATES = 200


class Recommend(MsgpackMixin, Worker):
    """Answers a batch of customers, each a dictionary of features and the length of the list."""

    def __init__(self) -> None:
        super().__init__()
        faiss.omp_set_num_threads(1)
        threadpool_limits(limits=1)
        self.model = unpack_model(open_bundle(Path(os.environ[FOLDER]), mmap=True))
        if self.model.engine is None:
            raise ValueError("the bundle has no engine")
        self.engine = self.model.engine
        self.everything = np.ones((BATCH, len(self.model.items)), np.bool_)
        self.everything[:, 0] = False

    def forward(self, data: Any) -> Any:
        """Return ids and scores for each customer."""
        retriever, reranker, tower = self.engine.retriever, self.engine.reranker, self.engine.retriever.tower
        columns = self.model.customer_encoder.spec.columns
        asked = [customer["features"] for customer in data]
        raw = {column.name: [features.get(column.name) for features in asked] for column in columns}
        encoded = self.model.customer_encoder.encode(raw, len(data))
        vectors = np.ones((len(data), retriever.tower_items.vectors.shape[1]), np.float32)
        vectors[:, :-1] = unit(tower.features(encoded)) * np.float32(tower.inverse_temperature)
        items, _ = retriever.tower_items.scoreboard(vectors).best(CANDIDATES, self.everything[: len(data)])
        customers = np.concatenate([reranker.feature_input(encoded), vectors[:, : reranker.encoding_width]], axis=1)
        scores = reranker.scorer(customers, items)
        return [self._list(customer["k"], *pair) for customer, *pair in zip(data, items, scores, strict=True)]

    def _list(self, k: int, items: Any, scores: Any) -> dict[str, Any]:
        best = np.argsort(-scores, kind="stable")[:k]
        return {"item_ids": self.model.items.ids(items[best]), "scores": scores[best].tolist()}


if __name__ == "__main__":
    server = Server()
    server.append_worker(Recommend, max_batch_size=BATCH, max_wait_time=WAIT_MS)
    server.run()
