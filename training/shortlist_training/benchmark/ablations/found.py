"""What the sources found: recall by source and depth, what merging adds, and how much room there is for the scorer."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shortlist_training.benchmark.ablations.files import DEPTHS, UNION
from shortlist_training.benchmark.seeds.figures import difference, figure, over_seeds


def found_by_sources(
    frames: Sequence[pl.DataFrame], full: Sequence[pl.DataFrame], sources: Sequence[str], depths: Mapping[str, int]
) -> dict[str, Any]:
    """Return the figures of one mode as plain JSON.

    Args:
        frames: of `sources.source_figures`, one for each seed.
        full: of the scorer that has everything, of the same seeds.
        sources: their names.
        depths: how many candidates each may propose.
    """
    together = over_seeds(frames)
    best = max(sources, key=lambda source: figure(frames, f"alone:{source}")["mean"])
    return {
        "sources": [_source(frames, source, depths.get(source, 0)) for source in sources],
        "together": {
            str(depth): {
                "recall": figure(frames, _recall(UNION, depth)),
                "size": figure(frames, f"size@{depth}")["mean"],
            }
            for depth in DEPTHS
        },
        "merged": {"recall": figure(frames, "merged"), "size": figure(frames, "size")["mean"]},
        "merge_gain": {"best": best, **difference(together, together, "merged", f"alone:{best}")},
        "fused": figure(frames, "fused"),
        "perfect": figure(frames, "perfect"),
        "scorer_gain": difference(over_seeds(full), together, "ndcg", "fused"),
    }


def _source(frames: Sequence[pl.DataFrame], source: str, proposes: int) -> dict[str, Any]:
    return {
        "source": source,
        "recall": {str(depth): figure(frames, _recall(source, depth)) for depth in DEPTHS},
        "proposes": proposes,
        "places": figure(frames, f"places:{source}")["mean"],
        "only": figure(frames, f"only:{source}"),
    }


def _recall(source: str, depth: int) -> str:
    return f"recall:{source}@{depth}"
