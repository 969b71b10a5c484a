import numpy as np
import pytest

from shortlist_bundle.files import BundleContents, write_bundle


def contents(seed: int = 0) -> BundleContents:
    random = np.random.default_rng(seed)
    return BundleContents(
        arrays={
            "items/vectors": random.normal(size=(7, 3)).astype(np.float32),
            "items/vocabulary/offsets": np.arange(8),
            "flags": np.array([True, False]),
        },
        documents={"features": {"columns": [], "encoder": 1}, "policy": {"k": 10}},
        blobs={"index/items.faiss": random.bytes(100)},
        report={"timings": {"fit_seconds": 1.5}},
    )


@pytest.fixture
def published(tmp_path):
    """One version of one model, and its reference."""
    return write_bundle(tmp_path / "bundles", "default", contents(), version="one")


@pytest.fixture
def root(published):
    return published.path.parent.parent
