"""What a step of training costs as the catalogue grows, with so many sampled negatives whatever its size."""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from shortlist_bench.drawn_dataset import draw_dataset
from shortlist_training.config.models import EmbeddingConfig, TwoTowerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.two_tower import TwoTower

CUSTOMERS, EVENTS, WIDTH = 20_000, 50, 64
WARM_UP, STEPS = 5, 25


def measure_vocabularies(sizes: Sequence[int], say: Callable[[str], None]) -> dict[str, Any]:
    """Return milliseconds of a step of each model by the number of items: drawing its batch, and computing it.

    Args:
        sizes: numbers of items.
        say: is told what is measured.
    """
    figures: dict[str, Any] = {}
    for items in sizes:
        say(f"{items:,} items")
        dataset = draw_dataset(customers=CUSTOMERS, items=items, events=EVENTS, random=np.random.default_rng(0))
        figures[str(items)] = {"two_tower": _two_tower(dataset), "embedding": _embedding(dataset)}
    first, last = (figures[str(size)] for size in (sizes[0], sizes[-1]))
    growth = {model: last[model]["step_ms"] / first[model]["step_ms"] for model in first}
    return {"items": figures, "last_over_first": growth}


def _two_tower(dataset: Dataset) -> dict[str, float]:
    config = TwoTowerConfig(embedding_size=WIDTH, temperature=0.2, full_softmax_items=0)
    model = TwoTower(dataset, config, seed=0)
    fit = TwoTowerFit(model, dataset, config, limits=dataset.events.lengths, seed=0)
    return _timed(fit.started(1, config.learning_rate), fit.batches.draw(0))


def _embedding(dataset: Dataset) -> dict[str, float]:
    config = EmbeddingConfig(objective="sampled_softmax", embedding_size=WIDTH)
    model = EmbeddingModel(
        customer_rows=dataset.customer_rows, item_rows=dataset.item_rows, embedding_size=WIDTH, mean=0.0, spread=0.05,
        seed=0,
    )  # fmt: skip
    fit = EmbeddingFit(model, dataset, config, limits=dataset.events.lengths, seed=0)
    return _timed(fit.step, fit.batches(0))


def _timed(step: Callable[..., Any], batches: Iterable[tuple[Any, ...]]) -> dict[str, float]:
    """Return the medians over some steps, in milliseconds."""
    source = iter(batches)
    for batch in islice(source, WARM_UP):
        step(*batch)
    drawn, computed = [], []
    for _ in range(STEPS):
        began = time.perf_counter()
        batch = next(source)
        between = time.perf_counter()
        float(step(*batch))
        drawn.append(between - began)
        computed.append(time.perf_counter() - between)
    return {"batch_ms": 1000 * float(np.median(drawn)), "step_ms": 1000 * float(np.median(computed))}
