"""Ablations of two seeds as they lie on disk, with figures that can be added up by hand."""

import polars as pl

from shortlist_training.benchmark.ablations.files import DEPTHS, FULL, KIND, SOURCES, UNION
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.benchmark.seeds.settings import digest_of

CUSTOMERS = ["a", "b", "c", "d"]
VARIANTS = [
    {"key": "chance", "kind": "chance", "name": "nothing, another seed of the scorer"},
    {"key": "signals-own-past", "kind": "features", "name": "own past of the item"},
    {"key": "source-linear", "kind": "source", "name": "source linear"},
    {"key": "alone-linear", "kind": "alone", "name": "linear"},
]
LOSSES = {FULL: 0.0, "chance": 0.0, "signals-own-past": 0.3, "source-linear": 0.1, "alone-linear": 0.2}
ABOUT = {
    "k": 10, "budget": 40, "split": {"kind": "time", "reason": "asked for"}, "sources": ["linear", "popularity"],
    "depths": {"all": {"linear": 30, "popularity": 10}}, "variants": VARIANTS, "seconds": 60.0,
    "peak_memory_mb": 900.0, "commit": "abc1234", "date": "2026-01-01",
}  # fmt: skip


def write_measured(out, task, seeds=(0, 1)):
    """Write what a run of each seed would have left; the second is 0.1 better throughout."""
    for seed in seeds:
        kept = SeedFolder.of(out, task, seed, kind=KIND)
        kept.begin("f")
        for key, loss in LOSSES.items():
            kept.write(key, figures(0.5 + 0.1 * seed - loss))
        kept.write(SOURCES, sources())
        kept.finish(digest_of(task, seed), {"seed": seed, **ABOUT})


def figures(ndcg):
    """Two cold customers, of whom one has a tail item to find, and two others."""
    return pl.DataFrame(
        {
            "mode": ["all"] * 4, "customer_id": CUSTOMERS, "events": [0, 10, 11, 50], "targets": [1, 1, 2, 2],
            "ndcg": [ndcg - 0.1, ndcg + 0.1, ndcg, ndcg], "tail": [None, ndcg, ndcg, None],
        }
    )  # fmt: skip


def sources():
    columns = {}
    for depth in DEPTHS:
        columns |= {f"recall:linear@{depth}": 0.4, f"recall:popularity@{depth}": 0.2, f"recall:{UNION}@{depth}": 0.5}
        columns |= {f"size@{depth}": float(depth)}
    for source, alone in (("linear", 0.45), ("popularity", 0.25)):
        columns |= {f"alone:{source}": alone, f"only:{source}": 0.1, f"places:{source}": 5.0}
    columns |= {"merged": 0.55, "size": 40.0, "perfect": 0.9, "fused": 0.35}
    return figures(0.0).drop("ndcg", "tail").with_columns(**{name: pl.lit(value) for name, value in columns.items()})
