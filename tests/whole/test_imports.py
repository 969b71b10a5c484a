"""What serving a real bundle brings into memory, seen in a process of its own."""

import subprocess
import sys

CODE = """
import sys
from pathlib import Path
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest, ScoreRequest, SimilarItemsRequest
from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings
pipeline = Pipeline.load(Path(sys.argv[1]), "default", "stable", ClockPolicy.LIVE)
pipeline.recommend([RecommendRequest(customer_id="c001", k=5)])
pipeline.score(ScoreRequest(customer_id="c001", items=["i001"]))
pipeline.similar_items(SimilarItemsRequest(item_id="i001"))
server = Server(ServeSettings(port=0, drain_wait=0.0, grace=0.1))
server.start()
server.put(pipeline)
server.drain()
print(*{name.split(".")[0] for name in sys.modules})
"""
TRAINING = {"tensorflow", "keras", "implicit", "sklearn", "pyarrow", "pandas", "matplotlib", "shortlist_training"}


def test_a_server_never_imports_what_only_training_needs(trained):
    run = subprocess.run([sys.executable, "-c", CODE, trained.bundles], capture_output=True, text=True, check=True)
    imported = set(run.stdout.split())
    assert {"numpy", "faiss", "grpc", "shortlist_server"} <= imported
    assert not imported & TRAINING
