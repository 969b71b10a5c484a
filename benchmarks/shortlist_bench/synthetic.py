"""A bundle of any size out of drawn vectors: one source, one index, one scorer, and nothing that needs a log.

The vectors stand in groups, as those of a trained tower do; drawn evenly they would have no neighbours worth an index.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Catalogue, TextAttribute
from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ColumnSpec, FeatureSpec, NumberFit, ValuesFit
from shortlist_bundle.files import BundleContents, BundleRef, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.model import Model
from shortlist_bundle.packing import pack_model
from shortlist_bundle.policy import Policy
from shortlist_bundle.reranker import Reranker
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.state.snapshot import Snapshot
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.embedding import EmbeddingCustomers
from shortlist_bundle.towers.layers import Dense, FeatureInput, FeatureSum, unit
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.config.run import IndexConfig
from shortlist_training.stages.indexing import index_engine, some_customers

Float = NDArray[np.float32]

DAY = 86_400.0
LOG_END = 1_700_000_000.0
TOWNS = ("north", "south", "east", "west")
RECALL = 0.97
"""Share of the neighbours that the index finds; a drawn scorer forgives nothing, as a trained one does."""
SPREAD = 0.6
"""How far an item lies from the middle of its group, as a multiple of the middle's own length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a drawn bundle is.

    Attributes:
        items: of the catalogue, N.
        customers: with a history each.
        history: items of each history.
        width: of the vectors, with the bias that the last number meets.
        heads: of the history encoder.
        hidden: widths of the scorer's two layers.
        candidates: that are reranked.
    """

    items: int
    customers: int = 5_000
    history: int = 50
    width: int = 64
    heads: int = 4
    hidden: tuple[int, int] = (64, 32)
    candidates: int = 200


def write_synthetic(bundles: Path, size: Size, *, seed: int = 0) -> tuple[BundleRef, dict[str, Any]]:
    """Draw a bundle, write it and let `stable` point to it; return what it is and what its index measured."""
    model, figures = synthetic_model(size, seed=seed)
    parts, golden = pack_model(model), ask(model)
    contents = BundleContents(
        arrays={**parts.arrays, **golden.arrays}, documents={**parts.documents, "config": {}}, blobs=parts.blobs,
        report={"index": figures},
    )  # fmt: skip
    ref = write_bundle(bundles, "default", contents)
    promote(bundles, "default", ref.version, alias="stable")
    return ref, figures


def synthetic_model(size: Size, *, seed: int = 0, indexed: bool = True) -> tuple[Model, dict[str, Any]]:
    """Return a drawn model, and what its index measured; without `indexed` it has none."""
    random = np.random.default_rng(seed)
    groups = max(int(2 * np.sqrt(size.items)), 1)
    middles = _floats(random, groups, size.width - 1)
    group_of = random.integers(0, groups, size.items)
    vectors = np.zeros((size.items + 1, size.width), np.float32)
    vectors[1:, :-1] = unit(unit(middles)[group_of] + SPREAD * unit(_floats(random, size.items, size.width - 1)))
    vectors[1:, -1] = -random.exponential(1.0, size.items)
    snapshot = _snapshot(random, size, group_of)
    tower = _tower(random, size, vectors)
    retriever = _retriever(size, tower, ItemVectors(vectors))
    depths = {"two_tower": size.candidates}
    engine = Engine(retriever, _reranker(random, size, retriever), depths={True: depths, False: depths})
    figures: dict[str, Any] = {"two_tower": {"index": "exact"}}
    if indexed:
        engine, figures = index_engine(
            engine, some_customers(snapshot.events, snapshot.encoded), IndexConfig(recall=RECALL)
        )
    kinds = Vocabulary(f"kind-{n:03}" for n in range(100))
    codes = np.concatenate([[0], 1 + group_of % 100]).astype(np.int32)
    model = Model(
        customers=Vocabulary(f"customer-{number:09}" for number in range(size.customers)),
        items=Vocabulary(f"item-{number:09}" for number in range(size.items)),
        customer_encoder=FeatureEncoder(_customer_spec()),
        item_encoder=FeatureEncoder(FeatureSpec()),
        catalogue=Catalogue(
            attributes={"kind": TextAttribute(kind=ColumnKind.CATEGORY, values=kinds, codes=codes)},
            available_from=np.full(size.items + 1, -np.inf),
            available_until=np.full(size.items + 1, np.inf),
        ),
        snapshot=snapshot,
        clock=Clock(has_times=True, log_start=LOG_END - 400 * DAY, log_end=LOG_END, idle_limit=30 * DAY),
        engine=engine,
        ratings=None,
        policy=Policy(seen_allowed=False, ranks_by_rating=False),
        figures={},
    )
    return model, figures["two_tower"]


def space_of(engine: Engine, snapshot: Snapshot) -> tuple[Float, Float]:
    """Return the two-tower's item vectors, float32 [N + 1, D], and some customers' vectors, float32 [Q, D]."""
    batch, retriever = some_customers(snapshot.events, snapshot.encoded), engine.retriever
    return retriever.tower_items.vectors, retriever.tower(batch.rows, batch.features, batch.history)


def _floats(random: np.random.Generator, *shape: int) -> Float:
    return random.normal(size=shape).astype(np.float32)


def _customer_spec() -> FeatureSpec:
    number = NumberFit(mean=0.0, scale=1.0, low=-5.0, high=5.0)
    columns = [ColumnSpec(f"number-{n}", ColumnKind.NUMBER, number) for n in range(4)]
    return FeatureSpec((*columns, ColumnSpec("town", ColumnKind.CATEGORY, ValuesFit(values=TOWNS))))


def _snapshot(random: np.random.Generator, size: Size, group_of: NDArray[np.int64]) -> Snapshot:
    """Draw histories: everybody takes from a few groups."""
    order = np.argsort(group_of, kind="stable").astype(np.int32) + 1
    borders = np.searchsorted(group_of[order - 1], np.arange(group_of.max() + 2))
    tastes = random.integers(0, group_of.max() + 1, (size.customers, 3))
    chosen = np.take_along_axis(tastes, random.integers(0, 3, (size.customers, size.history)), axis=1)
    first, last = borders[chosen], np.maximum(borders[chosen + 1], borders[chosen] + 1)
    places = np.minimum(first + (random.random(chosen.shape) * (last - first)).astype(np.int64), len(order) - 1)
    times = np.sort(LOG_END - random.uniform(0, 300 * DAY, chosen.shape), axis=1)
    count = size.customers * size.history
    numbers = np.concatenate([np.zeros((1, 10), np.float32), _floats(random, size.customers, 10)])
    encoder = FeatureEncoder(_customer_spec())
    empty = encoder.empty(size.customers + 1)
    towns = {name: np.asarray(random.integers(0, 6, codes.shape), np.int32) for name, codes in empty.bags.items()}
    return Snapshot(
        events=Histories(
            offsets=np.concatenate([[0], np.arange(size.customers + 1) * size.history]).astype(np.int64),
            items=order[places].reshape(count),
            times=times.reshape(count),
            values=np.ones(count, np.float32),
        ),
        encoded=EncodedFeatures(numbers[:, : empty.numbers.shape[1]], towns),
        watermark=count,
    )


def _tower(random: np.random.Generator, size: Size, vectors: Float) -> CustomerTower:
    width = size.width - 1
    features = FeatureEncoder(_customer_spec()).empty(1)
    fading = np.exp(-np.arange(size.history) / np.array([[5.0], [15.0], [50.0], [150.0]])[: size.heads])
    nearly_same = np.eye(width, dtype=np.float32) + _floats(random, size.heads, width, width) / (4 * np.sqrt(width))
    return CustomerTower(
        history_items=np.ascontiguousarray(vectors[:, :-1]),
        position_weights=fading.astype(np.float32),
        mixes=nearly_same.astype(np.float32),
        customer_ids=np.zeros((size.customers + 1, width), np.float32),
        features=FeatureSum(
            kernel=_floats(random, features.numbers.shape[1], width) / np.float32(30),
            tables={name: _floats(random, len(TOWNS) + 2, width) / np.float32(30) for name in features.bags},
        ),
        inverse_temperature=5.0,
    )


def _retriever(size: Size, tower: CustomerTower, tower_items: ItemVectors) -> Retriever:
    nothing = np.zeros((size.items + 1, 1), np.float32)
    return Retriever(
        tower=tower,
        tower_items=tower_items,
        embedding=EmbeddingCustomers(
            customers=np.zeros((size.customers + 1, 1), np.float32), items=nothing, fold=np.zeros((0, 0), np.float32)
        ),
        embedding_items=ItemVectors(nothing),
        counting={},
        counts=ItemCounts(
            edges=np.array([LOG_END - 400 * DAY, LOG_END]),
            cumulative=np.zeros((2, size.items + 1), np.float32),
            repeats=np.zeros(size.items + 1, np.float32),
            first_seen=np.full(size.items + 1, LOG_END - 400 * DAY),
        ),
        signals=SignalSpec(half_lives=(7 * DAY, 30 * DAY), sources=("two_tower",), levels=(), lately=(), unit=DAY),
        level_codes=(),
    )


def _reranker(random: np.random.Generator, size: Size, retriever: Retriever) -> Reranker:
    features = FeatureEncoder(_customer_spec()).empty(1)
    signals, encoding = len(retriever.signals.names), size.width - 1
    tables = FeatureInput(tables={name: _floats(random, len(TOWNS) + 2, 8) for name in features.bags})
    customers = features.numbers.shape[1] + 8 * len(features.bags) + encoding
    first, second = size.hidden
    return Reranker(
        feature_input=tables,
        encoding_width=encoding,
        signal_mean=np.zeros(signals, np.float32),
        signal_scale=np.ones(signals, np.float32),
        scorer=PairScorer(
            customer_layers=[],
            item_half=_floats(random, size.items + 1, first),
            customer_kernel=_floats(random, customers, first) / np.float32(np.sqrt(customers)),
            signal_kernel=_floats(random, signals, first) / np.float32(np.sqrt(signals)),
            bias=np.zeros(first, np.float32),
            layers=[
                Dense(
                    kernel=_floats(random, first, second) / np.float32(np.sqrt(first)),
                    bias=np.zeros(second, np.float32),
                    relu=True,
                ),
                Dense(
                    kernel=_floats(random, second, 1) / np.float32(np.sqrt(second)),
                    bias=np.zeros(1, np.float32),
                    relu=False,
                ),
            ],
            output=Output(sigmoid=False),
        ),
    )
