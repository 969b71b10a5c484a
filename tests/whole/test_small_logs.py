"""Logs so small or so odd that parts of a run have nothing to do: each becomes a bundle that answers."""

import numpy as np
import polars as pl
import pytest
from planted import CONFIG, train_folder, write_shop

from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import (
    Event,
    Profile,
    RecommendRequest,
    ScoreRequest,
    Seen,
    SimilarItemsRequest,
)


def log(*, customers, items, events, times="spread", distinct=False, **columns):
    random = np.random.default_rng(0)
    table = {
        "customer_id": [f"c{n}" for n in random.integers(0, customers, events)],
        "item_id": [f"i{n}" for n in random.integers(0, items, events)],
    }
    if times == "spread":
        table["timestamp"] = np.sort(random.uniform(1.5e9, 1.53e9, events))
    elif times == "equal":
        table["timestamp"] = [1.5e9] * events
    frame = pl.DataFrame({**table, **columns})
    return {"interactions": frame.unique(["customer_id", "item_id"], maintain_order=True) if distinct else frame}


def strangers():
    """Two events, and tables of thirty customers and items that have nothing to do with them."""
    numbers = range(30)
    return {
        **log(customers=2, items=2, events=2),
        "items": pl.DataFrame({"item_id": [f"x{n}" for n in numbers], "price": [float(n) for n in numbers]}),
        "customers": pl.DataFrame({"customer_id": [f"s{n}" for n in numbers], "town": ["ash", "elm"] * 15}),
    }


def ratings(events):
    return np.random.default_rng(1).integers(1, 6, events).astype(float)


LOGS = {
    "five items without times": lambda: log(customers=40, items=5, events=100, times=None, distinct=True),
    "three customers": lambda: log(customers=3, items=4, events=6),
}
SLOW = {
    "one event": lambda: log(customers=1, items=1, events=1),
    "one customer, one item, again and again": lambda: log(customers=1, items=1, events=3),
    "all at one moment": lambda: log(customers=40, items=8, events=200, times="equal"),
    "five items again and again": lambda: log(customers=40, items=5, events=400),
    "orders and quantities": lambda: log(
        customers=40, items=12, events=600, order_id=[f"o{n // 3}" for n in range(600)], value=ratings(600)
    ),
    "tables of others": strangers,
    "ratings of what was chosen": lambda: log(
        customers=60, items=300, events=900, rating=ratings(900), distinct=True
    ),
    "ratings of nearly everything": lambda: log(customers=60, items=50, events=900, rating=ratings(900), distinct=True),
}  # fmt: skip


@pytest.mark.parametrize("name", [*LOGS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_it_becomes_a_bundle_that_answers(name, tmp_path):
    train_folder(write_shop(tmp_path / "log", (LOGS | SLOW)[name](), CONFIG), tmp_path / "bundles")
    pipeline = Pipeline.load(tmp_path / "bundles", "default", "stable", ClockPolicy.LIVE)
    items = pipeline.served.items.ids(range(1, len(pipeline.served.items)))
    for customer in ("c0", "nobody", None):
        for profile in (Profile(), Profile(history=[Event(item_id=items[0])])):
            request = RecommendRequest(customer_id=customer, profile=profile, k=len(items) + 5, seen=Seen.INCLUDE)
            (answer,) = pipeline.recommend([request])
            assert sorted(answer.item_ids) == sorted(items)
            assert np.isfinite(answer.scores).all()
            assert np.isfinite(pipeline.score(ScoreRequest(customer_id=customer, items=items)).scores).all()
    if pipeline.served.engine:
        for space in pipeline.description().spaces:
            found = pipeline.similar_items(SimilarItemsRequest(item_id=items[0], k=len(items), space=space))
            assert items[0] not in found.item_ids
